"""What was committed gets published: the outbox is emptied in pipelines of confirmed messages.

A message leaves the outbox only after the broker's confirm. One that no queue takes is held apart, with the
others for the same destination; now and then the oldest of them is tried, and when it passes, all may go.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.orm import Session

from appeals.bus.broker import Broker, BrokerGone, Outgoing, Publisher
from appeals.bus.database import Database, is_unavailable
from appeals.bus.outbox import destination, hold, let_go, oldest_held, sent, unsent

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
        self._look_again = 0.0

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
        """Publish one batch; returns how many messages it had, or how many that were held may go again."""
        published = self._publish_unsent(publisher)
        if not published and time.monotonic() >= self._look_again:
            self._look_again = time.monotonic() + self._look_every
            return self._try_held()
        return published

    def _publish_unsent(self, publisher: Publisher) -> int:
        """Publish one batch of the outbox.

        On PostgreSQL it stays locked meanwhile, so that two relays do not publish the same. A SQLite file would
        stay locked for everybody, and has one relay; should there be two, the inboxes absorb it.
        """
        if self._database.is_postgresql:
            with self._database.transaction() as session:
                batch = unsent(session, BATCH)
                self._settle(session, batch, self._send(publisher, batch))
        else:
            with self._database.reading() as session:
                batch = unsent(session, BATCH)
            if batch:
                refused = self._send(publisher, batch)
                with self._database.transaction() as session:
                    self._settle(session, batch, refused)
        return len(batch)

    def _send(self, publisher: Publisher, batch: list[Outgoing]) -> dict[str, str]:
        """Publish these; returns why some found no place, by their ids."""
        return publisher.publish(batch) if batch else {}

    def _settle(self, session: Session, batch: list[Outgoing], refused: dict[str, str]) -> None:
        """Take a batch out of the outbox: what was confirmed is done, what was refused is held."""
        sent(session, [one.id for one in batch if one.id not in refused])
        if refused:
            example = next(one for one in batch if one.id in refused)
            log.error("%d are held; the first, for %s: %s", len(refused), destination(example), refused[example.id])
            hold(session, [one for one in batch if one.id in refused], refused)

    def _try_held(self) -> int:
        """Try the oldest message of each destination; returns how many may go to where one was taken.

        On a new channel: RabbitMQ may go on refusing an old one although the queue's limit was taken away.
        """
        with self._database.reading() as session:
            oldest = oldest_held(session)
        if not oldest:
            return 0
        publisher = self._broker.publisher()
        try:
            refused = publisher.publish(oldest)
        finally:
            publisher.close()
        open_again = [destination(one) for one in oldest if one.id not in refused]
        if not open_again:
            return 0
        with self._database.transaction() as session:
            return let_go(session, open_again)


def run_in_thread(target: Callable[[], None], name: str) -> threading.Thread:
    """Start a thread (a green one where the process is patched)."""
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread
