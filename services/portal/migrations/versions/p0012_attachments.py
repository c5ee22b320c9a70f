"""Uploads, which appeal has which, emergencies and procedures by law."""

import sqlalchemy as sa
from alembic import op

revision = "p0012"
down_revision = "p0011"


def upgrade():
    with op.batch_alter_table("appeals") as appeals:
        appeals.add_column(sa.Column("special_regime", sa.Text, nullable=False, server_default=""))
        appeals.add_column(sa.Column("emergency", sa.String(16), nullable=False, server_default=""))
    op.create_table(
        "uploads",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed", sa.Boolean, nullable=False),
    )
    unclaimed = {"postgresql_where": sa.text("NOT claimed"), "sqlite_where": sa.text("NOT claimed")}
    op.create_index("uploads_waiting", "uploads", ["uploaded_at"], **unclaimed)
    op.create_table(
        "upload_pieces",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "attached",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("officers_only", sa.Boolean, nullable=False),
    )
    op.create_index("attached_file", "attached", ["sha256"])
