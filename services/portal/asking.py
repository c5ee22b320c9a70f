"""Asking: has a command done by the service that owns it, once however often it is repeated, and waits until
the read model shows it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from appeals.bus.asking import CommandRefused
from appeals.commands import Command
from appeals.errors import Unanswered
from services.portal.problems import NotDone, refused, unanswered
from services.portal.reading import ReadModel
from services.portal.rights import Principal

RECEIPT_TAKEN = "receipt-taken"
DRAWS = 5
PATIENCE = 2.0
FIRST_STEP, LONGEST_STEP = 0.01, 0.16


class Asker(Protocol):
    """What sends commands: `appeals.bus.asking.Asker`."""

    def ask(self, command: Command, *, key: str, body: bytes) -> list[dict]:
        """Have a command done. Raises CommandRefused or Unanswered."""

    def find_out(self, question: Command, *, key: str, body: bytes) -> dict:
        """Ask a question. Raises CommandRefused or Unanswered."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody sent: who, to which door, under which Idempotency-Key, with which bytes."""

    principal: Principal
    door: str
    key: str
    body: bytes

    @property
    def command_key(self) -> str:
        """The command's key: another person or another door never meets the same one."""
        written = f"{self.principal.role}:{self.principal.name} | {self.door} | {self.key}"
        return hashlib.sha256(written.encode()).hexdigest()[:32]


class Desk:
    """Passes wishes on as commands; `patience` is how many seconds an answer waits for the read model."""

    def __init__(self, asker: Asker, reads: ReadModel, *, patience: float = PATIENCE):
        self._asker = asker
        self._reads = reads
        self._patience = patience

    def ask(self, wish: Wish, command: Command) -> list[dict]:
        """Have it done; returns what was said. Raises NotDone."""
        try:
            return self._ask(wish, command)
        except CommandRefused as error:
            raise NotDone(refused(error.told)) from error

    def find_out(self, wish: Wish, question: Command) -> dict:
        """Ask a question, which has no effect; returns its answer. Raises NotDone."""
        try:
            return self._asker.find_out(question, key=wish.command_key, body=wish.body)
        except CommandRefused as error:
            raise NotDone(refused(error.told)) from error
        except Unanswered as error:
            raise NotDone(unanswered(wish.key)) from error

    def submit(self, wish: Wish, make: Callable[[], Command]) -> list[dict]:
        """Have a new appeal taken in; when its receipt is taken, another is drawn. Raises NotDone."""
        for draws_left in reversed(range(DRAWS)):
            try:
                return self._ask(wish, make())
            except CommandRefused as error:
                if error.told["code"] != RECEIPT_TAKEN or not draws_left:
                    raise NotDone(refused(error.told)) from error
        raise AssertionError("the last draw returns or raises")

    def _ask(self, wish: Wish, command: Command) -> list[dict]:
        try:
            said = self._asker.ask(command, key=wish.command_key, body=wish.body)
        except Unanswered as error:
            raise NotDone(unanswered(wish.key)) from error
        self._wait_until_heard([one["id"] for one in said])
        return said

    def _wait_until_heard(self, ids: list[str]) -> None:
        """So that who looks next sees what was done; after a while the answer goes out anyway."""
        latest, step = time.monotonic() + self._patience, FIRST_STEP
        while not self._reads.has_heard(ids) and time.monotonic() < latest:
            time.sleep(step)
            step = min(2 * step, LONGEST_STEP)
