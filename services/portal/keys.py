"""Keys: who holds which API key. The file keeps a digest of each key, never the key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from appeals.manifest import CLASSIFICATIONS, CODE, Directory
from appeals.settings import WrongSettings, from_yaml
from appeals.units import Units
from services.portal.rights import DEPARTMENT, PLATFORM, STAFF, Principal
from services.portal.words import CODES


@dataclass(frozen=True)
class Places:
    """Where somebody belongs: the departments that are plugged in, and the tree of all units."""

    directory: Directory
    units: Units

    def principal(self, name: str, role: str, department: str, *, ceiling: str = "", **more) -> Principal:
        """Somebody who belongs to a unit, or to none: what is above it, and what a department may be told of.

        `ceiling` is a platform's.
        """
        cleared = self._below(ceiling) if ceiling else CLASSIFICATIONS
        if role == DEPARTMENT:
            plugged_in = department in self.directory.departments
            cleared = self._below(self.directory.get(department).ceiling) if plugged_in else ()
        above = tuple(self.units.lineage(department)[1:]) if department else ()
        return Principal(name=name, role=role, department=department, above=above, cleared=cleared, **more)

    @staticmethod
    def _below(ceiling: str) -> tuple[str, ...]:
        return CLASSIFICATIONS[: CLASSIFICATIONS.index(ceiling) + 1]


@dataclass(frozen=True)
class Keyring:
    """All keys: pairs of a SHA-256 digest and its holder."""

    keys: tuple[tuple[str, Principal], ...] = ()

    @classmethod
    def load(cls, path: str, directory: Directory, units: Units) -> Keyring:
        """Read a file of keys; without a file nobody has one. Raises WrongSettings."""
        if not path:
            return cls()
        found = from_yaml(Path(path), KeysSchema)["keys"]
        return cls(tuple(_pairs(path, found, directory, units)))

    def holder(self, key: str) -> Principal | None:
        """Whose key this is. Every key is compared, so that the time tells nothing."""
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        holder = None
        for known, principal in self.keys:
            if hmac.compare_digest(known, digest):
                holder = principal
        return holder


def _pairs(path: str, found: Iterable[dict], directory: Directory, units: Units) -> Iterable[tuple[str, Principal]]:
    places = Places(directory, units)
    for one in found:
        department = one["department"]
        if department and department not in directory.departments:
            raise WrongSettings(f"{path}: {one['name']}: there is no department {department}")
        more = {}
        if one["role"] == PLATFORM:
            more = {name: one[name] for name in ("platform", "ceiling")} | {"channels": tuple(one["channels"])}
        yield one["key_sha256"], places.principal(one["name"], one["role"], department, **more)


class KeySchema(Schema):
    """How one key is written. Officers may belong to a department too; they then see nothing about it.

    A platform has a code, the channels that it hands over by, and the highest classification of what it hands over.
    """

    name = fields.String(required=True, validate=validate.Length(1, 100))
    role = fields.String(required=True, validate=validate.OneOf(sorted(STAFF | {PLATFORM})))
    department = fields.String(load_default="")
    platform = fields.String(load_default="", validate=validate.Regexp(rf"^$|{CODE}"))
    channels = fields.List(fields.String(validate=validate.OneOf(list(CODES["channel"]))), load_default=())
    ceiling = fields.String(load_default="ordinary", validate=validate.OneOf(CLASSIFICATIONS))
    key_sha256 = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))

    @validates_schema
    def check_department(self, values, **_):
        """A department's key says which, and a platform's which and by what channels; nobody else's does."""
        if values["role"] == DEPARTMENT and not values["department"]:
            raise ValidationError("needed for this role", "department")
        for name in ("platform", "channels"):
            if (values["role"] == PLATFORM) != bool(values[name]):
                raise ValidationError("needed for the role platform, and for no other", name)
        if values["role"] == PLATFORM and values["department"]:
            raise ValidationError("a platform belongs to no department", "department")


class KeysSchema(Schema):
    """How the file is written."""

    keys = fields.List(fields.Nested(KeySchema), required=True)
