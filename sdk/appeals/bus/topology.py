"""The names of exchanges and queues, and what each is declared with.

One topic exchange carries every event. The audience comes first in the key, so that a department's copy
reaches that department and nobody else. Failed messages wait in retry tiers, plain queues whose time to
live sends them back, and end in a dead-letter queue of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

EVENTS = "appeal.events"
RETRY_SECONDS = (1, 10, 60)
DELIVERY_LIMIT = 50
COMMAND_SECONDS = 10


@dataclass(frozen=True)
class Exchange:
    """A durable exchange."""

    name: str
    type: str


@dataclass(frozen=True)
class Queue:
    """A durable queue and its arguments."""

    name: str
    arguments: dict = field(hash=False, default_factory=dict)


@dataclass(frozen=True)
class Binding:
    """What `source` sends to `destination`, a queue or (with `to_exchange`) an exchange."""

    source: str
    destination: str
    key: str = ""
    to_exchange: bool = False


@dataclass(frozen=True)
class Topology:
    """Everything that has to be declared for one participant."""

    exchanges: tuple[Exchange, ...] = ()
    queues: tuple[Queue, ...] = ()
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True)
class QueueNames:
    """The queue that a participant hears from, and those around it."""

    events: str
    dead: str
    retry_prefix: str
    commands: str = ""
    retry_seconds: tuple[float, ...] = RETRY_SECONDS

    def retry(self, seconds: float) -> str:
        """The exchange and the queue of one retry tier."""
        return f"{self.retry_prefix}.{seconds:g}s"

    @property
    def heard(self) -> tuple[str, ...]:
        """The queues to consume."""
        return (self.events, self.commands) if self.commands else (self.events,)


def service_queues(service: str) -> QueueNames:
    """The queues of a platform service; the retry tiers are shared by all services."""
    return QueueNames(
        events=f"{service}.events",
        dead=f"{service}.dead",
        retry_prefix="appeal.retry",
        commands=f"{service}.commands",
    )


def department_queues(code: str) -> QueueNames:
    """The queues of a department; all carry its code, and its rights reach no other."""
    return QueueNames(events=f"dept.{code}.q.events", dead=f"dept.{code}.dead", retry_prefix=f"dept.{code}.retry")


def inbox_exchange(code: str) -> str:
    """The only exchange that a department may say something to."""
    return f"inbox.{code}"


def event_keys(audience: str, topics: Iterable[str]) -> list[str]:
    """The binding keys for these topics in every category and version."""
    return sorted(f"{audience}.{topic}.*.*" for topic in topics)


def service_topology(names: QueueNames, topics: Iterable[str], inboxes: Iterable[str] = ()) -> Topology:
    """What a platform service declares: its queues, bound to the topics it hears and these departments' inboxes."""
    tiers = _retry_tiers(names)  # shared by all services, so each message carries the name of its queue
    inboxes = [inbox_exchange(code) for code in inboxes]
    return Topology(
        exchanges=(
            Exchange(EVENTS, "topic"),
            Exchange(names.dead, "fanout"),
            *tiers.exchanges,
            *(Exchange(name, "fanout") for name in inboxes),
        ),
        queues=(
            Queue(names.events, _quorum(dead=names.dead)),
            Queue(names.dead, _quorum()),
            Queue(names.commands, {"x-message-ttl": COMMAND_SECONDS * 1000}),
            *tiers.queues,
        ),
        bindings=(
            *(Binding(EVENTS, names.events, key) for key in event_keys("core", topics)),
            *(Binding(name, names.events) for name in inboxes),
            Binding(names.dead, names.dead),
            *tiers.bindings,
        ),
    )


def department_topology(code: str, names: QueueNames | None = None) -> Topology:
    """What the operator provides for a department; the department itself may declare nothing."""
    names = names or department_queues(code)
    tiers = _retry_tiers(names, back_to=names.events)  # fixed: no key of its own may lead to another's queue
    copies = f"dept.{code}"
    return Topology(
        exchanges=(
            Exchange(EVENTS, "topic"),
            Exchange(copies, "fanout"),
            Exchange(inbox_exchange(code), "fanout"),
            Exchange(names.dead, "fanout"),
            *tiers.exchanges,
        ),
        queues=(Queue(names.events, _quorum(dead=names.dead)), Queue(names.dead, _quorum()), *tiers.queues),
        bindings=(
            Binding(EVENTS, copies, f"{code}.#", to_exchange=True),
            Binding(copies, names.events),
            Binding(names.dead, names.dead),
            *tiers.bindings,
        ),
    )


def _retry_tiers(names: QueueNames, back_to: str = "") -> Topology:
    """Queues that give a message back after a while: to `back_to`, or to the queue its routing key names."""
    tiers = [(names.retry(seconds), seconds) for seconds in names.retry_seconds]
    return Topology(
        exchanges=tuple(Exchange(name, "fanout") for name, _ in tiers),
        queues=tuple(
            Queue(name, _quorum() | _dead_letters_to(back_to) | {"x-message-ttl": int(seconds * 1000)})
            for name, seconds in tiers
        ),
        bindings=tuple(Binding(name, name) for name, _ in tiers),
    )


def _quorum(*, dead: str = "") -> dict:
    """Arguments of a quorum queue that loses nothing; a message that keeps failing goes to `dead`."""
    arguments: dict = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}
    if dead:
        arguments |= _dead_letters_to(dead) | {"x-delivery-limit": DELIVERY_LIMIT}
    return arguments


def _dead_letters_to(queue: str) -> dict:
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-strategy": "at-least-once"}
    return arguments | ({"x-dead-letter-routing-key": queue} if queue else {})
