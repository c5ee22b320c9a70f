"""Reads the numbers of intake, and the words of emergencies."""

from pathlib import Path

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from appeals.calendar import LimitField
from appeals.settings import from_yaml
from services.intake.domain import Policy
from services.intake.emergency import EmergencyRule
from services.intake.traits import Likeness, Threshold

POLICY_FILE = Path(__file__).with_name("policy.yml")
EMERGENCIES_FILE = Path(__file__).with_name("emergencies.yml")
COLUMNS = ("critical", "urgent", "normal", "hard")


def _text() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 200))


def _count(least: int = 1) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(least))


class _SupplementSchema(Schema):
    limit, remind_after, reopen = (LimitField(required=True) for _ in range(3))
    rounds = _count()
    source = _text()

    @validates_schema
    def check_reminder(self, values, **_) -> None:
        """Raises ValidationError unless the reminder comes before the end."""
        limit, reminder = values["limit"], values["remind_after"]
        if limit.unit != reminder.unit or limit.amount <= reminder.amount:
            raise ValidationError("has to be shorter than the limit, in the same unit", "remind_after")


_Accept = Schema.from_dict({name: LimitField(required=True) for name in COLUMNS} | {"source": _text()})
_Attachments = Schema.from_dict({"count": _count(), "bytes": _count(), "source": _text()})


class _WindowSchema(Schema):
    days = fields.Integer(required=True, validate=validate.Range(1, 3660))
    source = fields.String(required=True)


class _ThresholdSchema(_WindowSchema):
    least = fields.Integer(required=True, validate=validate.Range(2, 1000))

    @post_load
    def make(self, values, **_) -> Threshold:
        return Threshold(least=values["least"], days=values["days"])


class _LikenessSchema(Schema):
    duplicates = fields.Nested(_WindowSchema, required=True)
    repeated = fields.Nested(_ThresholdSchema, required=True)
    collective = fields.Nested(_ThresholdSchema, required=True)

    @post_load
    def make(self, values, **_) -> Likeness:
        return Likeness(days=values.pop("duplicates")["days"], **values)


class _PolicySchema(Schema):
    version = fields.String(required=True)
    accept = fields.Nested(_Accept, required=True)
    supplement = fields.Nested(_SupplementSchema, required=True)
    attachments = fields.Nested(_Attachments, required=True)
    likeness = fields.Nested(_LikenessSchema, required=True)

    @post_load
    def make(self, values, **_) -> Policy:
        supplement, attachments = values["supplement"], values["attachments"]
        return Policy(
            version=values["version"],
            supplement=supplement["limit"],
            remind_after=supplement["remind_after"],
            supplement_rounds=supplement["rounds"],
            reopen=supplement["reopen"],
            accept={name: values["accept"][name] for name in COLUMNS},
            attachments=attachments["count"],
            attachment_bytes=attachments["bytes"],
            likeness=values["likeness"],
        )


class _EmergencySchema(Schema):
    why = _text()
    where = fields.String(required=True, validate=validate.OneOf(["110", "119", "120", "122"]))
    words = fields.List(_text(), required=True, validate=validate.Length(min=1))
    because = _text()

    @post_load
    def make(self, values, **_) -> EmergencyRule:
        return EmergencyRule(why=values["why"], where=values["where"], words=tuple(values["words"]))


class _EmergenciesSchema(Schema):
    version = fields.String(required=True)
    unless = fields.List(_text(), required=True)
    emergencies = fields.List(fields.Nested(_EmergencySchema), required=True)

    @post_load
    def make(self, values, **_) -> tuple[EmergencyRule, ...]:
        return tuple(one.but_not(values["unless"]) for one in values["emergencies"])


def load_policy(path: Path = POLICY_FILE) -> Policy:
    """The numbers in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _PolicySchema)


def load_emergencies(path: Path = EMERGENCIES_FILE) -> tuple[EmergencyRule, ...]:
    """The rules in a file, the most urgent first. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _EmergenciesSchema)
