"""A work order, as supervision watches it: what it is, how far it has come, and what was granted to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from appeals.events import ContactMade, FeedbackSubmitted, OrderDispatched
from services.supervision.clock import Interval
from services.supervision.policy import LEAD, REPLY, Review, Rules

# In work, set aside for a time, replied and waiting for review, approved, or over: returned, closed with its appeal, or
# cancelled because the applicant has withdrawn.
OPEN, SUSPENDED, REPLIED = "open", "suspended", "replied"
APPROVED, RETURNED, CLOSED, CANCELLED = "approved", "returned", "closed", "cancelled"
IN_WORK = (OPEN, SUSPENDED)
OVER = (APPROVED, RETURNED, CLOSED)

UNDER_REVIEW = "review"  # why a pause: the reply lies before a supervisor


@dataclass(eq=False, kw_only=True)
class Pause:
    """An interval in which an order's clocks stood still, and why; `until` is when it ends by itself."""

    order: str
    start: datetime
    end: datetime | None
    until: datetime | None
    reason: str
    basis: str = ""
    by: str = "system"

    def in_place_among(self, pauses: Iterable[Pause]) -> Pause:
        """This pause, or the one among these that began at the same moment: it has no length, and becomes this one."""
        for other in pauses:
            if other.start == self.start:
                for name in ("end", "until", "reason", "basis", "by"):
                    setattr(other, name, getattr(self, name))
                return other
        return self

    def stops(self, step: str) -> bool:
        """Whether it stopped this step's clock: a review stops that of the reply only."""
        return self.reason != UNDER_REVIEW or step == REPLY

    @property
    def interval(self) -> Interval:
        """The pause as a clock knows it."""
        return Interval(self.start, self.end)


@dataclass(eq=False, kw_only=True)
class Order:
    """A work order under watch. `vertical` is that of a department that no card can be sent to.

    `attempts` counts the failed attempts to reach the applicant, `sent_back` the replies that had to be done again.
    `level` is the rung of the ladder now; `flagged` are the flags for which the department was called to account.
    """

    order: str
    receipt: str
    department: str
    role: str
    round: int
    kind: str
    urgency: str
    complexity: str
    special_regime: str = ""
    task_force: bool = False
    vertical: bool = False
    state: str = OPEN
    signed: bool = False
    contacted: bool = False
    attempts: int = 0
    attempted_at: datetime | None = None
    text: str = ""
    result: str = ""
    evidence: list[str] = field(default_factory=list)
    level: str = ""
    flagged: list[str] = field(default_factory=list)
    sent_back: int = 0
    urged_at: datetime | None = None
    asked_days: int = 0
    asked_reason: str = ""
    extensions: int = 0
    extension_days: int = 0
    suspended_days: int = 0

    @classmethod
    def of(cls, dispatched: OrderDispatched, *, vertical: bool) -> Order:
        """The order that was just dispatched."""
        names = ("order", "receipt", "department", "role", "round", "kind", "urgency", "complexity")
        names += ("special_regime", "task_force")
        return cls(**{name: getattr(dispatched, name) for name in names}, vertical=vertical)

    @property
    def is_lead(self) -> bool:
        """Whether its department leads."""
        return self.role == LEAD

    def take_contact(self, made: ContactMade, now: datetime, rules: Rules) -> bool:
        """The applicant was spoken to, or could not be reached; returns whether that stands for a contact.

        Failed attempts count when they are some time apart from each other.
        """
        review = rules.policy.review
        if made.reached:
            self.contacted = True
        elif self.attempted_at is None or rules.calendar.due(self.attempted_at, review.attempts_apart) <= now:
            self.attempts, self.attempted_at = self.attempts + 1, now
        return self.has_contact_record(review)

    def has_contact_record(self, review: Review) -> bool:
        """Whether the applicant was spoken to, or was tried to be reached often enough."""
        return self.contacted or self.attempts >= review.attempts

    def take_feedback(self, feedback: FeedbackSubmitted) -> None:
        """A reply has come and waits for review; one that comes after the close changes nothing."""
        if self.state == CLOSED:
            return
        self.state = REPLIED
        self.text, self.result, self.evidence = feedback.text, feedback.result, list(feedback.evidence)
        self.contacted = self.contacted or bool(feedback.contact.strip())

    def cancel(self) -> None:
        """The applicant has withdrawn: nothing is left to review or to decide."""
        self.state, self.asked_days = CANCELLED, 0

    def about(self, now: datetime, by: str = "system") -> dict:
        """What every event about the order says first."""
        return {"receipt": self.receipt, "at": now, "by": by, "order": self.order, "department": self.department}
