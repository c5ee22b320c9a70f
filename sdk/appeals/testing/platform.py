"""The platform's voice as one department hears it: events one after the other, numbered and marked as real ones."""

from __future__ import annotations

from collections.abc import Callable

from appeals.bus.broker import Outgoing
from appeals.bus.ledger import Turn
from appeals.bus.participant import Participant
from appeals.bus.saying import Voice
from appeals.bus.topology import EVENTS, service_queues
from appeals.events import Event


class Platform:
    """Writes what is said to one department as the bus would; what was said so far is kept, in order."""

    def __init__(self, code: str, new_id: Callable[[], str]):
        member = Participant(
            "platform",
            service_queues("platform"),
            {},
            lambda session: None,
            lambda *_: False,
            lambda *_: [(code, EVENTS)],
        )
        self._voice = Voice(member, new_id)
        self._memory = _Memory()

    @property
    def said(self) -> list[Outgoing]:
        """Everything so far, as it was published."""
        return self._memory.said

    def say(self, event: Event) -> Outgoing:
        """The next message to the department; it follows all that was said before about the same appeal."""
        self._voice.say(self._memory, event)
        return self.said[-1]


class _Memory:
    """As much of a ledger as a voice needs, without a database."""

    def __init__(self):
        self.said: list[Outgoing] = []
        self._turns: dict[str, Turn] = {}

    def turn(self, subject: str) -> Turn:
        return self._turns.setdefault(subject, Turn(subject))

    def say(self, outgoing: Outgoing, **_) -> None:
        self.said.append(outgoing)
