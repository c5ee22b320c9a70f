"""When intake has to say something, who acts for whom, attachments and emergencies."""

import sqlalchemy as sa
from alembic import op

revision = "i0003"
down_revision = "i0002"


def upgrade():
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("complexity", sa.String(32), nullable=False, server_default="normal"))
        cases.add_column(sa.Column("outside_reference", sa.String(64), nullable=False, server_default=""))
        cases.add_column(sa.Column("attachments", sa.JSON, nullable=False, server_default="[]"))
        cases.add_column(sa.Column("emergency", sa.String(16), nullable=False, server_default=""))
        cases.add_column(sa.Column("referred_to", sa.String(16), nullable=False, server_default=""))
        cases.add_column(sa.Column("missing", sa.JSON, nullable=False, server_default="[]"))
        cases.add_column(sa.Column("rounds", sa.Integer, nullable=False, server_default="0"))
        cases.add_column(sa.Column("accept_due", sa.DateTime(timezone=True)))
        cases.add_column(sa.Column("next_at", sa.DateTime(timezone=True)))
        cases.add_column(sa.Column("decided_at", sa.DateTime(timezone=True)))
    op.create_index("cases_due", "cases", ["next_at"])
    op.create_table(
        "agents",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
    )
