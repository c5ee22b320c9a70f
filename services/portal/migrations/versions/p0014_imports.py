"""Files of appeals that are handed in together, and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "p0014"
down_revision = "p0013"


def upgrade():
    op.create_table(
        "imports",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("header", sa.JSON, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON),
        sa.Column("cells", sa.JSON),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("faults", sa.JSON, nullable=False),
        sa.Column("same_import", sa.String(64), nullable=False),
        sa.Column("same_number", sa.Integer, nullable=False),
    )
    op.create_index("import_rows_state", "import_rows", ["state", "number", "import_id"])
    op.create_index("import_rows_digest", "import_rows", ["digest"])
