"""Appeals whose matter is brought up again and again, or by many."""

import sqlalchemy as sa
from alembic import op

revision = "s0003"
down_revision = "s0002"


def upgrade():
    op.create_table(
        "flags",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("flag", sa.String(16), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
