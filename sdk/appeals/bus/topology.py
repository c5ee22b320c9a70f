"""The names of exchanges and queues, and what each is declared with.

One topic exchange carries every event. The audience comes first in the key, so that a department's copy
reaches that department and nobody else. Failed messages wait in retry tiers, plain queues whose time to
live sends them back, and end in a dead-letter queue of their own. What a department says has a queue of
its own too, so that one who floods it holds up nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

EVENTS = "appeal.events"
GATE = "routing"  # the one service that hears departments
GATES = {"department": GATE, "platform": "intake"}  # who hears which kind of participant
RETRY_SECONDS = (1, 10, 60)
DELIVERY_LIMIT = 20
LOOKED_AT_WITHOUT_END = 2**31 - 1
COMMAND_SECONDS = 10
TAIL_MESSAGES = 1_000
TAIL_SECONDS = 600
ECHO_SECONDS = 0.1
ECHO_KEPT_SECONDS = 60


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
    dead_exchange: str
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
        dead_exchange=f"{service}.dead",
        retry_prefix="appeal.retry",
        commands=f"{service}.commands",
    )


def department_queues(code: str) -> QueueNames:
    """The queues of a department; all carry its code, and its rights reach no other.

    It reads what is named `.q.`, and writes to the exchanges, whose names are others: who may read an exchange
    may bind it to whatever it writes to.
    """
    own = f"dept.{code}"
    return QueueNames(
        events=f"{own}.q.events", dead=f"{own}.q.dead", dead_exchange=f"{own}.dead", retry_prefix=f"{own}.retry"
    )


def tail_queue(code: str) -> str:
    """The last events of a department once more, to look at; what is old or too much falls out."""
    return f"dept.{code}.q.tail"


def echo(code: str) -> tuple[str, str]:
    """An exchange and a queue: what a department writes to the first, the broker gives back on the second.

    On its way it expires once, so the broker notes its own time on it (`x-death`).
    """
    return f"dept.{code}.echo", f"dept.{code}.q.echo"


def inbox_exchange(code: str) -> str:
    """The only exchange that a department may say something to; the queue behind it has the same name."""
    return f"inbox.{code}"


def event_keys(audience: str, topics: Iterable[str]) -> list[str]:
    """The binding keys for these topics in every category and version."""
    return sorted(f"{audience}.{topic}.*.*" for topic in topics)


def service_topology(names: QueueNames, topics: Iterable[str], inboxes: Iterable[str] = ()) -> Topology:
    """What a platform service declares: its queues, bound to the topics it hears, and these departments' inboxes."""
    tiers = _retry_tiers(names)  # shared by all services, so each message carries the name of its queue
    spoken = [inbox_topology(code, names.dead) for code in inboxes]
    return merged(
        Topology(
            exchanges=(Exchange(EVENTS, "topic"), Exchange(names.dead, "fanout")),
            queues=(
                Queue(names.events, _quorum(dead=names.dead)),
                Queue(names.dead, _kept()),
                Queue(names.commands, {"x-message-ttl": COMMAND_SECONDS * 1000}),
            ),
            bindings=(
                *(Binding(EVENTS, names.events, key) for key in event_keys("core", topics)),
                Binding(names.dead, names.dead),
            ),
        ),
        tiers,
        *spoken,
    )


def inbox_topology(code: str, dead: str) -> Topology:
    """Where a department's words arrive; `dead` is the dead-letter queue of the service that hears them."""
    name = inbox_exchange(code)
    return Topology(
        exchanges=(Exchange(name, "fanout"),),
        queues=(Queue(name, _quorum(dead=dead)),),
        bindings=(Binding(name, name),),
    )


def department_topology(code: str, names: QueueNames | None = None, gate: str = GATE) -> Topology:
    """What the operator provides for a department; the department itself may declare nothing.

    `gate` is the service that hears what it says.
    """
    names = names or department_queues(code)
    copies, tail = f"dept.{code}", tail_queue(code)
    return merged(
        Topology(
            exchanges=(
                Exchange(EVENTS, "topic"),
                Exchange(copies, "fanout"),
                Exchange(names.dead_exchange, "fanout"),
            ),
            queues=(
                Queue(names.events, _quorum(dead=names.dead)),
                Queue(names.dead, _kept()),
                Queue(tail, {"x-message-ttl": TAIL_SECONDS * 1000, "x-max-length": TAIL_MESSAGES}),
            ),
            bindings=(
                Binding(EVENTS, copies, f"{code}.#", to_exchange=True),
                Binding(copies, names.events),
                Binding(copies, tail),
                Binding(names.dead_exchange, names.dead),
            ),
        ),
        _retry_tiers(names, back_to=names.events),  # fixed: no key of its own may lead to another's queue
        _echo_topology(code),
        inbox_topology(code, service_queues(gate).dead),
    )


def merged(*topologies: Topology) -> Topology:
    """All of them as one, each thing once."""
    exchanges, queues, bindings = {}, {}, {}
    for topology in topologies:
        exchanges |= {one.name: one for one in topology.exchanges}
        queues |= {one.name: one for one in topology.queues}
        bindings |= dict.fromkeys(topology.bindings)
    return Topology(tuple(exchanges.values()), tuple(queues.values()), tuple(bindings))


def _echo_topology(code: str) -> Topology:
    there, back = echo(code)
    return Topology(
        exchanges=(Exchange(there, "fanout"),),
        queues=(
            Queue(
                there,
                {
                    "x-message-ttl": int(ECHO_SECONDS * 1000),
                    "x-max-length": TAIL_MESSAGES,
                    "x-dead-letter-exchange": "",
                    "x-dead-letter-routing-key": back,
                },
            ),
            Queue(back, {"x-message-ttl": ECHO_KEPT_SECONDS * 1000, "x-max-length": TAIL_MESSAGES}),
        ),
        bindings=(Binding(there, there),),
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


def _kept() -> dict:
    """Arguments of a queue of dead letters: however often they are looked at, they stay."""
    return _quorum() | {"x-delivery-limit": LOOKED_AT_WITHOUT_END}


def _dead_letters_to(queue: str) -> dict:
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-strategy": "at-least-once"}
    return arguments | ({"x-dead-letter-routing-key": queue} if queue else {})
