"""Appeals that are emergencies or were withdrawn, and their orders, which do not count."""

import sqlalchemy as sa
from alembic import op

revision = "e0003"
down_revision = "e0002"


def upgrade():
    for name in ("cases", "led"):
        with op.batch_alter_table(name) as table:
            for column in ("emergency", "withdrawn"):
                table.add_column(sa.Column(column, sa.Boolean, nullable=False, server_default=sa.false()))
