"""What no queue takes is held apart; copies for one audience can be found again."""

import sqlalchemy as sa
from alembic import op

revision = "b0002"
down_revision = "b0001"


def upgrade():
    op.create_table(
        "held",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("destination", sa.String(400), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
    )
    op.create_index("held_destination", "held", ["destination", "id"])
    outside = sa.text("audience <> 'core'")
    op.create_index("journal_outside", "journal", ["audience", "id"], postgresql_where=outside, sqlite_where=outside)
