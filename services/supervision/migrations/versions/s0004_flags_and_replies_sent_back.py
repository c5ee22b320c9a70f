"""For which flags an order was called to account, how often its reply was sent back, and which days were added.

What is open was called to account for the flags of its appeal; what stands still hears of them when it goes on.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0004"
down_revision = "s0003"


def upgrade():
    with op.batch_alter_table("orders") as orders:
        orders.add_column(sa.Column("flagged", sa.JSON, nullable=False, server_default="[]"))
        orders.add_column(sa.Column("sent_back", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.add_column(sa.Column("extra_unit", sa.String(4), nullable=False, server_default="wd"))
    connection, known = op.get_bind(), {}
    for receipt, flag in connection.execute(sa.text("SELECT receipt, flag FROM flags ORDER BY receipt, flag")):
        known.setdefault(receipt, []).append(flag)
    told = sa.text("UPDATE orders SET flagged = :flags WHERE receipt = :receipt AND role = 'lead' AND state = 'open'")
    for receipt, flags in known.items():
        connection.execute(told.bindparams(sa.bindparam("flags", type_=sa.JSON)), {"flags": flags, "receipt": receipt})
