"""The bus's own tables: turns, inbox, journal and outbox."""

import sqlalchemy as sa
from alembic import op

revision = "b0001"
down_revision = None


def upgrade():
    op.create_table(
        "turns",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("known", sa.JSON, nullable=False),
        sa.Column("said", sa.JSON, nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("classification", sa.String(64), nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.Column("reply", sa.JSON),
        sa.Column("waits_for", sa.String(500)),
        sa.Column("headers", sa.JSON),
        sa.Column("body", sa.LargeBinary),
    )
    parked = sa.text("state = 'parked'")
    op.create_index("inbox_parked", "inbox", ["subject"], postgresql_where=parked, sqlite_where=parked)
    op.create_table(
        "journal",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("audience", sa.String(64), nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exchange", sa.String(128), nullable=False),
        sa.Column("routing_key", sa.String(255), nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("journal_subject", "journal", ["subject"])
    op.create_table("outbox", sa.Column("id", sa.String(36), primary_key=True))
