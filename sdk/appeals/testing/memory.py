"""A broker in memory that keeps RabbitMQ's promises: bindings, retry tiers, delivery limits, dead letters.

The contract suite runs on it and on RabbitMQ, so that it stays true.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from appeals.bus.broker import BrokerGone, Delivery, Depth, Outgoing
from appeals.bus.topology import Topology
from appeals.testing.clock import Clock


@dataclass
class _Held:
    outgoing: Outgoing
    since: datetime
    deliveries: int = 0


@dataclass
class _Queue:
    arguments: dict
    messages: deque[_Held] = field(default_factory=deque)
    consumers: int = 0


class MemoryBroker:
    """Exchanges and queues of one process; `clock` moves messages out of retry tiers.

    `reachable = False` makes every call raise BrokerGone, as a broker that is down would.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None):
        self._clock = clock or Clock()
        self._exchanges: dict[str, str] = {}
        self._bindings: dict[str, list[tuple[str, str, bool]]] = {}
        self._queues: dict[str, _Queue] = {}
        self._routes: dict[tuple[str, str], list[str]] = {}
        self._expiring: list[_Queue] = []
        self.reachable = True

    # As the bus uses it

    def declare(self, topology: Topology) -> None:
        """Declare what is not there yet."""
        self._check()
        for exchange in topology.exchanges:
            self._exchanges.setdefault(exchange.name, exchange.type)
        for queue in topology.queues:
            if queue.name not in self._queues:
                self._queues[queue.name] = _Queue(queue.arguments)
                if "x-message-ttl" in queue.arguments:
                    self._expiring.append(self._queues[queue.name])
        for binding in topology.bindings:
            bound = (binding.key, binding.destination, binding.to_exchange)
            bindings = self._bindings.setdefault(binding.source, [])
            if bound not in bindings:
                bindings.append(bound)
                self._routes = {}

    def subscribe(self, queues: Sequence[str], prefetch: int) -> MemorySubscription:
        """Consume these queues."""
        self._check()
        return MemorySubscription(self, list(queues), prefetch)

    def publisher(self) -> MemoryPublisher:
        """A publisher whose confirms are immediate."""
        self._check()
        return MemoryPublisher(self)

    def answer_line(self) -> MemoryAnswerLine:
        """A queue for answers."""
        self._check()
        return MemoryAnswerLine(self)

    def depths(self, queues: Sequence[str]) -> dict[str, Depth | None]:
        """How deep these queues are; None for one that there is not."""
        self._check()
        self._expire()
        return {
            name: Depth(len(queue.messages), queue.consumers) if (queue := self._queues.get(name)) else None
            for name in queues
        }

    def count_consumer(self, names: Sequence[str], change: int) -> None:
        """A consumer of these queues has come (1) or gone (-1)."""
        for name in names:
            self._queues[name].consumers += change

    # As a test looks at it

    def depth(self, queue: str) -> int:
        """How many messages a queue holds, delivered ones not counted."""
        self._expire()
        return len(self._queues[queue].messages)

    def filled(self, queues: Sequence[str]) -> list[str]:
        """Those of these queues that hold messages."""
        self._check()
        self._expire()
        return [name for name in queues if self._queues[name].messages]

    def peek(self, queue: str) -> list[Outgoing]:
        """The messages in a queue, first to last."""
        self._expire()
        return [held.outgoing for held in self._queues[queue].messages]

    def publish(self, outgoing: Outgoing) -> str:
        """Route one message; returns why it found no place, or nothing."""
        self._check()
        targets = self._targets(outgoing.exchange, outgoing.routing_key)
        if not targets:
            return f"no queue for {outgoing.exchange}/{outgoing.routing_key}"
        for name in targets:
            longest = self._queues[name].arguments.get("x-max-length")
            if longest is not None and len(self._queues[name].messages) >= longest:
                return "refused by a queue"
        for name in targets:
            self._queues[name].messages.append(_Held(outgoing, self._clock()))
        return ""

    def take(self, name: str) -> _Held | None:
        """The next message of a queue, if there is one."""
        self._check()
        self._expire()
        messages = self._queues[name].messages
        return messages.popleft() if messages else None

    def give_back(self, name: str, held: _Held) -> None:
        """A consumer went away with this message; it comes again, up to the queue's delivery limit."""
        queue = self._queues[name]
        limit = queue.arguments.get("x-delivery-limit")
        if limit is not None and held.deliveries > limit:
            self._dead_letter(queue, held)
        else:
            queue.messages.appendleft(held)

    def _check(self) -> None:
        if not self.reachable:
            raise BrokerGone("the broker in memory is switched off")

    def _targets(self, exchange: str, key: str) -> list[str]:
        if exchange == "":
            return [key] if key in self._queues else []
        if (exchange, key) not in self._routes:
            self._routes[exchange, key] = self._route(exchange, key)
        return self._routes[exchange, key]

    def _route(self, exchange: str, key: str) -> list[str]:
        if exchange not in self._exchanges:
            raise BrokerGone(f"no exchange {exchange}")
        found: dict[str, None] = {}
        for pattern, destination, to_exchange in self._bindings.get(exchange, ()):
            if self._exchanges[exchange] == "fanout" or _fits(pattern, key):
                names = self._route(destination, key) if to_exchange else [destination]
                found |= dict.fromkeys(names)
        return list(found)

    def _expire(self) -> None:
        for queue in self._expiring:
            lifetime = queue.arguments["x-message-ttl"]
            while queue.messages:
                if queue.messages[0].since + timedelta(milliseconds=lifetime) > self._clock():
                    break
                self._dead_letter(queue, queue.messages.popleft())

    def _dead_letter(self, queue: _Queue, held: _Held) -> None:
        if "x-dead-letter-exchange" in queue.arguments:
            key = queue.arguments.get("x-dead-letter-routing-key", held.outgoing.routing_key)
            exchange = queue.arguments["x-dead-letter-exchange"]
            self.publish(replace(held.outgoing, exchange=exchange, routing_key=key))


class MemorySubscription:
    """Consumes queues; closing it gives back what was not acknowledged."""

    def __init__(self, broker: MemoryBroker, queues: list[str], prefetch: int):
        self._broker = broker
        self._names = queues
        self._prefetch = prefetch or 10_000
        self._tags = count(1)
        self._open: dict[int, tuple[str, _Held]] = {}
        broker.count_consumer(queues, 1)

    def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """What is there now. It hardly waits, because in most tests nothing else runs."""
        if timeout and not any(self._broker.depth(name) for name in self._names):
            time.sleep(0.001)
        found: list[Delivery] = []
        for name in self._broker.filled(self._names):
            while len(found) < limit and len(self._open) < self._prefetch and (held := self._broker.take(name)):
                tag = next(self._tags)
                held.deliveries += 1
                self._open[tag] = (name, held)
                found.append(_delivery(tag, name, held))
        return found

    def beat(self) -> None:
        """Nothing to keep alive."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """All up to the last of these are done."""
        last = max(delivery.tag for delivery in deliveries)
        self._open = {tag: held for tag, held in self._open.items() if tag > last}

    def answer(self, outgoing: Sequence[Outgoing]) -> None:
        """Publish passing messages; one that finds no queue is dropped."""
        for one in outgoing:
            self._broker.publish(one)

    def close(self) -> None:
        """Give back what was not acknowledged, in order."""
        for name, held in reversed(self._open.values()):
            self._broker.give_back(name, held)
        self._open = {}
        self._broker.count_consumer(self._names, -1)
        self._names = []


class MemoryPublisher:
    """Confirms at once."""

    def __init__(self, broker: MemoryBroker):
        self._broker = broker

    def publish(self, batch: Sequence[Outgoing]) -> dict[str, str]:
        """Route all; returns those that found no place, with reasons."""
        reasons = {one.id: self._broker.publish(one) for one in batch}
        return {id_: reason for id_, reason in reasons.items() if reason}

    def beat(self) -> None:
        """Nothing to keep alive."""

    def close(self) -> None:
        """Nothing to close."""


class MemoryAnswerLine(MemorySubscription):
    """Commands out, answers in."""

    _numbers = count(1)

    def __init__(self, broker: MemoryBroker):
        self.reply_to = f"answers.{next(self._numbers)}"
        broker._queues[self.reply_to] = _Queue({})
        super().__init__(broker, [self.reply_to], 0)

    def send(self, outgoing: Outgoing) -> None:
        """Publish a command."""
        self._broker.publish(outgoing)


def _delivery(tag: int, queue: str, held: _Held) -> Delivery:
    one = held.outgoing
    return Delivery(
        tag=tag,
        queue=queue,
        exchange=one.exchange,
        routing_key=one.routing_key,
        body=one.body,
        headers=dict(one.headers),
        content_type=one.content_type,
        redelivered=held.deliveries > 1,
        reply_to=one.reply_to,
        correlation_id=one.correlation_id,
    )


def _fits(pattern: str, key: str) -> bool:
    """Whether a topic pattern (`*` one word, `#` any number) fits a key."""
    words = [{"*": r"[^.]+", "#": r".*"}.get(word, re.escape(word)) for word in pattern.split(".")]
    expression = r"\.".join(words).replace(r"\..*", r"(\..*)?").replace(r".*\.", r"(.*\.)?")
    return re.fullmatch(expression, key) is not None
