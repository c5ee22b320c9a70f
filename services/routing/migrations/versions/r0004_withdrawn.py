"""Whether the applicant has withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0002"


def upgrade():
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("withdrawn", sa.Boolean, nullable=False, server_default=sa.false()))
