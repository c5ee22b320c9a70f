"""What appeals are found alike by, what was merged and split, and which matters were flagged.

Appeals from before have no traits: they were never compared, and are found by nobody.
"""

import sqlalchemy as sa
from alembic import op

revision = "i0004"
down_revision = "i0003"


def upgrade():
    with op.batch_alter_table("cases") as cases:
        for name in ("merged_into", "split_from"):
            cases.add_column(sa.Column(name, sa.String(64), nullable=False, server_default=""))
    for index, name in (("cases_merged", "merged_into"), ("cases_parts", "split_from")):
        some = sa.text(f"{name} <> ''")
        op.create_index(index, "cases", [name], postgresql_where=some, sqlite_where=some)
    op.create_table(
        "traits",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("value", sa.String(220), primary_key=True),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enterprise", sa.String(220), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
    )
    op.create_index("traits_block", "traits", ["kind", "value", "category", "submitted_at"])
    op.create_table(
        "flags",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("flag", sa.String(16), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
