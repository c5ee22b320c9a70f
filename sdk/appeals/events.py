"""The published language: every event of an appeal's life, in the order in which they happen.

It is the only thing that services and departments share about each other. An event only grows: a new
field has a default, a new meaning is a new class with the next version. `tells` names the field that
holds the department (or departments) who get their own copy. An event that `hides_matter` may be told about an appeal
that is not its hearer's, so its copy tells neither category nor classification.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from appeals.message import CORE, Message


@dataclass(frozen=True, kw_only=True)
class Event(Message):
    """Something that happened to an appeal."""

    tells: ClassVar[str] = ""
    tells_core: ClassVar[bool] = True
    hides_matter: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        topic: str = "",
        version: int = 1,
        tells: str = "",
        tells_core: bool = True,
        hides_matter: bool = False,
        **options,
    ):
        super().__init_subclass__(topic=topic, version=version, **options)
        cls.tells, cls.tells_core, cls.hides_matter = tells, tells_core, hides_matter

    @property
    def speaker(self) -> str:
        """The code of who says it, if it is the word of somebody outside."""
        return getattr(self, "department", "")

    def audiences(self) -> tuple[str, ...]:
        """Who gets a copy: the platform, and the departments that the event concerns."""
        told = getattr(self, self.tells) if self.tells else ()
        return (*((CORE,) if self.tells_core else ()), *((told,) if isinstance(told, str) else told))


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """Who appeals: an enterprise, a park or an association; `uscc` is the unified social credit code."""

    name: str
    kind: str = "enterprise"
    uscc: str | None = None
    city: str = ""
    park: str = ""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that belongs to an appeal: its hash, by which the portal gives it out to who may read the appeal."""

    sha256: str
    name: str
    type: str
    size: int


# 受理 — intake


@dataclass(frozen=True, kw_only=True)
class AppealHandedOver(Event, topic="appeal.handed-over", tells_core=False):
    """Another platform hands an appeal over under its own reference; only intake hears who it is and whom to call.

    `receipt` is not a receipt yet but the platform's code, a colon and the reference.
    """

    platform: str
    reference: str
    title: str
    text: str
    applicant: Applicant
    channel: str
    kind: str = "help"
    urgency: str = "normal"
    category: str = "other"
    classification: str = "ordinary"
    accused: tuple[str, ...] = ()
    contact_name: str = ""
    contact_phone: str = ""

    @property
    def speaker(self) -> str:
        """The platform."""
        return self.platform


@dataclass(frozen=True, kw_only=True)
class HandoverTaken(Event, topic="handover.taken", tells="platform", tells_core=False):
    """What a platform handed over has this receipt; said again when it is handed over again."""

    platform: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class HandoverRefused(Event, topic="handover.refused", tells="platform", tells_core=False, hides_matter=True):
    """What a platform handed over is not taken; only the platform is told, and why. `receipt` is as it was sent."""

    platform: str
    reference: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class HandoverUpdated(Event, topic="handover.updated", tells="platform", tells_core=False):
    """What became of an appeal that a platform handed over, such as accepted, sent back for a supplement, or closed."""

    platform: str
    reference: str
    state: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealSubmitted(Event, topic="appeal.submitted"):
    """An enterprise or park asks for help; it has a receipt from now on."""

    title: str
    text: str
    applicant: Applicant
    channel: str
    kind: str
    urgency: str
    category: str
    classification: str = "ordinary"
    accused: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    outside_reference: str = ""
    split_from: str = ""
    platform: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealReferred(Event, topic="appeal.referred"):
    """What is told of is an emergency and goes to an emergency number at once; intake still decides on the appeal."""

    where: str
    why: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AcceptanceMissed(Event, topic="acceptance.missed"):
    """The time in which intake has to accept the appeal or not has passed without a decision."""

    due: datetime
    limit: str


@dataclass(frozen=True, kw_only=True)
class AppealResembled(Event, topic="appeal.resembled"):
    """Officers are told that a new appeal may repeat earlier ones of the same enterprise; nothing is decided by it."""

    candidates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AppealFlagged(Event, topic="appeal.flagged"):
    """The matter is brought up again and again (repeated), or by many enterprises at once (collective)."""

    flag: str
    count: int
    days: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class SupplementRequested(Event, topic="supplement.requested"):
    """Intake needs to know more before it can accept."""

    missing: tuple[str, ...]
    note: str = ""
    due: datetime


@dataclass(frozen=True, kw_only=True)
class SupplementReminded(Event, topic="supplement.reminded"):
    """The time to add what is missing ends soon, and nothing has come."""

    missing: tuple[str, ...]
    due: datetime


@dataclass(frozen=True, kw_only=True)
class SupplementProvided(Event, topic="supplement.provided"):
    """The applicant has added what was missing; an appeal that was closed as incomplete is open again."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IdentityViewed(Event, topic="identity.viewed"):
    """An officer has seen in clear who appeals and whom to call, for a purpose."""

    purpose: str


@dataclass(frozen=True, kw_only=True)
class AppealAccepted(Event, topic="appeal.accepted"):
    """Intake takes the appeal on; it now goes to the department whose duty it is."""

    title: str
    text: str
    applicant: Applicant
    channel: str
    kind: str
    urgency: str
    complexity: str
    category: str
    classification: str = "ordinary"
    accused: tuple[str, ...] = ()
    special_regime: str = ""
    task_force: bool = False
    linked_to: str = ""
    attachments: tuple[Attachment, ...] = ()
    emergency: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealRejected(Event, topic="appeal.rejected"):
    """Intake does not take the appeal on, says why, and where to go instead."""

    reason: str
    explanation: str
    where_to_go: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealWithdrawn(Event, topic="appeal.withdrawn"):
    """The applicant takes the appeal back before it is closed, 撤回. That is final, whatever crosses it on the way."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AppealMerged(Event, topic="appeal.merged"):
    """An officer lets the appeal go as another open one about the same matter goes; it gets no orders of its own."""

    into: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealUnmerged(Event, topic="appeal.unmerged"):
    """An officer has taken the merge back; the appeal waits to be accepted."""

    into: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AppealLinked(Event, topic="appeal.linked"):
    """An officer notes that the appeal belongs with another; both keep their own clocks."""

    linked_to: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AppealSplit(Event, topic="appeal.split"):
    """The text held several matters; each is an appeal of its own from now on, under one of these receipts."""

    parts: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealAdvanced(Event, topic="appeal.advanced"):
    """An appeal without orders of its own has come as far as the one it was merged into, or the parts it was split in.

    `stage` is closed, reopened or archived. The applicant is not asked to rate it.
    """

    way: str
    stage: str
    result: str = ""
    summary: str = ""


# 转办 — routing


@dataclass(frozen=True, kw_only=True)
class OrderDispatched(Event, topic="order.dispatched", tells="department"):
    """A work order goes to a department, to lead or to assist. The clock starts here, not at the signature.

    `form` is order, or letter for a vertical organ (商请函). `why` is the rule or the person that decided,
    `explanation` what spoke for it and what came close, by the catalogue `rules_version`. `consult` names units that
    should assist but are not plugged in. A `designated` order cannot be returned; `minutes` says where the joint
    conference decided.
    """

    order: str
    department: str
    role: str
    round: int = 1
    title: str
    text: str
    applicant: Applicant
    kind: str
    urgency: str
    complexity: str
    requirement: str = ""
    special_regime: str = ""
    task_force: bool = False
    why: str = ""
    form: str = "order"
    explanation: str = ""
    rules_version: str = ""
    consult: tuple[str, ...] = ()
    designated: bool = False
    minutes: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealHeld(Event, topic="appeal.held"):
    """No rule fits, none is left, or its unit cannot be sent an order: a person decides.

    `proposed` is the unit whose duty it is by the catalogue, if that can be told; `considered` are all that fit.
    """

    reason: str
    considered: tuple[str, ...] = ()
    proposed: str = ""
    explanation: str = ""
    rules_version: str = ""


@dataclass(frozen=True, kw_only=True)
class AccusedCorrected(Event, topic="accused.corrected"):
    """An officer has settled whom the appeal is about, where a name told nobody who has to stand aside."""

    accused: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderSigned(Event, topic="order.signed", tells="department"):
    """A department has the work order in hand."""

    order: str
    department: str


@dataclass(frozen=True, kw_only=True)
class OrderReturned(Event, topic="order.returned", tells="department"):
    """A department says the appeal is not its to answer; as a fact, the order is then over.

    `decided_by` is the dispatcher who let it go, or system.
    """

    order: str
    department: str
    reason: str
    suggested: str = ""
    decided_by: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnRequested(Event, topic="return.requested"):
    """A department returns its order, and a dispatcher decides on the same day."""

    order: str
    department: str
    reason: str
    suggested: str = ""
    decide_by: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnDenied(Event, topic="return.denied", tells="department"):
    """The order stays with the department, which may not return it again."""

    order: str
    department: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ContactMade(Event, topic="contact.made", tells="department"):
    """A department has spoken with the applicant, or has tried to and not `reached` anybody."""

    order: str
    department: str
    how: str
    note: str = ""
    reached: bool = True


@dataclass(frozen=True, kw_only=True)
class ProgressReported(Event, topic="progress.reported", tells="department"):
    """A department tells what it is doing."""

    order: str
    department: str
    note: str


@dataclass(frozen=True, kw_only=True)
class MilestoneReached(Event, topic="milestone.reached", tells="department"):
    """A named step is done, under way or planned; figures are counts and amounts, such as value_cny."""

    order: str
    department: str
    name: str
    state: str = "done"
    on: date | None = None
    figures: dict[str, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ExtensionRequested(Event, topic="extension.requested", tells="department"):
    """A department asks for more working days, with a reason and a plan."""

    order: str
    department: str
    days: int
    reason: str
    plan: str


@dataclass(frozen=True, kw_only=True)
class FeedbackSubmitted(Event, topic="feedback.submitted", tells="department"):
    """A department replies. `result` is solved, partly, unsolvable or ongoing."""

    order: str
    department: str
    role: str = "lead"
    text: str
    result: str
    evidence: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event, topic="order.cancelled", tells="department"):
    """The applicant has withdrawn the appeal: nothing is left to do on the order, and it does not count."""

    order: str
    department: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class WordRefused(Event, topic="word.refused", tells="department", tells_core=False, hides_matter=True):
    """What a department has said of an order does not count; only the department is told, and why."""

    order: str
    department: str
    word: str
    code: str
    zh: str
    en: str


# 督办 and 办结 — supervision


@dataclass(frozen=True, kw_only=True)
class DeadlineSet(Event, topic="deadline.set", tells="department"):
    """By when a department has to sign, contact the applicant or reply; said again, with the reason, when it changes.

    `limit` is the time given, such as 5wd. A `provisional` date lies in a year whose holidays may still change.
    """

    order: str
    department: str
    step: str
    due: datetime
    limit: str = ""
    reason: str = ""
    calendar_version: str = ""
    provisional: bool = False


@dataclass(frozen=True, kw_only=True)
class DeadlineWarned(Event, topic="deadline.warned", tells="department"):
    """So much of the time is used, in percent, and the step is not done. `light` is green, blue, yellow or orange."""

    order: str
    department: str
    step: str
    due: datetime
    share: int
    light: str = ""


@dataclass(frozen=True, kw_only=True)
class DeadlineMissed(Event, topic="deadline.missed", tells="department"):
    """A deadline has passed and the step is not done."""

    order: str
    department: str
    step: str
    due: datetime


@dataclass(frozen=True, kw_only=True)
class AppealUrged(Event, topic="appeal.urged"):
    """The applicant asks that the appeal be dealt with."""

    note: str = ""


@dataclass(frozen=True, kw_only=True)
class SupervisionIssued(Event, topic="supervision.issued", tells="department"):
    """The supervisor calls a department to account, on the ladder from reminder to red card.

    A vertical organ gets a letter (商请函) where others get a card, and is brought before the joint conference.
    """

    order: str
    department: str
    level: str
    reason: str
    reply_due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SupervisionLowered(Event, topic="supervision.lowered", tells="department"):
    """Somebody with the authority has lowered the level, or taken it back: `level` is then empty."""

    order: str
    department: str
    level: str = ""
    was: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderSuspended(Event, topic="order.suspended", tells="department"):
    """The clocks of an order stand still, at most until then; `basis` is the document that says why."""

    order: str
    department: str
    reason: str
    basis: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class OrderResumed(Event, topic="order.resumed", tells="department"):
    """The clocks of an order run on; its deadlines are told anew."""

    order: str
    department: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MilestoneMissed(Event, topic="milestone.missed", tells="department"):
    """The day of a planned milestone has passed, and it is not done."""

    order: str
    department: str
    name: str
    on: date


@dataclass(frozen=True, kw_only=True)
class ExtensionApproved(Event, topic="extension.approved", tells="department"):
    """The department gets more time; the applicant is told why. `conference` names the minutes of a second time."""

    order: str
    department: str
    reason: str
    due: datetime
    conference: str = ""


@dataclass(frozen=True, kw_only=True)
class ExtensionDenied(Event, topic="extension.denied", tells="department"):
    """The deadline stays as it is."""

    order: str
    department: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FeedbackApproved(Event, topic="feedback.approved", tells="department"):
    """The supervisor has reviewed the reply and lets it stand. `checked` are the items of the check list."""

    order: str
    department: str
    result: str
    text: str
    checked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FeedbackRefused(Event, topic="feedback.refused", tells="department"):
    """The supervisor sends the reply back to be done again."""

    order: str
    department: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FollowUpPlanned(Event, topic="followup.planned", tells="departments"):
    """The reply stands but the matter goes on: the appeal stays open and is looked at again."""

    departments: tuple[str, ...]
    reason: str
    review_on: date


@dataclass(frozen=True, kw_only=True)
class FollowUpReached(Event, topic="followup.reached", tells="departments"):
    """The day has come to look at the matter again: while it goes on, or so long `after` the close, such as 30d."""

    departments: tuple[str, ...]
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealClosed(Event, topic="appeal.closed", tells="departments"):
    """Every order is answered and every answer stands."""

    lead: str
    departments: tuple[str, ...]
    round: int
    result: str
    summary: str


# 评估 — evaluation


@dataclass(frozen=True, kw_only=True)
class EvaluationRequested(Event, topic="evaluation.requested"):
    """The applicant is asked how it went; no answer never counts as a good one."""

    round: int
    until: datetime


@dataclass(frozen=True, kw_only=True)
class AppealEvaluated(Event, topic="appeal.evaluated", tells="department"):
    """The applicant has answered. `department` is the lead that is rated."""

    department: str
    round: int
    rating: str
    solved: str
    comment: str = ""
    via: str = "applicant"


@dataclass(frozen=True, kw_only=True)
class CallbackPlanned(Event, topic="callback.planned"):
    """The applicant of a closed round is to be called back, 回访; `department` is the lead."""

    department: str
    round: int
    due: datetime


@dataclass(frozen=True, kw_only=True)
class CallbackMade(Event, topic="callback.made"):
    """An officer has called the applicant back, or has tried to.

    `contact_confirmed` says whether the department had really been in contact: as the applicant says, or as the
    `record` of a call or message proves when nobody could be reached.
    """

    department: str
    round: int
    attempt: int
    reached: bool
    contact_confirmed: bool = False
    record: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CallbackEnded(Event, topic="callback.ended"):
    """The applicant could not be reached, at as many different times as it was to be tried."""

    department: str
    round: int
    attempts: int


@dataclass(frozen=True, kw_only=True)
class CallbackOverdue(Event, topic="callback.overdue"):
    """The time to call the applicant back has passed, and nobody has reached them; it was tried `attempts` times."""

    department: str
    round: int
    due: datetime
    attempts: int


@dataclass(frozen=True, kw_only=True)
class AppealReopened(Event, topic="appeal.reopened", tells="departments"):
    """The applicant is not satisfied: the appeal is worked on once more."""

    departments: tuple[str, ...]
    round: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReviewRequested(Event, topic="review.requested", tells="departments"):
    """Rework is used up and the applicant still dissatisfied: the superior looks at it, 上级复核."""

    departments: tuple[str, ...]
    round: int
    reason: str
    due: datetime


@dataclass(frozen=True, kw_only=True)
class ReviewOverdue(Event, topic="review.overdue"):
    """The time for the superior's review has passed, and nobody has decided."""

    due: datetime


@dataclass(frozen=True, kw_only=True)
class ReviewDecided(Event, topic="review.decided", tells="departments"):
    """The superior has upheld what the department did, or changed it. That is final, 终结."""

    departments: tuple[str, ...]
    decision: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnreasonableRequested(Event, topic="unreasonable.requested"):
    """An officer asks that the demand be held unreasonable, 不合理诉求, on a legal basis; two others decide."""

    basis: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnreasonableReviewed(Event, topic="unreasonable.reviewed"):
    """Legal review has given its opinion on that."""

    supported: bool
    opinion: str


@dataclass(frozen=True, kw_only=True)
class UnreasonableDecided(Event, topic="unreasonable.decided", tells="departments"):
    """A supervisor holds the demand unreasonable, or does not; the appellant reads why, and what remedies there are.

    If so it counts for the response only, and is not worked on once more.
    """

    departments: tuple[str, ...]
    approved: bool
    reason: str
    basis: str
    remedies: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealArchived(Event, topic="appeal.archived", tells="departments"):
    """The loop is closed; the appeal is kept and no longer worked on."""

    departments: tuple[str, ...]
    outcome: str
    review: str = ""


# 评估 — scores


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share, `count` of `n`, with Wilson's interval of 95 %; nothing to divide by is null, never 0."""

    count: float
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class UnitScored(Event, topic="unit.scored", tells="department", tells_core=False):
    """A unit's figures of one month, 三率 and the closed-loop index, as they stay; only the unit is told.

    It is about no appeal: the receipt is that of the period, such as PERIOD-2026-11. `deductions` are points by what
    they are for. Too few answers are not `ranked` (样本不足).
    """

    department: str
    period: str
    orders: int
    response: Rate
    solution: Rate
    satisfaction: Rate
    on_time: Rate
    reopened: Rate
    extended: Rate
    median_hours: float | None = None
    three_rates: float | None = None
    bonus: float = 0.0
    deduction: float = 0.0
    deductions: dict[str, float] = field(default_factory=dict)
    index: float | None = None
    ranked: bool = False
    rank: int | None = None
    weights_version: str = ""


# What a department may say by itself, from its own system or at the portal's desk. Routing checks each before it
# becomes a fact, of which the department is told too if its manifest lists it among the events.
DEPARTMENT_WORDS: tuple[type[Event], ...] = (
    OrderSigned,
    OrderReturned,
    ContactMade,
    ProgressReported,
    MilestoneReached,
    ExtensionRequested,
    FeedbackSubmitted,
)

# What another platform may say by itself. Intake checks it before it becomes a fact.
PLATFORM_WORDS: tuple[type[Event], ...] = (AppealHandedOver,)

# What another platform may hear: what becomes of its own appeals, and nothing else.
PLATFORM_EVENTS: tuple[type[Event], ...] = (HandoverTaken, HandoverRefused, HandoverUpdated)
