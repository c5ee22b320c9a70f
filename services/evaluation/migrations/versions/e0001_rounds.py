"""Rounds, each with the applicant's answer."""

import sqlalchemy as sa
from alembic import op

revision = "e0001"
down_revision = None


def upgrade():
    op.create_table(
        "rounds",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("lead", sa.String(64), nullable=False),
        sa.Column("departments", sa.JSON, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rating", sa.String(32), nullable=False),
        sa.Column("solved", sa.String(16), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
    )
    asked = sa.text("state = 'asked'")
    op.create_index("rounds_asked", "rounds", ["until"], postgresql_where=asked, sqlite_where=asked)
