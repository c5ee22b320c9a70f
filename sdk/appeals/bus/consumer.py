"""Takes what has arrived, has it applied in one transaction, answers, and acknowledges after the commit."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from appeals.bus.broker import Broker, BrokerGone, Delivery, Outgoing, Subscription
from appeals.bus.database import is_unavailable
from appeals.bus.pipeline import Pipeline

log = logging.getLogger("appeals.consumer")

BATCH = 200
WAIT = 1.0
PAUSE_AFTER_TROUBLE = 1.0
SWEEP_EVERY = 30.0
PATIENCE = timedelta(days=3)  # longer than an outage over a weekend


class Consumer:
    """Runs one participant's pipeline on its queues, until stopped."""

    def __init__(self, pipeline: Pipeline, broker: Broker, *, batch: int = BATCH, patience: timedelta = PATIENCE):
        self._pipeline = pipeline
        self._broker = broker
        self._batch = batch
        self._patience = patience
        self._stopping = threading.Event()
        self._swept = 0.0

    def stop(self) -> None:
        """End `run` after the batch in hand."""
        self._stopping.set()

    def run(self) -> None:
        """Consume until stopped; connections that break are made again."""
        while not self._stopping.is_set():
            try:
                self._consume_the_same_queues()
            except BrokerGone as error:
                log.warning("broker gone: %s", error)
                self._stopping.wait(PAUSE_AFTER_TROUBLE)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                log.warning("database unavailable, nothing is acknowledged: %s", error)
                self._stopping.wait(PAUSE_AFTER_TROUBLE)

    def _consume_the_same_queues(self) -> None:
        """Consume until other queues are to be heard, such as the inbox of a department that was plugged in."""
        participant = self._pipeline.participant
        queues = participant.heard()
        self._broker.declare(participant.topology())
        subscription = self._broker.subscribe(queues, 2 * self._batch)
        try:
            while not self._stopping.is_set() and participant.heard() == queues:
                self.consume_once(subscription)
        finally:
            subscription.close()

    def consume_once(self, subscription: Subscription, wait: float = WAIT) -> int:
        """Handle one batch; returns how many messages it had."""
        deliveries = subscription.fetch(self._batch, wait)
        if deliveries:
            answers = self._handle_when_possible(subscription, deliveries)
            if answers:
                subscription.answer(answers)
            subscription.acknowledge(deliveries)
        if time.monotonic() - self._swept > SWEEP_EVERY:
            self._swept = time.monotonic()
            self._pipeline.sweep(self._patience)
        return len(deliveries)

    def _handle_when_possible(self, subscription: Subscription, deliveries: list[Delivery]) -> list[Outgoing]:
        """Handle a batch. While the database is at fault it stays in hand: giving it back would count against it."""
        while True:
            try:
                return self._pipeline.handle(deliveries)
            except Exception as error:
                if not is_unavailable(error) or self._stopping.is_set():
                    raise
                log.warning("database unavailable, nothing is acknowledged: %s", error)
                self._stopping.wait(PAUSE_AFTER_TROUBLE)
                subscription.beat()
