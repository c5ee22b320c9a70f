"""The department that the conformance suite looks at, and how two trials of it are compared."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from appeals.bus.broker import Outgoing
from appeals.bus.handling import AS_USUAL, Handling
from appeals.bus.topology import RETRY_SECONDS
from appeals.department.kit import Department
from appeals.events import Event, OrderDispatched
from appeals.manifest import Manifest
from appeals.samples import event_classes
from appeals.testing.trial import Interrupted, Trial

Story = list[type[Event]]


class Fault(AssertionError):
    """A rule that the department does not keep, and how it was seen."""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial, but for what may differ from one run to the next, such as texts with a time."""

    words: list[str]
    orders: dict[str, str]
    set_aside: list[str]
    settled: int
    troubles: str = field(compare=False)

    @classmethod
    def of(cls, trial: Trial) -> Outcome:
        """As it is now: what was said, the orders' states, why events were set aside, how many are dealt with."""
        return cls(
            words=trial.words,
            orders={row.order: row.state for row in trial.rows('SELECT "order", state FROM work_orders')},
            set_aside=[letter.reason for letter in trial.dead],
            settled=trial.rows("SELECT count(*) FROM inbox WHERE state != 'parked'")[0][0],
            troubles="; ".join(f"{one.topic} was set aside ({one.reason}: {one.error})" for one in trial.dead),
        )

    def __str__(self) -> str:
        said, states = (", ".join(words) or "none" for words in (self.words, self.orders.values()))
        return f"({self.settled} handled; words: {said}; orders: {states}; {self.troubles or 'none was set aside'})"


class Candidate:
    """A department with its manifest; each rule begins as many trials of it as it likes."""

    def __init__(self, department: Department, manifest: Manifest):
        self.department = department
        self.manifest = manifest
        self._outcomes: dict[type[Event], Outcome] = {}

    def trial(self) -> Trial:
        """The department on trial, knowing nothing."""
        return Trial(self.department, self.manifest)

    def outcome(self, story: Story) -> Outcome:
        """What comes of a story when nothing goes wrong; tried out once."""
        if story[-1] not in self._outcomes:
            with self.trial() as trial:
                trial.hear(*story)
                trial.settle_through_retries()
                self._outcomes[story[-1]] = Outcome.of(trial)
        return self._outcomes[story[-1]]

    @property
    def events(self) -> list[type[Event]]:
        """What the manifest lets it hear, in the order in which it happens."""
        return [event for event in event_classes() if event.topic in self.manifest.events]

    @property
    def stories(self) -> list[Story]:
        """For each event the shortest story that ends with it: the order is dispatched first, if that is heard."""
        first = [event for event in self.events if event is OrderDispatched]
        return [[event] if event is OrderDispatched else [*first, event] for event in self.events]

    @property
    def sound(self) -> list[Story]:
        """The stories that come to their end when nothing goes wrong; about the others one rule tells enough."""
        return [story for story in self.stories if self.outcome(story).settled == len(story)]

    def attempts(self, event: type[Event]) -> int:
        """How often an event is tried, as declared beside its handler, when it fails with an unforeseen error."""
        handling = self._handling(event)
        if handling.refuses(Interrupted()):
            return 1
        return 1 + (len(RETRY_SECONDS) if handling.retries is None else handling.retries)

    def is_ordered(self, story: Story) -> bool:
        """Whether every event of a story waits for those before it."""
        return all(self._handling(event).ordered for event in story)

    def _handling(self, event: type[Event]) -> Handling:
        return self.department.handling.get(event, AS_USUAL)


def demand(kept: bool, otherwise: str) -> None:
    """Go on when a rule is kept. Raises Fault."""
    if not kept:
        raise Fault(otherwise)


def demand_same(wanted: object, found: object, when: str) -> None:
    """Go on when two trials came to the same. Raises Fault with both."""
    demand(wanted == found, f"{when}: {found} instead of {wanted}")


def waiting(trial: Trial) -> int:
    """How many events wait for others."""
    return trial.rows("SELECT count(*) FROM inbox WHERE state = 'parked'")[0][0]


def names(story: Story) -> str:
    """A story in one line."""
    return ", ".join(event.topic for event in story)


def changed(outgoing: Outgoing, *, data: dict | None = None, **attributes) -> Outgoing:
    """A message with other attributes, and more in its data."""
    envelope = json.loads(outgoing.body)
    grown = envelope | attributes | {"data": envelope["data"] | (data or {})}
    return replace(outgoing, body=json.dumps(grown, ensure_ascii=False).encode())
