"""The work list: a department's orders."""

import sqlalchemy as sa
from alembic import op

revision = "d0001"
down_revision = None


def upgrade():
    op.create_table(
        "work_orders",
        sa.Column("order", sa.String(80), primary_key=True),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("applicant", sa.Text, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("special_regime", sa.Text, nullable=False),
        sa.Column("task_force", sa.Boolean, nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("deadlines", sa.JSON, nullable=False),
        sa.Column("steps_done", sa.JSON, nullable=False),
    )
    op.create_index("work_orders_receipt", "work_orders", ["receipt"])
    op.create_index("work_orders_state", "work_orders", ["state", "received"])
