"""The real services on a bus in memory, each with its real store, and one clock for all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import TextClause, event, text

from appeals.bus.asking import as_outgoing
from appeals.bus.broker import Delivery, Outgoing
from appeals.bus.envelope import Envelope
from appeals.bus.relay import BATCH
from appeals.bus.topology import EVENTS, Binding, Queue, Topology, inbox_exchange
from appeals.commands import Command
from appeals.events import (
    DEPARTMENT_WORDS,
    Event,
    FeedbackRefused,
    OrderDispatched,
    ReturnDenied,
    UnitScored,
    WordRefused,
)
from appeals.manifest import CLASSIFICATIONS, Directory, Manifest
from appeals.testing import Clock, MemoryBroker
from appeals.units import Units, load_units
from tests.services.conftest import Hosted
from tests.simulation import days
from tests.simulation.scores import freezes_at

SERVICES = ("intake", "routing", "supervision", "evaluation")
RECORD = "simulation.record"
MANY = 1000
TOLD = (OrderDispatched, FeedbackRefused, ReturnDenied, WordRefused, UnitScored)
NEXT = {  # when each has something to say by itself
    "intake": text("SELECT min(next_at) FROM cases WHERE next_at IS NOT NULL"),
    "supervision": text("SELECT min(next_at) FROM deadlines WHERE next_at IS NOT NULL"),
    "evaluation": text(
        "SELECT min(at) FROM (SELECT min(until) AS at FROM rounds WHERE state = 'asked'"
        " UNION ALL SELECT min(next_at) FROM reviews WHERE next_at IS NOT NULL"
        " UNION ALL SELECT min(next_at) FROM callbacks WHERE next_at IS NOT NULL)"
    ),
}
OPEN_MONTH = text(
    "SELECT min(period) FROM led WHERE scored_in = '' AND period != '' AND period NOT IN (SELECT period FROM periods)"
)


class Host(Hosted):
    """A service that is left alone while it has nothing to publish and nothing to handle."""

    woken = False
    changed = True  # since it was last asked when it has something to say by itself
    next_look: datetime | None = None

    def wake(self):
        self.woken = True

    def step(self):
        waiting = self._broker.filled(self.pipeline.participant.heard())
        if not (self.woken or waiting):
            return 0
        subscription = self._broker.subscribe(self.pipeline.participant.heard(), MANY)
        handled = self.consumer.consume_once(subscription, wait=0) if waiting else 0
        self.changed |= bool(handled)
        subscription.close()
        self.woken = (published := self.relay.publish_once(self._broker.publisher())) == BATCH
        return published + handled


class World:
    """The platform from intake to evaluation. Nothing moves but by `act` and `look`; `record` is what was said."""

    def __init__(self, folder: Path, start: datetime):
        self.clock = Clock(start)
        self._broker = MemoryBroker(self.clock)
        self._numbers = count(1)
        self._freezes: datetime | None = None
        directory = everybody(load_units())
        self._hosts = {name: self._host(name, folder, directory) for name in SERVICES}
        record = Topology(queues=(Queue(RECORD),), bindings=(Binding(EVENTS, RECORD, "#"),))
        self._broker.declare(record)

    def act(self, said: Iterable[Event | Command]) -> list[tuple[Command, dict]]:
        """People ask for these, then departments say these; returns the commands that were refused."""
        said, refused = list(said), []
        for name, host in self._hosts.items():
            asked = {str(next(self._numbers)): one for one in said if isinstance(one, Command) and one.to == name}
            if asked:
                host.changed = True
                for answer in host.pipeline.handle([_delivery(one, key, host) for key, one in asked.items()]):
                    if told := json.loads(answer.body).get("refused"):
                        refused.append((asked[answer.correlation_id], told))
        self._settle()
        for word in said:
            if isinstance(word, Event):
                self._broker.publish(self._word(word))
        self._settle()
        return refused

    def look(self) -> None:
        """Services look at their clocks, as they do every second."""
        for host in self._hosts.values():
            host.tick()
            host.changed = True
            self._settle()

    def next_look(self) -> datetime | None:
        """When a service has something to say by itself next."""
        for name, question in NEXT.items():
            host = self._hosts[name]
            if host.changed:
                found = self._ask(name, question)
                host.next_look = datetime.fromisoformat(found).replace(tzinfo=UTC) if found else None
        if self._hosts["evaluation"].changed:
            month = self._ask("evaluation", OPEN_MONTH)
            self._freezes = days.as_time(freezes_at(month)) if month else None
        for host in self._hosts.values():
            host.changed = False
        moments = (self._freezes, *(self._hosts[name].next_look for name in NEXT))
        return min(filter(None, moments), default=None)

    def _ask(self, name: str, question: TextClause) -> str | None:
        with self._hosts[name].database.reading() as session:
            return session.execute(question).scalar()

    def record(self) -> Iterator[dict]:
        """What was said since the last time: envelopes as they stood in the broker."""
        while held := self._broker.take(RECORD):
            yield json.loads(held.outgoing.body)

    def dead(self) -> list[str]:
        """What was set aside."""
        return [one.body.decode() for name in SERVICES for one in self._broker.peek(f"{name}.dead")]

    def close(self) -> None:
        """Give the stores back."""
        for host in self._hosts.values():
            host.database.close()

    def _host(self, name: str, folder: Path, directory: Directory) -> Host:
        host = Host(name, f"sqlite:///{folder}/", name, self._broker, self.clock, directory)
        event.listen(host.database.engine, "connect", _unsynced)
        host.database.engine.dispose()
        return host

    def _settle(self) -> None:
        while sum(host.step() for host in self._hosts.values()):
            pass

    def _word(self, word: Event) -> Outgoing:
        inbox = inbox_exchange(word.department)
        envelope = Envelope(
            id=f"word-{next(self._numbers)}",
            source=word.department,
            type=word.type(),
            subject=word.receipt,
            time=word.at,
            data=word.to_data(),
            audience=inbox,
            after={},
        )
        return Outgoing(id=envelope.id, exchange=inbox, routing_key=inbox, body=envelope.to_bytes())


def everybody(units: Units) -> Directory:
    """Every unit that we know, plugged in: it is told of its orders, and may say whatever a department may say."""
    return Directory(
        Manifest(
            code=unit.code,
            name=unit.name,
            events=tuple(cls.topic for cls in TOLD),
            words=tuple(word.topic for word in DEPARTMENT_WORDS),
            ceiling=CLASSIFICATIONS[-1],
            vertical=unit.vertical,
        )
        for unit in units
    )


def _delivery(command: Command, key: str, host: Host) -> Delivery:
    queue = host.queues.commands
    sent = as_outgoing(command, source="portal", key=key, body=b"", queue=queue, correlation=key)
    return Delivery(
        tag=0,
        queue=queue,
        exchange="",
        routing_key=queue,
        body=sent.body,
        headers=sent.headers,
        correlation_id=sent.correlation_id,
    )


def _unsynced(connection, _) -> None:
    """A simulated year need not survive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")
