"""Everything of the bus running for one participant: pipeline, consumer, relay and clockwork."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from uuid_utils import uuid7

from appeals.bus.broker import Broker
from appeals.bus.consumer import BATCH, Consumer
from appeals.bus.database import Database, is_unavailable, migrate
from appeals.bus.measured import MeasuredBroker, Pulse
from appeals.bus.metrics import Metrics
from appeals.bus.participant import Participant
from appeals.bus.pipeline import Pipeline
from appeals.bus.relay import Relay, run_in_thread

log = logging.getLogger("appeals.station")

BUS_MIGRATIONS = Path(__file__).parent / "migrations"
DRAIN_SECONDS = 20


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def fresh_id() -> str:
    """A UUIDv7: unique, and sorted by time."""
    return str(uuid7())


class Station:
    """One participant on the bus.

    `ticks` are pieces of own work: after so many seconds, `Pipeline.act` is called with the rest. So many
    `consumers` work side by side, each with batches of at most `batch` messages; the messages of one appeal take
    turns.
    """

    def __init__(
        self,
        participant: Participant,
        database: Database,
        broker: Broker,
        *,
        ticks: tuple[tuple[float, Callable, Callable | None], ...] = (),
        clock: Callable[[], datetime] = utc_now,
        consumers: int = 1,
        batch: int = BATCH,
    ):
        self.database = database
        self.metrics, self.pulse = Metrics(participant, database), Pulse(database)
        broker = MeasuredBroker(broker, self.metrics, self.pulse)
        self.relay = Relay(database, broker)
        self.pipeline = Pipeline(participant, database, clock=clock, new_id=fresh_id, wake=self.relay.wake)
        self.consumers = [Consumer(self.pipeline, broker, batch=batch) for _ in range(consumers)]
        self._ticks = ticks
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._relay_thread: threading.Thread | None = None

    def start(self) -> None:
        """Bring the bus's tables up to date, and start."""
        migrate(self.database, BUS_MIGRATIONS)
        self._relay_thread = run_in_thread(self.relay.run, "relay")
        self._threads = [run_in_thread(consumer.run, "consumer") for consumer in self.consumers]
        for tick in self._ticks:
            self._threads.append(run_in_thread(lambda t=tick: self._tick(*t), "ticks"))

    def stop(self) -> None:
        """Finish the batch in hand, publish what was said, and end."""
        self._stopping.set()
        for consumer in self.consumers:
            consumer.stop()
        for thread in self._threads:
            thread.join(DRAIN_SECONDS)
        self.relay.stop()
        if self._relay_thread:
            self._relay_thread.join(DRAIN_SECONDS)
        self.database.close()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    def is_over(self) -> bool:
        """Whether none of its threads runs any more."""
        return not any(thread.is_alive() for thread in (*self._threads, self._relay_thread) if thread)

    def is_alive(self) -> bool:
        """Whether all its threads run; when one has died of a defect, the process should be started anew."""
        return all(thread.is_alive() for thread in (*self._threads, self._relay_thread) if thread)

    def _tick(self, seconds: float, work: Callable, about: Callable | None) -> None:
        while not self._stopping.wait(seconds):
            try:
                self.pipeline.act(work, about)
                self.metrics.ticks.inc()
            except Exception as error:
                if not is_unavailable(error):
                    raise
                log.warning("database unavailable: %s", error)
