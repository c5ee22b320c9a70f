"""Who takes part in the bus, and a message that has reached it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from appeals.bus import letters
from appeals.bus.broker import DIGEST, REPLAYED, UNREADABLE, Delivery
from appeals.bus.causality import INBOX
from appeals.bus.envelope import Envelope
from appeals.bus.handling import AS_USUAL, Handling
from appeals.bus.ledger import PARKED, REFUSED, Seen
from appeals.bus.topology import EVENTS, QueueNames, Topology, inbox_exchange
from appeals.errors import ForgedSource, Malformed, Refused, UnknownType, WordNotAllowed
from appeals.message import Message

COMMAND = "command"
LARGEST_WORD = 256_000


@dataclass(frozen=True)
class Participant:
    """Who takes part in the bus, seen from the pipeline.

    `handlers` maps a message type to a function of (service, message) that returns an event, several, or
    nothing; `handling` to what such a handler wants besides. `service(session)` makes the object that the
    handlers work on, for one transaction; `prefetch(service, subjects)` may load in one question what a batch
    will need; `introduce(service, message)` shows it each message as it came, before the handler is called.
    `hears(audience, topic)` says what it is told at all. `copies(event, category, classification)`
    says who gets a copy of what it says, as pairs of audience and exchange. `may_say(department, topic)` says
    what a department may say to it; nothing by default. `inboxes()` are the departments whose words it hears
    at the moment, and `topology()` is what it declares before it consumes. `answers_refusal(word, refusal)`
    is what it says to a department whose word it refuses.
    """

    name: str
    queues: QueueNames
    handlers: Mapping[str, Callable]
    service: Callable[[Session], object]
    hears: Callable[[str, str], bool]
    copies: Callable[[Message, str, str], Iterable[tuple[str, str]]]
    prefetch: Callable[[object, set[str]], None] = lambda service, subjects: None
    may_say: Callable[[str, str], bool] = lambda source, topic: False
    inboxes: Callable[[], Sequence[str]] = lambda: ()
    topology: Callable[[], Topology] = Topology
    answers_refusal: Callable[[Message, Refused], Message | None] = lambda word, refusal: None
    handling: Mapping[str, Handling] = field(default_factory=dict)
    introduce: Callable[[object, Received], None] = lambda service, message: None

    def heard(self) -> list[str]:
        """The queues to consume at the moment."""
        return [*self.queues.heard, *map(inbox_exchange, self.inboxes())]

    def handling_of(self, type_: str) -> Handling:
        """How a type of message is to be handled."""
        return self.handling.get(type_, AS_USUAL)

    def read(self, delivery: Delivery) -> Received:
        """Read what a queue gave. Raises Malformed, UnknownType for a command, ForgedSource or WordNotAllowed."""
        if UNREADABLE in delivery.headers:
            raise Malformed(problems=f"its AMQP properties ({delivery.headers[UNREADABLE]})")
        envelope = Envelope.from_bytes(delivery.body)
        origin = letters.origin(delivery)
        if delivery.queue == self.queues.commands:
            origin = COMMAND
            if envelope.type not in self.handlers:
                raise UnknownType(type=envelope.type)
        elif origin.startswith(INBOX):
            if len(delivery.body) > LARGEST_WORD:
                raise Malformed(problems=f"{len(delivery.body)} bytes are more than {LARGEST_WORD}")
            _check_source(envelope, origin)
            if not self.may_say(envelope.source, envelope.topic):
                raise WordNotAllowed(topic=envelope.topic)
        elif origin != EVENTS:
            raise ForgedSource()
        return Received(delivery, envelope, f"{origin}/{envelope.id}")

    def read_parked(self, row) -> Received:
        """Read a message that waits in the inbox."""
        queue = self.queues.events
        return self.read(
            Delivery(tag=0, queue=queue, exchange="", routing_key=queue, body=row.body, headers=row.headers)
        )


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery that could be read. `key` is its name in the inbox: where it came from, and its id."""

    delivery: Delivery
    envelope: Envelope
    key: str

    @property
    def subject(self) -> str:
        """The receipt of the appeal it is about."""
        return self.envelope.subject

    @property
    def is_word(self) -> bool:
        """Whether a department says it."""
        return self.key.startswith(INBOX)

    @property
    def is_command(self) -> bool:
        """Whether somebody waits for an answer."""
        return self.key.startswith(f"{COMMAND}/")

    @property
    def digest(self) -> str | None:
        """The hash of what the asker of a command had sent."""
        return self.delivery.headers.get(DIGEST)

    def inbox_row(self) -> dict:
        """What the inbox notes of it."""
        return {"key": self.key, "subject": self.subject, "digest": self.digest}

    @property
    def replayed_by(self) -> str:
        """Who has it delivered once more, if somebody does. What a department claims itself does not count."""
        if self.delivery.exchange.startswith(INBOX):
            return ""
        by = self.delivery.headers.get(REPLAYED, "")
        return by if isinstance(by, str) else ""

    def may_come_again(self, seen: Seen) -> bool:
        """Whether it is to be applied although it was seen: it waited, or somebody replays a refused one."""
        return seen.state == PARKED or (seen.state == REFUSED and bool(self.replayed_by))


@dataclass(frozen=True)
class ToldOnce:
    """What a handler tells the asker beside what it says, and what must not be kept: asked again, it is refused."""

    answer: dict
    said: tuple[Message, ...]


def messages_in(returned) -> list[Message]:
    """What a handler returned, as a list: nothing, one message, or several."""
    if returned is None:
        return []
    return [returned] if isinstance(returned, Message) else list(returned)


def by_type(handlers: Mapping[type[Message], Callable]) -> dict[str, Callable]:
    """Handlers by message type. One for a later version takes the earlier ones too, unless they have their own."""
    found = {cls.type(): handler for cls, handler in handlers.items()}
    for cls, handler in handlers.items():
        while older := cls.older_class():
            handler = _upgrading(cls, handler)
            found.setdefault(older.type(), handler)
            cls = older
    return found


def _upgrading(cls: type[Message], handler: Callable) -> Callable:
    return lambda service, older: handler(service, cls.from_older(older))


def _check_source(envelope: Envelope, inbox: str) -> None:
    """A department speaks for itself only; its marks may only be about its own words."""
    own = envelope.source == inbox.removeprefix(INBOX) and envelope.audience in ("", inbox)
    if not own or any(not name.startswith(f"{inbox}/") for name in envelope.after):
        raise ForgedSource()
