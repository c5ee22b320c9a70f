"""How much of the time for each step of an order is used."""

import sqlalchemy as sa
from alembic import op

revision = "p0022"
down_revision = "p0021"


def upgrade():
    with op.batch_alter_table("orders") as orders:
        for step in ("sign", "contact", "reply"):
            orders.add_column(sa.Column(f"{step}_light", sa.String(16), nullable=False, server_default=""))
