"""A manifest: what a department or another platform may hear, and what it may say.

One YAML file each; nothing is allowed by default.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from appeals.events import CORE, DEPARTMENT_WORDS, PLATFORM_EVENTS, PLATFORM_WORDS, Event
from appeals.settings import WrongSettings, from_yaml
from appeals.webhook.target import Webhook, WebhookSchema

log = logging.getLogger("appeals.manifest")

CLASSIFICATIONS = ("public", "ordinary", "confidential", "anonymous")
EVERY = "*"
DEPARTMENT, PLATFORM = "department", "platform"
WORDS_OF = {DEPARTMENT: DEPARTMENT_WORDS, PLATFORM: PLATFORM_WORDS}
LONGEST_PLATFORM_CODE = 24  # its references stand behind it where a receipt would
CODE = r"^[a-z][a-z0-9-]{1,30}$"
QUEUE_LIMIT = 200_000
LOOK_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What one department is called, hears and says.

    `ceiling` is the highest classification it is told of. `queue_limit` is how many messages may wait for it,
    and how many of its words for us, before the broker takes no more. `webhook` is where it takes its events by
    HTTP, if it does. A platform hands appeals over by its `channels`, up to its ceiling.
    """

    code: str
    name: str
    kind: str = DEPARTMENT
    channels: tuple[str, ...] = ()
    events: tuple[str, ...]
    words: tuple[str, ...]
    categories: tuple[str, ...] = (EVERY,)
    ceiling: str = "ordinary"
    vertical: bool = False
    queue_limit: int = QUEUE_LIMIT
    webhook: Webhook | None = None

    def clears(self, classification: str) -> bool:
        """Whether the classification is not above its ceiling."""
        return CLASSIFICATIONS.index(classification) <= CLASSIFICATIONS.index(self.ceiling)

    def admits(self, topic: str, category: str, classification: str) -> bool:
        """Whether a copy of such an event may go to this department."""
        return (
            topic in self.events
            and (EVERY in self.categories or category in self.categories)
            and self.clears(classification)
        )


class Directory:
    """All departments and other platforms that are plugged in."""

    def __init__(self, manifests: Iterable[Manifest]):
        self._manifests = _by_code(manifests)

    @classmethod
    def load(cls, folder: Path) -> Directory:
        """Read every manifest in a folder. Raises WrongSettings."""
        return cls(_read(folder))

    @property
    def codes(self) -> list[str]:
        """All codes."""
        return list(self._manifests)

    def of_kind(self, kind: str) -> list[str]:
        """The codes of all departments, or of all platforms."""
        return [code for code, manifest in self._manifests.items() if manifest.kind == kind]

    @property
    def departments(self) -> list[str]:
        """The codes of all departments."""
        return self.of_kind(DEPARTMENT)

    @property
    def names(self) -> Mapping[str, str]:
        """The departments' names by code, always as they are now."""
        return _Names(self)

    def get(self, code: str) -> Manifest | None:
        """The manifest of one department or platform."""
        return self._manifests.get(code)

    def admitted(self, event: Event, category: str, classification: str) -> list[str]:
        """The audiences that get a copy of an event: the platform, and departments whose manifest admits it.

        What hides the matter is not about an appeal's category or classification.
        """
        return [
            audience
            for audience in event.audiences()
            if audience == CORE
            or (
                (manifest := self.get(audience))
                and (
                    manifest.admits(event.topic, category, classification)
                    if not event.hides_matter
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
                log.info("plugged in now: %s", ", ".join(self._known))
        except (OSError, WrongSettings) as error:
            log.error("the departments stay as they were: %s", error)


class _Names(Mapping):
    def __init__(self, directory: Directory):
        self._directory = directory

    def __getitem__(self, code: str) -> str:
        manifest = self._directory.get(code)
        if manifest and manifest.kind == DEPARTMENT:
            return manifest.name
        raise KeyError(code)

    def __iter__(self) -> Iterator[str]:
        return iter(self._directory.departments)

    def __len__(self) -> int:
        return len(self._directory.departments)


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
            validate.Regexp(CODE),
            validate.NoneOf((CORE,), error="{input} is the platform's own audience"),
        ],
    )
    name = fields.String(required=True)
    kind = fields.String(load_default=DEPARTMENT, validate=validate.OneOf((DEPARTMENT, PLATFORM)))
    channels = fields.List(fields.String(validate=validate.Length(1, 64)), load_default=())
    events = fields.List(fields.String(), required=True)
    words = fields.List(fields.String(), required=True)
    categories = fields.List(fields.String(), load_default=(EVERY,))
    ceiling = fields.String(load_default="ordinary", validate=validate.OneOf(CLASSIFICATIONS))
    vertical = fields.Boolean(load_default=False)
    queue_limit = fields.Integer(load_default=QUEUE_LIMIT, validate=validate.Range(1, 10_000_000))
    webhook = fields.Nested(WebhookSchema, load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def check_kind(self, values, **_):
        """A department says departments' words; a platform hands over, by a channel, and hears of its own only."""
        wrong: dict = {}
        _check_listed(wrong, "words", values["words"], WORDS_OF[values["kind"]])
        if values["kind"] == PLATFORM:
            _check_listed(wrong, "events", values["events"], PLATFORM_EVENTS)
            if tuple(values["categories"]) != (EVERY,):
                wrong["categories"] = ["a platform hears of all that it hands over"]
            if not values["channels"]:
                wrong["channels"] = ["a platform has at least one"]
            if len(values["code"]) > LONGEST_PLATFORM_CODE:
                wrong["code"] = [f"a platform's has at most {LONGEST_PLATFORM_CODE} characters"]
        elif values["channels"]:
            wrong["channels"] = ["only a platform has channels"]
        if wrong:
            raise ValidationError(wrong)

    @post_load
    def make(self, values, **_) -> Manifest:
        lists = {name: tuple(values[name]) for name in ("events", "words", "categories", "channels")}
        return Manifest(**(values | lists))


def _check_listed(wrong: dict, name: str, topics: Iterable[str], known: Iterable[type[Event]]) -> None:
    """Note the places of topics that this kind may not have."""
    listed = [event.topic for event in known]
    if found := {
        place: [f"Must be one of: {', '.join(listed)}."] for place, topic in enumerate(topics) if topic not in listed
    }:
        wrong[name] = found
