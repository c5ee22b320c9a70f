"""Whom to call and who hides are sealed; what was in clear waits for `services.intake.identities reseal`."""

import json

import sqlalchemy as sa
from alembic import op

revision = "i0002"
down_revision = "i0001"


def upgrade():
    for table, names, index in (
        ("contacts", ("name", "phone"), "phone_index"),
        ("identities", ("applicant", "account"), "uscc_index"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("sealed", sa.Text, nullable=False, server_default=""))
            batch.add_column(sa.Column(index, sa.String(64), nullable=False, server_default=""))
        types = [sa.Column(name, sa.JSON if name == "applicant" else sa.Text) for name in names]
        rows = sa.table(table, sa.Column("receipt", sa.String), sa.Column("sealed", sa.Text), *types)
        connection = op.get_bind()
        for row in connection.execute(sa.select(rows)).all():
            facts = json.dumps({name: getattr(row, name) for name in names}, ensure_ascii=False)
            connection.execute(rows.update().where(rows.c.receipt == row.receipt).values(sealed=f"plain::{facts}"))
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_column(name)
            batch.alter_column("sealed", server_default=None)
            batch.alter_column(index, server_default=None)
    op.create_index("contacts_phone", "contacts", ["phone_index"])
    op.create_index("identities_uscc", "identities", ["uscc_index"])
