"""What device a session is on, for its owner to tell them apart."""

import sqlalchemy as sa
from alembic import op

revision = "p0025"
down_revision = "p0022"


def upgrade():
    op.add_column("sessions", sa.Column("device", sa.String(64), nullable=False, server_default=""))
