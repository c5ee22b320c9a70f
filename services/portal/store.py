"""The portal's tables: the read model that lists, appeals and timelines are shown from, and how it is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
    select,
    text,
    update,
)
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.events import (
    AppealAccepted,
    AppealSubmitted,
    Attachment,
    Event,
    FeedbackApproved,
    FeedbackSubmitted,
    OrderDispatched,
    SupplementProvided,
)
from appeals.store import Store
from services.portal.domain import Appeal, Entry, Order, Searchable
from services.portal.people_tables import metadata
from services.portal.searching import Terms, terms

# The few appeals that go with another, and those that are a part of one.
merged, parts = text("merged_into <> ''"), text("split_from <> ''")
# The few whose applicant is to be called back, and whose demand is said to be unreasonable.
to_call_back, undecided = text("callback_due IS NOT NULL"), text("unreasonable <> ''")

# The orders that are worked on, and those that somebody is called to account for.
still_open, supervised = text("ended_at IS NULL"), text("level <> ''")

appeals = Table(
    "appeals",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("submitted_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("applicant", JSON, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("urgency", String(32), nullable=False),
    Column("complexity", String(32), nullable=False),
    Column("category", String(64), nullable=False),
    Column("classification", String(32), nullable=False),
    Column("accused", JSON, nullable=False),
    Column("state", String(32), nullable=False),
    Column("lead", String(64), nullable=False),
    Column("departments", JSON, nullable=False),
    Column("round", Integer, nullable=False),
    Column("due", Moment),
    Column("light", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("result", String(32), nullable=False),
    Column("summary", Text, nullable=False),
    Column("rating", String(32), nullable=False),
    Column("solved", String(32), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("merged_into", String(64), nullable=False),
    Column("split_from", String(64), nullable=False),
    Column("events", Integer, nullable=False),
    Column("special_regime", Text, nullable=False),
    Column("emergency", String(16), nullable=False),
    Column("platform", String(64), nullable=False, server_default=""),
    Column("outside_reference", String(64), nullable=False, server_default=""),
    Column("callback_due", Moment),
    Column("unreasonable", String(16), nullable=False),
    Column("city", Text, nullable=False, server_default=""),
    Column("reached", Integer, nullable=False, server_default="0"),
    Column("ended_at", Moment),
    Index("appeals_ended", "ended_at"),
    Index("appeals_newest", "submitted_at", "receipt"),
    Index("appeals_state", "state", "submitted_at", "receipt"),
    Index("appeals_due", "state", "due", "submitted_at"),
    Index("appeals_category", "category", "submitted_at", "receipt"),
    Index("appeals_merged", "merged_into", postgresql_where=merged, sqlite_where=merged),
    Index("appeals_parts", "split_from", postgresql_where=parts, sqlite_where=parts),
    Index("appeals_platform", "platform", "submitted_at", "receipt"),
    Index("appeals_callback", "callback_due", postgresql_where=to_call_back, sqlite_where=to_call_back),
    Index("appeals_unreasonable", "unreasonable", postgresql_where=undecided, sqlite_where=undecided),
)

orders = Table(
    "orders",
    metadata,
    Column("order", String(80), primary_key=True),
    Column("receipt", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("round", Integer, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("result", String(32), nullable=False),
    Column("sign_due", Moment),
    Column("contact_due", Moment),
    Column("reply_due", Moment),
    Column("dispatched_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("hours", Integer),
    Column("overdue", Boolean, nullable=False, server_default=false()),
    Column("level", String(16), nullable=False, server_default=""),
    Column("level_at", Moment),
    Column("sign_light", String(16), nullable=False, server_default=""),
    Column("contact_light", String(16), nullable=False, server_default=""),
    Column("reply_light", String(16), nullable=False, server_default=""),
    Index("orders_ended", "ended_at"),
    Index("orders_open", "department", "dispatched_at", postgresql_where=still_open, sqlite_where=still_open),
    Index("orders_due", "reply_due"),
    Index("orders_supervised", "level_at", postgresql_where=supervised, sqlite_where=supervised),
    Index("orders_receipt", "receipt", "department"),
    Index(
        "orders_newest",
        "department",
        "submitted_at",
        "receipt",
        postgresql_where=text("first"),
        sqlite_where=text("first = 1"),
    ),
)

# Who an appeal is about; they are kept from it, so every query asks.
accused = Table(
    "accused",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("department", String(64), primary_key=True),
)

timeline = Table(
    "timeline",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("topic", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(128), nullable=False),
    Column("department", String(64), nullable=False),
    Column("data", JSON, nullable=False),
)


# What an appeal is found by; apart, so that lists do not read it.
searchable = Table(
    "searchable",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("terms", Terms, nullable=False),
    Index("searchable_terms", "terms", postgresql_using="gin"),
)

# What was uploaded, found by its hash; `claimed` when an appeal names it, so that it is not swept.
_unclaimed = text("NOT claimed")
uploads = Table(
    "uploads",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("claimed", Boolean, nullable=False),
    Index("uploads_waiting", "uploaded_at", postgresql_where=_unclaimed, sqlite_where=_unclaimed),
)

upload_pieces = Table(
    "upload_pieces",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)

# Which appeal has which files, under which names.
attached = Table(
    "attached",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("officers_only", Boolean, nullable=False),
    Index("attached_file", "sha256"),
)

# Files of appeals that are handed in together; `imports.id` is made from the file's bytes.
imports = Table(
    "imports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("by", String(128), nullable=False),
    Column("at", Moment, nullable=False),
    Column("header", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
)

# `body` and `cells` are kept only as long as they are needed, since they may tell who hides.
import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", JSON(none_as_null=True)),
    Column("cells", JSON(none_as_null=True)),
    Column("receipt", String(64), nullable=False),
    Column("faults", JSON, nullable=False),
    Column("same_import", String(64), nullable=False),
    Column("same_number", Integer, nullable=False),
    Index("import_rows_state", "state", "number", "import_id"),
    Index("import_rows_digest", "digest"),
)

# The last reference number of a series in a year.
letter_series = Table(
    "letter_series",
    metadata,
    Column("series", String(64), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

# The reference numbers of letters: the entry of the timeline that each is about.
letter_numbers = Table(
    "letter_numbers",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("series", String(64), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Index("letter_numbers_series", "series", "year", "number", unique=True),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Appeal, appeals)
mapper.map_imperatively(Order, orders)
mapper.map_imperatively(Entry, timeline)
mapper.map_imperatively(Searchable, searchable)

# What an appeal is found by is said in these; an order only repeats it.
SAY_MORE = (AppealSubmitted, AppealAccepted, SupplementProvided, FeedbackSubmitted, FeedbackApproved)


class PortalStore(Store):
    """Keeps the read model; a batch's appeals and orders are loaded in two questions."""

    def __init__(self, session):
        super().__init__(session)
        self._appeals: dict[str, Appeal] = {}
        self._orders: dict[str, dict[str, Order]] = {}

    def prefetch(self, receipts: Collection[str]) -> None:
        """Load these appeals and their orders."""
        wanted = [receipt for receipt in receipts if receipt not in self._orders]
        self._orders |= {receipt: {} for receipt in wanted}
        for appeal in self.session.scalars(select(Appeal).where(appeals.c.receipt.in_(wanted))):
            self._appeals[appeal.receipt] = appeal
        for order in self.session.scalars(select(Order).where(orders.c.receipt.in_(wanted))):
            self._orders[order.receipt][order.order] = order

    def note(self, event: Event) -> None:
        """Take an event into the picture, and add it to the timeline."""
        self.prefetch([event.receipt])
        appeal = self._appeals.get(event.receipt) or self._begin(event)
        known = set(appeal.accused)
        appeal.hear(event)
        self._recuse(appeal, known)
        if files := getattr(event, "attachments", ()):
            self._attach(event.receipt, files)
        if isinstance(event, OrderDispatched):
            self._begin_order(event, appeal)
        elif order := self._orders[event.receipt].get(getattr(event, "order", "")):
            order.hear(event)
        self.add(Entry.of(event, appeal.events))
        if isinstance(event, SAY_MORE):
            self._index(appeal, event)

    def _begin(self, event: Event) -> Appeal:
        appeal = Appeal(receipt=event.receipt, submitted_at=event.at, updated_at=event.at)
        self._appeals[event.receipt] = appeal
        self.add(appeal)
        return appeal

    def _begin_order(self, dispatched: OrderDispatched, appeal: Appeal) -> None:
        others = self._orders[dispatched.receipt]
        order = Order(
            order=dispatched.order,
            receipt=dispatched.receipt,
            department=dispatched.department,
            role=dispatched.role,
            round=dispatched.round,
            first=all(other.department != dispatched.department for other in others.values()),
            submitted_at=appeal.submitted_at,
            dispatched_at=dispatched.at,
        )
        others[order.order] = order
        self.add(order)

    def _index(self, appeal: Appeal, event: Event) -> None:
        """Have the appeal found by what it says itself, and by what is said to it in this event."""
        told = terms(appeal.title, appeal.text, appeal.applicant.get("name", ""), getattr(event, "text", ""))
        known = self.session.get(Searchable, appeal.receipt)
        if known is None:
            self.add(Searchable(receipt=appeal.receipt, terms=told))
        elif new := set(told).difference(known.terms):
            known.terms = known.terms + sorted(new)

    def _attach(self, receipt: str, files: Sequence[Attachment]) -> None:
        """Note the appeal's files; an acceptance tells again those that were submitted."""
        known = set(self.session.scalars(select(attached.c.sha256).where(attached.c.receipt == receipt)))
        new = {one.sha256: one for one in files if one.sha256 not in known}
        rows = [
            {"receipt": receipt, "sha256": one.sha256, "number": len(known) + number, "name": one.name}
            | {"kind": one.type, "size": one.size, "officers_only": False}
            for number, one in enumerate(new.values(), 1)
        ]
        if rows:
            self.session.execute(attached.insert(), rows)
            self.session.execute(update(uploads).where(uploads.c.sha256.in_(new)).values(claimed=True))

    def _recuse(self, appeal: Appeal, known: set[str]) -> None:
        rows = [{"receipt": appeal.receipt, "department": code} for code in appeal.accused if code not in known]
        if rows:
            self.session.execute(accused.insert(), rows)
