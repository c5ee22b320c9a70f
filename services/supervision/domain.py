"""Supervision: by when each step is due, whether a reply stands, and when an appeal is closed.

Decisions only: the calendar, the policy and the time arrive as arguments, and facts or refusals leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from appeals.calendar import Calendar, Limit
from appeals.errors import Refused
from appeals.events import (
    AppealClosed,
    DeadlineMissed,
    DeadlineSet,
    Event,
    ExtensionApproved,
    ExtensionDenied,
    ExtensionRequested,
    FeedbackApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    FollowUpPlanned,
    OrderDispatched,
    SupervisionIssued,
)
from services.supervision.policy import CONTACT, REPLY, SIGN, Policy

LEAD = "lead"
ONGOING = "ongoing"

# Of an order: in work, replied and waiting for review, approved, or over: returned, or closed with its appeal.
OPEN, REPLIED, APPROVED, RETURNED, CLOSED = "open", "replied", "approved", "returned", "closed"

# Of a deadline.
RUNNING, MET, MISSED, VOID = "running", "met", "missed", "void"

# The rung of the ladder that a missed step leads to.
LEVELS = {SIGN: "urged", CONTACT: "urged", REPLY: "ordinary"}


class NothingToReview(Refused):
    """Raised when a supervisor reviews an order that has no reply waiting."""

    zh = "转办单 {order} 没有待审核的反馈"
    en = "Work order {order} has no reply waiting for review"


class FeedbackIncomplete(Refused):
    """Raised when a reply lacks what it must have before it may stand: text, evidence, a record of the contact.

    After the rule that every reply is audited (济南市12345条例, art. 27).
    """

    zh = "反馈不完整,缺少:{missing_zh}"
    en = "The reply is not complete; it lacks {missing}"


class NoExtensionAsked(Refused):
    """Raised when a supervisor decides on an extension that nobody asked for."""

    zh = "转办单 {order} 没有待审批的延期申请"
    en = "Nobody asked for more time on work order {order}"


class ExtensionTooLong(Refused):
    """Raised when an extension goes beyond what the policy allows."""

    zh = "延期最多 {most} 个工作日、{times} 次"
    en = "At most {most} working days, {times} time(s)"


@dataclass(eq=False, kw_only=True)
class Deadline:
    """By when one step of an order is due. `key` is the order and the step."""

    key: str
    order: str
    receipt: str
    department: str
    step: str
    due: datetime
    calendar_version: str
    state: str = RUNNING

    def meet(self) -> None:
        """The step is done, in time or late; a miss stays a miss."""
        if self.state == RUNNING:
            self.state = MET

    def miss(self, now: datetime) -> list[Event]:
        """The deadline has passed: say so, once, and call the department to account."""
        self.state = MISSED
        about = {"receipt": self.receipt, "at": now, "order": self.order, "department": self.department}
        return [
            DeadlineMissed(step=self.step, due=self.due, **about),
            SupervisionIssued(level=LEVELS[self.step], reason=f"{self.step} was due {self.due.isoformat()}", **about),
        ]


@dataclass(eq=False, kw_only=True)
class Order:
    """A work order, as supervision watches it."""

    order: str
    receipt: str
    department: str
    role: str
    round: int
    kind: str
    urgency: str
    complexity: str
    state: str = OPEN
    contacted: bool = False
    text: str = ""
    result: str = ""
    evidence: list[str] = field(default_factory=list)
    asked_days: int = 0
    asked_reason: str = ""
    extensions: int = 0

    @classmethod
    def of(cls, dispatched: OrderDispatched) -> Order:
        """The order that was just dispatched."""
        names = ("order", "receipt", "department", "role", "round", "kind", "urgency", "complexity")
        return cls(**{name: getattr(dispatched, name) for name in names})

    def start_clocks(self, policy: Policy, calendar: Calendar, now: datetime) -> list[Deadline]:
        """The deadlines of a new order. They run from the dispatch, so that leaving it unsigned gains nothing."""
        steps = (SIGN, CONTACT, REPLY) if self.role == LEAD else (SIGN, REPLY)
        return [self._deadline(step, calendar.due(now, self._limit(step, policy)), calendar) for step in steps]

    def take_feedback(self, feedback: FeedbackSubmitted) -> None:
        """A reply has come and waits for review; one that comes after the close changes nothing."""
        if self.state == CLOSED:
            return
        self.state = REPLIED
        self.text, self.result, self.evidence = feedback.text, feedback.result, list(feedback.evidence)
        self.contacted = self.contacted or bool(feedback.contact)

    def approve(self, now: datetime, *, by: str) -> FeedbackApproved:
        """Let the reply stand. Raises NothingToReview or FeedbackIncomplete."""
        self._check_replied()
        lacking = [
            names
            for names, there in (
                (("text", "反馈内容"), self.text.strip()),
                (("evidence", "办理佐证"), self.evidence),
                (("a record of the contact", "联系企业记录"), self.contacted or self.role != LEAD),
            )
            if not there
        ]
        if lacking:
            english, chinese = zip(*lacking, strict=True)
            raise FeedbackIncomplete(missing=", ".join(english), missing_zh="、".join(chinese))
        self.state = APPROVED
        return FeedbackApproved(**self._about(now, by), result=self.result, text=self.text)

    def send_back(self, reason: str, now: datetime, *, by: str) -> FeedbackRefused:
        """Have the reply done again. Raises NothingToReview."""
        self._check_replied()
        self.state = OPEN
        return FeedbackRefused(**self._about(now, by), reason=reason)

    def ask_extension(self, asked: ExtensionRequested) -> None:
        """The department wants more time; a supervisor will decide."""
        self.asked_days, self.asked_reason = asked.days, asked.reason

    def decide_extension(
        self, reply: Deadline, approve: bool, reason: str, now: datetime, *, by: str, policy: Policy, calendar: Calendar
    ) -> Event:
        """Give more time, counted from the due date, or not. Raises NoExtensionAsked or ExtensionTooLong."""
        if not self.asked_days:
            raise NoExtensionAsked(order=self.order)
        days = self.asked_days
        if not approve:
            self.asked_days = 0
            return ExtensionDenied(**self._about(now, by), reason=reason)
        if days > policy.most_extension_days or self.extensions >= policy.extension_times:
            raise ExtensionTooLong(most=policy.most_extension_days, times=policy.extension_times)
        self.asked_days, self.extensions = 0, self.extensions + 1
        reply.due = calendar.due(reply.due, Limit(days, "wd"))
        if self.state == OPEN and reply.due > now:
            reply.state = RUNNING
        return ExtensionApproved(**self._about(now, by), reason=reason, due=reply.due)

    def _limit(self, step: str, policy: Policy) -> Limit:
        return policy.limit(step, kind=self.kind, urgency=self.urgency, complexity=self.complexity, role=self.role)

    def _deadline(self, step: str, due: datetime, calendar: Calendar) -> Deadline:
        return Deadline(
            key=f"{self.order}/{step}",
            order=self.order,
            receipt=self.receipt,
            department=self.department,
            step=step,
            due=due,
            calendar_version=calendar.version,
        )

    def _check_replied(self) -> None:
        if self.state != REPLIED:
            raise NothingToReview(order=self.order)

    def _about(self, now: datetime, by: str) -> dict:
        return {"receipt": self.receipt, "at": now, "by": by, "order": self.order, "department": self.department}


def tell(deadline: Deadline, now: datetime) -> DeadlineSet:
    """The deadline as its department is told of it."""
    return DeadlineSet(
        receipt=deadline.receipt,
        at=now,
        order=deadline.order,
        department=deadline.department,
        step=deadline.step,
        due=deadline.due,
    )


def conclude(orders: Iterable[Order], now: datetime, *, policy: Policy, calendar: Calendar) -> Event | None:
    """Close the appeal when every reply of this round stands; follow it up when the lead's matter goes on.

    `orders` are those of one appeal. A parent is not closed as long as one of its orders is open.
    """
    kept = [order for order in orders if order.state != RETURNED]
    newest = max((order.round for order in kept), default=0)
    current = [order for order in kept if order.round == newest]
    lead = next((order for order in current if order.role == LEAD), None)
    if lead is None or any(order.state != APPROVED for order in current):
        return None
    departments = tuple(dict.fromkeys(order.department for order in current))
    if lead.result == ONGOING:
        return FollowUpPlanned(
            receipt=lead.receipt,
            at=now,
            departments=departments,
            reason=lead.text,
            review_on=calendar.due(now, policy.follow_up).date(),
        )
    for order in current:
        order.state = CLOSED
    return AppealClosed(
        receipt=lead.receipt,
        at=now,
        lead=lead.department,
        departments=departments,
        round=lead.round,
        result=lead.result,
        summary=lead.text,
    )
