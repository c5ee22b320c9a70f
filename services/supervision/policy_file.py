"""Reads `policy.yml`, and tells file, line and field of what is wrong in it."""

from __future__ import annotations

from pathlib import Path

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from appeals.calendar import LimitField
from appeals.regimes import load_regimes
from appeals.settings import from_yaml
from appeals.units import Units, load_units
from services.supervision.ladder import CARDS, LEVELS
from services.supervision.policy import (
    Commitment,
    Extension,
    Ladder,
    Lights,
    Policy,
    Review,
    Rung,
    SentBack,
    Suspension,
)
from services.supervision.reviewing import CHECKS

POLICY = Path(__file__).with_name("policy.yml")
KINDS = ("consult", "help", "complaint", "report", "suggestion")
COLUMNS = ("critical", "urgent", "normal", "hard")


def _source() -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1))


def _count(least: int = 0, most: int = 366) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(least, most))


def _text() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 64))


def _texts(**options) -> fields.List:
    return fields.List(_text(), required=True, validate=validate.Length(min=1), **options)


def _group(**members) -> type[Schema]:
    """A schema of these fields; `source` says where its numbers are from, and goes no further."""
    return Schema.from_dict({**members, "source": _source()})


def _by_column(field) -> dict:
    return {name: field() for name in COLUMNS}


def _limit() -> LimitField:
    return LimitField(required=True)


_Columns = _group(**_by_column(_limit))
_AtLeast = _group(amount=_count(1))
_OneLimit = _group(limit=_limit())


class _Made(Schema):
    """A group that becomes an object of the policy."""

    makes: type

    @post_load
    def make(self, values, **_):
        return self.makes(**values)


def _commitments(units: Units) -> fields.List:
    """What units have promised, each of them in the tree of units."""
    known = validate.OneOf([unit.code for unit in units], error="{input} is not in the tree of units")

    class CommitmentSchema(_Made):
        makes = Commitment
        department = fields.String(required=True, validate=known)
        kind = fields.String(required=True, validate=validate.OneOf(KINDS))
        limit = _limit()
        source = _source()

    return fields.List(fields.Nested(CommitmentSchema), required=True)


class _LightsSchema(_Made):
    makes = Lights
    blue, yellow, orange = (_count(1, 99) for _ in range(3))
    yellow_left, orange_left = _limit(), _limit()
    source = _source()

    @validates_schema(skip_on_field_errors=True)
    def check_order(self, values, **_) -> None:
        """Raises ValidationError when a later light would be shown before an earlier one."""
        for lower, higher in (("blue", "yellow"), ("yellow", "orange")):
            if values[higher] <= values[lower]:
                raise ValidationError(f"is not above {lower}", higher)

    @post_load
    def make(self, values, **_):
        del values["source"]
        return Lights(**values)


class _RungSchema(_Made):
    makes = Rung
    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    after = LimitField()


class _SentBackSchema(_Made):
    makes = SentBack
    times = _count(1, 9)
    level = fields.String(required=True, validate=validate.OneOf(CARDS))


class _Rungs(fields.List):
    """Rungs, of which the first has no time and every other has one."""

    def __init__(self):
        super().__init__(fields.Nested(_RungSchema), required=True, validate=validate.Length(min=1))

    def _deserialize(self, value, attr, data, **options):
        rungs = super()._deserialize(value, attr, data, **options)
        wrong = {
            number: {"after": ["the first rung is reached at the miss" if number == 0 else "is missing"]}
            for number, rung in enumerate(rungs)
            if (rung.after is None) != (number == 0)
        }
        if wrong:
            raise ValidationError(wrong)
        return tuple(rungs)


class _LadderSchema(Schema):
    sign, contact, reply = _Rungs(), _Rungs(), _Rungs()
    reply_within = fields.Nested(Schema.from_dict({level: _limit() for level in CARDS}), required=True)
    vertical = fields.Nested(
        Schema.from_dict(
            {level: fields.String(required=True, validate=validate.OneOf(["letter", "conference"])) for level in CARDS}
        ),
        required=True,
    )
    after_lowering = _limit()
    sent_back = fields.Nested(_SentBackSchema, required=True)
    urge_every = _limit()
    source = _source()

    @post_load
    def make(self, values, **_) -> Ladder:
        return Ladder(
            rungs={step: values[step] for step in ("sign", "contact", "reply")},
            after_lowering=values["after_lowering"],
            sent_back=values["sent_back"],
            reply_within=values["reply_within"],
            vertical=values["vertical"],
            urge_every=values["urge_every"],
        )


class _OneExtensionSchema(_Made):
    makes = Extension
    most, times, total = _count(), _count(0, 9), _count()
    conference = fields.Integer(strict=True, validate=validate.Range(1, 9))


class _SuspensionSchema(_Made):
    makes = Suspension
    most = fields.Nested(Schema.from_dict(_by_column(_count)), required=True)
    review_every = _count(1)
    reasons = _texts()
    source = _source()

    @post_load
    def make(self, values, **_) -> Suspension:
        return Suspension(most=values["most"], review_every=values["review_every"], reasons=tuple(values["reasons"]))


class _ReviewSchema(Schema):
    lead = fields.List(fields.String(validate=validate.OneOf(CHECKS)), required=True)
    assist = fields.List(fields.String(validate=validate.OneOf(CHECKS)), required=True)
    attempts = _count(1, 9)
    attempts_apart = _limit()
    source = _source()

    @validates_schema
    def check_lead(self, values, **_) -> None:
        """Raises ValidationError when a lead's reply could stand without what the law asks of it."""
        if lacking := [check for check in CHECKS if check not in values["lead"]]:
            raise ValidationError({"lead": [f"{', '.join(lacking)} may not be left out"]})

    @post_load
    def make(self, values, **_) -> Review:
        checks = {"lead": tuple(values["lead"]), "assist": tuple(values["assist"])}
        return Review(checks=checks, attempts=values["attempts"], attempts_apart=values["attempts_apart"])


def _shares() -> fields.List:
    return fields.List(_count(1, 99), required=True)


_Replies = Schema.from_dict({kind: fields.Nested(_Columns, required=True) for kind in KINDS})
_Steps = Schema.from_dict(
    {
        "sign": fields.Nested(_Columns, required=True),
        "contact": fields.Nested(_Columns, required=True),
        "reply": fields.Nested(_Replies, required=True),
    }
)
_Extensions = _group(
    **{name: fields.Nested(_OneExtensionSchema, required=True) for name in COLUMNS}, ask_before=_limit()
)
_FollowUp = _group(ongoing=_limit(), after_close=fields.List(_limit(), required=True))


class _PolicySchema(Schema):
    version = fields.String(required=True, validate=validate.Length(1, 32))
    steps = fields.Nested(_Steps, required=True)
    assist_at_least = fields.Nested(_AtLeast, required=True)
    second_round_at_least = fields.Nested(_AtLeast, required=True)
    sent_back_at_least = fields.Nested(_OneLimit, required=True)
    reminders = fields.Nested(_group(sign=_shares(), contact=_shares(), reply=_shares()), required=True)
    lights = fields.Nested(_LightsSchema, required=True)
    ladder = fields.Nested(_LadderSchema, required=True)
    extension = fields.Nested(_Extensions, required=True)
    suspension = fields.Nested(_SuspensionSchema, required=True)
    review = fields.Nested(_ReviewSchema, required=True)
    follow_up = fields.Nested(_FollowUp, required=True)
    calendar_notice = fields.Nested(_OneLimit, required=True)

    @post_load
    def make(self, values, **_) -> Policy:
        steps, extension = values["steps"], values["extension"]
        return Policy(
            version=values["version"],
            steps={step: steps[step] for step in ("sign", "contact")},
            reply=steps["reply"],
            commitments=tuple(values["commitments"]),
            regimes=load_regimes(),
            assist_at_least=values["assist_at_least"]["amount"],
            second_round_at_least=values["second_round_at_least"]["amount"],
            sent_back_at_least=values["sent_back_at_least"]["limit"],
            reminders={step: tuple(sorted(values["reminders"][step])) for step in ("sign", "contact", "reply")},
            lights=values["lights"],
            ladder=values["ladder"],
            extension={name: extension[name] for name in COLUMNS},
            ask_extension_before=extension["ask_before"],
            suspension=values["suspension"],
            review=values["review"],
            follow_up=values["follow_up"]["ongoing"],
            follow_ups_after_close=tuple(values["follow_up"]["after_close"]),
            calendar_notice=values["calendar_notice"]["limit"],
        )


def load_policy(path: Path = POLICY, units: Units | None = None) -> Policy:
    """The numbers in a file; a unit that promised something has to be in the tree of units, by default our own.

    Raises WrongSettings naming file, line and field.
    """
    return from_yaml(path, _PolicySchema.from_dict({"commitments": _commitments(units or load_units())}))
