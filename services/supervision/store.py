"""Supervision's tables: the orders it watches, a row for everything that has a time, and the ledger of pauses."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text, or_, select, text
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.errors import NotFound
from appeals.store import Store
from services.supervision.deadline import Deadline
from services.supervision.flagged import Flag
from services.supervision.order import Order, Pause
from services.supervision.policy import SIGN
from services.supervision.suspending import Watched

metadata = MetaData()

orders = Table(
    "orders",
    metadata,
    Column("order", String(80), primary_key=True),
    Column("receipt", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("round", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("urgency", String(32), nullable=False),
    Column("complexity", String(32), nullable=False),
    Column("special_regime", Text, nullable=False),
    Column("task_force", Boolean, nullable=False),
    Column("vertical", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("signed", Boolean, nullable=False),
    Column("contacted", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempted_at", Moment),
    Column("text", Text, nullable=False),
    Column("result", String(32), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("level", String(16), nullable=False),
    Column("flagged", JSON, nullable=False),
    Column("sent_back", Integer, nullable=False),
    Column("urged_at", Moment),
    Column("asked_days", Integer, nullable=False),
    Column("asked_reason", Text, nullable=False),
    Column("extensions", Integer, nullable=False),
    Column("extension_days", Integer, nullable=False),
    Column("suspended_days", Integer, nullable=False),
    Index("orders_receipt", "receipt"),
)

_due_some_time = text("next_at IS NOT NULL")
_running = text("state = 'running'")
deadlines = Table(
    "deadlines",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("order", String(80), nullable=False),
    Column("receipt", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("step", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("limit", String(16), nullable=False),
    Column("started", Moment),
    Column("extra_days", Integer, nullable=False),
    Column("extra_unit", String(4), nullable=False),
    Column("due", Moment, nullable=False),
    Column("calendar_version", String(32), nullable=False),
    Column("policy_version", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("done_at", Moment),
    Column("warned", Integer, nullable=False),
    Column("rung", Integer, nullable=False),
    Column("next_at", Moment),
    Index("deadlines_order", "order"),
    Index("deadlines_next", "next_at", postgresql_where=_due_some_time, sqlite_where=_due_some_time),
    Index("deadlines_calendar", "calendar_version", postgresql_where=_running, sqlite_where=_running),
)

pauses = Table(
    "pauses",
    metadata,
    Column("order", String(80), primary_key=True),
    Column("start", Moment, primary_key=True),
    Column("end", Moment),
    Column("until", Moment),
    Column("reason", String(64), nullable=False),
    Column("basis", Text, nullable=False),
    Column("by", String(128), nullable=False),
)

# Appeals whose matter was flagged: what the joint conference, 联席会议, may put on its agenda.
flags = Table(
    "flags",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("flag", String(16), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Order, orders)
mapper.map_imperatively(Deadline, deadlines)
mapper.map_imperatively(Pause, pauses)
mapper.map_imperatively(Flag, flags)


class SupervisionStore(Store):
    """What supervision asks of its tables."""

    of_a_case = (Order, Flag)

    def __init__(self, session):
        super().__init__(session)
        self._deadlines: dict[str, list[Deadline]] = {}
        self._pauses: dict[str, list[Pause]] = {}

    def prefetch(self, receipts: Collection[str]) -> None:
        """Load the orders, deadlines and pauses of these appeals at once, to be found without another question."""
        super().prefetch(receipts)
        numbers = [order.order for receipt in receipts for order in self.orders(receipt)]
        self._deadlines |= {number: [] for number in numbers}
        self._pauses |= {number: [] for number in numbers}
        if numbers:
            for deadline in self.session.scalars(select(Deadline).where(deadlines.c.order.in_(numbers))):
                self._note(deadline)
            for pause in self.session.scalars(select(Pause).where(pauses.c.order.in_(numbers))):
                self._note(pause)

    def add(self, thing: object) -> None:
        """Keep something new."""
        super().add(thing)
        if isinstance(thing, Order):
            self._deadlines[thing.order], self._pauses[thing.order] = [], []
        elif isinstance(thing, Deadline | Pause):
            self._note(thing)

    def _note(self, thing: Deadline | Pause) -> None:
        known = self._deadlines if isinstance(thing, Deadline) else self._pauses
        if thing not in (of_its_order := known.get(thing.order, [thing])):
            of_its_order.append(thing)

    def order(self, number: str) -> Order:
        """One order that was dispatched."""
        return self.session.get_one(Order, number)

    def order_of(self, receipt: str, number: str) -> Order:
        """The order of an appeal that a person names. Raises NotFound."""
        order = self.session.get(Order, number)
        if order is None or order.receipt != receipt:
            raise NotFound(what=number)
        return order

    def orders(self, receipt: str) -> list[Order]:
        """All orders of an appeal."""
        return self.rows(Order, receipt)

    def watched(self, order: Order) -> Watched:
        """An order with its deadlines and pauses."""
        return Watched(order, tuple(self.deadlines(order.order)), tuple(self.pauses(order.order)))

    def deadlines(self, order: str) -> list[Deadline]:
        """Everything of an order that has a time."""
        if order in self._deadlines:
            return sorted(self._deadlines[order], key=lambda deadline: deadline.key)
        return list(self.session.scalars(select(Deadline).where(deadlines.c.order == order).order_by(deadlines.c.key)))

    def deadline(self, order: str, step: str) -> Deadline | None:
        """The deadline of one step of an order; an assistant has none for the first contact."""
        return self.find(order, f"{order}/{step}")

    def pauses(self, order: str) -> list[Pause]:
        """The intervals in which an order's clocks stood still, oldest first."""
        if order in self._pauses:
            return sorted(self._pauses[order], key=lambda pause: pause.start)
        return list(self.session.scalars(select(Pause).where(pauses.c.order == order).order_by(pauses.c.start)))

    def flags(self, receipt: str) -> list[Flag]:
        """The flags of an appeal's matter."""
        return self.rows(Flag, receipt)

    def find(self, order: str, key: str) -> Deadline | None:
        """The deadline of an order with this key."""
        return next((deadline for deadline in self.deadlines(order) if deadline.key == key), None)

    def keep(self, deadline: Deadline) -> None:
        """Keep a deadline; one with the same key that was there before is set anew."""
        self._note(self.session.merge(deadline))

    def each_step(self) -> Iterator[tuple[Order, Deadline, list[Pause]]]:
        """Every step that began with the dispatch of its order, with the order and its pauses; for a dry run."""
        stood_still = defaultdict(list)
        for pause in self.session.scalars(select(Pause).order_by(pauses.c.start)):
            stood_still[pause.order].append(pause)
        begun = deadlines.alias("begun")
        question = (
            select(Order, Deadline)
            .join(deadlines, deadlines.c.order == orders.c.order)
            .join(begun, (begun.c.order == orders.c.order) & (begun.c.step == SIGN))
            .where(deadlines.c.limit != "", deadlines.c.started == begun.c.started)
            .order_by(orders.c.order, deadlines.c.key)
        )
        for order, deadline in self.session.execute(question.execution_options(yield_per=1000)):
            yield order, deadline, stood_still[order.order]

    def due_at(self, moment: datetime, limit: int) -> list[str]:
        """The appeals about which something is to be said by now, the longest due first."""
        question = select(deadlines.c.receipt).where(deadlines.c.next_at <= moment).order_by(deadlines.c.next_at)
        return list(self.session.scalars(question.limit(limit)))

    def due_among(self, receipts: Collection[str], moment: datetime) -> list[Deadline]:
        """What is to be said by now about these appeals, the longest due first."""
        numbers = select(orders.c.order).where(orders.c.receipt.in_(list(receipts)))
        question = select(Deadline).where(deadlines.c.order.in_(numbers), deadlines.c.next_at <= moment)
        return list(self.session.scalars(question.order_by(deadlines.c.next_at, deadlines.c.key)))

    def reckoned_otherwise(self, calendar: str, limit: int) -> list[str]:
        """The appeals with running deadlines that were worked out by another version of the calendar."""
        other = or_(deadlines.c.calendar_version < calendar, deadlines.c.calendar_version > calendar)
        return list(self.session.scalars(select(deadlines.c.receipt).where(_running, other).limit(limit)))

    def running(self, receipts: Collection[str]) -> list[Deadline]:
        """The running deadlines of these appeals."""
        numbers = select(orders.c.order).where(orders.c.receipt.in_(list(receipts)))
        question = select(Deadline).where(deadlines.c.order.in_(numbers), _running)
        return list(self.session.scalars(question.order_by(deadlines.c.key)))
