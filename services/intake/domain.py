"""Intake: what is missing from an appeal, and whether it is taken on or rejected for a lawful reason.

Decisions only: the policy, the lawful reasons, the calendar and the time arrive as arguments, and a fact or a
refusal leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appeals.calendar import Calendar, Limit
from appeals.commands import AcceptAppeal, AskSupplement, ProvideSupplement, RejectAppeal, SubmitAppeal
from appeals.errors import Refused
from appeals.events import (
    AppealAccepted,
    AppealRejected,
    AppealSubmitted,
    Applicant,
    SupplementProvided,
    SupplementRequested,
)
from appeals.manifest import CLASSIFICATIONS
from services.intake.identity import shown, signature
from services.intake.traits import Likeness

KINDS = ("consult", "help", "complaint", "report", "suggestion")
URGENCIES = ("normal", "urgent", "critical")
COMPLEXITIES = ("normal", "hard")

SUBMITTED, SUPPLEMENTING, ACCEPTED, REJECTED = "submitted", "supplementing", "accepted", "rejected"
MERGED, SPLIT, CLOSED, ARCHIVED = "merged", "split", "closed", "archived"
UNDECIDED, OPEN = (SUBMITTED, SUPPLEMENTING), (SUBMITTED, SUPPLEMENTING, ACCEPTED)
DECIDED = {
    ACCEPTED: "已受理",
    REJECTED: "已不予受理",
    MERGED: "已并案",
    SPLIT: "已分拆",
    CLOSED: "已办结",
    ARCHIVED: "已归档",
}
INCOMPLETE = "incomplete"


class ReceiptTaken(Refused):
    """Raised when an appeal comes with a receipt that another has; the door draws a new one."""

    field = "receipt"
    zh = "受理编号 {receipt} 已被使用"
    en = "The receipt {receipt} is taken"


class NotOnTheList(Refused):
    """Raised when a value is not one of a closed list; each list has a name of its own below."""

    status = 422
    zh = "“{value}”不在可选范围内,可选:{known}"
    en = "{value!r} is not one of: {known}"

    @classmethod
    def check(cls, value: str, known: Iterable[str]) -> None:
        """Refuse what is not known."""
        known = list(known)
        if value not in known:
            raise cls(value=value, known=", ".join(known))


class UnknownKind(NotOnTheList):
    """Raised when an appeal is of no known kind."""

    field = "kind"


class UnknownUrgency(NotOnTheList):
    """Raised when an urgency is not known."""

    field = "urgency"


class UnknownComplexity(NotOnTheList):
    """Raised when an officer names a complexity that is not known."""

    field = "complexity"


class UnknownClassification(NotOnTheList):
    """Raised when a classification is not known; guessing one could tell who appeals."""

    field = "classification"


class UnknownReason(NotOnTheList):
    """Raised when an officer rejects for a reason that the law does not give."""

    field = "reason"


class AlreadyDecided(Refused):
    """Raised when an appeal that was accepted or rejected is to go through intake once more."""

    zh = "该诉求{decision},受理环节已结束,不能再执行该操作"
    en = "This appeal was {state} already; intake is done with it"


class SupplementAlreadyAsked(Refused):
    """Raised when an officer asks for more while the applicant has not answered yet."""

    zh = "该诉求正在补正中,请等待申请人于 {due:%Y-%m-%d %H:%M} 前补充"
    en = "The applicant was asked already and has until {due:%Y-%m-%d %H:%M}"


class NoSupplementAsked(Refused):
    """Raised when an applicant adds to an appeal for which nothing was asked."""

    zh = "该诉求当前不需要补正"
    en = "Nothing is missing from this appeal at the moment"


class IncompleteTooEarly(Refused):
    """Raised when an appeal is rejected as incomplete before the applicant was asked and the time has passed."""

    field = "reason"
    zh = "须先一次性告知申请人补正,且逾期未补正的,方可以要素不全为由不予受理"
    en = "Ask the applicant first; only when the time for that has passed may it be rejected as incomplete"


class NotLinkable(Refused):
    """Raised when an appeal is linked to itself, or to one that there is not."""

    status = 422
    field = "linked_to"
    zh = "关联诉求 {linked_to} 不存在,或就是本诉求"
    en = "{linked_to} is not another appeal"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The versioned numbers of intake; each has its source in the file."""

    version: str
    supplement: Limit
    likeness: Likeness


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A lawful reason for not taking an appeal on."""

    text: str
    where_to_go: str
    source: str


@dataclass(eq=False, kw_only=True)
class Case:
    """An appeal, as intake sees it; `applicant` is what others may know, `text` grows with each supplement.

    One that is merged goes as the one it was merged into; the parts of a split one tell what they were split from.
    """

    receipt: str
    title: str
    text: str
    applicant: dict
    channel: str
    kind: str
    urgency: str
    category: str
    classification: str
    accused: list[str] = field(default_factory=list)
    state: str = SUBMITTED
    supplement_due: datetime | None = None
    reason: str = ""
    linked_to: str = ""
    merged_into: str = ""
    split_from: str = ""

    @property
    def is_undecided(self) -> bool:
        """Whether it waits for the acceptance desk or its applicant."""
        return self.state in UNDECIDED

    @classmethod
    def of(cls, submitted: SubmitAppeal) -> Case:
        """The case of an appeal that comes in. Raises UnknownKind, UnknownUrgency or UnknownClassification."""
        UnknownKind.check(submitted.kind, KINDS)
        UnknownUrgency.check(submitted.urgency, URGENCIES)
        UnknownClassification.check(submitted.classification, CLASSIFICATIONS)
        names = ("receipt", "title", "text", "channel", "kind", "urgency", "category", "classification")
        return cls(
            applicant=vars(shown(submitted.applicant, submitted.classification)).copy(),
            accused=list(submitted.accused),
            **{name: getattr(submitted, name) for name in names},
        )

    def submitted(self, now: datetime, *, by: str) -> AppealSubmitted:
        """The appeal as others are told of it."""
        return AppealSubmitted(**self._told(), at=now, by=signature(by, self.classification))

    def ask_supplement(
        self, asked: AskSupplement, now: datetime, *, policy: Policy, calendar: Calendar
    ) -> SupplementRequested:
        """Ask the applicant for what is missing. Raises AlreadyDecided or SupplementAlreadyAsked."""
        self.check_undecided()
        if self.state == SUPPLEMENTING:
            raise SupplementAlreadyAsked(due=self.supplement_due.astimezone(calendar.zone))
        self.state = SUPPLEMENTING
        self.supplement_due = calendar.due(now, policy.supplement)
        return SupplementRequested(
            receipt=self.receipt,
            at=now,
            by=asked.by,
            missing=asked.missing,
            note=asked.note,
            due=self.supplement_due,
        )

    def take_supplement(self, provided: ProvideSupplement, now: datetime) -> SupplementProvided:
        """Add what the applicant tells, in time or late. Raises AlreadyDecided or NoSupplementAsked."""
        self.check_undecided()
        if self.state != SUPPLEMENTING:
            raise NoSupplementAsked()
        self.state, self.supplement_due = SUBMITTED, None
        self.text = f"{self.text}\n\n【补充】{provided.text}"
        by = signature(provided.by, self.classification)
        return SupplementProvided(receipt=self.receipt, at=now, by=by, text=provided.text)

    def accept(self, accepted: AcceptAppeal, now: datetime, *, linked: Case | None) -> AppealAccepted:
        """Take the appeal on; what the officer leaves empty stays as submitted.

        `linked` is the appeal that the officer names, if there is one. Raises AlreadyDecided, UnknownKind,
        UnknownUrgency, UnknownComplexity or NotLinkable.
        """
        self.check_undecided()
        kind, urgency = accepted.kind or self.kind, accepted.urgency or self.urgency
        UnknownKind.check(kind, KINDS)
        UnknownUrgency.check(urgency, URGENCIES)
        UnknownComplexity.check(accepted.complexity, COMPLEXITIES)
        if accepted.linked_to and linked in (None, self):
            raise NotLinkable(linked_to=accepted.linked_to)
        self.state, self.supplement_due, self.linked_to = ACCEPTED, None, accepted.linked_to
        self.kind, self.urgency, self.category = kind, urgency, accepted.category or self.category
        return AppealAccepted(
            **self._told(),
            complexity=accepted.complexity,
            special_regime=accepted.special_regime,
            task_force=accepted.task_force,
            linked_to=accepted.linked_to,
            at=now,
            by=accepted.by,
        )

    def reject(self, rejected: RejectAppeal, now: datetime, *, reasons: Mapping[str, Reason]) -> AppealRejected:
        """Do not take the appeal on, say why and where to go instead.

        Raises AlreadyDecided, UnknownReason or IncompleteTooEarly.
        """
        self.check_undecided()
        UnknownReason.check(rejected.reason, reasons)
        if rejected.reason == INCOMPLETE and not self._supplement_is_overdue(now):
            raise IncompleteTooEarly()
        self.state, self.supplement_due, self.reason = REJECTED, None, rejected.reason
        lawful = reasons[rejected.reason]
        return AppealRejected(
            receipt=self.receipt,
            at=now,
            by=rejected.by,
            reason=rejected.reason,
            explanation=rejected.explanation.strip() or lawful.text,
            where_to_go=rejected.where_to_go.strip() or lawful.where_to_go,
        )

    def check_undecided(self) -> None:
        """Intake has still to decide on it. Raises AlreadyDecided."""
        if self.state in DECIDED:
            raise AlreadyDecided(state=self.state, decision=DECIDED[self.state])

    def _supplement_is_overdue(self, now: datetime) -> bool:
        return self.state == SUPPLEMENTING and self.supplement_due < now

    def _told(self) -> dict:
        names = ("receipt", "title", "text", "channel", "kind", "urgency", "category", "classification")
        facts = {name: getattr(self, name) for name in names}
        return facts | {"applicant": Applicant(**self.applicant), "accused": tuple(self.accused)}
