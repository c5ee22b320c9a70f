"""A department on trial: its handlers and manifest on the real bus, a broker in memory, a clock that stands still.

with Trial(parks, "parks.yml") as trial:
    trial.hear(OrderDispatched, title="厂区消防验收")

    assert trial.words == ["order.returned"]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from appeals.bus import letters
from appeals.bus.broker import ERROR, REASON, Broker, Outgoing
from appeals.bus.database import Database
from appeals.bus.envelope import Envelope
from appeals.bus.station import Station, fresh_id
from appeals.bus.topology import EVENTS, RETRY_SECONDS, department_queues, department_topology, inbox_exchange
from appeals.department.desk import Desk
from appeals.department.kit import Department, read_manifest
from appeals.department.office import Office
from appeals.department.work_list import WorkOrder
from appeals.errors import Malformed
from appeals.events import Event
from appeals.manifest import Manifest
from appeals.message import read
from appeals.samples import RECEIPT, sample_for
from appeals.settings import WrongSettings
from appeals.testing.blank import blank, give_back
from appeals.testing.clock import Clock
from appeals.testing.memory import MemoryBroker
from appeals.testing.platform import Platform

MANY = 10_000


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message that was set aside: what it was, and why."""

    topic: str
    reason: str
    error: str


class Interrupted(Exception):
    """What an attempt fails with when `Trial.interrupt` asked for it."""


class Trial:
    """One department at work. Nothing moves but by `hear`, `settle` and `advance`; nothing is left behind.

    `manifest` is the department's manifest, or the path to it. It works on a SQLite file of its own, or on a
    `database` that is given, whose schema is dropped at the end. Raises WrongSettings when the manifest and the
    handlers do not fit.
    """

    def __init__(self, department: Department, manifest: Manifest | Path | str, *, database: Database | None = None):
        given = isinstance(manifest, Manifest)
        self.manifest = manifest if given else read_manifest(department.code, Path(manifest))
        self.department = department
        self.clock = Clock()
        self.broker = MemoryBroker(self.clock)
        self.broker.declare(department_topology(department.code))
        self._queues = department_queues(department.code)
        self._is_own = database is None
        self._database = database or blank()
        self._platform = Platform(department.code, fresh_id)
        self._to_interrupt = 0
        self.office = self._open()
        if database:
            self.office.prepare()

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # What happens

    def hear(self, *events: Event | type[Event], **changes) -> None:
        """The platform says these events, and the department acts on them.

        A class stands for its sample, with `changes` to its fields.
        """
        self.say(*events, **changes)
        self.settle()

    def say(self, *events: Event | type[Event], **changes) -> None:
        """The platform says these events; they lie in the department's queue until it acts (`settle`)."""
        for event in events:
            self.broker.publish(self._platform.say(self._made(event, changes)))

    def again(self) -> None:
        """Everything that the platform has said is delivered once more, and acted on."""
        for outgoing in self._platform.said:
            self.broker.publish(outgoing)
        self.settle()

    def turn_around(self) -> None:
        """What lies in the department's queue comes in the opposite order."""
        for outgoing in reversed(self.take()):
            self.broker.publish(outgoing)

    def take(self) -> list[Outgoing]:
        """Take what lies in the department's queue away; `broker.publish` puts it back, as it is or changed."""
        waiting = self.broker.peek(self._queues.events)
        for _ in waiting:
            self.broker.take(self._queues.events)
        return waiting

    def settle(self) -> None:
        """The department handles all that has arrived and publishes all that it said, until nothing moves."""
        settle(self.office.station, self.broker)

    def advance(self, **by) -> None:
        """Let time pass, by the arguments of a timedelta such as `seconds=10`; what is due by then happens."""
        self.clock.advance(**by)
        self.settle()

    def settle_through_retries(self) -> None:
        """The department tries until there is no retry tier left."""
        for seconds in (0, *RETRY_SECONDS):
            self.advance(seconds=seconds)

    @contextmanager
    def clerk(self, *, by: str = "") -> Iterator[Desk]:
        """A clerk at the desk; what was said is published at the end of the block."""
        with self.office.clerk(by=by) as desk:
            yield desk
        self.settle()

    # What goes wrong

    def interrupt(self, attempts: int = 1) -> None:
        """The next so many attempts at an event fail when the handler is done: nothing of them stays."""
        self._to_interrupt = attempts

    def crash(self) -> None:
        """The process dies after the commit of what lies in its queue, before the acknowledgement.

        A new one starts, is given the same once more, and acts.
        """
        pipeline = self.office.station.pipeline
        subscription = self.broker.subscribe(pipeline.participant.heard(), MANY)
        pipeline.handle(subscription.fetch(MANY, 0))
        subscription.close()
        self.restart()
        self.settle()

    def replay(self) -> None:
        """All dead letters are delivered once more, as `appeals dlq replay` does it."""
        subscription = self.broker.subscribe([self._queues.dead], MANY)
        found = subscription.fetch(MANY, 0)
        for letter in found:
            again = letters.replayed(letter, self._queues, by="trial", id_=fresh_id(), origin=EVENTS)
            self.broker.publish(again)
        if found:
            subscription.acknowledge(found)
        subscription.close()
        self.advance(seconds=RETRY_SECONDS[0])

    def restart(self) -> None:
        """The department's process ends, and a new one works on the same database."""
        self.office.close()
        self.office = self._open()

    # What came of it

    @property
    def arrived(self) -> list[Envelope]:
        """What the department's inbox has given to the platform, in order, as it travels."""
        return [Envelope.from_bytes(one.body) for one in self.broker.peek(inbox_exchange(self.department.code))]

    @property
    def said(self) -> list[Event]:
        """The words of the department, in order."""
        return [read(envelope.type, envelope.data) for envelope in self.arrived]

    @property
    def words(self) -> list[str]:
        """The words of the department in short, as in its manifest: `order.signed`, ..."""
        return [envelope.topic for envelope in self.arrived]

    @property
    def dead(self) -> list[Letter]:
        """The messages that were set aside, in order."""
        return [_letter(one) for one in self.broker.peek(self._queues.dead)]

    def order(self, number_or_receipt: str = RECEIPT) -> WorkOrder:
        """An order of the work list, by its number or receipt; of the sample, if neither is given.

        Raises NoSuchOrder.
        """
        with self.office.clerk() as desk:
            return desk.order(number_or_receipt)

    def rows(self, sql: str) -> list:
        """What a query finds in the department's tables."""
        with self.office.database.reading() as session:
            return session.execute(text(sql)).all()

    def close(self) -> None:
        """Leave nothing behind."""
        database = self._database
        if database.is_postgresql:
            with database.transaction() as session:
                session.execute(text(f'DROP SCHEMA IF EXISTS "{database.schema}" CASCADE'))
        self.office.close()
        if self._is_own:
            give_back(database)

    def _made(self, event: Event | type[Event], changes: dict) -> Event:
        if event.topic not in self.manifest.events:
            raise WrongSettings(f"{event.topic} is not among the manifest's events: the platform would not send it")
        if isinstance(event, Event):
            return event
        return sample_for(self.department.code, event, **({"at": self.clock()} | changes))

    def _open(self) -> Office:
        office = self.department.office(self.manifest, self._database, self.broker, clock=self.clock)
        handlers = office.station.pipeline.participant.handlers
        handlers |= {type_: self._interruptible(handler) for type_, handler in handlers.items()}
        return office

    def _interruptible(self, handler):
        def handle(work_list, event):
            said = handler(work_list, event)
            if self._to_interrupt:
                self._to_interrupt -= 1
                raise Interrupted("the trial lets this attempt fail")
            return said

        return handle


def settle(station: Station, broker: Broker) -> None:
    """Have a participant handle all that has arrived and publish all that it said, until nothing moves."""
    publisher = broker.publisher()
    subscription = broker.subscribe(station.pipeline.participant.heard(), MANY)
    try:
        while station.consumers[0].consume_once(subscription, wait=0) + station.relay.publish_once(publisher):
            pass
    finally:
        subscription.close()
        publisher.close()


def _letter(outgoing: Outgoing) -> Letter:
    try:
        topic = Envelope.from_bytes(outgoing.body).topic
    except Malformed:
        topic = ""
    return Letter(topic=topic, reason=outgoing.headers[REASON], error=outgoing.headers[ERROR])
