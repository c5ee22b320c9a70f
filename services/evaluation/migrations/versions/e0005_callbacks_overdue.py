"""Callbacks that are not made in time are told of, once."""

import sqlalchemy as sa
from alembic import op

revision = "e0005"
down_revision = "e0004"


def upgrade():
    op.add_column("callbacks", sa.Column("next_at", sa.DateTime(timezone=True)))
    asked = "SELECT 1 FROM rounds r WHERE r.receipt = callbacks.receipt AND r.round = callbacks.round"
    op.execute(
        f"UPDATE callbacks SET next_at = due WHERE state = 'planned' AND EXISTS ({asked} AND r.state = 'asked')"  # noqa: S608
    )
    when = sa.text("next_at IS NOT NULL")
    op.create_index("callbacks_next", "callbacks", ["next_at"], postgresql_where=when, sqlite_where=when)
