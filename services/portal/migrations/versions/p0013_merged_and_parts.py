"""Which appeal another goes with, and of which it is a part."""

import sqlalchemy as sa
from alembic import op

revision = "p0013"
down_revision = "p0012"


def upgrade():
    with op.batch_alter_table("appeals") as appeals:
        for name in ("merged_into", "split_from"):
            appeals.add_column(sa.Column(name, sa.String(64), nullable=False, server_default=""))
    for index, name in (("appeals_merged", "merged_into"), ("appeals_parts", "split_from")):
        some = sa.text(f"{name} <> ''")
        op.create_index(index, "appeals", [name], postgresql_where=some, sqlite_where=some)
