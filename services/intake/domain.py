"""Intake: what is missing from an appeal, and whether it is taken on or rejected for a lawful reason.

Decisions only: the policy, the lawful reasons, the calendar and the time arrive as arguments, and a fact or a
refusal leaves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appeals.applicants import checked_applicant
from appeals.calendar import Calendar, Limit
from appeals.channels import Channel, channel_of, check_reference
from appeals.commands import AcceptAppeal, AskSupplement, ProvideSupplement, ReferAppeal, RejectAppeal, SubmitAppeal
from appeals.errors import NotOnTheList, Refused
from appeals.events import (
    AcceptanceMissed,
    AppealAccepted,
    AppealReferred,
    AppealRejected,
    AppealSubmitted,
    Applicant,
    Attachment,
    Event,
    SupplementProvided,
    SupplementReminded,
    SupplementRequested,
)
from appeals.manifest import CLASSIFICATIONS
from appeals.reasons import Reason
from appeals.regimes import Regimes
from services.intake.attachments import check_total, shown_names
from services.intake.emergency import Emergency
from services.intake.identity import HIDDEN, shown, signature
from services.intake.traits import Likeness

KINDS = ("consult", "help", "complaint", "report", "suggestion")
URGENCIES = ("normal", "urgent", "critical")
COMPLEXITIES = ("normal", "hard")

SUBMITTED, SUPPLEMENTING, ACCEPTED, REJECTED = "submitted", "supplementing", "accepted", "rejected"
MERGED, SPLIT, CLOSED, ARCHIVED = "merged", "split", "closed", "archived"
WITHDRAWN = "withdrawn"
UNDECIDED, OPEN = (SUBMITTED, SUPPLEMENTING), (SUBMITTED, SUPPLEMENTING, ACCEPTED)
DECIDED = {
    ACCEPTED: "已受理",
    REJECTED: "已不予受理",
    MERGED: "已并案",
    SPLIT: "已分拆",
    CLOSED: "已办结",
    ARCHIVED: "已归档",
    WITHDRAWN: "已撤回",
}
INCOMPLETE = "incomplete"
CRITICAL, HARD, NORMAL = "critical", "hard", "normal"
FLAGGED, CONFIRMED, UNDONE = "flagged", "confirmed", "undone"


class ReceiptTaken(Refused):
    """Raised when an appeal comes with a receipt that another has; the door draws a new one."""

    field = "receipt"
    zh = "受理编号 {receipt} 已被使用"
    en = "The receipt {receipt} is taken"


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

    zh = "该诉求{decision}，受理环节已结束，不能再执行该操作"
    en = "This appeal was {state} already; intake is done with it"


class SupplementAlreadyAsked(Refused):
    """Raised when an officer asks for more while the applicant has not answered yet."""

    zh = "该诉求正在补正中，请等待申请人于 {due:%Y-%m-%d %H:%M} 前补充"
    en = "The applicant was asked already and has until {due:%Y-%m-%d %H:%M}"


class NoSupplementAsked(Refused):
    """Raised when an applicant adds to an appeal for which nothing was asked."""

    zh = "该诉求当前不需要补正"
    en = "Nothing is missing from this appeal at the moment"


class IncompleteTooEarly(Refused):
    """Raised when an appeal is rejected as incomplete before the applicant was asked and the time has passed."""

    field = "reason"
    zh = "须先一次性告知申请人补正，且逾期未补正的，方可以要素不全为由不予受理"
    en = "Ask the applicant first; only when the time for that has passed may it be rejected as incomplete"


class NotLinkable(Refused):
    """Raised when an appeal is linked to itself, or to one that there is not."""

    status = 422
    field = "linked_to"
    zh = "关联诉求 {linked_to} 不存在，或就是本诉求"
    en = "{linked_to} is not another appeal"


class AskedOnceAlready(Refused):
    """Raised when an officer asks a second time, and not about new matter: all is to be asked at once, 一次性告知."""

    field = "new_matter"
    zh = "补正事项应当一次性告知；再次要求补正的，须说明补正材料带来的新情况"
    en = "All that is missing is asked for at once; to ask again, say what new matter the supplement has brought"


class NothingMoreToAsk(Refused):
    """Raised when an officer asks more often than the policy allows."""

    zh = "该诉求已要求补正 {rounds} 次，不能再次要求补正，请作出受理或者不予受理决定"
    en = "The applicant was asked {rounds} times; decide on what there is"


class SupplementTooLate(Refused):
    """Raised when a supplement comes so late that the appeal, closed as incomplete, is not opened again."""

    zh = "该诉求因要素不全结束，恢复办理的期限已于 {until:%Y-%m-%d %H:%M} 届满，请重新提交"
    en = "This appeal was closed as incomplete and could be opened again until {until:%Y-%m-%d %H:%M}; submit a new one"


class UnknownNumber(NotOnTheList):
    """Raised when an officer refers an appeal to what is no emergency number."""

    field = "where"


class ReferredBefore(Refused):
    """Raised when an officer refers an appeal as an emergency that was referred already."""

    zh = "该诉求已作为紧急事项转{where}，无需再次转出"
    en = "This appeal was referred to {where} as an emergency already"


class EmergencyUndecided(Refused):
    """Raised when an officer accepts what was referred as an emergency, and does not say whether it is one."""

    status = 422
    field = "emergency"
    zh = "该诉求已作为紧急事项转{where}，请在受理时确认（confirmed）或者撤销（undone）"
    en = "This appeal was referred to {where} as an emergency; say with the acceptance: confirmed or undone"


class NoEmergency(Refused):
    """Raised when an officer confirms or undoes an emergency of an appeal that was never referred as one."""

    status = 422
    field = "emergency"
    zh = "该诉求未作为紧急事项转出，无需确认或者撤销"
    en = "This appeal was not referred as an emergency; there is nothing to confirm or undo"


class RegimeNeeded(Refused):
    """Raised when a confirmed emergency is accepted without the procedure by law that it now tracks."""

    status = 422
    field = "special_regime"
    zh = "已确认的紧急事项按法定程序办理，请选择适用的法定程序"
    en = "A confirmed emergency tracks a procedure by law; say which"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The versioned numbers of intake; each has its source in the file. `accept` is by urgency, and for `hard`."""

    version: str
    supplement: Limit
    remind_after: Limit
    supplement_rounds: int
    reopen: Limit
    accept: Mapping[str, Limit]
    attachments: int
    attachment_bytes: int
    likeness: Likeness


@dataclass(eq=False, kw_only=True)
class Case:
    """An appeal, as intake sees it; `applicant` is what others may know, `text` grows with each supplement.

    One that is merged goes as the one it was merged into; the parts of a split one tell what they were split from.
    `next_at` is when intake says something of it by itself: of the decision, of the reminder or of the end of the
    time to supplement.
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
    complexity: str = NORMAL
    outside_reference: str = ""
    attachments: list[dict] = field(default_factory=list)
    emergency: str = ""
    referred_to: str = ""
    missing: list[str] = field(default_factory=list)
    rounds: int = 0
    accept_due: datetime | None = None
    next_at: datetime | None = None
    decided_at: datetime | None = None
    merged_into: str = ""
    split_from: str = ""
    special_regime: str = ""

    @property
    def is_undecided(self) -> bool:
        """Whether it waits for the acceptance desk or its applicant."""
        return self.state in UNDECIDED

    @classmethod
    def of(cls, submitted: SubmitAppeal, *, channels: Mapping[str, Channel], policy: Policy) -> Case:
        """The case of an appeal that comes in.

        Raises UnknownKind, UnknownUrgency, UnknownComplexity, UnknownClassification, UnknownChannel,
        OutsideReferenceNeeded, what `checked_applicant` raises of the applicant, or what `check_total` raises.
        """
        UnknownKind.check(submitted.kind, KINDS)
        UnknownUrgency.check(submitted.urgency, URGENCIES)
        UnknownComplexity.check(submitted.complexity, COMPLEXITIES)
        UnknownClassification.check(submitted.classification, CLASSIFICATIONS)
        check_reference(submitted.channel, submitted.outside_reference, channels)
        check_total(submitted.attachments, policy.attachments, policy.attachment_bytes)
        hidden = submitted.classification in HIDDEN
        writes_itself = not channel_of(submitted.channel, channels).recorded
        applicant = checked_applicant(submitted.applicant, submitted.classification, writes_itself=writes_itself)
        names = ("receipt", "title", "text", "channel", "kind", "urgency", "category", "classification")
        names += ("complexity", "outside_reference")
        return cls(
            applicant=vars(shown(applicant, submitted.classification)).copy(),
            accused=list(submitted.accused),
            attachments=[vars(one).copy() for one in shown_names(submitted.attachments, hidden=hidden)],
            **{name: getattr(submitted, name) for name in names},
        )

    def submitted(self, now: datetime, *, by: str, platform: str = "") -> AppealSubmitted:
        """The appeal as others are told of it; a number elsewhere could tell who hides, as an account could."""
        return AppealSubmitted(
            **self._told(),
            outside_reference="" if self.classification in HIDDEN else self.outside_reference,
            platform=platform,
            at=now,
            by=signature(by, self.classification),
        )

    def start_clock(self, now: datetime, *, policy: Policy, calendar: Calendar) -> None:
        """The time to decide begins, or begins anew; an emergency is decided as fast as a critical matter."""
        self.accept_due = self.next_at = calendar.due(now, self._accept_limit(policy))

    def refer(self, emergency: Emergency, now: datetime) -> AppealReferred:
        """Send it to an emergency number at once; an officer confirms or undoes it with the acceptance."""
        self.emergency, self.referred_to = FLAGGED, emergency.where
        return AppealReferred(
            receipt=self.receipt, at=now, where=emergency.where, why=emergency.why, words=emergency.words
        )

    def refer_by_hand(
        self, referred: ReferAppeal, now: datetime, *, numbers: Collection[str], policy: Policy, calendar: Calendar
    ) -> AppealReferred:
        """An officer sends it there; from then on it is as if its words had told, and the time to decide is as short.

        Raises AlreadyDecided, ReferredBefore or UnknownNumber.
        """
        self.check_undecided()
        if self.emergency:
            raise ReferredBefore(where=self.referred_to)
        UnknownNumber.check(referred.where, numbers)
        said = self.refer(Emergency(where=referred.where, why=referred.why, words=()), now)
        if self.state == SUBMITTED:
            self.start_clock(now, policy=policy, calendar=calendar)
        return dataclasses.replace(said, by=referred.by)

    def come_due(
        self, now: datetime, *, policy: Policy, calendar: Calendar, reasons: Mapping[str, Reason]
    ) -> list[Event]:
        """Say what is to be said of it by now, each thing once; the end of the time to supplement closes it."""
        if self.next_at is None or self.next_at > now:
            return []
        if self.state == SUPPLEMENTING and now < self.supplement_due:
            self.next_at = self.supplement_due
            return [
                SupplementReminded(receipt=self.receipt, at=now, missing=tuple(self.missing), due=self.supplement_due)
            ]
        if self.state == SUPPLEMENTING:
            lapsed = RejectAppeal(receipt=self.receipt, at=now, reason=INCOMPLETE, explanation="")
            return [self.reject(lapsed, now, reasons=reasons)]
        self.next_at = None
        limit = str(self._accept_limit(policy))
        return [AcceptanceMissed(receipt=self.receipt, at=now, due=self.accept_due, limit=limit)]

    def ask_supplement(
        self, asked: AskSupplement, now: datetime, *, policy: Policy, calendar: Calendar
    ) -> SupplementRequested:
        """Ask the applicant for all that is missing; a second time only about new matter.

        Raises AlreadyDecided, SupplementAlreadyAsked, AskedOnceAlready or NothingMoreToAsk.
        """
        self.check_undecided()
        if self.state == SUPPLEMENTING:
            raise SupplementAlreadyAsked(due=self.supplement_due.astimezone(calendar.zone))
        if self.rounds >= policy.supplement_rounds:
            raise NothingMoreToAsk(rounds=self.rounds)
        if self.rounds and not asked.new_matter.strip():
            raise AskedOnceAlready()
        self.state, self.missing = SUPPLEMENTING, list(asked.missing)
        self.rounds += 1
        self.supplement_due = calendar.due(now, policy.supplement)
        self.accept_due, self.next_at = None, calendar.due(now, policy.remind_after)
        return SupplementRequested(
            receipt=self.receipt,
            at=now,
            by=asked.by,
            missing=asked.missing,
            note=asked.note,
            due=self.supplement_due,
        )

    def take_supplement(
        self, provided: ProvideSupplement, now: datetime, *, policy: Policy, calendar: Calendar
    ) -> SupplementProvided:
        """Add what the applicant tells, in time or late; what was closed as incomplete is open again.

        Raises AlreadyDecided, NoSupplementAsked, SupplementTooLate, or what `check_total` raises.
        """
        if self.state == REJECTED and self.reason == INCOMPLETE:
            self._check_reopens(now, policy, calendar)
        else:
            self.check_undecided()
            if self.state != SUPPLEMENTING:
                raise NoSupplementAsked()
        kept = [Attachment(**one) for one in self.attachments]
        check_total((*kept, *provided.attachments), policy.attachments, policy.attachment_bytes)
        added = shown_names(provided.attachments, hidden=self.classification in HIDDEN, after=len(kept))
        self.state, self.reason, self.supplement_due, self.decided_at = SUBMITTED, "", None, None
        self.start_clock(now, policy=policy, calendar=calendar)
        self.text = f"{self.text}\n\n【补充】{provided.text}"
        self.attachments = [*self.attachments, *(vars(one).copy() for one in added)]
        by = signature(provided.by, self.classification)
        return SupplementProvided(receipt=self.receipt, at=now, by=by, text=provided.text, attachments=added)

    def accept(self, accepted: AcceptAppeal, now: datetime, *, linked: Case | None, regimes: Regimes) -> AppealAccepted:
        """Take the appeal on; what the officer leaves empty stays as submitted.

        `linked` is the appeal that the officer names, if there is one. Raises AlreadyDecided, UnknownKind,
        UnknownUrgency, UnknownComplexity, UnknownRegime, NotLinkable, EmergencyUndecided, NoEmergency or RegimeNeeded.
        """
        self.check_undecided()
        regime = regimes.code(accepted.special_regime)
        self._check_emergency(accepted.emergency, regime)
        kind, urgency = accepted.kind or self.kind, accepted.urgency or self.urgency
        complexity = accepted.complexity or self.complexity
        UnknownKind.check(kind, KINDS)
        UnknownUrgency.check(urgency, URGENCIES)
        UnknownComplexity.check(complexity, COMPLEXITIES)
        if accepted.linked_to and linked in (None, self):
            raise NotLinkable(linked_to=accepted.linked_to)
        self.state, self.supplement_due, self.linked_to = ACCEPTED, None, accepted.linked_to or self.linked_to
        self.next_at, self.decided_at, self.emergency = None, now, accepted.emergency
        self.kind, self.urgency, self.category = kind, urgency, accepted.category or self.category
        self.complexity = complexity
        self.special_regime = regime
        return AppealAccepted(
            **self._told(),
            complexity=complexity,
            special_regime=regime,
            task_force=accepted.task_force,
            linked_to=self.linked_to,
            emergency=accepted.emergency,
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
        self.next_at, self.decided_at = None, now
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
        return self.state == SUPPLEMENTING and self.supplement_due <= now

    def _accept_limit(self, policy: Policy) -> Limit:
        if self.emergency:
            return policy.accept[CRITICAL]
        return policy.accept[HARD if (self.urgency, self.complexity) == (NORMAL, HARD) else self.urgency]

    def _check_reopens(self, now: datetime, policy: Policy, calendar: Calendar) -> None:
        until = calendar.due(self.decided_at, policy.reopen)
        if now > until:
            raise SupplementTooLate(until=until)

    def _check_emergency(self, decision: str, regime: str) -> None:
        if self.emergency != FLAGGED:
            if decision:
                raise NoEmergency()
            return
        if decision not in (CONFIRMED, UNDONE):
            raise EmergencyUndecided(where=self.referred_to)
        if decision == CONFIRMED and not regime:
            raise RegimeNeeded()

    def _told(self) -> dict:
        names = ("receipt", "title", "text", "channel", "kind", "urgency", "category", "classification")
        facts = {name: getattr(self, name) for name in names}
        attachments = tuple(Attachment(**one) for one in self.attachments)
        return facts | {
            "applicant": Applicant(**self.applicant),
            "accused": tuple(self.accused),
            "attachments": attachments,
        }
