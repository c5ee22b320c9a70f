"""A department's work list: its orders, what state they are in, and by when which step is due.

Kept from what the department hears and says, in the same transaction; an own table in its own database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text, select
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.bus.participant import Received
from appeals.errors import NotFound
from appeals.events import (
    AppealArchived,
    AppealClosed,
    AppealReopened,
    ContactMade,
    DeadlineSet,
    Event,
    ExtensionApproved,
    ExtensionDenied,
    FeedbackApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    FollowUpPlanned,
    OrderCancelled,
    OrderDispatched,
    OrderResumed,
    OrderReturned,
    OrderSigned,
    OrderSuspended,
    ReturnDenied,
    SupervisionIssued,
    SupervisionLowered,
    WordRefused,
)
from appeals.store import Store

# What an order goes through, as its department sees it. Those in OVER leave nothing to do.
DISPATCHED, SIGNED, REPLIED, DONE, ONGOING = "dispatched", "signed", "replied", "done", "ongoing"
IN_HAND = (SIGNED, REPLIED, DONE, ONGOING)
RETURNED, CLOSED, REOPENED, ARCHIVED = "returned", "closed", "reopened", "archived"
CANCELLED = "cancelled"  # the applicant has withdrawn, for good
OVER = (RETURNED, CLOSED, REOPENED, ARCHIVED, CANCELLED)

SIGN, CONTACT, REPLY = "sign", "contact", "reply"
PAST_THIS_STEP = "wrong-step"  # a word is refused so when an order is past it: returned before, for one


class NoSuchOrder(NotFound):
    """Raised when the work list has no such order. In a handler, the message is then set aside."""

    zh = "工作清单中没有 {order}"
    en = "The work list has no order {order}"


@dataclass(eq=False, kw_only=True)
class WorkOrder:
    """An order in the work list.

    `deadlines` maps steps to times, `steps_done` names those that no longer count. `note` is the last thing
    we were told: what is required, why a reply came back, why we were urged.
    """

    order: str
    receipt: str
    role: str
    round: int
    title: str
    text: str
    applicant: str
    kind: str
    urgency: str
    special_regime: str
    task_force: bool
    received: datetime
    note: str
    state: str = DISPATCHED
    deadlines: dict[str, str] = field(default_factory=dict)
    steps_done: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, dispatched: OrderDispatched) -> WorkOrder:
        """The order that has just come."""
        names = ("order", "receipt", "role", "round", "title", "text", "kind", "urgency", "special_regime")
        return cls(
            **{name: getattr(dispatched, name) for name in names},
            applicant=dispatched.applicant.name,
            task_force=dispatched.task_force,
            received=dispatched.at,
            note=dispatched.requirement,
        )

    @property
    def is_open(self) -> bool:
        """Whether there may still be something to do."""
        return self.state not in OVER

    @property
    def in_hand(self) -> bool:
        """Whether it is signed, and so far on that progress may be reported."""
        return self.state in IN_HAND

    @property
    def due(self) -> datetime | None:
        """The next deadline of a step that is not done."""
        waiting = [due for step, due in self.deadlines.items() if step not in self.steps_done]
        return min(map(datetime.fromisoformat, waiting), default=None) if self.is_open else None

    def hear(self, event: Event) -> None:
        """Change with an event that was heard, or a word that is said; what was cancelled stays so."""
        match event:
            case OrderCancelled():
                self.state, self.note = CANCELLED, event.reason
            case WordRefused() if self.state == CANCELLED:
                self.note = event.zh
            case _ if self.state == CANCELLED:
                return
            case OrderSigned() if self.state == DISPATCHED:
                self.state = SIGNED
                self._finish(SIGN)
            case OrderReturned():
                self.state, self.note = RETURNED, event.reason
            case ReturnDenied():
                self._take_back()
                self.note = event.reason
            case ContactMade():
                self._finish(CONTACT)
            case FeedbackSubmitted():
                self.state = REPLIED
                self._finish(REPLY)
            case DeadlineSet():
                self._set_due(event.step, event.due)
            case ExtensionApproved():
                self._set_due(REPLY, event.due)
                self.note = event.reason
            case OrderSuspended() | OrderResumed() | ExtensionDenied() | SupervisionIssued() | SupervisionLowered():
                self.note = event.reason
            case WordRefused():
                if event.word == OrderReturned.topic and event.code != PAST_THIS_STEP:
                    self._take_back()
                self.note = event.zh
            case FeedbackApproved():
                self.state = DONE
            case FeedbackRefused():
                self.state, self.note = SIGNED, event.reason
                self.steps_done = [step for step in self.steps_done if step != REPLY]
            case FollowUpPlanned() if self.is_open:
                self.state, self.note = ONGOING, event.reason
            case AppealClosed() if self.is_open:
                self.state, self.note = CLOSED, event.summary
            case AppealReopened() if self.state != RETURNED:
                self.state, self.note = REOPENED, event.reason  # the new round brings an order of its own
            case AppealArchived() if self.state not in (RETURNED, REOPENED):
                self.state = ARCHIVED

    def _take_back(self) -> None:
        """It was returned, and stays ours."""
        if self.state == RETURNED:
            self.state = SIGNED if SIGN in self.steps_done else DISPATCHED

    def _set_due(self, step: str, due: datetime) -> None:
        self.deadlines = self.deadlines | {step: due.isoformat()}

    def _finish(self, step: str) -> None:
        self.steps_done = sorted({*self.steps_done, step})


metadata = MetaData()

work_orders = Table(
    "work_orders",
    metadata,
    Column("order", String(80), primary_key=True),
    Column("receipt", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("round", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("applicant", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("urgency", String(32), nullable=False),
    Column("special_regime", Text, nullable=False),
    Column("task_force", Boolean, nullable=False),
    Column("received", Moment, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("deadlines", JSON, nullable=False),
    Column("steps_done", JSON, nullable=False),
    Index("work_orders_receipt", "receipt"),
    Index("work_orders_state", "state"),
)

registry(metadata=metadata).map_imperatively(WorkOrder, work_orders)


class WorkList(Store):
    """What a department asks of its work list, and how the list is kept."""

    case_class = WorkOrder
    heard: Received | None = None

    def meet(self, heard: Received) -> None:
        """Keep at hand the message that is being applied."""
        self.heard = heard

    def order(self, number_or_receipt: str) -> WorkOrder:
        """The order with this number, or else the current order of the appeal with this receipt.

        Of several orders of one appeal: an open one, of the latest round, rather to lead than to assist.
        Raises NoSuchOrder.
        """
        if found := self.find(number_or_receipt):
            return found
        orders = self.of_appeal(number_or_receipt)
        if not orders:
            raise NoSuchOrder(order=number_or_receipt)
        return max(orders, key=lambda order: (order.is_open, order.round, order.role == "lead"))

    def find(self, number: str) -> WorkOrder | None:
        """The order with this number, if it is known here."""
        return self.session.get(WorkOrder, number)

    def of_appeal(self, receipt: str) -> list[WorkOrder]:
        """All orders of one appeal, oldest first."""
        question = select(WorkOrder).where(work_orders.c.receipt == receipt).order_by(work_orders.c.received)
        return list(self.session.scalars(question))

    def open_orders(self) -> list[WorkOrder]:
        """The orders that leave something to do, the most urgent first; those without a deadline last."""
        orders = self.session.scalars(select(WorkOrder).where(work_orders.c.state.not_in(OVER)))
        return sorted(orders, key=lambda order: (order.due is None, order.due or order.received))

    def note(self, event: Event) -> None:
        """Bring the list up to date with an event that was heard or a word that is said."""
        number = getattr(event, "order", None)
        known = self.find(number) if number else None
        if isinstance(event, OrderDispatched) and known is None:
            self.add(WorkOrder.of(event))
        for order in [known] if number else self.of_appeal(event.receipt):
            if order is not None:
                order.hear(event)
