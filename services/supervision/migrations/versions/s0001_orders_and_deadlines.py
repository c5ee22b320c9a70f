"""Orders under watch and their deadlines."""

import sqlalchemy as sa
from alembic import op

revision = "s0001"
down_revision = None


def upgrade():
    op.create_table(
        "orders",
        sa.Column("order", sa.String(80), primary_key=True),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("complexity", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("contacted", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("asked_days", sa.Integer, nullable=False),
        sa.Column("asked_reason", sa.Text, nullable=False),
        sa.Column("extensions", sa.Integer, nullable=False),
    )
    op.create_index("orders_receipt", "orders", ["receipt"])
    op.create_table(
        "deadlines",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("order", sa.String(80), nullable=False),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calendar_version", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
    op.create_index("deadlines_order", "deadlines", ["order"])
    running = sa.text("state = 'running'")
    op.create_index("deadlines_running", "deadlines", ["due"], postgresql_where=running, sqlite_where=running)
