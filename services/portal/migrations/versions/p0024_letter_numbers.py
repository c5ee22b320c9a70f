"""The reference numbers of letters that were printed."""

import sqlalchemy as sa
from alembic import op

revision = "p0024"
down_revision = "p0015"


def upgrade():
    op.create_table(
        "letter_series",
        sa.Column("series", sa.String(64), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "letter_numbers",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("entry", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_index("letter_numbers_series", "letter_numbers", ["series", "year", "number"], unique=True)
