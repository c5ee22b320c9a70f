"""What becomes of a message that fails: refused for good, tried again later, or set aside.

Each is a row in the journal and the outbox, in the same transaction as the note in the inbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from appeals.bus import letters
from appeals.bus.broker import Delivery, Outgoing
from appeals.bus.ledger import REFUSED, Ledger
from appeals.bus.participant import Received
from appeals.bus.topology import QueueNames
from appeals.errors import Refused, WaitedTooLong

log = logging.getLogger("appeals.bus")

LONGEST_BY = 128


class Fates:
    """Settles the messages of one participant that fail."""

    def __init__(self, queues: QueueNames, new_id: Callable[[], str]):
        self._queues = queues
        self._new_id = new_id

    def refuse(self, ledger: Ledger, message: Received, refusal: Exception) -> bool:
        """Set a message aside for good; it counts as heard, so those after it go on.

        Returns whether it is the first time.
        """
        ledger.take_turns([message.subject])
        seen = ledger.admit([message.inbox_row()]).get(message.key)
        if seen is None or message.may_come_again(seen):
            ledger.turn(message.subject).hear(message.envelope)
            ledger.settle([message.key], REFUSED)
            self._set_aside(ledger, message, refusal)
            return True
        return False

    def try_later(self, ledger: Ledger, message: Received, error: Exception, retries: int | None) -> None:
        """Send a message to the next retry tier, or set it aside after the last; those after it wait."""
        again = letters.retry(message.delivery, self._queues, self._new_id(), retries)
        if again:
            log.warning("will be tried again", extra={"message_id": message.envelope.id}, exc_info=error)
            ledger.say(again, subject=message.subject, type_=message.envelope.type, audience="retry", by="bus")
        else:
            self._set_aside(ledger, message, error)
        ledger.forget(message.key)

    def give_up(self, ledger: Ledger, message: Received, waits_for: str) -> None:
        """Set aside a message that still waits for one that never came."""
        ledger.take_turns([message.subject])
        if message.key in {row.key for row in ledger.parked([message.subject])}:
            self._set_aside(ledger, message, WaitedTooLong(waits_for=waits_for))
            ledger.forget(message.key)

    def note_replay(self, ledger: Ledger, message: Received) -> None:
        """Keep in the journal that somebody had this message delivered once more."""
        note = Outgoing(id=self._new_id(), exchange="", routing_key="", body=message.delivery.body)
        ledger.note(
            note,
            subject=message.subject,
            type_=message.envelope.type,
            audience="replay",
            by=message.replayed_by[:LONGEST_BY],
        )

    def set_aside_unread(self, ledger: Ledger, delivery: Delivery, refusal: Refused) -> None:
        """Keep bytes that nobody could read, whole."""
        log.warning("set aside unread: %s", refusal)
        letter = letters.dead(delivery, self._queues, refusal, self._new_id())
        ledger.say(letter, subject="", type_="", audience="dead", by="bus")

    def _set_aside(self, ledger: Ledger, message: Received, error: Exception) -> None:
        log.warning("set aside: %s", error, extra={"message_id": message.envelope.id})
        letter = letters.dead(message.delivery, self._queues, error, self._new_id())
        ledger.say(letter, subject=message.subject, type_=message.envelope.type, audience="dead", by="bus")
        if message.replayed_by:
            self.note_replay(ledger, message)
