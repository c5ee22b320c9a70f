"""The portal's picture of an appeal: what each event means for those who look at it.

Events in, a picture out. It decides nothing; the services that own the decisions do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appeals.events import (
    AccusedCorrected,
    AppealAccepted,
    AppealAdvanced,
    AppealArchived,
    AppealClosed,
    AppealEvaluated,
    AppealHeld,
    AppealMerged,
    AppealReferred,
    AppealRejected,
    AppealReopened,
    AppealSplit,
    AppealSubmitted,
    AppealUnmerged,
    AppealWithdrawn,
    CallbackEnded,
    CallbackMade,
    CallbackPlanned,
    ContactMade,
    DeadlineMissed,
    DeadlineSet,
    DeadlineWarned,
    EvaluationRequested,
    Event,
    ExtensionApproved,
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
    ReviewRequested,
    SupervisionIssued,
    SupervisionLowered,
    SupplementProvided,
    SupplementRequested,
    UnreasonableDecided,
    UnreasonableRequested,
    UnreasonableReviewed,
)

LEAD = "lead"
SIGN, CONTACT, REPLY = "sign", "contact", "reply"
ONE_HOUR = timedelta(hours=1)

# Of an order.
DISPATCHED, SIGNED, REPLIED, APPROVED, RETURNED = "dispatched", "signed", "replied", "approved", "returned"
SUSPENDED, CANCELLED = "suspended", "cancelled"

WITHDRAWN = "withdrawn"  # of an appeal: for good, whatever crosses it on the way

GREEN, RED = "green", "red"  # the first light and the last; those between come with the warnings

# The stations of an appeal, in the order in which it comes to them, and the last that it has passed in each state.
STATIONS = ("submitted", "accepted", "dispatched", "handling", "replied", "closed", "evaluated")
PASSED = {"accepted": 1, "held": 1, "dispatched": 2, "handling": 3, "replied": 4, "following": 4, "reopened": 5}
ENDED = frozenset({"rejected", "withdrawn", "closed", "evaluating", "reviewing", "archived"})

# Facts that an appeal or its timeline row holds anyway, so that no event repeats them.
KEPT_ELSEWHERE = ("receipt", "at", "by", "department")
KEPT_ONCE = ("title", "text", "applicant", "accused", "attachments")


@dataclass(eq=False, kw_only=True)
class Order:
    """A work order, as it is shown. `first` marks the first that its department has of this appeal.

    For the figures: `ended_at` is when it was approved or returned, `hours` how long it took to an approved reply,
    `overdue` whether the reply was not in by its date, `level` the rung of supervision at which it stands now.
    Each step has a date and, until it is done, a light.
    """

    order: str
    receipt: str
    department: str
    role: str
    round: int
    first: bool
    submitted_at: datetime
    dispatched_at: datetime
    state: str = DISPATCHED
    result: str = ""
    sign_due: datetime | None = None
    contact_due: datetime | None = None
    reply_due: datetime | None = None
    ended_at: datetime | None = None
    hours: int | None = None
    overdue: bool = False
    level: str = ""
    level_at: datetime | None = None
    sign_light: str = ""
    contact_light: str = ""
    reply_light: str = ""

    def hear(self, event: Event) -> None:
        """Take in what happened to this order; one that was cancelled stays so."""
        if self.state == CANCELLED:
            return
        match event:
            case OrderSigned():
                self.state, self.sign_light = SIGNED, ""
            case OrderReturned():
                self._end(RETURNED, event.at)
            case OrderCancelled():
                self._end(CANCELLED, event.at)
            case ContactMade(reached=True):
                self.contact_light = ""
            case FeedbackSubmitted():
                self.state, self.result, self.reply_light = REPLIED, event.result, ""
                self.contact_light = "" if event.contact else self.contact_light
            case FeedbackApproved():
                self.state, self.ended_at = APPROVED, event.at
                self.hours = max(0, int((event.at - self.dispatched_at) / ONE_HOUR))
            case FeedbackRefused():
                self.state = SIGNED
            case DeadlineSet() if event.step in (SIGN, CONTACT, REPLY):
                self._set_due(event.step, event.due)
            case DeadlineWarned() if event.step in (SIGN, CONTACT, REPLY):
                setattr(self, f"{event.step}_light", event.light)
            case DeadlineMissed() if event.step in (SIGN, CONTACT, REPLY):
                setattr(self, f"{event.step}_light", RED)
                if event.step == REPLY:
                    self.overdue, self.reply_due = True, self.reply_due or event.due
            case ExtensionApproved():
                self._set_due(REPLY, event.due)
            case SupervisionIssued():
                self.level, self.level_at = event.level, event.at
            case SupervisionLowered():
                self.level = event.level
            case OrderSuspended():
                self.state = SUSPENDED
            case OrderResumed():
                self.state = SIGNED

    def _set_due(self, step: str, due: datetime) -> None:
        """A step has a date; a reply that was late stays so unless it is given more time."""
        if step == REPLY:
            self.overdue = self.overdue and due <= self.reply_due
        setattr(self, f"{step}_due", due)
        setattr(self, f"{step}_light", GREEN)

    def _end(self, state: str, at: datetime) -> None:
        self.state, self.ended_at = state, at
        self.sign_light = self.contact_light = self.reply_light = ""


@dataclass(eq=False, kw_only=True)
class Appeal:
    """An appeal, as it is shown.

    `events` counts what was heard of it. `due` is when the lead has to reply, `light` how much of that time is used,
    and `level` the rung of supervision that was reached. `merged_into` and `split_from` are the receipts of the
    appeal that it goes with, and that it is a part of. `callback_due` is when the applicant is to be called back, and
    `unreasonable` how far it is decided whether the demand is: requested, reviewed, or nothing to decide.
    `reached` is the furthest of the STATIONS that it came to, and `ended_at` when it ended, unless it was opened again.
    """

    receipt: str
    submitted_at: datetime
    updated_at: datetime
    title: str = ""
    text: str = ""
    applicant: dict = field(default_factory=dict)
    channel: str = ""
    kind: str = ""
    urgency: str = ""
    complexity: str = ""
    category: str = "other"
    classification: str = "ordinary"
    accused: list[str] = field(default_factory=list)
    state: str = "submitted"
    lead: str = ""
    departments: list[str] = field(default_factory=list)
    round: int = 1
    due: datetime | None = None
    light: str = ""
    level: str = ""
    result: str = ""
    summary: str = ""
    rating: str = ""
    solved: str = ""
    outcome: str = ""
    merged_into: str = ""
    split_from: str = ""
    events: int = 0
    special_regime: str = ""
    emergency: str = ""
    platform: str = ""
    outside_reference: str = ""
    callback_due: datetime | None = None
    unreasonable: str = ""
    city: str = ""
    reached: int = 0
    ended_at: datetime | None = None

    def hear(self, event: Event) -> None:
        """Take in what happened to this appeal; it goes as its lead goes, and one that was withdrawn stays so."""
        self.events += 1
        self.updated_at = max(self.updated_at, event.at)
        if self.state == WITHDRAWN:
            return
        led = bool(self.lead) and getattr(event, "department", "") == self.lead
        match event:
            case AppealSubmitted():
                self._take(event, "submitted")
                self.split_from = event.split_from
                self.platform, self.outside_reference = event.platform, event.outside_reference
            case AppealReferred():
                self.emergency = "flagged"
            case SupplementRequested():
                self.state = "supplementing"
            case SupplementProvided():
                self.state = "submitted"
            case AppealAccepted():
                self._take(event, "accepted")
            case AppealRejected():
                self.state = "rejected"
            case AppealWithdrawn():
                self.state, self.merged_into, self.due, self.light = WITHDRAWN, "", None, ""
            case AppealMerged():
                self.state, self.merged_into = "merged", event.into
            case AppealUnmerged():
                self.state, self.merged_into = "submitted", ""
            case AppealSplit():
                self.state = "split"
            case AppealAdvanced():
                self._go_along(event)
            case OrderDispatched():
                self._go_to(event)
            case AppealHeld():
                self.state = "held"
            case AccusedCorrected():
                self.accused = list(dict.fromkeys((*self.accused, *event.accused)))
            case OrderSigned() if self.state == "dispatched":
                self.state = "handling"
            case OrderReturned():
                self._come_back(event)
            case DeadlineSet(step="reply") | ExtensionApproved() if led and self.state != "replied":
                self.due, self.light = event.due, GREEN
            case DeadlineWarned(step="reply") if led:
                self.light = event.light
            case DeadlineMissed(step="reply") if led:
                self.light = RED
            case SupervisionIssued() | SupervisionLowered():
                self.level = event.level
            case FeedbackSubmitted() if led:
                self.state, self.due, self.light = "replied", None, ""
            case FeedbackRefused() if led:
                self.state = "handling"
            case FollowUpPlanned():
                self.state = "following"
            case AppealClosed():
                self.state, self.result, self.summary = "closed", event.result, event.summary
            case EvaluationRequested():
                self.state = "evaluating"
            case AppealEvaluated():
                self.rating, self.solved = event.rating, event.solved
            case AppealReopened():
                self.state, self.round = "reopened", event.round
            case ReviewRequested():
                self.state = "reviewing"
            case AppealArchived():
                self.state, self.outcome = "archived", event.outcome
        self._note_waiting(event)
        self._come_on(event.at)

    def _note_waiting(self, event: Event) -> None:
        """Note what officers have still to do about it besides."""
        match event:
            case CallbackPlanned():
                self.callback_due = event.due
            case CallbackMade(reached=True) | CallbackEnded() | AppealEvaluated() | AppealReopened() | AppealArchived():
                self.callback_due = None
            case UnreasonableRequested():
                self.unreasonable = "requested"
            case UnreasonableReviewed():
                self.unreasonable = "reviewed"
            case UnreasonableDecided():
                self.unreasonable = ""

    def _come_on(self, at: datetime) -> None:
        """Note how far it has come, and when it ended; one that is opened again has not ended."""
        closed, evaluated = STATIONS.index("closed"), STATIONS.index("evaluated")
        passed = evaluated if self.rating else closed if self.state in ENDED - {"rejected", "withdrawn"} else 0
        self.reached = max(self.reached, passed, PASSED.get(self.state, 0))
        self.ended_at = (self.ended_at or at) if self.state in ENDED else None

    def _take(self, event: AppealSubmitted | AppealAccepted, state: str) -> None:
        """Take over all that the event says of the appeal itself. Who was accused stays so."""
        names = ("title", "text", "channel", "kind", "urgency", "complexity", "category", "classification")
        for name in (*names, "special_regime", "emergency"):
            setattr(self, name, getattr(event, name, getattr(self, name)))
        self.applicant, self.city = vars(event.applicant).copy(), event.applicant.city
        self.accused = list(dict.fromkeys((*self.accused, *event.accused)))
        self.state = state

    def _go_along(self, advanced: AppealAdvanced) -> None:
        self.state = advanced.stage
        if advanced.stage == "closed":
            self.result, self.summary = advanced.result, advanced.summary

    def _go_to(self, dispatched: OrderDispatched) -> None:
        self.departments = list(dict.fromkeys((*self.departments, dispatched.department)))
        if dispatched.role == LEAD:
            self.state, self.lead, self.round = "dispatched", dispatched.department, dispatched.round

    def _come_back(self, returned: OrderReturned) -> None:
        self.departments = [code for code in self.departments if code != returned.department]
        if returned.department == self.lead:
            self.lead, self.due, self.light = "", None, ""


@dataclass(eq=False, kw_only=True)
class Entry:
    """One line of the timeline: the `number`-th event of an appeal."""

    receipt: str
    number: int
    topic: str
    at: datetime
    by: str
    department: str
    data: dict

    @classmethod
    def of(cls, event: Event, number: int) -> Entry:
        """The line for an event, with what is told nowhere else."""
        known = KEPT_ELSEWHERE + (KEPT_ONCE if hasattr(event, "applicant") else ())
        data = {name: value for name, value in event.to_data().items() if name not in known}
        return cls(
            receipt=event.receipt,
            number=number,
            topic=event.topic,
            at=event.at,
            by=event.by,
            department=getattr(event, "department", ""),
            data=data,
        )


@dataclass(eq=False, kw_only=True)
class Searchable:
    """The terms that an appeal is found by."""

    receipt: str
    terms: list[str]
