"""What was committed gets published: the outbox is emptied in pipelines of confirmed messages.

A message leaves the outbox only after the broker's confirm. One that no queue took stays, and is tried
again; it shows in the count of unsent messages.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from appeals.bus.broker import Broker, BrokerGone, Outgoing, Publisher
from appeals.bus.database import Database, is_unavailable
from appeals.bus.ledger import sent, unsent

log = logging.getLogger("appeals.relay")

BATCH = 500
LOOK_EVERY = 5.0
PAUSE_AFTER_TROUBLE = 1.0


class Relay:
    """Publishes one participant's outbox. `run` until `stop`; `wake` after each commit."""

    def __init__(self, database: Database, broker: Broker, *, look_every: float = LOOK_EVERY):
        self._database = database
        self._broker = broker
        self._look_every = look_every
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._after = ""
        self._look_again = 0.0
        self.refused: dict[str, str] = {}

    def wake(self) -> None:
        """There is something to publish."""
        self._work.set()

    def stop(self) -> None:
        """End `run` once the outbox is empty, or at the first trouble."""
        self._stopping.set()
        self._work.set()

    def run(self) -> None:
        """Publish whatever is there, then wait to be woken; looks by itself now and then.

        Other processes of the same service may leave messages too, so it never relies on `wake` alone.
        """
        while True:
            try:
                self._publish_until_stopped()
                return
            except BrokerGone as error:
                log.warning("broker gone: %s", error)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                log.warning("database unavailable: %s", error)
            if self._stopping.wait(PAUSE_AFTER_TROUBLE):
                return

    def _publish_until_stopped(self) -> None:
        publisher = self._broker.publisher()
        try:
            while True:
                self._work.clear()
                published = self.publish_once(publisher)
                if published:
                    continue
                if self._stopping.is_set():
                    return
                self._work.wait(self._look_every)
                publisher.beat()
        finally:
            publisher.close()

    def publish_once(self, publisher: Publisher) -> int:
        """Publish one batch; returns how many messages it had.

        Messages that no queue takes are passed by until the next look, so that they hold up nobody else.

        On PostgreSQL the batch stays locked meanwhile, so that two relays do not publish the same. A SQLite
        file would stay locked for everybody, and has one relay; should there be two, the inboxes absorb it.
        """
        if self._database.is_postgresql:
            with self._database.transaction() as session:
                batch = unsent(session, BATCH, self._after)
                sent(session, self._send(publisher, batch))
        else:
            with self._database.reading() as session:
                batch = unsent(session, BATCH, self._after)
            if confirmed := self._send(publisher, batch):
                with self._database.transaction() as session:
                    sent(session, confirmed)
        if not batch and time.monotonic() >= self._look_again:
            self._after, self._look_again = "", time.monotonic() + self._look_every
        return len(batch)

    def _send(self, publisher: Publisher, batch: list[Outgoing]) -> list[str]:
        """Publish these; returns the ids that the broker has confirmed."""
        refused = publisher.publish(batch) if batch else {}
        if refused:
            id_, reason = next(iter(refused.items()))
            log.error("%d messages found no queue, such as %s: %s", len(refused), id_, reason)
            self._after = batch[-1].id
        self.refused = refused or self.refused if self._after else {}
        return [outgoing.id for outgoing in batch if outgoing.id not in refused]


def run_in_thread(target: Callable[[], None], name: str) -> threading.Thread:
    """Start a thread (a green one where the process is patched)."""
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread
