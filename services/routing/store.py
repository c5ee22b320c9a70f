"""Routing's tables: cases and orders."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text, select, text
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.store import Store
from services.routing.domain import CANCELLED, LEAD, OVER, Case, Order

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("applicant", JSON, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("urgency", String(32), nullable=False),
    Column("complexity", String(32), nullable=False),
    Column("category", String(64), nullable=False),
    Column("classification", String(32), nullable=False),
    Column("accused", JSON, nullable=False),
    Column("special_regime", Text, nullable=False),
    Column("task_force", Boolean, nullable=False),
    Column("round", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("refused_by", JSON, nullable=False),
    Column("asked_return", JSON, nullable=False),
    Column("returns", Integer, nullable=False),
    Column("designated", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

_waiting = text("decide_by IS NOT NULL")

orders = Table(
    "orders",
    metadata,
    Column("order", String(80), primary_key=True),
    Column("receipt", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("round", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("designated", Boolean, nullable=False),
    Column("return_due", Moment),
    Column("decide_by", Moment),
    Column("return_reason", Text, nullable=False),
    Column("return_suggested", Text, nullable=False),
    Column("return_by", Text, nullable=False),
    Index("orders_receipt", "receipt"),
    Index("orders_undecided", "decide_by", postgresql_where=_waiting, sqlite_where=_waiting),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Case, cases)
mapper.map_imperatively(Order, orders)


class RoutingStore(Store):
    """What routing asks of its tables."""

    case_class = Case

    def prefetch(self, receipts: Collection[str]) -> None:
        """Load the cases and orders of these appeals at once."""
        super().prefetch(receipts)
        of_them = select(Order).where(orders.c.receipt.in_(list(receipts)))
        self._loaded = [*self._loaded, *self.session.scalars(of_them)]

    def order(self, number: str) -> Order | None:
        """One work order."""
        return self.session.get(Order, number)

    def order_in_work(self, said) -> Order | None:
        """The order that a fact is about, if it is that appeal's and that department's, and was not cancelled."""
        order = self.order(said.order)
        if order is None or order.state == CANCELLED:
            return None
        return order if (order.receipt, order.department) == (said.receipt, said.department) else None

    def orders_of(self, receipt: str, round_: int) -> list[Order]:
        """The orders of one round."""
        return list(self.session.scalars(select(Order).where(orders.c.receipt == receipt, orders.c.round == round_)))

    def working(self, order: Order) -> set[str]:
        """The other departments that have an order of the same round in hand."""
        return self.at_work(order.receipt, order.round, but=order)

    def at_work(self, receipt: str, round_: int, *, but: Order | None = None) -> set[str]:
        """The departments that have an order of this round in hand."""
        orders_ = self.orders_of(receipt, round_)
        return {one.department for one in orders_ if one.state not in OVER and one is not but}

    def undecided_since(self, moment: datetime, limit: int) -> list[Order]:
        """The orders whose return should have been decided by then."""
        overdue = orders.c.decide_by <= moment
        return list(self.session.scalars(select(Order).where(overdue).order_by(orders.c.decide_by).limit(limit)))

    def each_case(self) -> Iterable[tuple[Case, str]]:
        """Every case with the unit that leads it or led it last, or nothing, in the order of their receipts."""
        leads = select(orders.c.receipt, orders.c.department).where(orders.c.role == LEAD).order_by(orders.c.order)
        led = dict(self.session.execute(leads).all())
        for case in self.session.scalars(select(Case).order_by(cases.c.receipt)):
            yield case, led.get(case.receipt, "")

    def lead_of(self, receipt: str, round_: int) -> str:
        """The department that led last in this round; empty when none has."""
        question = (
            select(orders.c.department)
            .where(orders.c.receipt == receipt, orders.c.round == round_, orders.c.role == LEAD)
            .order_by(orders.c.order.desc())
            .limit(1)
        )
        return self.session.scalars(question).first() or ""
