"""A department's manifest: what it may hear, and what it may say. One YAML file each; nothing is allowed by default."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.events import CORE, DEPARTMENT_WORDS, Event
from appeals.settings import WrongSettings, from_yaml
from appeals.webhook.target import Webhook, WebhookSchema

log = logging.getLogger("appeals.manifest")

CLASSIFICATIONS = ("public", "ordinary", "confidential", "anonymous")
EVERY = "*"
QUEUE_LIMIT = 200_000
LOOK_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What one department is called, hears and says.

    `ceiling` is the highest classification it is told of. `queue_limit` is how many messages may wait for it,
    and how many of its words for us, before the broker takes no more. `webhook` is where it takes its events by
    HTTP, if it does.
    """

    code: str
    name: str
    events: tuple[str, ...]
    words: tuple[str, ...]
    categories: tuple[str, ...] = (EVERY,)
    ceiling: str = "ordinary"
    vertical: bool = False
    queue_limit: int = QUEUE_LIMIT
    webhook: Webhook | None = None

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
        self._manifests = _by_code(manifests)

    @classmethod
    def load(cls, folder: Path) -> Directory:
        """Read every manifest in a folder. Raises WrongSettings."""
        return cls(_read(folder))

    @property
    def codes(self) -> list[str]:
        """The codes of all departments."""
        return list(self._manifests)

    @property
    def names(self) -> Mapping[str, str]:
        """The departments' names by code, always as they are now."""
        return _Names(self)

    def get(self, code: str) -> Manifest | None:
        """The manifest of one department."""
        return self._manifests.get(code)

    def admitted(self, event: Event, category: str, classification: str) -> list[str]:
        """The audiences that get a copy of an event: the platform, and departments whose manifest admits it.

        What only one department is told is not about an appeal's category or classification.
        """
        return [
            audience
            for audience in event.audiences()
            if audience == CORE
            or (
                (manifest := self.get(audience))
                and (
                    manifest.admits(event.topic, category, classification)
                    if event.tells_core
                    else event.topic in manifest.events
                )
            )
        ]


class LiveDirectory(Directory):
    """The departments whose manifests lie in a folder now: one that is added is plugged in without a restart.

    The folder is looked at again when somebody asks, at most every two seconds. While a manifest is wrong, all
    stay as they were, and the log says why.
    """

    def __init__(self, folder: Path, *, look_seconds: float = LOOK_SECONDS):
        self._folder = folder
        self._look_seconds = look_seconds
        self._seen = _state(folder)
        self._looked = time.monotonic()
        self._known = _by_code(_read(folder))

    @property
    def _manifests(self) -> dict[str, Manifest]:
        if time.monotonic() - self._looked >= self._look_seconds:
            self._looked = time.monotonic()
            self._look()
        return self._known

    def _look(self) -> None:
        try:
            found = _state(self._folder)
            if found != self._seen:
                self._seen = found
                self._known = _by_code(_read(self._folder))
                log.info("departments now: %s", ", ".join(self._known))
        except (OSError, WrongSettings) as error:
            log.error("the departments stay as they were: %s", error)


class _Names(Mapping):
    def __init__(self, directory: Directory):
        self._directory = directory

    def __getitem__(self, code: str) -> str:
        if manifest := self._directory.get(code):
            return manifest.name
        raise KeyError(code)

    def __iter__(self) -> Iterator[str]:
        return iter(self._directory.codes)

    def __len__(self) -> int:
        return len(self._directory.codes)


def _read(folder: Path) -> list[Manifest]:
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise WrongSettings(f"{folder}: no manifests (*.yml) there")
    return [from_yaml(path, ManifestSchema) for path in paths]


def _by_code(manifests: Iterable[Manifest]) -> dict[str, Manifest]:
    known: dict[str, Manifest] = {}
    for manifest in manifests:
        if manifest.code in known:
            raise WrongSettings(f"two manifests have the code {manifest.code}")
        known[manifest.code] = manifest
    return known


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """What tells that a manifest has changed, come or gone."""
    return [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.glob("*.yml"))]


class ManifestSchema(Schema):
    """How a manifest is written."""

    code = fields.String(
        required=True,
        validate=[
            validate.Regexp(r"^[a-z][a-z0-9-]{1,30}$"),
            validate.NoneOf((CORE,), error="{input} is the platform's own audience"),
        ],
    )
    name = fields.String(required=True)
    events = fields.List(fields.String(), required=True)
    words = fields.List(
        fields.String(validate=validate.OneOf([word.topic for word in DEPARTMENT_WORDS])), required=True
    )
    categories = fields.List(fields.String(), load_default=(EVERY,))
    ceiling = fields.String(load_default="ordinary", validate=validate.OneOf(CLASSIFICATIONS))
    vertical = fields.Boolean(load_default=False)
    queue_limit = fields.Integer(load_default=QUEUE_LIMIT, validate=validate.Range(1, 10_000_000))
    webhook = fields.Nested(WebhookSchema, load_default=None)

    @post_load
    def make(self, values, **_) -> Manifest:
        lists = {name: tuple(values[name]) for name in ("events", "words", "categories")}
        return Manifest(**(values | lists))
