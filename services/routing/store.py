"""Routing's tables: cases and orders."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text, select
from sqlalchemy.orm import registry

from appeals.store import Store
from services.routing.domain import LEAD, Case, Order

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
)

orders = Table(
    "orders",
    metadata,
    Column("order", String(80), primary_key=True),
    Column("receipt", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("round", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Index("orders_receipt", "receipt"),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Case, cases)
mapper.map_imperatively(Order, orders)


class RoutingStore(Store):
    """What routing asks of its tables."""

    case_class = Case

    def order(self, number: str) -> Order | None:
        """One work order."""
        return self.session.get(Order, number)

    def own_order(self, said) -> Order | None:
        """The order that a fact is about, if it is that appeal's and that department's."""
        order = self.order(said.order)
        return order if order and (order.receipt, order.department) == (said.receipt, said.department) else None

    def orders_of(self, receipt: str, round_: int) -> list[Order]:
        """The orders of one round."""
        return list(self.session.scalars(select(Order).where(orders.c.receipt == receipt, orders.c.round == round_)))

    def lead_of(self, receipt: str, round_: int) -> str:
        """The department that led last in this round."""
        question = (
            select(orders.c.department)
            .where(orders.c.receipt == receipt, orders.c.round == round_, orders.c.role == LEAD)
            .order_by(orders.c.order.desc())
            .limit(1)
        )
        return self.session.scalars(question).one()
