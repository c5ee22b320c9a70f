"""Intake's tables: cases, what they are found alike by, and who handed them over; apart from them whom to call, who
acts for whom, and who hides."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.events import AppealFlagged
from appeals.store import Store
from services.intake.agents import Agent
from services.intake.domain import Case
from services.intake.handing_over import Handover
from services.intake.identity import Contact, Identity
from services.intake.traits import ENTERPRISE, Trait, differ

AT_MOST = 100  # of one block

metadata = MetaData()

_merged, _parts = text("merged_into <> ''"), text("split_from <> ''")

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
    Column("merged_into", String(64), nullable=False),
    Column("split_from", String(64), nullable=False),
    Column("special_regime", Text, nullable=False),
    Index("cases_merged", "merged_into", postgresql_where=_merged, sqlite_where=_merged),
    Index("cases_parts", "split_from", postgresql_where=_parts, sqlite_where=_parts),
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

# By what appeals are found alike. A block is one range of the index, however many appeals there are.
traits = Table(
    "traits",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("value", String(220), primary_key=True),
    Column("category", String(64), nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("enterprise", String(220), nullable=False),
    Column("submission", String(64), nullable=False),
    Column("hidden", Boolean, nullable=False),
    Index("traits_block", "kind", "value", "category", "submitted_at"),
)

flags = Table(
    "flags",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("flag", String(16), primary_key=True),
    Column("at", Moment, nullable=False),
)

handovers = Table(
    "handovers",
    metadata,
    Column("platform", String(64), primary_key=True),
    Column("reference", String(64), primary_key=True),
    Column("receipt", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("handovers_receipt", "receipt", unique=True),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Case, cases)
mapper.map_imperatively(Contact, contacts)
mapper.map_imperatively(Agent, agents)
mapper.map_imperatively(Identity, identities)
mapper.map_imperatively(Trait, traits)
mapper.map_imperatively(Handover, handovers)


class IntakeStore(Store):
    """What intake asks of its tables."""

    case_class = Case
    of_a_case = (Handover,)

    def contact(self, receipt: str) -> Contact | None:
        """Whom to call about an appeal."""
        return self.session.get(Contact, receipt)

    def agent(self, receipt: str) -> Agent | None:
        """Who acts for the applicant."""
        return self.session.get(Agent, receipt)

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

    def locked(self, receipt: str) -> Case | None:
        """The case of an appeal, which nobody else changes until this transaction ends."""
        self.session.flush()  # what this transaction has changed of it is not to be read over
        return self.session.get(Case, receipt, with_for_update=True, populate_existing=True)

    def merged_into(self, receipt: str) -> list[Case]:
        """The cases that go as this one goes."""
        return self._cases_where(cases.c.merged_into == receipt, _merged)

    def parts_of(self, receipt: str) -> list[Case]:
        """The cases that an appeal was split into."""
        return self._cases_where(cases.c.split_from == receipt, _parts)

    def traits(self, receipt: str) -> list[Trait]:
        """What an appeal is found by; none when its applicant is anonymous, or it was split."""
        return list(self.session.scalars(select(Trait).where(traits.c.receipt == receipt)))

    def forget_traits(self, receipt: str) -> None:
        """An appeal has no matter of its own any more."""
        self.session.execute(delete(traits).where(traits.c.receipt == receipt))

    def recategorise(self, receipt: str, category: str) -> None:
        """An appeal is about another category than its applicant thought."""
        self.session.execute(update(traits).where(traits.c.receipt == receipt).values(category=category))

    def alike(self, own: Collection[Trait], since: datetime) -> list[tuple[Trait, Case]]:
        """The other appeals that have one of these traits and the category, since then, the newest of each first.

        The parts of one submission are not alike each other.
        """
        if not own:
            return []
        blocks = [
            select(traits.c.receipt, traits.c.kind, traits.c.value)
            .where(
                traits.c.kind == one.kind,
                traits.c.value == one.value,
                traits.c.category == one.category,
                traits.c.submitted_at >= since,
                traits.c.submission != one.submission,
            )
            .order_by(traits.c.submitted_at.desc())
            .limit(AT_MOST)
            .subquery()
            for one in own
        ]
        keys = union_all(*(select(block) for block in blocks)).subquery()
        question = (
            select(Trait, Case)
            .join(keys, tuple_(traits.c.receipt, traits.c.kind, traits.c.value) == tuple_(*keys.c))
            .join(Case, cases.c.receipt == traits.c.receipt)
            .order_by(traits.c.submitted_at.desc(), traits.c.receipt)
        )
        found = {case.receipt: (trait, case) for trait, case in self.session.execute(question)}
        names = [one for one in own if one.kind == ENTERPRISE]
        return [pair for pair in found.values() if not any(differ(pair[0], name) for name in names)]

    def raise_flags(self, raised: Sequence[AppealFlagged]) -> list[AppealFlagged]:
        """Note these flags; returns those that were not raised before."""
        if not raised:
            return []
        insert = postgresql.insert if self.session.connection().dialect.name == "postgresql" else sqlite.insert
        rows = [{"receipt": one.receipt, "flag": one.flag, "at": one.at} for one in raised]
        statement = insert(flags).values(rows).on_conflict_do_nothing().returning(flags.c.receipt, flags.c.flag)
        fresh = {tuple(row) for row in self.session.execute(statement)}
        return [one for one in raised if (one.receipt, one.flag) in fresh]

    def handover(self, platform: str, reference: str) -> Handover | None:
        """What a platform handed over under this reference."""
        return self.session.get(Handover, (platform, reference))

    def handover_of(self, receipt: str) -> Handover | None:
        """How this appeal was handed over, if another platform did."""
        return next(iter(self.rows(Handover, receipt)), None)

    def _cases_where(self, *conditions) -> list[Case]:
        return list(self.session.scalars(select(Case).where(*conditions).order_by(cases.c.receipt)))
