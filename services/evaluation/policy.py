"""Reads the numbers of evaluation."""

from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.settings import from_yaml
from services.evaluation.domain import Policy

POLICY_FILE = Path(__file__).with_name("policy.yml")


class _PolicySchema(Schema):
    version = fields.String(required=True)
    answer_days = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    most_reopenings = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))

    @post_load
    def make(self, values, **_) -> Policy:
        return Policy(**values)


def load_policy(path: Path = POLICY_FILE) -> Policy:
    """The numbers in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _PolicySchema)
