"""Intake's tables: cases; and apart from them whom to call, and who hides behind a name."""

from sqlalchemy import JSON, Column, MetaData, String, Table, Text
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.store import Store
from services.intake.domain import Case
from services.intake.identity import Contact, Identity

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("applicant", JSON, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("urgency", String(32), nullable=False),
    Column("category", String(64), nullable=False),
    Column("classification", String(64), nullable=False),
    Column("accused", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("supplement_due", Moment),
    Column("reason", String(32), nullable=False),
    Column("linked_to", String(64), nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("applicant", JSON, nullable=False),
    Column("account", Text, nullable=False),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Case, cases)
mapper.map_imperatively(Contact, contacts)
mapper.map_imperatively(Identity, identities)


class IntakeStore(Store):
    """What intake asks of its tables."""

    case_class = Case
