"""The terms that appeals are found by. What was handed in before is found once it is spoken of again."""

import sqlalchemy as sa
from alembic import op

revision = "p0010"
down_revision = "p0009"


def upgrade():
    is_postgresql = op.get_context().dialect.name == "postgresql"
    op.create_table(
        "searchable",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("terms", sa.ARRAY(sa.Text) if is_postgresql else sa.Text, nullable=False),
    )
    op.create_index("searchable_terms", "searchable", ["terms"], postgresql_using="gin")
