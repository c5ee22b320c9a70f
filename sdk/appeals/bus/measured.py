"""A broker that is observed: what comes and goes through it is counted, and the bus need not know.

It also notes when broker and database were last reached, and what has been in hand since when.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import event

from appeals.bus.broker import AnswerLine, Broker, BrokerGone, Delivery, Depth, Outgoing, Publisher, Subscription
from appeals.bus.database import Database
from appeals.bus.metrics import Metrics
from appeals.bus.topology import Topology

CONSUMING, PUBLISHING, DATABASE = "broker (consuming)", "broker (publishing)", "database"


class Pulse:
    """When each thing was last reached, and since when a batch is in hand; `clock()` gives monotonic seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._reached = dict.fromkeys((CONSUMING, PUBLISHING, DATABASE))
        self._in_hand: dict[object, float] = {}
        event.listen(database.engine, "after_cursor_execute", lambda *_: self.reach(DATABASE))

    def reach(self, what: str) -> None:
        """It has answered just now."""
        self._reached[what] = self._clock()

    def take(self, line: object) -> None:
        """A batch is in hand."""
        self._in_hand[line] = self._clock()

    def put_down(self, line: object) -> float:
        """It is no longer in hand; returns for how many seconds it was."""
        now = self._clock()
        return now - self._in_hand.pop(line, now)

    def trouble(self, patience: float) -> str:
        """What has not answered, or has been in hand, for longer than so many seconds; empty when all is well."""
        now = self._clock()
        for what, at in self._reached.items():
            if at is None:
                return f"{what} not reached yet"
            if now - at > patience:
                return f"{what} not reached for {now - at:.0f} s"
        longest = now - min(self._in_hand.values(), default=now)
        return f"a batch has been in hand for {longest:.0f} s" if longest > patience else ""


class MeasuredBroker:
    """One participant's broker; everything is passed on to it."""

    def __init__(self, broker: Broker, metrics: Metrics, pulse: Pulse):
        self._broker = broker
        self._metrics = metrics
        self._pulse = pulse

    def declare(self, topology: Topology) -> None:
        """Declare what is not there yet. Raises BrokerGone."""
        with self._reaching(CONSUMING):
            self._broker.declare(topology)

    def subscribe(self, queues: Sequence[str], prefetch: int) -> Subscription:
        """Consume these queues. Raises BrokerGone."""
        with self._reaching(CONSUMING):
            return _MeasuredSubscription(self._broker.subscribe(queues, prefetch), self._metrics, self._pulse)

    def publisher(self) -> Publisher:
        """A new channel in confirm mode. Raises BrokerGone."""
        with self._reaching(PUBLISHING):
            return _MeasuredPublisher(self._broker.publisher(), self._metrics, self._pulse)

    def answer_line(self) -> AnswerLine:
        """A line for commands and their answers; it is not measured. Raises BrokerGone."""
        return self._broker.answer_line()

    def depths(self, queues: Sequence[str]) -> dict[str, Depth | None]:
        """How deep these queues are. Raises BrokerGone."""
        return self._broker.depths(queues)

    @contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        with _counting_losses(self._metrics):
            yield
        self._pulse.reach(what)


class _MeasuredSubscription:
    def __init__(self, subscription: Subscription, metrics: Metrics, pulse: Pulse):
        self._subscription = subscription
        self._metrics = metrics
        self._pulse = pulse

    def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        with _counting_losses(self._metrics):
            deliveries = self._subscription.fetch(limit, timeout)
        self._pulse.reach(CONSUMING)
        if deliveries:
            self._pulse.take(self)
        return deliveries

    def beat(self) -> None:
        with _counting_losses(self._metrics):
            self._subscription.beat()
        self._pulse.reach(CONSUMING)

    def answer(self, outgoing: Sequence[Outgoing]) -> None:
        self._subscription.answer(outgoing)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        with _counting_losses(self._metrics):
            self._subscription.acknowledge(deliveries)
        self._pulse.reach(CONSUMING)
        self._metrics.handled.inc(len(deliveries))
        self._metrics.batch_size.observe(len(deliveries))
        self._metrics.batch_seconds.observe(self._pulse.put_down(self))

    def close(self) -> None:
        self._pulse.put_down(self)
        self._subscription.close()


class _MeasuredPublisher:
    def __init__(self, publisher: Publisher, metrics: Metrics, pulse: Pulse):
        self._publisher = publisher
        self._metrics = metrics
        self._pulse = pulse

    def publish(self, batch: Sequence[Outgoing]) -> dict[str, str]:
        with _counting_losses(self._metrics):
            refused = self._publisher.publish(batch)
        self._pulse.reach(PUBLISHING)
        for one in batch:
            (self._metrics.refused if one.id in refused else self._metrics.published)(one)
        return refused

    def beat(self) -> None:
        with _counting_losses(self._metrics):
            self._publisher.beat()
        self._pulse.reach(PUBLISHING)

    def close(self) -> None:
        self._publisher.close()


@contextmanager
def _counting_losses(metrics: Metrics) -> Iterator[None]:
    try:
        yield
    except BrokerGone:
        metrics.broker_lost.inc()
        raise
