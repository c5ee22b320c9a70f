"""Which procedure by law an appeal is under, so that it is not withdrawn from it."""

import sqlalchemy as sa
from alembic import op

revision = "i0006"
down_revision = "i0005"


def upgrade():
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("special_regime", sa.Text, nullable=False, server_default=""))
