"""What the portal answers, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import Schema, fields

from services.portal import words
from services.portal.fields import Labelled, Named


class Answer(Schema):
    """An answer in one language; `departments` are the known departments' names by code."""

    def __init__(self, language: str = words.ZH, departments: Mapping[str, str] | None = None, **options):
        super().__init__(**options)
        self.language, self.departments = language, departments or {}


class Inside(fields.Nested):
    """An answer inside another, in the same language and with the same names."""

    def _serialize(self, nested, attr, obj, **options):
        self.schema.language, self.schema.departments = self.root.language, self.root.departments
        return super()._serialize(nested, attr, obj, **options)


class ApplicantAnswer(Answer):
    """Who appeals."""

    name = fields.String()
    kind = Labelled("applicant_kind")
    uscc = fields.String(allow_none=True)
    city = fields.String()
    park = fields.String()


class OrderAnswer(Answer):
    """A work order. A step has a light until it is done."""

    order = fields.String()
    department = Named()
    role = Labelled("role")
    round = fields.Integer()
    state = Labelled("order_state")
    result = Labelled("result")
    sign_due = fields.AwareDateTime(allow_none=True)
    contact_due = fields.AwareDateTime(allow_none=True)
    reply_due = fields.AwareDateTime(allow_none=True)
    sign_light = Labelled("light")
    contact_light = Labelled("light")
    reply_light = Labelled("light")


class ListedAnswer(Answer):
    """An appeal in a list."""

    receipt = fields.String()
    title = fields.String()
    kind = Labelled("kind")
    urgency = Labelled("urgency")
    category = Labelled("category")
    classification = Labelled("classification")
    state = Labelled("state")
    lead = Named()
    departments = fields.List(Named())
    round = fields.Integer()
    due = fields.AwareDateTime(allow_none=True)
    light = Labelled("light")
    level = Labelled("level")
    platform = fields.String()
    outside_reference = fields.String()
    submitted_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class AttachmentAnswer(Answer):
    """A file of an appeal."""

    sha256 = fields.String()
    name = fields.String()
    type = fields.String(attribute="kind")
    size = fields.Integer()


class FileAnswer(Answer):
    """The file."""


class UploadAnswer(Answer):
    """A file was taken: its hash, by which an appeal names it, what it really is, and its size in bytes."""

    sha256 = fields.String()
    name = fields.String()
    type = fields.String()
    size = fields.Integer()


class RefusedFileAnswer(Answer):
    """An attachment of an e-mail that was not taken, and why."""

    name = fields.String()
    reason = fields.String()


class EmailAnswer(Answer):
    """An e-mail as the draft of an appeal; its attachments were uploaded, those that were not taken are named."""

    title = fields.String()
    text = fields.String()
    sender = fields.String()
    attachments = fields.List(Inside(UploadAnswer))
    refused = fields.List(Inside(RefusedFileAnswer))


class StandingAnswer(Answer):
    """How another appeal stands. The receipt is left out where it is not told; the query code is for the applicant."""

    receipt = fields.String()
    state = Labelled("state")
    due = fields.AwareDateTime(allow_none=True)
    lead = Named()
    query_code = fields.String()


class AppealAnswer(ListedAnswer):
    """An appeal in full. Who it is about, only officers and the applicant are told, and so with other appeals:
    `main` is the one that it goes with, `merged` are those that go with it, `parts` those that it was split into.
    """

    text = fields.String()
    applicant = Inside(ApplicantAnswer)
    channel = Labelled("channel")
    complexity = Labelled("complexity")
    special_regime = Labelled("special_regime")
    emergency = Labelled("emergency")
    attachments = fields.List(Inside(AttachmentAnswer))
    accused = fields.List(Named())
    result = Labelled("result")
    summary = fields.String()
    rating = Labelled("rating")
    solved = Labelled("solved")
    outcome = Labelled("outcome")
    orders = fields.List(Inside(OrderAnswer))
    main = Inside(StandingAnswer, allow_none=True)
    merged = fields.List(Inside(StandingAnswer))
    parts = fields.List(Inside(StandingAnswer))
    split_from = fields.String()


class PageAnswer(Answer):
    """A page of appeals; `next` is where the next page is."""

    appeals = fields.List(Inside(ListedAnswer))
    next = fields.String(allow_none=True)


class EntryAnswer(Answer):
    """One thing that happened."""

    at = fields.AwareDateTime()
    event = fields.String()
    label = fields.String()
    department = fields.String(allow_none=True)
    department_name = fields.String(allow_none=True)
    by = fields.String()
    details = fields.Dict(keys=fields.String())


class TimelineAnswer(Answer):
    """What happened to an appeal, first to last."""

    receipt = fields.String()
    timeline = fields.List(Inside(EntryAnswer))


class SaidAnswer(Answer):
    """An event that an action caused."""

    id = fields.String()
    type = fields.String()
    receipt = fields.String()


class DoneAnswer(Answer):
    """An action was done, and its events are kept."""

    said = fields.List(Inside(SaidAnswer))


class SplitAnswer(DoneAnswer):
    """An appeal was split; `parts` are the receipts of its parts."""

    parts = fields.List(fields.String())


class SubmittedAnswer(DoneAnswer):
    """An appeal was taken in. The query code opens it for its applicant; it is told only here.

    `notice` is there when the appeal tells of an emergency: call 110 now.
    """

    receipt = fields.String()
    query_code = fields.String()
    notice = fields.String(allow_none=True)


class LookAnswer(Answer):
    """What was seen of one department or service at the broker, and what an operator is told of it."""

    code = fields.String()
    name = fields.String()
    severity = fields.String(metadata={"enum": ["well", "warning", "critical"]})
    severity_label = fields.String()
    finding = fields.String()
    consumers = fields.Integer()
    waiting = fields.Integer()
    retrying = fields.Integer()
    dead_letters = fields.Integer()
    words_waiting = fields.Integer()
    queue_limit = fields.Integer(allow_none=True)


class HealthAnswer(Answer):
    """How every department and service is doing."""

    departments = fields.List(Inside(LookAnswer))
    services = fields.List(Inside(LookAnswer))


class UnitAnswer(Answer):
    """A unit, and whether it can be sent an order."""

    code = fields.String()
    name = fields.String()
    plugged_in = fields.Boolean()


class SeenApplicantAnswer(Answer):
    """Who appeals, as intake keeps it."""

    name = fields.String()
    kind = fields.String()
    uscc = fields.String(allow_none=True)
    city = fields.String()
    park = fields.String()


class SeenContactAnswer(Answer):
    """Whom to call."""

    name = fields.String()
    phone = fields.String()


class IdentityAnswer(Answer):
    """Who appeals and whom to call."""

    masked = fields.Boolean()
    applicant = fields.Nested(SeenApplicantAnswer)
    contact = fields.Nested(SeenContactAnswer)


class RunnerUpAnswer(Answer):
    """A rule that came close."""

    rule = fields.String()
    unit = fields.Nested(UnitAnswer)
    points = fields.Integer()


class TrialAnswer(Answer):
    """Whose duty an appeal would be; `held` says why a person would have to decide, and is empty otherwise."""

    lead = fields.Nested(UnitAnswer, allow_none=True)
    assist = fields.List(fields.Nested(UnitAnswer))
    form = fields.String()
    rule = fields.String()
    held = fields.String()
    explanation = fields.String()
    runners_up = fields.List(fields.Nested(RunnerUpAnswer))
    rules_version = fields.String()


class RateAnswer(Answer):
    """A share: `count` of `n`, with Wilson's interval; null when there is nothing to divide by."""

    count = fields.Float()
    n = fields.Integer()
    value = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)


class UnitScoreAnswer(Answer):
    """A unit's figures; without enough answers it is not `ranked` (样本不足)."""

    department = fields.String()
    name = fields.String()
    orders = fields.Integer()
    response = fields.Nested(RateAnswer)
    solution = fields.Nested(RateAnswer)
    satisfaction = fields.Nested(RateAnswer)
    on_time = fields.Nested(RateAnswer)
    reopened = fields.Nested(RateAnswer)
    extended = fields.Nested(RateAnswer)
    median_hours = fields.Float(allow_none=True)
    three_rates = fields.Float(allow_none=True)
    bonus = fields.Float()
    deduction = fields.Float()
    deductions = fields.Dict(keys=fields.String(), values=fields.Float())
    index = fields.Float(allow_none=True)
    ranked = fields.Boolean()
    rank = fields.Integer(allow_none=True)
    weights_version = fields.String()


class ScoresAnswer(Answer):
    """The figures of a month, the ranked units first; once `frozen` they stay as they are.

    `first_dispatch` is the share of appeals whose first lead did not return them (首派准确率); null for a single unit.
    """

    period = fields.String()
    frozen = fields.Boolean()
    as_of = fields.AwareDateTime()
    weights_version = fields.String()
    first_dispatch = fields.Nested(RateAnswer, allow_none=True)
    units = fields.List(fields.Nested(UnitScoreAnswer))


class CommonProblemAnswer(Answer):
    """One kind of matter in one place: `count` of `n` appeals, with their receipts."""

    category = fields.String()
    city = fields.String()
    park = fields.String()
    count = fields.Integer()
    n = fields.Integer()
    receipts = fields.List(fields.String())


class FallAnswer(CommonProblemAnswer):
    """A rate that is lower than a month before."""

    rate = fields.String()
    now = fields.Float()
    before = fields.Float()
    n_before = fields.Integer()


class CommonProblemsAnswer(Answer):
    """What came back, stays open, or got worse; `left_out` says what is not counted."""

    period = fields.String()
    as_of = fields.AwareDateTime()
    left_out = fields.Dict(keys=fields.String(), values=fields.String())
    repeats = fields.List(fields.Nested(CommonProblemAnswer))
    open_long = fields.List(fields.Nested(CommonProblemAnswer))
    falls = fields.List(fields.Nested(FallAnswer))


class ColumnAnswer(Answer):
    """A column of a figure: what it is called, and what it `shows`."""

    code = fields.String()
    label = fields.String()
    shows = fields.String(metadata={"enum": ["text", "count", "percent", "days"]})


class FigureAnswer(Answer):
    """A figure as a table; `tells` says in one sentence what it shows. A cell without a value is null, never 0."""

    name = fields.String()
    title = fields.String()
    tells = fields.String()
    since = fields.Date()
    until = fields.Date()
    as_of = fields.AwareDateTime()
    columns = fields.List(fields.Nested(ColumnAnswer))
    rows = fields.List(fields.List(fields.Raw(metadata={"type": ["string", "number", "null"]})))


class CandidateAnswer(Answer):
    """An appeal that another may repeat, and why an officer might think so; `days` before it came in."""

    receipt = fields.String()
    title = fields.String()
    state = Labelled("state")
    submitted_at = fields.AwareDateTime()
    days = fields.Integer()
    similarity = fields.Float()
    shared = fields.List(fields.String())
    reason = fields.String()
    mergeable = fields.Boolean()


class CandidatesAnswer(Answer):
    """Which others an appeal may repeat, the likest first, among those of so many `days`; a person decides."""

    receipt = fields.String()
    days = fields.Integer()
    policy_version = fields.String()
    candidates = fields.List(Inside(CandidateAnswer))


class WordAnswer(Answer):
    """A code in both languages."""

    code = fields.String()
    zh = fields.String()
    en = fields.String()


class FaultAnswer(Answer):
    """What is wrong with one field."""

    field = fields.String()
    message = fields.String()
    expected = fields.String()


class ProblemAnswer(Answer):
    """Why something was not done (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    errors = fields.List(Inside(FaultAnswer))
    idempotency_key = fields.String()
    outside_reference = fields.String()


class RowProblemAnswer(Answer):
    """What is wrong with one cell; without a field it is about the row."""

    field = fields.String()
    column = fields.String()
    message = fields.String()
    expected = fields.String()


class CheckedRowAnswer(Answer):
    """One row of a file that was only checked; `appeal` is what would be submitted."""

    row = fields.Integer()
    state = Labelled("row_state")
    appeal = fields.Dict(keys=fields.String(), allow_none=True)
    problems = fields.List(Inside(RowProblemAnswer))
    warnings = fields.List(fields.String())
    repeats = fields.Integer(allow_none=True)


class CheckedAnswer(Answer):
    """A file was checked, and nothing was submitted."""

    dry_run = fields.Constant(True)
    file = fields.String()
    sha256 = fields.String()
    totals = fields.Dict(keys=fields.String(), values=fields.Integer())
    warnings = fields.List(fields.String())
    rows = fields.List(Inside(CheckedRowAnswer))


class ImportedRowAnswer(Answer):
    """One row of an import; a repeated one has the receipt of what it repeats."""

    row = fields.Integer()
    state = Labelled("row_state")
    receipt = fields.String(allow_none=True)
    query_code = fields.String(allow_none=True)
    problems = fields.List(Inside(RowProblemAnswer))


class ImportAnswer(Answer):
    """How far an import is. `refused_rows` is where the rows that were not taken can be fetched, to be corrected."""

    id = fields.String()
    file = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()
    finished = fields.Boolean()
    done = fields.Integer()
    total = fields.Integer()
    totals = fields.Dict(keys=fields.String(), values=fields.Integer())
    warnings = fields.List(fields.String())
    refused_rows = fields.List(fields.String())
    rows = fields.List(Inside(ImportedRowAnswer))
