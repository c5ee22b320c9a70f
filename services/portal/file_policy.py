"""Reads what the portal takes as an attachment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.calendar import Limit, LimitField
from appeals.settings import from_yaml
from services.portal.kinds import KINDS

POLICY_FILE = Path(__file__).with_name("policy.yml")


@dataclass(frozen=True, kw_only=True)
class FilePolicy:
    """The numbers of one version; each is explained in the file."""

    bytes: int
    form_bytes: int
    email_bytes: int
    kinds: tuple[str, ...]
    unpacked_bytes: int
    entries: int
    ratio: int
    waiting: Limit
    waiting_bytes: int


def _count() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(1))


class _FilesSchema(Schema):
    bytes, form_bytes, email_bytes, unpacked_bytes, entries, ratio, waiting_bytes = (_count() for _ in range(7))
    kinds = fields.List(fields.String(validate=validate.OneOf(KINDS)), required=True)
    waiting = LimitField(required=True, validate=lambda limit: limit.unit == "h")
    source = fields.String(required=True)

    @post_load
    def make(self, values, **_) -> FilePolicy:
        del values["source"]
        return FilePolicy(**values | {"kinds": tuple(values["kinds"])})


class _PolicySchema(Schema):
    version = fields.String(required=True)
    files = fields.Nested(_FilesSchema, required=True)


def load_file_policy(path: Path = POLICY_FILE) -> FilePolicy:
    """What is taken, by a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _PolicySchema)["files"]
