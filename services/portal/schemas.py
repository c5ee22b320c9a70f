"""What the portal is asked, field by field. A loaded body holds the facts of the command that it becomes."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import ValidationError, post_load, validates_schema

from appeals.events import Applicant
from appeals.units import Units
from services.portal.fields import (
    AccusedUnit,
    Body,
    Choice,
    Count,
    CreditCode,
    Day,
    Department,
    Fault,
    FileHash,
    FileName,
    Flag,
    Line,
    Many,
    Month,
    Number,
    Part,
    Receipt,
    Switch,
)
from services.portal.reading import Place
from services.portal.rights import NOBODY, Principal
from services.portal.words import CODES

FEWEST_PARTS, MOST_PARTS = 2, 10
MOST_DAYS = 60
LARGEST_FIGURE = 10**15


class Request(Body):
    """A body, or query parameters; `departments` are the names of those that are plugged in, by code."""

    def __init__(self, departments: Mapping[str, str] | None = None, units: Units | None = None, **options):
        super().__init__(**options)
        self.departments = departments or {}
        self.units = units or Units(())


class AccusedUnits(Many):
    """Whom an appeal is about, as one list of codes and free texts."""

    def __init__(self):
        super().__init__(AccusedUnit(), 10)

    def _deserialize(self, value, attr, data, **options) -> tuple[str, ...]:
        found = super()._deserialize(value, attr, data, **options)
        return tuple(dict.fromkeys(one for each in found for one in each))


class ApplicantPart(Body):
    """Who appeals."""

    name = Line(100, required=True)
    kind = Choice("applicant_kind", load_default="enterprise")
    uscc = CreditCode()
    city = Line(50)
    park = Line(100)


class ContactPart(Body):
    """Whom to call. It goes to intake and is shown nowhere."""

    name = Line(50)
    phone = Line(30)


class AttachmentPart(Body):
    """A file that was uploaded, by its hash, and the name it has here."""

    sha256 = FileHash(required=True)
    name = FileName(required=True)


class AgentPart(Body):
    """Who acts for the applicant, and the hash of the document that authorises them. It is shown nowhere."""

    name = Line(50, required=True)
    phone = Line(30, required=True)
    authorisation = FileHash(required=True)


class NewAppeal(Request):
    """An appeal, as it is handed in."""

    title = Line(200, required=True)
    text = Line(5000, required=True)
    applicant = Part(ApplicantPart, required=True)
    channel = Choice("channel", load_default="portal")
    kind = Choice("kind", load_default="help")
    urgency = Choice("urgency", load_default="normal")
    category = Choice("category", load_default="other")
    classification = Choice("classification", load_default="ordinary")
    accused = AccusedUnits()
    contact = Part(ContactPart, load_default=dict)
    agent = Part(AgentPart, load_default=dict)
    complexity = Choice("complexity", load_default="normal")
    outside_reference = Line(64)
    attachments = Many(Part(AttachmentPart), 20)

    @post_load
    def as_command(self, values, **_) -> dict:
        applicant, contact, agent = (values.pop(name) for name in ("applicant", "contact", "agent"))
        return values | {
            "applicant": Applicant(**(applicant | {"uscc": applicant["uscc"] or None})),
            "contact_name": contact.get("name", ""),
            "contact_phone": contact.get("phone", ""),
            "agent_name": agent.get("name", ""),
            "agent_phone": agent.get("phone", ""),
            "authorisation": agent.get("authorisation", ""),
        }


class HandedOverAppeal(NewAppeal):
    """An appeal that another platform hands over, under a reference of its own and by a channel of its own."""

    reference = Line(39, required=True)

    class Meta(NewAppeal.Meta):
        exclude = ("outside_reference",)

    def __init__(self, departments=None, units=None, principal: Principal = NOBODY, **options):
        super().__init__(departments, units, **options)
        self.principal = principal

    @validates_schema
    def check_own(self, values, **_):
        """By one of its channels, and not more confidential than it may."""
        wrong = {}
        for name, own in (("channel", self.principal.channels), ("classification", self.principal.cleared)):
            if values[name] not in own:
                listed = ", ".join(own)
                wrong[name] = [Fault("not-listed", (f"本平台可用：{listed}", f"this platform may use: {listed}"))]
        if wrong:
            raise ValidationError(wrong)

    @post_load
    def by_its_name_here(self, values, **_) -> dict:
        return values | {"outside_reference": values.pop("reference")}


class Referral(Request):
    """An emergency that the words of an appeal do not tell: the number it is referred to, and why."""

    where = Choice("emergency_number", required=True)
    why = Line(200, required=True)


class Acceptance(Request):
    """Taking an appeal on; what is left out stays as it was submitted."""

    kind = Choice("kind", load_default="")
    urgency = Choice("urgency", load_default="")
    category = Choice("category", load_default="")
    complexity = Choice("complexity", load_default="")
    special_regime = Choice("special_regime", load_default="")
    emergency = Choice("emergency_decision", load_default="")
    task_force = Flag(load_default=False)
    linked_to = Line(64)


class Rejection(Request):
    """Not taking an appeal on; without an explanation the applicant is told the lawful reason.

    With `earlier`, the receipt of an appeal that this one repeats, the applicant is also told how that one stands.
    """

    reason = Choice("rejection_reason", required=True)
    explanation = Line(2000)
    where_to_go = Line(500)
    earlier = Receipt()


class Merge(Request):
    """Letting an appeal go as another open one about the same matter goes."""

    into = Receipt(required=True)
    reason = Line(500)


class Unmerge(Request):
    """Taking a merge back while the main appeal is open."""

    reason = Line(500, required=True)


class Link(Request):
    """Noting that an appeal belongs with another; both keep their own clocks."""

    linked_to = Receipt(required=True)
    reason = Line(500, required=True)


class PartOfAppeal(Body):
    """One matter of a text that holds several; what is left out is as in the whole."""

    title = Line(200, required=True)
    text = Line(5000, required=True)
    kind = Choice("kind", load_default="")
    category = Choice("category", load_default="")


class Splitting(Request):
    """Making an appeal of each matter of a text."""

    parts = Many(Part(PartOfAppeal), MOST_PARTS, required=True, least=FEWEST_PARTS)
    reason = Line(500)


class SupplementRequest(Request):
    """All that the applicant has to add, at once; a second time only what is new in the supplement."""

    missing = Many(Line(200, required=True), 20, required=True)
    note = Line(1000)
    new_matter = Line(1000)


class IdentityView(Request):
    """Who appeals and whom to call: masked, or with a purpose in clear, once; the purpose is noted."""

    purpose = Line(200)


class Supplement(Request):
    """What the applicant adds."""

    text = Line(5000, required=True)
    attachments = Many(Part(AttachmentPart), 20)


class Dispatch(Request):
    """Who leads and who assists."""

    lead = Department(required=True)
    assist = Many(Department(), 20)
    requirement = Line(2000)


class Designation(Dispatch):
    """Who leads and who assists, as the joint conference has designated, and where it put that down."""

    minutes = Line(200, required=True)


class AccusedCorrection(Request):
    """Who the accused units are that nobody knew; none, if nobody else has to stand aside."""

    accused = AccusedUnits()
    reason = Line(2000, required=True)


class ReturnDecision(Request):
    """Letting an order go on to the next department, or leaving it where it is."""

    approve = Flag(required=True)
    reason = Line(2000, required=True)


class DispatchTrial(Request):
    """An appeal to try the dispatch rules on; nothing happens."""

    title = Line(200, required=True)
    text = Line(5000, required=True)
    category = Choice("category", load_default="other")
    city = Line(50)
    accused = AccusedUnits()


class Signature(Request):
    """A department has the order in hand; nothing needs to be said."""


class ContactRecord(Request):
    """A department has spoken with the applicant, or has tried to and not reached anybody."""

    how = Line(100, required=True)
    reached = Flag(required=True)
    note = Line(2000)


class Progress(Request):
    """What a department is doing."""

    note = Line(5000, required=True)


FiguresPart = Body.from_dict({code: Number(0, LARGEST_FIGURE) for code in CODES["figure"]}, name="FiguresPart")


class Milestone(Request):
    """A named step is done, under way or planned; the figures are those of the vocabulary."""

    name = Line(200, required=True)
    state = Choice("milestone_state", load_default="done")
    on = Day(load_default=None)
    figures = Part(FiguresPart, load_default=dict)
    note = Line(2000)


class ExtensionRequest(Request):
    """Asking for more working days."""

    days = Number(1, MOST_DAYS, required=True)
    reason = Line(2000, required=True)
    plan = Line(2000, required=True)


class Feedback(Request):
    """A department's reply; `evidence` is what proves it, `contact` how the applicant was spoken with."""

    text = Line(10_000, required=True)
    result = Choice("result", required=True)
    evidence = Many(Line(500, required=True), 50)
    contact = Line(200)


class Return(Request):
    """Returning an order that is not the department's to answer; perhaps it is another's."""

    reason = Line(2000, required=True)
    suggested = Department(load_default="")


class Approval(Request):
    """Letting a reply stand; nothing needs to be said."""


class Refusal(Request):
    """Sending a reply back."""

    reason = Line(2000, required=True)


class ExtensionDecision(Request):
    """Giving a department more time, or not."""

    approve = Flag(required=True)
    reason = Line(2000, required=True)
    conference = Line(200)


class SuspensionRequest(Request):
    """Letting an order's clocks stand still; `basis` is the document that says why."""

    reason = Choice("suspension_reason", required=True)
    days = Number(1, 366, required=True)
    basis = Line(2000, required=True)


class Resumption(Request):
    """Letting them run on before the suspension ends by itself."""

    reason = Line(2000, required=True)


class Supervision(Request):
    """Calling a department to account."""

    level = Choice("level", required=True)
    reason = Line(2000, required=True)


class SupervisionLowering(Request):
    """Lowering the level, or taking it back when no other is named."""

    level = Choice("level", load_default="")
    reason = Line(2000, required=True)


class Withdrawal(Request):
    """The applicant takes the appeal back, for good."""

    reason = Line(500, required=True)


class Urge(Request):
    """The applicant asks that the appeal be dealt with."""

    note = Line(500)


class Rating(Request):
    """How it went."""

    rating = Choice("rating", required=True)
    solved = Choice("solved", required=True)
    comment = Line(2000)


class CallbackRecord(Request):
    """An attempt to call the applicant back, and the answer if there is one; `round` 0 is the last."""

    reached = Flag(load_default=False)
    contact_confirmed = Flag(load_default=False)
    record = Line(500)
    rating = Choice("rating", load_default="")
    solved = Choice("solved", load_default="")
    comment = Line(2000)
    note = Line(2000)
    round = Number(0, 99, load_default=0)


class ReviewDecision(Request):
    """The superior's decision on an appeal whose rework is used up; it is final."""

    decision = Choice("review", required=True)
    reason = Line(2000, required=True)


class UnreasonableRequest(Request):
    """Asking that a demand be held unreasonable, on a legal basis."""

    basis = Line(2000, required=True)
    reason = Line(2000, required=True)


class LegalReview(Request):
    """The opinion of legal review on that."""

    supported = Flag(required=True)
    opinion = Line(2000, required=True)


class UnreasonableDecision(Request):
    """Holding a demand unreasonable, or not; the appellant reads the reason and the remedies."""

    approve = Flag(required=True)
    reason = Line(2000, required=True)
    remedies = Line(2000)


class ScoresQuery(Request):
    """Which month to show, and perhaps of which unit only."""

    period = Month(required=True)
    department = Department(load_default="")


class CommonProblemsQuery(Request):
    """Which month to show."""

    period = Month(required=True)


class Cursor(Line):
    """The place where the page before ended."""

    def __init__(self, **options):
        super().__init__(200, **options)
        self.expected = ("上一页返回的 next 中的 cursor", "the cursor of the `next` of the page before")

    def _deserialize(self, value, attr, data, **options) -> Place | None:
        written = super()._deserialize(value, attr, data, **options)
        try:
            return Place.from_cursor(written) if written else None
        except ValueError:
            raise self.fault("invalid") from None


class ListQuery(Request):
    """Which appeals to list; `q` is a text to look for in what they say."""

    q = Line(100)
    state = Choice("state", load_default="")
    category = Choice("category", load_default="")
    department = Department(load_default="")
    outside_reference = Line(64)
    limit = Count(1, 100, load_default=50)
    cursor = Cursor(load_default=None)


class ImportQuery(Request):
    """Whether a file is only to be checked, which is so unless somebody says no."""

    dry_run = Switch(load_default=True)


class ExportQuery(ListQuery):
    """Which appeals to export, and what for; the audit keeps both."""

    class Meta(ListQuery.Meta):
        exclude = ("limit", "cursor")

    purpose = Line(200, required=True)
