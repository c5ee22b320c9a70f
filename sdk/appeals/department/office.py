"""A department at work: its handlers on the bus, its clerks beside them."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from appeals.bus.broker import Broker
from appeals.bus.database import Database, is_unavailable, migrate
from appeals.bus.handling import Handling
from appeals.bus.ledger import Ledger
from appeals.bus.participant import Participant, by_type, messages_in
from appeals.bus.station import BUS_MIGRATIONS, Station, utc_now
from appeals.bus.topology import department_queues, inbox_exchange
from appeals.department.coroutines import Loop
from appeals.department.desk import Desk
from appeals.department.signals import stop_signals
from appeals.department.work_list import WorkList
from appeals.events import Event
from appeals.manifest import Manifest
from appeals.message import Message, message_classes
from appeals.samples import is_sample
from appeals.settings import WrongSettings

log = logging.getLogger("appeals.department")

Handler = Callable[[Event, Desk], object]

MIGRATIONS = Path(__file__).parent / "migrations"
PREFETCH = 400
LOOK_EVERY = 1.0
PAUSE = 2.0

_preparing = threading.Lock()  # Alembic works on one database at a time


def prepare(database: Database) -> None:
    """Bring the tables of the bus and of the kit up to date."""
    with _preparing:
        migrate(database, BUS_MIGRATIONS)
        migrate(database, MIGRATIONS)


class Office:
    """A department with its manifest, its database and a broker; without a broker it serves clerks only.

    Raises WrongSettings when the manifest does not let it hear what it has a handler for.
    """

    def __init__(
        self,
        handlers: Mapping[type[Event], Handler],
        manifest: Manifest,
        database: Database,
        broker: Broker | None = None,
        *,
        handling: Mapping[type[Event], Handling] | None = None,
        prefetch: int = PREFETCH,
        concurrency: int = 1,
        clock: Callable[[], datetime] = utc_now,
    ):
        for event in handlers:
            if event.topic not in manifest.events:
                raise WrongSettings(f"{manifest.code} handles {event.topic}, which is not among its manifest's events")
        self.manifest = manifest
        self.database = database
        self._clock = clock
        self._handlers = handlers
        self._broker = broker
        self._handling = handling or {}
        self._loop = Loop()
        self.station = Station(
            self._participant(), database, broker, clock=clock, consumers=concurrency, batch=prefetch // 2
        )

    def prepare(self) -> None:
        """Bring the tables up to date."""
        prepare(self.database)

    def serve(self) -> int:
        """Work until SIGTERM or SIGINT, finish what is in hand and publish it; returns the exit status."""
        with stop_signals() as told_to_stop:
            while not self._started():
                if told_to_stop(within=PAUSE):
                    return 0
            log.info("running")
            while not told_to_stop(within=LOOK_EVERY):
                if not self.station.is_alive():
                    log.error("a thread has died; its error is above")
                    self._stop()
                    return 1
                self.station.relay.wake()  # a clerk in another process may have said something
            self._stop()
            log.info("stopped")
            return 0

    @contextmanager
    def clerk(self, *, by: str = "") -> Iterator[Desk]:
        """A clerk at the desk, who sees the work list as it is when first looked at.

        What was said is written at the end of the block, in one transaction, and nothing when the block raises;
        no lock is held meanwhile.
        """
        with self.database.reading() as session:
            desk = Desk(WorkList(session), self.manifest, self._clock, by)
            yield desk
        if desk.words:
            self.station.pipeline.act(lambda work_list: self._write_down(work_list, desk.words))

    def close(self) -> None:
        """End the event loop, if there is one, and give the database back."""
        self._loop.close()
        self.database.close()

    def _stop(self) -> None:
        self.station.stop()
        self.close()

    def _started(self) -> bool:
        try:
            self.prepare()
            self.station.start()
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("waiting for the database: %s", error)
            return False
        return True

    def _participant(self) -> Participant:
        code, topics = self.manifest.code, self.manifest.events
        inbox = inbox_exchange(code)
        return Participant(
            name=code,
            queues=department_queues(code),
            handlers=by_type(self._newest() | self._handled()),
            service=WorkList,
            hears=lambda audience, topic: audience == code and topic in topics,
            copies=lambda word, category, classification: [(inbox, inbox)],
            prefetch=WorkList.prefetch,
            introduce=WorkList.meet,
            handling=self._declared(),
        )

    def _newest(self) -> dict[type[Event], Handler]:
        """What is done with events that have no handler: the work list hears them, in the newest version."""
        handled = {cls.topic for cls in self._handlers}
        newest = {cls.topic: cls for cls in message_classes() if issubclass(cls, Event)}
        return {
            cls: self._hearing(None)
            for topic, cls in newest.items()
            if topic in self.manifest.events and topic not in handled
        }

    def _handled(self) -> dict[type[Event], Handler]:
        return {cls: self._hearing(handler) for cls, handler in self._handlers.items()}

    def _declared(self) -> dict[str, Handling]:
        """What is declared beside each handler, also for the earlier versions that it takes."""
        declared = {}
        for cls in sorted(self._handling, key=lambda cls: cls.version, reverse=True):
            version: type[Message] | None = cls
            while version:
                declared[version.type()] = self._handling[cls]
                version = version.older_class()
        return declared

    def _hearing(self, handler: Handler | None) -> Callable[[WorkList, Event], list[Event]]:
        """What the pipeline calls: the work list hears every event, a handler those it is for."""

        def hear(work_list: WorkList, event: Event) -> list[Event]:
            work_list.note(event)
            desk = Desk(work_list, self.manifest, self._clock)
            if handler is not None:
                for word in messages_in(self._finished(handler(event, desk))):
                    desk.say(word)
            return _note(work_list, desk.words)

        return hear

    def _finished(self, returned):
        """What a handler returned, once it has come to its end."""
        return self._loop.run(returned) if inspect.iscoroutine(returned) else returned

    def _write_down(self, work_list: WorkList, words: list[Event]) -> list[Event]:
        """Note a clerk's words in the work list, once it is this transaction's turn."""
        Ledger(work_list.session, self._clock).take_turns({word.receipt for word in words})
        return _note(work_list, words)


def _note(work_list: WorkList, words: list[Event]) -> list[Event]:
    """Bring the work list up to date; returns the words that go out, which those about a sample do not."""
    for word in words:
        work_list.note(word)
        if is_sample(word.receipt):
            log.info("said %s about a sample; it stays here", word.topic)
    return [word for word in words if not is_sample(word.receipt)]
