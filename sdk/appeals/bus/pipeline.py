"""A batch of messages becomes one transaction: state, inbox, journal and outbox, or nothing of it.

The caller acknowledges after `handle` returns. A batch that fails is halved until the message at fault is
alone: a refusal sets it aside, anything else tries it again later, and after the last tier it is set aside
too. Only when the database is at fault does `handle` raise, and then nothing was done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from appeals.bus import causality, letters
from appeals.bus.broker import Delivery, Outgoing
from appeals.bus.database import Database, is_unavailable
from appeals.bus.envelope import Envelope
from appeals.bus.fates import Fates
from appeals.bus.ledger import Ledger, Seen
from appeals.bus.participant import Participant, Received, ToldOnce, messages_in
from appeals.bus.saying import Voice
from appeals.errors import AnsweredOnce, Broken, ForgedSource, KeyUsedBefore, Malformed, Refused
from appeals.message import read

log = logging.getLogger("appeals.bus")

NO_HANDLER = "a version that knows "


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
        self._voice = Voice(participant, new_id)
        self._fates = Fates(participant.queues, new_id)

    def handle(self, deliveries: Sequence[Delivery]) -> list[Outgoing]:
        """Apply what has arrived; returns the answers to commands, to be sent before the acknowledgement.

        Raises the database's error when that is at fault: acknowledge nothing, and call again.
        """
        received, answers, unread = [], [], []
        for delivery in deliveries:
            try:
                received.append(self._read(delivery))
            except Refused as refusal:
                if delivery.queue == self.participant.queues.commands:
                    answers.append(self._answer(delivery, {"refused": refusal.told()}))
                else:
                    unread.append((delivery, refusal))
        if unread:
            with self._transaction() as (_, ledger):
                for delivery, refusal in unread:
                    self._fates.set_aside_unread(ledger, delivery, refusal)
        return answers + (self._apply(received) if received else [])

    def _read(self, delivery: Delivery) -> Received:
        """Read a delivery; whatever is wrong with it is a refusal, so that no bytes can stop a consumer."""
        try:
            return self.participant.read(delivery)
        except Refused:
            raise
        except Exception as error:
            log.exception("a message that nobody foresaw")
            raise Malformed(problems=type(error).__name__) from error

    def act(self, work: Callable, about: Callable[[object], Iterable[str]] | None = None) -> None:
        """Do a piece of the service's own work, `work(service)`, and say what it returns.

        With `about`, the work is about certain appeals, such as those whose deadlines have passed: `about(service)`
        names them by a question that locks nothing; then their turns are taken, as for messages, and
        `work(service, receipts)` is called. What it asks of the tables it finds as nobody else can change it
        meanwhile, and perhaps done already by another process. When it fails, the group is halved, so that one
        appeal that cannot be worked on stops no other; that one is told in the log.
        """
        if about is None:
            self._work((), work)
            return
        with self.database.reading() as session:
            receipts = sorted(set(about(self.participant.service(session))))
        if receipts:
            self._work_on(receipts, work)

    def _work_on(self, receipts: list[str], work: Callable) -> None:
        try:
            self._work(receipts, lambda service: work(service, receipts))
        except Exception as error:
            if is_unavailable(error):
                raise
            if len(receipts) == 1:
                log.exception("own work failed", extra={"receipt": receipts[0]})
                return
            middle = len(receipts) // 2
            self._work_on(receipts[:middle], work)
            self._work_on(receipts[middle:], work)

    def _work(self, receipts: Sequence[str], work: Callable[[object], object]) -> None:
        with self._transaction() as (session, ledger):
            ledger.take_turns(receipts)
            service = self.participant.service(session)
            if receipts:
                self.participant.prefetch(service, set(receipts))
            said = messages_in(work(service))
            session.flush()
            ledger.take_turns(event.receipt for event in said)
            for event in said:
                self._voice.say(ledger, event)

    def sweep(self, patience: timedelta, limit: int = 100) -> None:
        """Look again at messages that wait, and set aside those that have waited longer than `patience`.

        A message of a type that nobody here knows waits on, for a version that does.
        """
        now = self._clock()
        known = [NO_HANDLER + type_ for type_ in self.participant.handlers]
        with self.database.reading() as session:
            ledger = Ledger(session, self._clock)
            understood = ledger.parked_for(known, limit)
            waiting = ledger.parked_since(now, limit, but_not=f"{NO_HANDLER}%")
        for subject in {row.subject for row in (*understood, *waiting)}:
            self._release(subject)
        for row in waiting:
            if row.at < now - patience:
                with self._transaction() as (_, ledger):
                    self._fates.give_up(ledger, self.participant.read_parked(row), row.waits_for)

    # One transaction

    @contextmanager
    def _transaction(self) -> Iterator[tuple[Session, Ledger]]:
        """A transaction whose ledger is written at its end; the relay is woken after the commit."""
        with self.database.transaction() as session:
            ledger = Ledger(session, self._clock)
            yield session, ledger
            written = ledger.write()
        if written:
            self._wake()

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
        with self._transaction() as (session, ledger):
            ledger.take_turns(subjects)
            seen = ledger.admit([message.inbox_row() for message in received])
            for message in received:
                if message.replayed_by:
                    self._fates.note_replay(ledger, message)
            parked = {row.key: self.participant.read_parked(row) for row in ledger.parked(subjects)}
            todo, answers = self._sort_out(received, seen, parked)
            if release:
                todo = parked | todo

            service = self.participant.service(session)
            self.participant.prefetch(service, subjects)
            applied = self._run(session, ledger, service, todo.values())

            replies = {message.key: Seen("", message.digest, reply) for message, reply in applied}
            answers += [self._answer_from(replies[m.key], m) for m in received if m.is_command and m.key in replies]
            done = replies.keys()
            if again := done & (parked.keys() | seen.keys()):
                ledger.settle(sorted(again))
            for key, message in todo.items():
                if key not in done and message is not parked.get(key):
                    waits_for = self._waits_for(ledger, message.envelope)
                    ledger.park(key, message.delivery.body, letters.kept_headers(message.delivery), waits_for)
        return answers, bool(parked.keys() - done)

    def _sort_out(
        self, received: list[Received], seen: Mapping[str, Seen], parked: Mapping[str, Received]
    ) -> tuple[dict[str, Received], list[Outgoing]]:
        """What is to be applied, by key; and the answers to commands that were answered before.

        Two versions of one fact have one key: a version that is known here goes before one that is not.
        """
        todo, answers = {}, []
        for message in received:
            before = seen.get(message.key)
            if before is None or message.may_come_again(before):
                other = todo.get(message.key) or parked.get(message.key)
                if other is None or not self._knows(other):
                    todo[message.key] = message
                elif self._knows(message):
                    todo.setdefault(message.key, message)
            elif message.is_command:
                answers.append(self._answer_from(before, message))
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
                if message.subject in touched and session.new:
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
        if message.is_word and event.speaker != envelope.source:
            raise ForgedSource()
        ledger.turn(envelope.subject).hear(envelope)
        self.participant.introduce(service, message)
        outcome = self.participant.handlers[envelope.type](service, event)
        if message.is_command and isinstance(outcome, ToldOnce):
            said = [self._voice.say(ledger, event, cause=envelope) for event in outcome.said]
            ledger.reply(message.key, {"refused": AnsweredOnce().told()})
            return {"said": said, "answer": outcome.answer}
        if message.is_command and isinstance(outcome, dict):  # a question: answered, and nothing is said
            reply = {"said": [], "answer": outcome}
        else:
            reply = {"said": [self._voice.say(ledger, event, cause=envelope) for event in messages_in(outcome)]}
        if message.is_command:
            ledger.reply(message.key, reply)
        return reply

    def _knows(self, message: Received) -> bool:
        return message.envelope.type in self.participant.handlers

    def _waits_for(self, ledger: Ledger, envelope: Envelope) -> str:
        """What has to come before this message, in words; empty when its turn has come."""
        if envelope.type not in self.participant.handlers:
            return NO_HANDLER + envelope.type
        if not envelope.after or not self.participant.handling_of(envelope.type).ordered:
            return ""
        known = ledger.turn(envelope.subject).known
        return ", ".join(causality.missing(envelope.after, known, self.participant.hears))

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
        with self._transaction() as (_, ledger):
            ledger.take_turns([subject])
            waiting = map(self.participant.read_parked, ledger.parked([subject]))
            return next((m for m in waiting if not self._waits_for(ledger, m.envelope)), None)

    # Messages that fail

    def _fail(self, message: Received, error: Exception) -> list[Outgoing]:
        """Settle the one message at fault."""
        if message.is_command:
            return [self._answer(message.delivery, {"refused": self._told(message, error)})]
        handling = self.participant.handling_of(message.envelope.type)
        with self._transaction() as (_, ledger):
            if handling.refuses(error):
                if self._fates.refuse(ledger, message, error) and message.is_word:
                    self._answer_refusal(ledger, message, error)
            else:
                self._fates.try_later(ledger, message, error, handling.retries)
        return []

    def _answer_refusal(self, ledger: Ledger, message: Received, refusal: Refused) -> None:
        """Tell a department that its word does not count, if the word can be read and is its own."""
        envelope = message.envelope
        with suppress(Refused):
            word = read(envelope.type, envelope.data)
            own = (word.receipt, word.speaker) == (envelope.subject, envelope.source)
            if own and (answer := self.participant.answers_refusal(word, refusal)):
                self._voice.say(ledger, answer, cause=envelope)

    def _told(self, message: Received, error: Exception) -> dict:
        if isinstance(error, Refused):
            return error.told()
        log.error("command failed", extra={"message_id": message.envelope.id}, exc_info=error)
        return Broken(reference=message.envelope.id).told()

    def _answer_from(self, seen: Seen, message: Received) -> Outgoing:
        """The answer that was given before, unless the key comes with another body."""
        same = seen.digest == message.digest
        return self._answer(message.delivery, seen.reply if same else {"refused": KeyUsedBefore().told()})

    def _answer(self, delivery: Delivery, reply: dict) -> Outgoing:
        return letters.answer(delivery, reply, self._new_id())
