"""Cases and their work orders."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None


def upgrade():
    op.create_table(
        "cases",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("applicant", sa.JSON, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("complexity", sa.String(32), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("classification", sa.String(32), nullable=False),
        sa.Column("accused", sa.JSON, nullable=False),
        sa.Column("special_regime", sa.Text, nullable=False),
        sa.Column("task_force", sa.Boolean, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("refused_by", sa.JSON, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("order", sa.String(80), primary_key=True),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
    op.create_index("orders_receipt", "orders", ["receipt"])
