"""What the bus needs of a broker; RabbitMQ gives it (`rabbit`), and so does the one in memory for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from appeals.bus.topology import Topology

ORIGIN = "x-origin"
ATTEMPT = "x-attempt"
REASON = "x-reason"
ERROR = "x-error"
DIGEST = "x-digest"
REPLAYED = "x-replayed-by"
UNREADABLE = "x-unreadable"


class BrokerGone(Exception):
    """The connection is lost or was refused; what was not confirmed may or may not have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to publish: persistent and `mandatory`, unless it is a passing one (a command, a reply)."""

    id: str
    exchange: str
    routing_key: str
    body: bytes
    headers: dict = field(default_factory=dict)
    content_type: str = "application/cloudevents+json"
    persistent: bool = True
    reply_to: str = ""
    correlation_id: str = ""
    expires_in: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message as a queue gave it; `tag` is how the subscription acknowledges it."""

    tag: int
    queue: str
    exchange: str
    routing_key: str
    body: bytes
    headers: dict = field(default_factory=dict)
    content_type: str = ""
    redelivered: bool = False
    reply_to: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages wait in a queue, those in a consumer's hands not counted, and how many consume it."""

    waiting: int
    consumers: int


class Subscription(Protocol):
    """Queues being consumed with manual acknowledgement."""

    def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """What has already arrived, at most `limit`; waits up to `timeout` seconds for a first message."""

    def beat(self) -> None:
        """Keep the connection alive while a batch is in hand for long. Raises BrokerGone."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Take these off the queue: all that was fetched so far."""

    def answer(self, outgoing: Sequence[Outgoing]) -> None:
        """Publish passing messages (replies) without waiting for confirms."""

    def close(self) -> None:
        """Stop consuming; what was fetched and not acknowledged comes again."""


class Publisher(Protocol):
    """A channel in confirm mode."""

    def publish(self, batch: Sequence[Outgoing]) -> dict[str, str]:
        """Publish all in one pipeline and wait for the confirms.

        Returns the ids that did not get into a queue, each with the reason (returned as unroutable, or
        refused by a full queue). Raises BrokerGone when the outcome is unknown.
        """

    def beat(self) -> None:
        """Keep an idle connection alive. Raises BrokerGone."""

    def close(self) -> None:
        """Close the connection."""


class AnswerLine(Protocol):
    """Sends commands, and gets the answers on a queue that goes with the connection."""

    reply_to: str

    def send(self, outgoing: Outgoing) -> None:
        """Send a command; many threads may. Raises BrokerGone."""

    def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """The answers that have arrived; one thread reads them. Raises BrokerGone."""

    def close(self) -> None:
        """End it."""


class Broker(Protocol):
    """Connections to one broker."""

    def declare(self, topology: Topology) -> None:
        """Declare what is not there yet. Raises BrokerGone."""

    def subscribe(self, queues: Sequence[str], prefetch: int) -> Subscription:
        """Consume these queues. Raises BrokerGone."""

    def publisher(self) -> Publisher:
        """A new channel in confirm mode. Raises BrokerGone."""

    def answer_line(self) -> AnswerLine:
        """A line for commands and their answers. Raises BrokerGone."""

    def depths(self, queues: Sequence[str]) -> dict[str, Depth | None]:
        """How deep these queues are; None for one that there is not. Raises BrokerGone."""
