"""Returns with a limit and a decision, and designation by the joint conference."""

import sqlalchemy as sa
from alembic import op

from appeals.bus.database import Moment

revision = "r0002"
down_revision = "r0001"


def upgrade():
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("asked_return", sa.JSON, nullable=False, server_default="[]"))
        cases.add_column(sa.Column("returns", sa.Integer, nullable=False, server_default="0"))
        cases.add_column(sa.Column("designated", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("orders") as orders:
        orders.add_column(sa.Column("designated", sa.Boolean, nullable=False, server_default=sa.false()))
        orders.add_column(sa.Column("return_due", Moment))
        orders.add_column(sa.Column("decide_by", Moment))
        for name in ("return_reason", "return_suggested", "return_by"):
            orders.add_column(sa.Column(name, sa.Text, nullable=False, server_default=""))
    waiting = sa.text("decide_by IS NOT NULL")
    op.create_index("orders_undecided", "orders", ["decide_by"], postgresql_where=waiting, sqlite_where=waiting)
