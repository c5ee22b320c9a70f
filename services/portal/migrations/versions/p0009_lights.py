"""How much of its time an appeal has used, as a light, and the rung of supervision; to-do lists ask by due date."""

import sqlalchemy as sa
from alembic import op

revision = "p0009"
down_revision = "p0001"


def upgrade():
    with op.batch_alter_table("appeals") as appeals:
        appeals.add_column(sa.Column("light", sa.String(16), nullable=False, server_default=""))
        appeals.add_column(sa.Column("level", sa.String(16), nullable=False, server_default=""))
    op.create_index("appeals_due", "appeals", ["state", "due", "submitted_at"])
