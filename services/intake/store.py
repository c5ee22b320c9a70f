"""Intake's tables: cases; and apart from them whom to call, who acts for whom, and who hides behind a name."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table, Text, select
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.store import Store
from services.intake.applicants import Agent
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
    Column("complexity", String(32), nullable=False),
    Column("outside_reference", String(64), nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("emergency", String(16), nullable=False),
    Column("referred_to", String(16), nullable=False),
    Column("missing", JSON, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("accept_due", Moment),
    Column("next_at", Moment),
    Column("decided_at", Moment),
    Index("cases_due", "next_at"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("phone_index", String(64), nullable=False),
    Index("contacts_phone", "phone_index"),
)

agents = Table(
    "agents",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("uscc_index", String(64), nullable=False),
    Index("identities_uscc", "uscc_index"),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Case, cases)
mapper.map_imperatively(Contact, contacts)
mapper.map_imperatively(Agent, agents)
mapper.map_imperatively(Identity, identities)


class IntakeStore(Store):
    """What intake asks of its tables."""

    case_class = Case

    def contact(self, receipt: str) -> Contact | None:
        """Whom to call about an appeal."""
        return self.session.get(Contact, receipt)

    def identity(self, receipt: str) -> Identity | None:
        """Who hides behind a name."""
        return self.session.get(Identity, receipt)

    def sealed(self) -> Iterator[Contact | Agent | Identity]:
        """All that is sealed."""
        yield from self.session.scalars(select(Contact).order_by(contacts.c.receipt))
        yield from self.session.scalars(select(Agent).order_by(agents.c.receipt))
        yield from self.session.scalars(select(Identity).order_by(identities.c.receipt))

    def found(self, phone_index: str, uscc_index: str) -> list[str]:
        """The receipts with this phone, or of this enterprise under a hidden name."""
        by_phone = select(contacts.c.receipt).where(contacts.c.phone_index == phone_index, contacts.c.phone_index != "")
        by_uscc = select(identities.c.receipt).where(
            identities.c.uscc_index == uscc_index, identities.c.uscc_index != ""
        )
        return sorted(self.session.scalars(by_phone.union(by_uscc)))

    def due_at(self, moment: datetime, limit: int) -> list[str]:
        """The appeals about which something is to be said by now, longest due first."""
        question = select(cases.c.receipt).where(cases.c.next_at <= moment).order_by(cases.c.next_at)
        return list(self.session.scalars(question.limit(limit)))

    def due_among(self, receipts: Collection[str], moment: datetime) -> list[Case]:
        """Those of these appeals about which something is to be said by now."""
        question = select(Case).where(cases.c.receipt.in_(receipts), cases.c.next_at <= moment)
        return list(self.session.scalars(question.order_by(cases.c.next_at)))
