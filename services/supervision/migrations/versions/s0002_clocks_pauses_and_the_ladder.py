"""Clocks with their limits, a ledger of pauses, the ladder, and the next moment of everything that has a time.

What is running already keeps its due date: it is a day that was named, without a limit to work it out anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0002"
down_revision = "s0001"


def upgrade():
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("orders") as orders:
        orders.add_column(sa.Column("special_regime", sa.Text, nullable=False, server_default=""))
        orders.add_column(sa.Column("level", sa.String(16), nullable=False, server_default=""))
        for name in ("task_force", "vertical", "signed"):
            orders.add_column(sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
        for name in ("attempts", "extension_days", "suspended_days"):
            orders.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        for name in ("attempted_at", "urged_at"):
            orders.add_column(sa.Column(name, moment))
    op.drop_index("deadlines_running", "deadlines")
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.alter_column("key", existing_type=sa.String(100), type_=sa.String(120))
        for name, type_ in (("name", sa.Text), ("limit", sa.String(16)), ("policy_version", sa.String(32))):
            deadlines.add_column(sa.Column(name, type_, nullable=False, server_default=""))
        for name in ("extra_days", "warned", "rung"):
            deadlines.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        for name in ("started", "done_at", "next_at"):
            deadlines.add_column(sa.Column(name, moment))
    op.execute("UPDATE deadlines SET next_at = due WHERE state = 'running'")
    signed = """SELECT "order" FROM deadlines WHERE step = 'sign' AND state = 'met'"""
    op.execute(f"""UPDATE orders SET signed = {sa.true()} WHERE "order" IN ({signed})""")  # noqa: S608
    due, running = sa.text("next_at IS NOT NULL"), sa.text("state = 'running'")
    op.create_index("deadlines_next", "deadlines", ["next_at"], postgresql_where=due, sqlite_where=due)
    op.create_index(
        "deadlines_calendar", "deadlines", ["calendar_version"], postgresql_where=running, sqlite_where=running
    )
    op.create_table(
        "pauses",
        sa.Column("order", sa.String(80), primary_key=True),
        sa.Column("start", moment, primary_key=True),
        sa.Column("end", moment),
        sa.Column("until", moment),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
    )
