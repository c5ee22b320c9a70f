"""The facts of one order that a department led, as they come in; they are what a period is scored by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appeals.calendar import BEIJING, Calendar
from appeals.events import (
    AppealClosed,
    AppealEvaluated,
    ContactMade,
    DeadlineMissed,
    DeadlineSet,
    Event,
    ExtensionApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    OrderCancelled,
    OrderDispatched,
    OrderResumed,
    OrderReturned,
    OrderSigned,
    OrderSuspended,
    ReturnDenied,
    SupervisionIssued,
    SupervisionLowered,
)
from services.evaluation.cases import Case
from services.evaluation.scoring import Outcome

LEAD = "lead"
SIGN, CONTACT, REPLY = "sign", "contact", "reply"
YELLOW, RED = "yellow", "red"
SOLVED, UNSOLVED = "solved", "unsolved"
LEVELS = ("", "reminder", "urged", "ordinary", YELLOW, RED)
# Why an order does not count: 退单, 转紧急, 撤回, 挂起.
RETURNED, EMERGENCY, WITHDRAWN, SUSPENDED = "returned", "emergency", "withdrawn", "suspended"
OFFICE = "wd"
HOUR = timedelta(hours=1)


@dataclass(eq=False, kw_only=True)
class Led:
    """An order with its lead. `period` is the month of the effective due date; `scored_in` the frozen month it is in.

    `replied` is when the reply was handed in that stands: the time of its review is not the department's. `result` is
    what the department closed it with.
    """

    order: str
    receipt: str
    round: int
    department: str
    kind: str
    dispatched: datetime
    anonymous: bool = False
    unreasonable: bool = False
    emergency: bool = False
    withdrawn: bool = False
    sign_due: datetime | None = None
    signed: datetime | None = None
    contact_due: datetime | None = None
    contacted: datetime | None = None
    attempted: datetime | None = None
    contact_missed: bool = False
    contact_confirmed: bool = False
    due: datetime | None = None
    replied: datetime | None = None
    closed: bool = False
    suspended_at: datetime | None = None
    suspended_until: datetime | None = None
    paused_hours: float = 0.0
    handling_hours: float | None = None
    rating: str = ""
    solved: str = ""
    reopened: bool = False
    extended: bool = False
    returned: bool = False
    denied_returns: int = 0
    cards: list[str] = field(default_factory=list)
    result: str = ""
    false_closing: bool = False
    period: str = ""
    scored_in: str = ""

    @classmethod
    def of(cls, dispatched: OrderDispatched, case: Case | None) -> Led:
        """The order that was just dispatched to its lead."""
        return cls(
            order=dispatched.order,
            receipt=dispatched.receipt,
            round=dispatched.round,
            department=dispatched.department,
            kind=dispatched.kind,
            dispatched=dispatched.at,
            anonymous=bool(case and case.is_anonymous),
            unreasonable=bool(case and case.unreasonable),
            emergency=bool(case and case.emergency),
        )

    def hear(self, fact: Event, calendar: Calendar) -> None:
        """Take in what happened to this order."""
        match fact:
            case OrderSigned():
                self.signed = self.signed or fact.at
            case OrderReturned():
                self.returned = True
            case OrderCancelled():
                self.withdrawn = True
            case ReturnDenied():
                self.denied_returns += 1
            case ContactMade(reached=True):
                self.contacted = self.contacted or fact.at
            case ContactMade():
                self.attempted = fact.at
            case DeadlineSet():
                self._set_due(fact.step, fact.due)
            case DeadlineMissed(step="contact"):
                self.contact_missed = True
            case ExtensionApproved():
                self.extended = True
                self._set_due(REPLY, fact.due)
            case OrderSuspended():
                self.suspended_at, self.suspended_until = self.suspended_at or fact.at, fact.until
            case OrderResumed():
                self._run_on(fact.at, calendar)
            case SupervisionIssued() if fact.level in (YELLOW, RED):
                self.cards = [*self.cards, fact.level]
            case SupervisionLowered():
                self._lower(fact)
            case FeedbackSubmitted():
                self._run_on(fact.at, calendar)
                self.replied = fact.at
                self.contacted = self.contacted or (fact.at if fact.contact.strip() else None)
            case FeedbackRefused():
                self.replied = None

    def close(self, closed: AppealClosed, calendar: Calendar) -> None:
        """The appeal is closed, and the reply stands."""
        self.closed, self.replied, self.result = True, self.replied or closed.at, closed.result
        hours = calendar.between(self.dispatched, self.replied, OFFICE) / HOUR
        self.handling_hours = max(0.0, hours - self.paused_hours)

    def take_answer(self, evaluated: AppealEvaluated) -> None:
        """The applicant has answered about this round."""
        self.rating, self.solved = evaluated.rating, evaluated.solved

    def find_false(self) -> None:
        """The superior has changed the outcome: 虚假办结 if it was closed as solved and the applicant denied that."""
        self.false_closing = (self.result, self.solved) == (SOLVED, UNSOLVED)

    def counts_by(self, now: datetime) -> bool:
        """Whether it is over, or its time is; others may still come out well."""
        return self.closed or (self.due is not None and self.due <= now)

    @property
    def exempt(self) -> str:
        """Why it does not count, if it does not."""
        if self.returned:
            return RETURNED
        if self.emergency:
            return EMERGENCY
        if self.withdrawn:
            return WITHDRAWN
        return SUSPENDED if self.suspended_at else ""

    def outcome(self) -> Outcome:
        """What became of the order, as it is scored; it has a due date.

        An attempt that failed stands for the contact where supervision has let it stand. Whom nobody can call, no
        department has to have called.
        """
        attempted = None if self.contact_missed else self.attempted
        return Outcome(
            kind=self.kind,
            dispatched=self.dispatched,
            sign_due=self.sign_due or self.due,
            signed=self.signed,
            contact_due=None if self.anonymous else self.contact_due,
            contacted=self.contacted or attempted,
            contact_confirmed=self.contact_confirmed,
            due=self.due,
            closed=self.replied if self.closed else None,
            handling_hours=self.handling_hours,
            rating=self.rating,
            solved=self.solved,
            reopened=self.reopened,
            extended=self.extended,
            exempt=self.exempt,
            unreasonable=self.unreasonable,
        )

    def _set_due(self, step: str, due: datetime) -> None:
        if step == SIGN:
            self.sign_due = due
        elif step == CONTACT:
            self.contact_due = due
        elif step == REPLY:
            self.due, self.period = due, month_of(due)

    def _run_on(self, at: datetime, calendar: Calendar) -> None:
        if self.suspended_at:
            end = min(at, self.suspended_until)
            self.paused_hours += calendar.between(self.suspended_at, end, OFFICE) / HOUR
            self.suspended_at = self.suspended_until = None

    def _lower(self, lowered: SupervisionLowered) -> None:
        """Cards above the level that is left are taken back; a card that is left was there."""
        left = lowered.level if lowered.level in LEVELS else ""
        kept = [card for card in self.cards if LEVELS.index(card) <= LEVELS.index(left)]
        self.cards = kept if left not in (YELLOW, RED) or left in kept else [*kept, left]


def month_of(moment: datetime) -> str:
    """The month in Beijing, such as 2026-11."""
    return f"{moment.astimezone(BEIJING):%Y-%m}"
