"""Orders that were closed falsely, and the share of appeals that reached the right lead at once.

Months that are frozen already keep what they have.
"""

import sqlalchemy as sa
from alembic import op

revision = "e0004"
down_revision = "e0003"


def upgrade():
    with op.batch_alter_table("led") as led:
        led.add_column(sa.Column("result", sa.String(32), nullable=False, server_default=""))
        led.add_column(sa.Column("false_closing", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("periods") as periods:
        periods.add_column(sa.Column("first_dispatch", sa.JSON, nullable=False, server_default="{}"))
