"""The bus's questions to its four tables, within one transaction of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from appeals.bus import causality
from appeals.bus.broker import Outgoing
from appeals.bus.envelope import Envelope
from appeals.bus.tables import inbox, journal, outbox, turns

APPLIED, PARKED, REFUSED = "applied", "parked", "refused"
UNKNOWN_CATEGORY, UNKNOWN_CLASSIFICATION = "other", "ordinary"

_PARKED = select(inbox).where(inbox.c.state == PARKED)


@dataclass(slots=True)
class Turn:
    """What one service knows, and has said, about one appeal."""

    subject: str
    known: dict[str, int] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    category: str = UNKNOWN_CATEGORY
    classification: str = UNKNOWN_CLASSIFICATION

    def hear(self, envelope: Envelope) -> None:
        """Know this message, and all that its sender knew.

        What the appeal is about, and how confidential it is, only the platform can tell: not a command, not a
        department.
        """
        causality.merge(self.known, envelope.after)
        if envelope.sequence:
            mark = causality.mark(envelope.audience, envelope.source, envelope.topic)
            causality.merge(self.known, {mark: envelope.sequence})
        if envelope.audience and not envelope.audience.startswith(causality.INBOX):
            self.category, self.classification = envelope.category, envelope.classification

    def say(self, audience: str, source: str, topic: str) -> int:
        """Take the next sequence number for a copy to this audience."""
        sequence = self.said.get(audience, 0) + 1
        self.said[audience] = sequence
        causality.merge(self.known, {causality.mark(audience, source, topic): sequence})
        return sequence


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that was seen before."""

    state: str
    digest: str | None
    reply: dict | None


class Ledger:
    """The inbox, turns, journal and outbox as one transaction sees them; `write` puts the changes down."""

    def __init__(self, session: Session, now: Callable[[], datetime]):
        self._connection = session.connection()
        self._postgresql = self._connection.dialect.name == "postgresql"
        self._insert = postgresql.insert if self._postgresql else sqlite.insert
        self._now = now
        self._turns: dict[str, Turn] = {}
        self._journal: list[dict] = []
        self._unsent: list[dict] = []
        self._replies: list[dict] = []

    # Turns

    def take_turns(self, subjects: Iterable[str]) -> None:
        """Lock these appeals in this service, in one order for all, until the transaction ends."""
        wanted = sorted(set(subjects) - self._turns.keys())
        if not wanted:
            return
        self._lock(wanted)
        unknown = [subject for subject in wanted if subject not in self._turns]
        if unknown:
            fresh = {"known": {}, "said": {}, "category": UNKNOWN_CATEGORY, "classification": UNKNOWN_CLASSIFICATION}
            rows = [{"subject": subject, **fresh} for subject in unknown]
            self._connection.execute(self._insert(turns).on_conflict_do_nothing(), rows)
            if self._postgresql:
                self._lock(unknown)  # another process may have been first
            else:
                self._turns |= {subject: Turn(subject) for subject in unknown}

    def turn(self, subject: str) -> Turn:
        """The turn of one appeal; locked now if it was not."""
        if subject not in self._turns:
            self.take_turns([subject])
        return self._turns[subject]

    def _lock(self, subjects: Sequence[str]) -> None:
        question = select(turns).where(turns.c.subject.in_(subjects)).order_by(turns.c.subject).with_for_update()
        for row in self._connection.execute(question):
            self._turns[row.subject] = Turn(row.subject, row.known, row.said, row.category, row.classification)

    # Inbox

    def admit(self, messages: Sequence[dict]) -> dict[str, Seen]:
        """Note that these messages are seen; each is a row with `key`, `subject` and perhaps `digest`.

        Returns those that had been seen before, by their keys.
        """
        rows = sorted({row["key"]: row for row in messages}.values(), key=lambda row: row["key"])
        rows = [{"digest": None, "state": APPLIED, "at": self._now(), **row} for row in rows]
        statement = self._insert(inbox).on_conflict_do_nothing().returning(inbox.c.key)
        fresh = set(self._connection.execute(statement, rows).scalars())
        known = [row["key"] for row in rows if row["key"] not in fresh]
        if not known:
            return {}
        question = select(inbox.c.key, inbox.c.state, inbox.c.digest, inbox.c.reply).where(inbox.c.key.in_(known))
        return {row.key: Seen(row.state, row.digest, row.reply) for row in self._connection.execute(question)}

    def parked(self, subjects: Iterable[str]) -> list:
        """The waiting messages of these appeals, oldest first: rows with key, headers and body."""
        question = _PARKED.where(inbox.c.subject.in_(sorted(set(subjects)))).order_by(inbox.c.at, inbox.c.key)
        return list(self._connection.execute(question))

    def parked_for(self, reasons: Sequence[str], limit: int) -> list:
        """The messages that wait for one of these."""
        return list(self._connection.execute(_PARKED.where(inbox.c.waits_for.in_(reasons)).limit(limit)))

    def parked_since(self, moment: datetime, limit: int, *, but_not: str) -> list:
        """The messages that have waited since this moment or before, oldest first.

        Those that wait for something like `but_not` are left out; they may wait for ever.
        """
        question = (
            _PARKED.where(inbox.c.at <= moment, inbox.c.waits_for.not_like(but_not)).order_by(inbox.c.at).limit(limit)
        )
        return list(self._connection.execute(question))

    def park(self, key: str, body: bytes, headers: dict, waits_for: str) -> None:
        """Keep a whole message until what it waits for has arrived."""
        values = {"state": PARKED, "body": body, "headers": headers, "waits_for": waits_for[:500]}
        self._connection.execute(update(inbox).where(inbox.c.key == key).values(**values))

    def settle(self, keys: Sequence[str], state: str = APPLIED) -> None:
        """These messages are dealt with; what was kept of them goes."""
        values = {"state": state, "body": None, "headers": None, "waits_for": None}
        self._connection.execute(update(inbox).where(inbox.c.key.in_(list(keys))).values(**values))

    def forget(self, key: str) -> None:
        """As if this message had never been seen, because it will come again."""
        self._connection.execute(delete(inbox).where(inbox.c.key == key))

    def reply(self, key: str, reply: dict) -> None:
        """Keep the answer to a command, for when it is asked again."""
        self._replies.append({"b_key": key, "b_reply": reply})

    # Journal and outbox

    def say(self, outgoing: Outgoing, *, subject: str, type_: str, audience: str, by: str) -> None:
        """Write a message down, to be published after the commit."""
        self.note(outgoing, subject=subject, type_=type_, audience=audience, by=by)
        self._unsent.append({"id": outgoing.id})

    def note(self, outgoing: Outgoing, *, subject: str, type_: str, audience: str, by: str) -> None:
        """Keep something in the journal only."""
        self._journal.append(
            {
                "id": outgoing.id,
                "subject": subject,
                "type": type_,
                "audience": audience,
                "by": by,
                "at": self._now(),
                "exchange": outgoing.exchange,
                "routing_key": outgoing.routing_key,
                "headers": outgoing.headers,
                "body": outgoing.body,
            }
        )

    def write(self) -> int:
        """Put everything down; returns how many messages the relay has to publish."""
        if self._turns:
            rows = [
                {
                    "b_subject": turn.subject,
                    "known": turn.known,
                    "said": turn.said,
                    "category": turn.category,
                    "classification": turn.classification,
                }
                for turn in self._turns.values()
            ]
            self._connection.execute(update(turns).where(turns.c.subject == bindparam("b_subject")), rows)
        if self._replies:
            statement = update(inbox).where(inbox.c.key == bindparam("b_key")).values(reply=bindparam("b_reply"))
            self._connection.execute(statement, self._replies)
        if self._journal:
            self._connection.execute(journal.insert(), self._journal)
        if self._unsent:
            self._connection.execute(outbox.insert(), self._unsent)
        return len(self._unsent)
