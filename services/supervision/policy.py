"""Reads the limits of supervision and answers how long a step may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, fields, post_load

from appeals.calendar import Limit, LimitField
from appeals.settings import from_yaml

SIGN, CONTACT, REPLY = "sign", "contact", "reply"
ASSIST, HARD, NORMAL = "assist", "hard", "normal"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The versioned numbers of supervision; each has its source in the file."""

    version: str
    sign: Mapping[str, Limit]
    contact: Mapping[str, Limit]
    reply: Mapping[str, Mapping[str, Limit]]
    redo: Limit
    most_extension_days: int
    extension_times: int
    follow_up: Limit

    def limit(self, step: str, *, kind: str, urgency: str, complexity: str, role: str) -> Limit:
        """How long a department has for a step; who assists has half the lead's time for its reply."""
        column = HARD if urgency == NORMAL and complexity == HARD else urgency
        if step != REPLY:
            return (self.sign if step == SIGN else self.contact)[column]
        limit = self.reply[kind][column]
        return limit.half() if role == ASSIST else limit


class _ColumnsSchema(Schema):
    critical = LimitField(required=True)
    urgent = LimitField(required=True)
    normal = LimitField(required=True)
    hard = LimitField(required=True)


class _RepliesSchema(Schema):
    consult = fields.Nested(_ColumnsSchema, required=True)
    help = fields.Nested(_ColumnsSchema, required=True)
    complaint = fields.Nested(_ColumnsSchema, required=True)
    report = fields.Nested(_ColumnsSchema, required=True)
    suggestion = fields.Nested(_ColumnsSchema, required=True)


class _StepsSchema(Schema):
    sign = fields.Nested(_ColumnsSchema, required=True)
    contact = fields.Nested(_ColumnsSchema, required=True)
    reply = fields.Nested(_RepliesSchema, required=True)


class _ExtensionSchema(Schema):
    most_days = fields.Integer(required=True)
    times = fields.Integer(required=True)


class _PolicySchema(Schema):
    version = fields.String(required=True)
    steps = fields.Nested(_StepsSchema, required=True)
    redo = LimitField(required=True)
    extension = fields.Nested(_ExtensionSchema, required=True)
    follow_up = LimitField(required=True)

    @post_load
    def make(self, values, **_) -> Policy:
        return Policy(
            version=values["version"],
            redo=values["redo"],
            most_extension_days=values["extension"]["most_days"],
            extension_times=values["extension"]["times"],
            follow_up=values["follow_up"],
            **values["steps"],
        )


def load_policy(path: Path) -> Policy:
    """The limits in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _PolicySchema)
