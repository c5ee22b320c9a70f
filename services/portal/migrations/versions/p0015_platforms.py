"""Which platform handed an appeal over, and under which reference."""

import sqlalchemy as sa
from alembic import op

revision = "p0015"
down_revision = "p0014"


def upgrade():
    for name in ("platform", "outside_reference"):
        op.add_column("appeals", sa.Column(name, sa.String(64), nullable=False, server_default=""))
    op.create_index("appeals_platform", "appeals", ["platform", "submitted_at", "receipt"])
