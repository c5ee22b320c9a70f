"""A department's manifest: what it may hear, and what it may say. One YAML file each; nothing is allowed by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.events import CORE, DEPARTMENT_WORDS, Event
from appeals.settings import WrongSettings, from_yaml

CLASSIFICATIONS = ("public", "ordinary", "confidential", "anonymous")
EVERY = "*"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What one department is called, hears and says. `ceiling` is the highest classification it is told of."""

    code: str
    name: str
    events: tuple[str, ...]
    words: tuple[str, ...]
    categories: tuple[str, ...] = (EVERY,)
    ceiling: str = "ordinary"
    vertical: bool = False

    def admits(self, topic: str, category: str, classification: str) -> bool:
        """Whether a copy of such an event may go to this department."""
        return (
            topic in self.events
            and (EVERY in self.categories or category in self.categories)
            and CLASSIFICATIONS.index(classification) <= CLASSIFICATIONS.index(self.ceiling)
        )


class Directory:
    """All departments that are plugged in."""

    def __init__(self, manifests: Iterable[Manifest]):
        self._manifests = {manifest.code: manifest for manifest in manifests}

    @classmethod
    def load(cls, folder: Path) -> Directory:
        """Read every manifest in a folder. Raises WrongSettings."""
        paths = sorted(folder.glob("*.yml"))
        if not paths:
            raise WrongSettings(f"{folder}: no manifests (*.yml) there")
        return cls(from_yaml(path, ManifestSchema) for path in paths)

    @property
    def codes(self) -> list[str]:
        """The codes of all departments."""
        return list(self._manifests)

    def get(self, code: str) -> Manifest | None:
        """The manifest of one department."""
        return self._manifests.get(code)

    def admitted(self, event: Event, category: str, classification: str) -> list[str]:
        """The audiences that get a copy of an event: the platform, and departments whose manifest admits it."""
        return [
            audience
            for audience in event.audiences()
            if audience == CORE
            or ((manifest := self.get(audience)) and manifest.admits(event.topic, category, classification))
        ]


class ManifestSchema(Schema):
    """How a manifest is written."""

    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9-]{1,30}$"))
    name = fields.String(required=True)
    events = fields.List(fields.String(), required=True)
    words = fields.List(
        fields.String(validate=validate.OneOf([word.topic for word in DEPARTMENT_WORDS])), required=True
    )
    categories = fields.List(fields.String(), load_default=(EVERY,))
    ceiling = fields.String(load_default="ordinary", validate=validate.OneOf(CLASSIFICATIONS))
    vertical = fields.Boolean(load_default=False)

    @post_load
    def make(self, values, **_) -> Manifest:
        lists = {name: tuple(values[name]) for name in ("events", "words", "categories")}
        return Manifest(**(values | lists))
