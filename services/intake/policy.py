"""Reads the numbers of intake and the lawful reasons for not taking an appeal on."""

from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.calendar import LimitField
from appeals.settings import from_yaml
from services.intake.domain import Policy, Reason
from services.intake.traits import Likeness, Threshold

POLICY_FILE = Path(__file__).with_name("policy.yml")
REASONS_FILE = Path(__file__).with_name("reasons.yml")


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
    supplement = LimitField(required=True)
    likeness = fields.Nested(_LikenessSchema, required=True)

    @post_load
    def make(self, values, **_) -> Policy:
        return Policy(**values)


class _ReasonSchema(Schema):
    text = fields.String(required=True)
    where_to_go = fields.String(required=True)
    source = fields.String(required=True)

    @post_load
    def make(self, values, **_) -> Reason:
        return Reason(**values)


class _ReasonsSchema(Schema):
    version = fields.String(required=True)
    reasons = fields.Dict(keys=fields.String(), values=fields.Nested(_ReasonSchema), required=True)


def load_policy(path: Path = POLICY_FILE) -> Policy:
    """The numbers in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _PolicySchema)


def load_reasons(path: Path = REASONS_FILE) -> dict[str, Reason]:
    """The reasons in a file, by their codes. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _ReasonsSchema)["reasons"]
