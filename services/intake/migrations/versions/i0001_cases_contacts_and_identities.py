"""Cases, whom to call, and who hides behind a name."""

import sqlalchemy as sa
from alembic import op

revision = "i0001"
down_revision = None


def upgrade():
    op.create_table(
        "cases",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("applicant", sa.JSON, nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("classification", sa.String(64), nullable=False),
        sa.Column("accused", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("supplement_due", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("linked_to", sa.String(64), nullable=False),
    )
    op.create_table(
        "contacts",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
    )
    op.create_table(
        "identities",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("applicant", sa.JSON, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
    )
