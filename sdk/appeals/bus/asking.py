"""Asking a service for something: a command goes to its queue, the answer comes after it is durable.

Used by the portal. Many may ask at once; one thread reads the answers.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable

from appeals.bus.broker import DIGEST, AnswerLine, Broker, BrokerGone, Outgoing
from appeals.bus.envelope import Envelope
from appeals.bus.topology import COMMAND_SECONDS, service_queues
from appeals.commands import Command
from appeals.errors import Unanswered

log = logging.getLogger("appeals.asking")

PAUSE_AFTER_TROUBLE = 1.0


class CommandRefused(Exception):
    """The service refused; `told` is the refusal as `Refused.told` made it."""

    def __init__(self, told: dict):
        self.told = told
        super().__init__(told["en"])


class Asker:
    """Sends commands and waits for their answers; `name` says who asks, `queue_of` where a service listens."""

    def __init__(
        self,
        broker: Broker,
        name: str,
        *,
        new_id: Callable[[], str],
        queue_of: Callable[[str], str] = lambda service: service_queues(service).commands,
    ):
        self._broker = broker
        self._name = name
        self._new_id = new_id
        self._queue_of = queue_of
        self._waiting: dict[str, _Answer] = {}
        self._line: AnswerLine | None = None
        self._stopping = threading.Event()

    @property
    def connected(self) -> bool:
        """Whether commands can be sent at the moment."""
        return self._line is not None

    def ask(self, command: Command, *, key: str, body: bytes = b"", seconds: float = COMMAND_SECONDS) -> list[dict]:
        """Have a command done; returns what was said, each with id, type and receipt.

        `key` makes it idempotent: asked again with the same key it has its effect once, and the same answer
        comes back. `body` is what the asker sent; another body under the same key is refused.
        Raises CommandRefused, or Unanswered when it is unknown whether it was done.
        """
        return self._exchange(command, key, body, seconds)["said"]

    def find_out(self, question: Command, *, key: str, body: bytes = b"", seconds: float = COMMAND_SECONDS) -> dict:
        """Ask a question, a command that has no effect; returns the answer. Raises as `ask`."""
        return self._exchange(question, key, body, seconds)["answer"]

    def _exchange(self, command: Command, key: str, body: bytes, seconds: float) -> dict:
        line = self._line
        if line is None:
            raise Unanswered("no connection to the broker")
        answer = _Answer()
        correlation = self._new_id()
        self._waiting[correlation] = answer
        try:
            outgoing = as_outgoing(
                command,
                source=self._name,
                key=key,
                body=body,
                queue=self._queue_of(command.to),
                reply_to=line.reply_to,
                correlation=correlation,
                seconds=seconds,
            )
            line.send(outgoing)
            if not answer.arrived.wait(seconds):
                raise Unanswered(f"{command.to} did not answer in {seconds} s")
        except BrokerGone as error:
            raise Unanswered(str(error)) from error
        finally:
            self._waiting.pop(correlation, None)
        if answer.value is None:
            raise Unanswered("the connection to the broker was lost")
        if refused := answer.value.get("refused"):
            raise CommandRefused(refused)
        return answer.value

    def run(self) -> None:
        """Read answers until stopped."""
        while not self._stopping.is_set():
            try:
                line = self._broker.answer_line()
                self._line = line
                try:
                    while not self._stopping.is_set():
                        self._read(line)
                finally:
                    self._line = None
                    line.close()
            except BrokerGone as error:
                log.warning("broker gone: %s", error)
            for answer in list(self._waiting.values()):
                answer.arrived.set()
            self._stopping.wait(PAUSE_AFTER_TROUBLE)

    def stop(self) -> None:
        """End `run`."""
        self._stopping.set()

    def _read(self, line: AnswerLine) -> None:
        for delivery in line.fetch(100, 1.0):
            answer = self._waiting.get(delivery.correlation_id)
            if answer:
                answer.value = json.loads(delivery.body)
                answer.arrived.set()


def as_outgoing(
    command: Command,
    *,
    source: str,
    key: str,
    body: bytes,
    queue: str,
    reply_to: str = "",
    correlation: str = "",
    seconds: float = COMMAND_SECONDS,
) -> Outgoing:
    """A command as it is published; after so many seconds nobody waits for it any more, and it expires."""
    envelope = Envelope(
        id=key,
        source=source,
        type=command.type(),
        subject=command.receipt,
        time=command.at,
        data=command.to_data(),
        after={},
    )
    return Outgoing(
        id=key,
        exchange="",
        routing_key=queue,
        body=envelope.to_bytes(),
        headers={DIGEST: hashlib.sha256(body).hexdigest()},
        persistent=False,
        reply_to=reply_to,
        correlation_id=correlation,
        expires_in=seconds,
    )


class _Answer:
    __slots__ = ("arrived", "value")

    def __init__(self):
        self.arrived = threading.Event()
        self.value: dict | None = None
