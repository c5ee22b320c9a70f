"""What a person or a client may ask of a service, in the order of the loop.

A command is answered after it is durable: with the events that it caused, or with a refusal. The
service that owns the decision is named by `to`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from appeals.events import Applicant, Attachment
from appeals.message import Message


@dataclass(frozen=True, kw_only=True)
class Command(Message):
    """Something that somebody asks for; `by` is who asks."""

    to: ClassVar[str] = ""

    def __init_subclass__(cls, topic: str = "", to: str = "", **options):
        super().__init_subclass__(topic=topic, **options)
        cls.to = to


TRIAL = "SQ-TRIAL"  # the receipt of what is only tried

# 受理 — intake


@dataclass(frozen=True, kw_only=True)
class SubmitAppeal(Command, topic="command.submit", to="intake"):
    """Take an appeal in. `receipt` is a fresh random number, proposed by the door it came through.

    `authorisation` is the hash of the document by which an agent acts; `outside_reference` the number that the appeal
    has on the platform it came from. Another `platform` hands it over.
    """

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
    complexity: str = "normal"
    outside_reference: str = ""
    attachments: tuple[Attachment, ...] = ()
    agent_name: str = ""
    agent_phone: str = ""
    authorisation: str = ""
    platform: str = ""


@dataclass(frozen=True, kw_only=True)
class AskSupplement(Command, topic="command.ask-supplement", to="intake"):
    """Ask the applicant for all that is missing. A second time only about `new_matter` that the supplement brought."""

    missing: tuple[str, ...]
    note: str = ""
    new_matter: str = ""


@dataclass(frozen=True, kw_only=True)
class ProvideSupplement(Command, topic="command.provide-supplement", to="intake"):
    """The applicant adds what was missing."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReferAppeal(Command, topic="command.refer", to="intake"):
    """An officer sees an emergency that the words do not tell, and refers it to its number, such as 110, at once."""

    where: str
    why: str


@dataclass(frozen=True, kw_only=True)
class AcceptAppeal(Command, topic="command.accept", to="intake"):
    """Take the appeal on; what is left empty stays as submitted.

    `emergency` is confirmed or undone, of an appeal that intake has referred to an emergency number.
    """

    kind: str = ""
    urgency: str = ""
    category: str = ""
    complexity: str = ""
    special_regime: str = ""
    task_force: bool = False
    linked_to: str = ""
    emergency: str = ""


@dataclass(frozen=True, kw_only=True)
class RejectAppeal(Command, topic="command.reject", to="intake"):
    """Do not take the appeal on; `earlier` is the receipt of the appeal that it repeats, if the applicant is told."""

    reason: str
    explanation: str
    where_to_go: str = ""
    earlier: str = ""


@dataclass(frozen=True, kw_only=True)
class FindCandidates(Command, topic="command.find-candidates", to="intake"):
    """Ask which other appeals this one may repeat, and why; nothing happens."""


@dataclass(frozen=True, kw_only=True)
class MergeAppeal(Command, topic="command.merge", to="intake"):
    """Let the appeal go as another open one about the same matter goes."""

    into: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class UnmergeAppeal(Command, topic="command.unmerge", to="intake"):
    """Take a merge back."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class LinkAppeal(Command, topic="command.link", to="intake"):
    """Note that the appeal belongs with another, also after its acceptance."""

    linked_to: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AppealPart:
    """One matter of a text that holds several; `receipt` is proposed by the door, what is left empty is inherited."""

    receipt: str
    title: str
    text: str
    kind: str = ""
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class SplitAppeal(Command, topic="command.split", to="intake"):
    """Make an appeal of each matter of a text."""

    parts: tuple[AppealPart, ...]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class WithdrawAppeal(Command, topic="command.withdraw", to="intake"):
    """The applicant takes the appeal back before it is closed."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ViewIdentity(Command, topic="command.view-identity", to="intake"):
    """Ask who appeals and whom to call: masked; or in clear with a purpose, which is noted."""

    purpose: str = ""


# 转办 — routing


@dataclass(frozen=True, kw_only=True)
class DispatchAppeal(Command, topic="command.dispatch", to="routing"):
    """A dispatcher decides who leads and who assists an appeal that is held."""

    lead: str
    assist: tuple[str, ...] = ()
    requirement: str = ""


@dataclass(frozen=True, kw_only=True)
class Designate(Command, topic="command.designate", to="routing"):
    """The joint conference has designated who leads and who assists; `minutes` says where it put that down."""

    lead: str
    assist: tuple[str, ...] = ()
    requirement: str = ""
    minutes: str


@dataclass(frozen=True, kw_only=True)
class CorrectAccused(Command, topic="command.correct-accused", to="routing"):
    """Say who the unknown accused of a held appeal are; none, if nobody has to stand aside."""

    accused: tuple[str, ...] = ()
    reason: str


@dataclass(frozen=True, kw_only=True)
class DecideReturn(Command, topic="command.decide-return", to="routing"):
    """Let an order go on to the next department, or leave it where it is."""

    order: str
    approve: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class TryDispatch(Command, topic="command.try-dispatch", to="routing"):
    """Ask whose duty an appeal would be and why; nothing happens. The receipt is TRIAL."""

    title: str
    text: str
    category: str = "other"
    city: str = ""
    accused: tuple[str, ...] = ()


# 转办 — routing: what people of a department say at the portal's desk. Each has the fields of the department's word.


@dataclass(frozen=True, kw_only=True)
class SignOrder(Command, topic="command.sign", to="routing"):
    """The department has the work order in hand."""

    order: str
    department: str


@dataclass(frozen=True, kw_only=True)
class ReturnOrder(Command, topic="command.return", to="routing"):
    """The appeal is not the department's to answer; perhaps it is for the one with the code `suggested`."""

    order: str
    department: str
    reason: str
    suggested: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordContact(Command, topic="command.record-contact", to="routing"):
    """The department has spoken with the applicant, or has tried to and not `reached` anybody."""

    order: str
    department: str
    how: str
    note: str = ""
    reached: bool = True


@dataclass(frozen=True, kw_only=True)
class ReportProgress(Command, topic="command.report-progress", to="routing"):
    """The department tells what it is doing."""

    order: str
    department: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ReportMilestone(Command, topic="command.report-milestone", to="routing"):
    """A named step is done, under way or planned."""

    order: str
    department: str
    name: str
    state: str = "done"
    on: date | None = None
    figures: dict[str, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestExtension(Command, topic="command.request-extension", to="routing"):
    """The department asks for more working days, with a reason and a plan."""

    order: str
    department: str
    days: int
    reason: str
    plan: str


@dataclass(frozen=True, kw_only=True)
class SubmitFeedback(Command, topic="command.submit-feedback", to="routing"):
    """The department replies. `result` is solved, partly, unsolvable or ongoing."""

    order: str
    department: str
    text: str
    result: str
    evidence: tuple[str, ...] = ()
    contact: str = ""


# 督办 and 办结 — supervision


@dataclass(frozen=True, kw_only=True)
class DecideExtension(Command, topic="command.decide-extension", to="supervision"):
    """Give a department more time, or not; `conference` names the minutes if the joint conference has decided."""

    order: str
    approve: bool
    reason: str
    conference: str = ""


@dataclass(frozen=True, kw_only=True)
class SuspendOrder(Command, topic="command.suspend", to="supervision"):
    """Let an order's clocks stand still for so many working days; `basis` is the document that says why."""

    order: str
    reason: str
    days: int
    basis: str


@dataclass(frozen=True, kw_only=True)
class ResumeOrder(Command, topic="command.resume", to="supervision"):
    """Let an order's clocks run on before the suspension ends by itself."""

    order: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class UrgeAppeal(Command, topic="command.urge", to="supervision"):
    """The applicant asks that the appeal be dealt with."""

    note: str = ""


@dataclass(frozen=True, kw_only=True)
class IssueSupervision(Command, topic="command.issue-supervision", to="supervision"):
    """Call a department to account."""

    order: str
    level: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class LowerSupervision(Command, topic="command.lower-supervision", to="supervision"):
    """Lower the level of an order, or take it back: `level` is then empty."""

    order: str
    reason: str
    level: str = ""


@dataclass(frozen=True, kw_only=True)
class ApproveFeedback(Command, topic="command.approve-feedback", to="supervision"):
    """Let a department's reply stand."""

    order: str


@dataclass(frozen=True, kw_only=True)
class RefuseFeedback(Command, topic="command.refuse-feedback", to="supervision"):
    """Send a department's reply back to be done again."""

    order: str
    reason: str


# 评估 — evaluation


@dataclass(frozen=True, kw_only=True)
class RateAppeal(Command, topic="command.rate", to="evaluation"):
    """The applicant says how it went."""

    rating: str
    solved: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordCallback(Command, topic="command.record-callback", to="evaluation"):
    """An officer has called the applicant back, or tried to; `round` 0 is the last one.

    An answer has both `rating` and `solved`. `record` names the call or message that proves the department's contact
    when the applicant could not be reached.
    """

    reached: bool
    contact_confirmed: bool = False
    record: str = ""
    rating: str = ""
    solved: str = ""
    comment: str = ""
    note: str = ""
    round: int = 0


@dataclass(frozen=True, kw_only=True)
class DecideReview(Command, topic="command.decide-review", to="evaluation"):
    """The superior upholds what the department did, or changes it, and says why."""

    decision: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestUnreasonable(Command, topic="command.request-unreasonable", to="evaluation"):
    """Ask that the demand be held unreasonable, on a legal basis; for the department that leads, or by oneself."""

    basis: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReviewUnreasonable(Command, topic="command.review-unreasonable", to="evaluation"):
    """Legal review gives its opinion on that."""

    supported: bool
    opinion: str


@dataclass(frozen=True, kw_only=True)
class DecideUnreasonable(Command, topic="command.decide-unreasonable", to="evaluation"):
    """Hold the demand unreasonable, or not; the appellant reads the reason and the remedies."""

    approve: bool
    reason: str
    remedies: str = ""


@dataclass(frozen=True, kw_only=True)
class AskScores(Command, topic="command.ask-scores", to="evaluation"):
    """Ask for the figures of a month, of all units or of one; nothing happens. The receipt is the period's."""

    period: str
    department: str = ""


@dataclass(frozen=True, kw_only=True)
class AskCommonProblems(Command, topic="command.ask-common-problems", to="evaluation"):
    """Ask what went wrong in common in a month, 每月一题; nothing happens. The receipt is the period's.

    What is about a unit in `without` is left out, since the asker may not see it.
    """

    period: str
    without: tuple[str, ...] = ()
