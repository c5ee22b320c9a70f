"""Reads the rules of returns, and answers until when an order may be returned and by when a return is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.calendar import Calendar, Limit, LimitField
from appeals.settings import from_yaml

POLICY = Path(__file__).with_name("policy.yml")
AUTO, DISPATCHER = "auto", "dispatcher"
HARD, NORMAL = "hard", "normal"
A_WORKING_DAY = Limit(1, "wd")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The versioned numbers of returns; each has its source in the file."""

    version: str
    return_within: Mapping[str, Limit]
    return_times: int
    return_decision: str

    def return_due(self, dispatched_at: datetime, calendar: Calendar, *, urgency: str, complexity: str) -> datetime:
        """Until when an order may be returned."""
        column = HARD if urgency == NORMAL and complexity == HARD else urgency
        return calendar.due(dispatched_at, self.return_within[column])

    @staticmethod
    def decide_by(asked_at: datetime, calendar: Calendar) -> datetime:
        """When the offices close on the day of a return, or on the next working day after that."""
        today = calendar.due(asked_at - timedelta(days=1), A_WORKING_DAY)
        return today if today > asked_at else calendar.due(asked_at, A_WORKING_DAY)


class _LimitsSchema(Schema):
    critical = LimitField(required=True)
    urgent = LimitField(required=True)
    normal = LimitField(required=True)
    hard = LimitField(required=True)


class _PolicySchema(Schema):
    version = fields.String(required=True, validate=validate.Length(1, 32))
    return_within = fields.Nested(_LimitsSchema, required=True)
    return_times = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10))
    return_decision = fields.String(required=True, validate=validate.OneOf([AUTO, DISPATCHER]))

    @post_load
    def make(self, values, **_) -> Policy:
        return Policy(**values)


def load_policy(path: Path = POLICY) -> Policy:
    """The rules in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _PolicySchema)
