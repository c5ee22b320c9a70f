"""Keys: who holds which API key. The file keeps a digest of each key, never the key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from appeals.manifest import CLASSIFICATIONS, Directory
from appeals.settings import WrongSettings, from_yaml
from appeals.units import Units
from services.portal.rights import DEPARTMENT, STAFF, Principal


@dataclass(frozen=True)
class Places:
    """Where somebody belongs: the departments that are plugged in, and the tree of all units."""

    directory: Directory
    units: Units

    def principal(self, name: str, role: str, department: str, **more) -> Principal:
        """Somebody who belongs to a unit, or to none: what is above it, and what a department may be told of."""
        cleared = CLASSIFICATIONS
        if role == DEPARTMENT:
            plugged_in = department in self.directory.codes
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
        if department and department not in directory.codes:
            raise WrongSettings(f"{path}: {one['name']}: there is no department {department}")
        yield one["key_sha256"], places.principal(one["name"], one["role"], department)


class KeySchema(Schema):
    """How one key is written. Officers may belong to a department too; they then see nothing about it."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    role = fields.String(required=True, validate=validate.OneOf(sorted(STAFF)))
    department = fields.String(load_default="")
    key_sha256 = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))

    @validates_schema
    def check_department(self, values, **_):
        """A department's key says which."""
        if values["role"] == DEPARTMENT and not values["department"]:
            raise ValidationError("needed for this role", "department")


class KeysSchema(Schema):
    """How the file is written."""

    keys = fields.List(fields.Nested(KeySchema), required=True)
