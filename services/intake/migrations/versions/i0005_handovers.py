"""What other platforms handed over, by their references."""

import sqlalchemy as sa
from alembic import op

revision = "i0005"
down_revision = "i0004"


def upgrade():
    op.create_table(
        "handovers",
        sa.Column("platform", sa.String(64), primary_key=True),
        sa.Column("reference", sa.String(64), primary_key=True),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("handovers_receipt", "handovers", ["receipt"], unique=True)
