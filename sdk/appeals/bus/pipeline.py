"""A batch of messages becomes one transaction: state, inbox, journal and outbox, or nothing of it.

The caller acknowledges after `handle` returns. A batch that fails is halved until the message at fault is
alone: a refusal sets it aside, anything else tries it again later, and after the last tier it is set aside
too. Only when the database is at fault does `handle` raise, and then nothing was done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from appeals.bus import causality, letters
from appeals.bus.broker import DIGEST, REPLAYED, Delivery, Outgoing
from appeals.bus.causality import INBOX
from appeals.bus.database import Database, is_unavailable
from appeals.bus.envelope import Envelope
from appeals.bus.ledger import PARKED, REFUSED, Ledger, Seen
from appeals.bus.topology import QueueNames
from appeals.errors import Broken, ForgedSource, KeyUsedBefore, Malformed, Refused, UnknownType, WaitedTooLong
from appeals.message import Message, read

log = logging.getLogger("appeals.bus")

COMMAND = "command"
NO_HANDLER = "a version that knows "


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
    def is_command(self) -> bool:
        """Whether somebody waits for an answer."""
        return self.key.startswith(f"{COMMAND}/")

    def inbox_row(self) -> dict:
        """What the inbox notes of it."""
        return {"key": self.key, "subject": self.subject, "digest": self.delivery.headers.get(DIGEST)}

    def may_come_again(self, seen: Seen) -> bool:
        """Whether it is to be applied although it was seen: it waited, or an operator replays a refused one."""
        return seen.state == PARKED or (seen.state == REFUSED and REPLAYED in self.delivery.headers)


@dataclass(frozen=True)
class Participant:
    """Who takes part in the bus, seen from the pipeline.

    `handlers` maps a message type to a function of (service, message) that returns an event, several, or
    nothing. `service(session)` makes the object that the handlers work on, for one transaction;
    `prefetch(service, subjects)` may load in one question what a batch will need. `hears(audience, topic)`
    says what it is told at all. `copies(event, category, classification)` says who gets a copy of what it
    says, as pairs of audience and exchange.
    """

    name: str
    queues: QueueNames
    handlers: Mapping[str, Callable]
    service: Callable[[Session], object]
    hears: Callable[[str, str], bool]
    copies: Callable[[Message, str, str], Iterable[tuple[str, str]]]
    prefetch: Callable[[object, set[str]], None] = lambda service, subjects: None


class Pipeline:
    """Applies messages to one participant, and writes down what it says.

    `clock()` gives the time with its zone, `new_id()` an id that sorts by time (UUIDv7); `wake` is called
    after every commit that left something to publish.
    """

    def __init__(
        self,
        participant: Participant,
        database: Database,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        wake: Callable[[], None],
    ):
        self.participant = participant
        self.database = database
        self._clock = clock
        self._new_id = new_id
        self._wake = wake

    def handle(self, deliveries: Sequence[Delivery]) -> list[Outgoing]:
        """Apply what has arrived; returns the answers to commands, to be sent before the acknowledgement.

        Raises the database's error when that is at fault: acknowledge nothing, and call again.
        """
        received, answers = [], []
        for delivery in deliveries:
            try:
                received.append(self._read(delivery))
            except Refused as refusal:
                if delivery.queue == self.participant.queues.commands:
                    answers.append(self._answer(delivery, {"refused": refusal.told()}))
                else:
                    self._set_aside_unread(delivery, refusal)
        return answers + (self._apply(received) if received else [])

    def act(self, work: Callable[[object], object]) -> None:
        """Do a piece of the service's own work, such as a look at the clocks, and say what it returns."""
        with self.database.transaction() as session:
            ledger = Ledger(session, self._clock)
            said = _events(work(self.participant.service(session)))
            session.flush()
            for event in said:
                self._say(ledger, event)
            written = ledger.write()
        if written:
            self._wake()

    def sweep(self, patience: timedelta, limit: int = 100) -> None:
        """Look again at messages that wait, and set aside those that have waited longer than `patience`.

        A message of a type that nobody here knows waits on, for a version that does.
        """
        now = self._clock()
        with self.database.reading() as session:
            waiting = Ledger(session, self._clock).parked_since(now, limit)
        for subject in {row.subject for row in waiting}:
            self._release(subject)
        for row in waiting:
            if row.at < now - patience and not row.waits_for.startswith(NO_HANDLER):
                self._give_up(self._unpark(row), row.waits_for)

    # One transaction

    def _apply(self, received: list[Received]) -> list[Outgoing]:
        """One transaction for all of them; halved when one fails."""
        alone = len(received) == 1
        try:
            answers, others_wait = self._transact(received, release=not alone)
        except Exception as error:
            if is_unavailable(error):
                raise
            if alone:
                return self._fail(received[0], error)
            middle = len(received) // 2
            return self._apply(received[:middle]) + self._apply(received[middle:])
        if alone and others_wait:
            self._release(received[0].subject)
        return answers

    def _transact(self, received: list[Received], *, release: bool) -> tuple[list[Outgoing], bool]:
        """Apply these, and with `release` also those that waited for them.

        Returns the answers to commands, and whether other messages of these appeals wait.
        """
        subjects = {message.subject for message in received}
        with self.database.transaction() as session:
            ledger = Ledger(session, self._clock)
            ledger.take_turns(subjects)
            seen = ledger.admit([message.inbox_row() for message in received])
            todo, answers = self._sort_out(received, seen)
            parked = {row.key: self._unpark(row) for row in ledger.parked(subjects)}
            if release:
                todo = parked | todo

            service = self.participant.service(session)
            self.participant.prefetch(service, subjects)
            applied = self._run(session, ledger, service, todo.values())

            answers += [self._answer(m.delivery, reply) for m, reply in applied if m.is_command]
            done = {message.key for message, _ in applied}
            if again := done & (parked.keys() | seen.keys()):
                ledger.settle(sorted(again))
            for key, message in todo.items():
                if key not in done and key not in parked:
                    waits_for = self._waits_for(ledger, message.envelope)
                    ledger.park(key, message.delivery.body, letters.kept_headers(message.delivery), waits_for)
            written = ledger.write()
        if written:
            self._wake()
        return answers, bool(parked.keys() - done)

    def _sort_out(self, received: list[Received], seen: Mapping[str, Seen]) -> tuple[dict, list[Outgoing]]:
        """What is to be applied, by key; and the answers to commands that were answered before."""
        todo, answers = {}, []
        for message in received:
            before = seen.get(message.key)
            if before is None or message.may_come_again(before):
                todo.setdefault(message.key, message)
            elif message.is_command:
                same = before.digest == message.delivery.headers.get(DIGEST)
                reply = before.reply if same else {"refused": KeyUsedBefore().told()}
                answers.append(self._answer(message.delivery, reply))
        return todo, answers

    def _run(self, session: Session, ledger: Ledger, service, messages) -> list[tuple[Received, dict]]:
        """Apply each message whose turn has come, until all the rest must wait; returns them with their replies."""
        applied, rest, touched = [], list(messages), set()
        while rest:
            early = []
            for message in rest:
                if self._waits_for(ledger, message.envelope):
                    early.append(message)
                    continue
                if message.subject in touched:
                    session.flush()  # so that it finds what the one before it has made
                touched.add(message.subject)
                applied.append((message, self._call(ledger, service, message)))
            if len(early) == len(rest):
                break
            rest = early
        session.flush()
        return applied

    def _call(self, ledger: Ledger, service, message: Received) -> dict:
        envelope = message.envelope
        event = read(envelope.type, envelope.data)
        if event.receipt != envelope.subject:
            raise Malformed(problems="data.receipt is not the envelope's subject")
        if message.key.startswith(INBOX) and event.department != envelope.source:
            raise ForgedSource()
        ledger.turn(envelope.subject).hear(envelope)
        said = _events(self.participant.handlers[envelope.type](service, event))
        reply = {"said": [self._say(ledger, event, cause=envelope) for event in said]}
        if message.is_command:
            ledger.reply(message.key, reply)
        return reply

    def _waits_for(self, ledger: Ledger, envelope: Envelope) -> str:
        """What has to come before this message, in words; empty when its turn has come."""
        if envelope.type not in self.participant.handlers:
            return NO_HANDLER + envelope.type
        if not envelope.after:
            return ""
        known = ledger.turn(envelope.subject).known
        return ", ".join(causality.missing(envelope.after, known, self.participant.hears))

    def _say(self, ledger: Ledger, event: Message, cause: Envelope | None = None) -> dict:
        """Write one copy for each audience into the journal and the outbox; returns the first in short."""
        turn, source = ledger.turn(event.receipt), self.participant.name
        turn.category = getattr(event, "category", turn.category)
        turn.classification = getattr(event, "classification", turn.classification)
        copies = list(self.participant.copies(event, turn.category, turn.classification))
        before = dict(turn.known)
        sequences = [turn.say(audience, source, event.topic) for audience, _ in copies]
        data, said = event.to_data(), {}
        for (audience, exchange), sequence in zip(copies, sequences, strict=True):
            own = causality.mark(audience, source, event.topic)
            known = {name: count for name, count in turn.known.items() if name != own}
            if own in before:
                known[own] = before[own]
            envelope = Envelope(
                id=self._new_id(),
                source=source,
                type=event.type(),
                subject=event.receipt,
                time=event.at,
                data=data,
                audience=audience,
                sequence=sequence,
                after=causality.visible(known, audience),
                category=turn.category,
                classification=turn.classification,
                correlation=(cause.correlation or cause.id) if cause else "",
                causation=cause.id if cause else "",
                traceparent=cause.traceparent if cause else "",
            )
            outgoing = Outgoing(
                id=envelope.id, exchange=exchange, routing_key=envelope.routing_key, body=envelope.to_bytes()
            )
            ledger.say(outgoing, subject=event.receipt, type_=event.type(), audience=audience, by=event.by)
            said = said or {"id": envelope.id, "type": envelope.type, "receipt": event.receipt}
        return said

    # Messages that wait

    def _release(self, subject: str) -> None:
        """Apply, one by one, the waiting messages of an appeal whose turn has come."""
        while message := self._next_parked(subject):
            try:
                self._transact([message], release=False)
            except Exception as error:
                if is_unavailable(error):
                    raise
                self._fail(message, error)

    def _next_parked(self, subject: str) -> Received | None:
        with self.database.transaction() as session:
            ledger = Ledger(session, self._clock)
            ledger.take_turns([subject])
            waiting = map(self._unpark, ledger.parked([subject]))
            return next((m for m in waiting if not self._waits_for(ledger, m.envelope)), None)

    def _give_up(self, message: Received, waits_for: str) -> None:
        with self.database.transaction() as session:
            ledger = Ledger(session, self._clock)
            ledger.take_turns([message.subject])
            if message.key in {row.key for row in ledger.parked([message.subject])}:
                self._set_aside(ledger, message, WaitedTooLong(waits_for=waits_for))
                ledger.forget(message.key)
            ledger.write()
        self._wake()

    def _unpark(self, row) -> Received:
        queue = self.participant.queues.events
        return self._read(
            Delivery(tag=0, queue=queue, exchange="", routing_key=queue, body=row.body, headers=row.headers)
        )

    # Messages that fail

    def _fail(self, message: Received, error: Exception) -> list[Outgoing]:
        """Settle the one message at fault."""
        if message.is_command:
            return [self._answer(message.delivery, {"refused": self._told(message, error)})]
        with self.database.transaction() as session:
            ledger = Ledger(session, self._clock)
            if isinstance(error, Refused):
                self._refuse(ledger, message, error)
            else:
                self._try_later(ledger, message, error)
            ledger.write()
        self._wake()
        return []

    def _told(self, message: Received, error: Exception) -> dict:
        if isinstance(error, Refused):
            return error.told()
        log.error("command failed", extra={"message_id": message.envelope.id}, exc_info=error)
        return Broken(reference=message.envelope.id).told()

    def _refuse(self, ledger: Ledger, message: Received, refusal: Refused) -> None:
        """Set a message aside for good; it counts as heard, so those after it go on."""
        ledger.take_turns([message.subject])
        seen = ledger.admit([message.inbox_row()]).get(message.key)
        if seen is None or message.may_come_again(seen):
            ledger.turn(message.subject).hear(message.envelope)
            ledger.settle([message.key], REFUSED)
            self._set_aside(ledger, message, refusal)

    def _try_later(self, ledger: Ledger, message: Received, error: Exception) -> None:
        """Send a message to the next retry tier, or set it aside after the last; those after it wait."""
        again = letters.retry(message.delivery, self.participant.queues, self._new_id())
        if again:
            log.warning("will be tried again", extra={"message_id": message.envelope.id}, exc_info=error)
            ledger.say(again, subject=message.subject, type_=message.envelope.type, audience="retry", by="bus")
        else:
            self._set_aside(ledger, message, error)
        ledger.forget(message.key)

    def _set_aside(self, ledger: Ledger, message: Received, error: Exception) -> None:
        log.warning("set aside: %s", error, extra={"message_id": message.envelope.id})
        letter = letters.dead(message.delivery, self.participant.queues, error, self._new_id())
        ledger.say(letter, subject=message.subject, type_=message.envelope.type, audience="dead", by="bus")

    def _set_aside_unread(self, delivery: Delivery, refusal: Refused) -> None:
        """Keep bytes that nobody could read, whole."""
        log.warning("set aside unread: %s", refusal)
        with self.database.transaction() as session:
            ledger = Ledger(session, self._clock)
            letter = letters.dead(delivery, self.participant.queues, refusal, self._new_id())
            ledger.say(letter, subject="", type_="", audience="dead", by="bus")
            ledger.write()
        self._wake()

    # Reading and answering

    def _read(self, delivery: Delivery) -> Received:
        envelope = Envelope.from_bytes(delivery.body)
        origin = letters.origin(delivery)
        if delivery.queue == self.participant.queues.commands:
            origin = COMMAND
            if envelope.type not in self.participant.handlers:
                raise UnknownType(type=envelope.type)
        if origin.startswith(INBOX):
            _check_source(envelope, origin)
        return Received(delivery, envelope, f"{origin}/{envelope.id}")

    def _answer(self, delivery: Delivery, reply: dict) -> Outgoing:
        return letters.answer(delivery, reply, self._new_id())


def _check_source(envelope: Envelope, inbox: str) -> None:
    """A department speaks for itself only; its marks may only be about its own words."""
    own = envelope.source == inbox.removeprefix(INBOX) and envelope.audience in ("", inbox)
    if not own or any(not name.startswith(f"{inbox}/") for name in envelope.after):
        raise ForgedSource()


def _events(said) -> list[Message]:
    """What a handler returned, as a list: nothing, one event, or several."""
    if said is None:
        return []
    return [said] if isinstance(said, Message) else list(said)
