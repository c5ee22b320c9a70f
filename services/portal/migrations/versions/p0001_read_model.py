"""The read model: appeals, their orders, who they are about, and their timelines."""

import sqlalchemy as sa
from alembic import op

revision = "p0001"
down_revision = None


def upgrade():
    op.create_table(
        "appeals",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("applicant", sa.JSON, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("complexity", sa.String(32), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("classification", sa.String(32), nullable=False),
        sa.Column("accused", sa.JSON, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("lead", sa.String(64), nullable=False),
        sa.Column("departments", sa.JSON, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("due", sa.DateTime(timezone=True)),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("rating", sa.String(32), nullable=False),
        sa.Column("solved", sa.String(32), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
    )
    op.create_index("appeals_newest", "appeals", ["submitted_at", "receipt"])
    op.create_index("appeals_state", "appeals", ["state", "submitted_at", "receipt"])
    op.create_index("appeals_category", "appeals", ["category", "submitted_at", "receipt"])
    op.create_table(
        "orders",
        sa.Column("order", sa.String(80), primary_key=True),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("first", sa.Boolean, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("sign_due", sa.DateTime(timezone=True)),
        sa.Column("contact_due", sa.DateTime(timezone=True)),
        sa.Column("reply_due", sa.DateTime(timezone=True)),
    )
    op.create_index("orders_receipt", "orders", ["receipt", "department"])
    op.create_index(
        "orders_newest",
        "orders",
        ["department", "submitted_at", "receipt"],
        postgresql_where=sa.text("first"),
        sqlite_where=sa.text("first = 1"),
    )
    op.create_table(
        "accused",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("department", sa.String(64), primary_key=True),
    )
    op.create_table(
        "timeline",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
