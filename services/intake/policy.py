"""Reads the numbers of intake and the lawful reasons for not taking an appeal on."""

from pathlib import Path

from marshmallow import Schema, fields, post_load

from appeals.calendar import LimitField
from appeals.settings import from_yaml
from services.intake.domain import Policy, Reason

POLICY_FILE = Path(__file__).with_name("policy.yml")
REASONS_FILE = Path(__file__).with_name("reasons.yml")


class _PolicySchema(Schema):
    version = fields.String(required=True)
    supplement = LimitField(required=True)

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
