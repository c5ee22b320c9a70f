"""Supervision's tables: the orders it watches, and a row for every deadline."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text, select, text
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.errors import NotFound
from appeals.store import Store
from services.supervision.domain import Deadline, Order

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
    Column("state", String(16), nullable=False),
    Column("contacted", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("result", String(32), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("asked_days", Integer, nullable=False),
    Column("asked_reason", Text, nullable=False),
    Column("extensions", Integer, nullable=False),
    Index("orders_receipt", "receipt"),
)

_running = text("state = 'running'")
deadlines = Table(
    "deadlines",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("order", String(80), nullable=False),
    Column("receipt", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("step", String(16), nullable=False),
    Column("due", Moment, nullable=False),
    Column("calendar_version", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Index("deadlines_order", "order"),
    Index("deadlines_running", "due", postgresql_where=_running, sqlite_where=_running),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Order, orders)
mapper.map_imperatively(Deadline, deadlines)


class SupervisionStore(Store):
    """What supervision asks of its tables."""

    def prefetch(self, receipts) -> None:
        """Load the orders and deadlines of these appeals at once."""
        wanted = list(receipts)
        self._loaded = [
            *self.session.scalars(select(Order).where(orders.c.receipt.in_(wanted))),
            *self.session.scalars(
                select(Deadline).where(
                    deadlines.c.order.in_(select(orders.c.order).where(orders.c.receipt.in_(wanted)))
                )
            ),
        ]

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
        return list(self.session.scalars(select(Order).where(orders.c.receipt == receipt).order_by(orders.c.order)))

    def deadline(self, order: str, step: str) -> Deadline | None:
        """The deadline of one step of an order; an assistant has none for the first contact."""
        return self.session.get(Deadline, f"{order}/{step}")

    def overdue_at(self, moment: datetime, limit: int) -> list[Deadline]:
        """Running deadlines that have passed, oldest first; those in another process's hands are passed over."""
        question = (
            select(Deadline)
            .where(_running, deadlines.c.due <= moment)
            .order_by(deadlines.c.due)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self.session.scalars(question))
