"""The five tables behind the promises; every service and department has its own.

`turns`: one row for each appeal, locked while the appeal is worked on, so that its messages take turns;
holds what is known (marks) and what was said (counts). `inbox`: every message seen, with the answer if it
was a command, or the whole message while it waits for an earlier one. `journal`: every message said, for
audit and replay; only ever added to. `outbox`: which of the journal the broker has not confirmed yet.
`held`: which of it no queue would take; kept apart by destination until one does.
"""

from sqlalchemy import JSON, Column, Index, LargeBinary, MetaData, String, Table, text

from appeals.bus.database import Moment

metadata = MetaData()

turns = Table(
    "turns",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("known", JSON, nullable=False),
    Column("said", JSON, nullable=False),
    Column("category", String(64), nullable=False),
    Column("classification", String(64), nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("digest", String(64)),
    Column("reply", JSON),
    Column("waits_for", String(500)),
    Column("headers", JSON),
    Column("body", LargeBinary),
    Index(
        "inbox_parked",
        "subject",
        postgresql_where=text("state = 'parked'"),
        sqlite_where=text("state = 'parked'"),
    ),
)

journal = Table(
    "journal",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("type", String(128), nullable=False),
    Column("audience", String(64), nullable=False),
    Column("by", String(128), nullable=False),
    Column("at", Moment, nullable=False),
    Column("exchange", String(128), nullable=False),
    Column("routing_key", String(255), nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("journal_subject", "subject"),
    Index(
        "journal_outside",
        "audience",
        "id",
        postgresql_where=text("audience <> 'core'"),
        sqlite_where=text("audience <> 'core'"),
    ),
)

outbox = Table("outbox", metadata, Column("id", String(36), primary_key=True))

held = Table(
    "held",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("destination", String(400), nullable=False),
    Column("reason", String(200), nullable=False),
    Index("held_destination", "destination", "id"),
)
