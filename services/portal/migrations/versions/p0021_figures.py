"""What the figures count: how far an appeal came, when it and its orders ended, and how they were supervised."""

import sqlalchemy as sa
from alembic import op

revision = "p0021"
down_revision = "p0020"

STATIONS = """
    UPDATE appeals SET city = coalesce(applicant ->> 'city', ''), reached = coalesce((
        SELECT max(CASE
            WHEN topic = 'appeal.accepted' THEN 1
            WHEN topic = 'order.dispatched' AND data ->> 'role' = 'lead' THEN 2
            WHEN topic = 'order.signed' THEN 3
            WHEN topic = 'feedback.submitted' AND data ->> 'role' = 'lead' THEN 4
            WHEN topic = 'appeal.closed' OR topic = 'appeal.advanced' AND data ->> 'stage' = 'closed' THEN 5
            WHEN topic = 'appeal.evaluated' THEN 6
            ELSE 0 END)
        FROM timeline WHERE timeline.receipt = appeals.receipt), 0)
"""
ENDS = """
    UPDATE appeals SET ended_at = (
        SELECT max(at) FROM timeline WHERE timeline.receipt = appeals.receipt
        AND (topic IN ('appeal.closed', 'appeal.rejected')
            OR topic = 'appeal.advanced' AND data ->> 'stage' = 'closed'))
    WHERE state IN ('rejected', 'closed', 'evaluating', 'reviewing', 'archived')
"""
OF_ORDER = "timeline.receipt = orders.receipt AND data ->> 'order' = orders.\"order\" AND topic"
DISPATCHED = f"""
    UPDATE orders SET dispatched_at = coalesce(
        (SELECT max(at) FROM timeline WHERE {OF_ORDER} = 'order.dispatched'), submitted_at),
    overdue = EXISTS (
        SELECT 1 FROM timeline WHERE {OF_ORDER} = 'deadline.missed' AND data ->> 'step' = 'reply'
        AND at >= coalesce(reply_due, at)),
    level_at = (SELECT max(at) FROM timeline WHERE {OF_ORDER} = 'supervision.issued'),
    level = coalesce((
        SELECT data ->> 'level' FROM timeline WHERE {OF_ORDER} IN ('supervision.issued', 'supervision.lowered')
        ORDER BY number DESC LIMIT 1), ''),
    ended_at = CASE WHEN state IN ('approved', 'returned') THEN (
        SELECT max(at) FROM timeline WHERE {OF_ORDER} IN ('feedback.approved', 'order.returned')) END
"""  # noqa: S608
ELAPSED = {
    "postgresql": "floor(extract(epoch FROM ended_at - dispatched_at) / 3600)",
    "sqlite": "CAST(round((julianday(ended_at) - julianday(dispatched_at)) * 86400) / 3600 AS integer)",
}


def upgrade():
    with op.batch_alter_table("appeals") as appeals:
        appeals.add_column(sa.Column("city", sa.Text, nullable=False, server_default=""))
        appeals.add_column(sa.Column("reached", sa.Integer, nullable=False, server_default="0"))
        appeals.add_column(sa.Column("ended_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("orders") as orders:
        for name in ("dispatched_at", "ended_at", "level_at"):
            orders.add_column(sa.Column(name, sa.DateTime(timezone=True)))
        orders.add_column(sa.Column("hours", sa.Integer))
        orders.add_column(sa.Column("overdue", sa.Boolean, nullable=False, server_default=sa.false()))
        orders.add_column(sa.Column("level", sa.String(16), nullable=False, server_default=""))
    for statement in (STATIONS, ENDS, DISPATCHED):
        op.execute(statement)
    hours = ELAPSED[op.get_bind().dialect.name]
    op.execute(f"UPDATE orders SET hours = {hours} WHERE state = 'approved'")  # noqa: S608
    with op.batch_alter_table("orders") as orders:
        orders.alter_column("dispatched_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_index("appeals_ended", "appeals", ["ended_at"])
    op.create_index("orders_ended", "orders", ["ended_at"])
    op.create_index("orders_due", "orders", ["reply_due"])
    for index, columns, which in (
        ("orders_open", ["department", "dispatched_at"], "ended_at IS NULL"),
        ("orders_supervised", ["level_at"], "level <> ''"),
    ):
        op.create_index(index, "orders", columns, postgresql_where=sa.text(which), sqlite_where=sa.text(which))
