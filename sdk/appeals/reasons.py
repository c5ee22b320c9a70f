"""The lawful reasons for not taking an appeal on, 不予受理. `reasons.yml` has them; intake refuses any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marshmallow import Schema, fields, post_load

from appeals.settings import from_yaml

REASONS_FILE = Path(__file__).with_name("reasons.yml")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A lawful reason: what the applicant is told, and where to go instead."""

    text: str
    en: str
    where_to_go: str
    source: str


class _ReasonSchema(Schema):
    text, en, where_to_go, source = (fields.String(required=True) for _ in range(4))

    @post_load
    def make(self, values, **_) -> Reason:
        return Reason(**values)


class _ReasonsSchema(Schema):
    version = fields.String(required=True)
    reasons = fields.Dict(keys=fields.String(), values=fields.Nested(_ReasonSchema), required=True)


@cache
def load_reasons(path: Path = REASONS_FILE) -> Mapping[str, Reason]:
    """The reasons in a file, by their codes. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _ReasonsSchema)["reasons"]
