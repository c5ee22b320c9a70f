"""What a department was told is told again, from the journal: after it lost its data, or mended a handler.

Each message goes out under its old id, so that whoever has applied it does nothing; it carries who asked for
it, so that one that was refused is tried once more. Nothing goes out that today's manifest does not admit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals.bus.broker import REPLAYED, Outgoing
from appeals.bus.database import Database
from appeals.bus.envelope import Envelope
from appeals.bus.ledger import Ledger
from appeals.bus.tables import journal
from appeals.manifest import Manifest

PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What somebody wants to be told again: all since a moment, or all about one appeal, or both.

    `by` and `reason` are kept in the journal.
    """

    department: Manifest
    by: str
    reason: str
    since: datetime | None = None
    receipt: str = ""

    def told(self) -> dict:
        """The request as JSON values."""
        return {
            "department": self.department.code,
            "since": self.since and self.since.isoformat(),
            "receipt": self.receipt,
            "reason": self.reason,
        }


@dataclass(kw_only=True)
class Replayed:
    """How many messages were told again, and how many were withheld, since the manifest does not admit them now."""

    told: int = 0
    withheld: int = 0


def replay(
    database: Database,
    wanted: Replay,
    *,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    progress: Callable[[Replayed], None] = lambda counts: None,
) -> Replayed:
    """Put one participant's messages to a department into its outbox again; its relay publishes them.

    One transaction for each page; when it breaks off in between, ask again: nothing has its effect twice.
    """
    counts = Replayed()
    with database.transaction() as session:
        _note(Ledger(session, clock), wanted, new_id())
    for page in _pages(database, wanted):
        with database.transaction() as session:
            ledger = Ledger(session, clock)
            for row in page:
                if _admitted(row, wanted.department):
                    _say_again(ledger, row, wanted.by, new_id())
                    counts.told += 1
                else:
                    counts.withheld += 1
            ledger.write()
        progress(counts)
    return counts


def count(database: Database, wanted: Replay) -> Replayed:
    """How many messages `replay` would tell again, and withhold."""
    counts = Replayed()
    for page in _pages(database, wanted):
        admitted = sum(_admitted(row, wanted.department) for row in page)
        counts.told += admitted
        counts.withheld += len(page) - admitted
    return counts


def _pages(database: Database, wanted: Replay) -> Iterator[list]:
    """What the department was told, in the order in which it was said; replays of earlier are left out."""
    with database.reading() as session:
        last = session.scalar(select(journal.c.id).order_by(journal.c.id.desc()).limit(1)) or ""
    after = _first_id(wanted.since) if wanted.since else ""
    while True:
        with database.reading() as session:
            rows = _page(session, wanted, after, last)
        if not rows:
            return
        yield [row for row in rows if REPLAYED not in row.headers]
        after = rows[-1].id


def _page(session: Session, wanted: Replay, after: str, last: str) -> list:
    question = (
        select(journal)
        .where(journal.c.audience == wanted.department.code, journal.c.audience != "core")
        .where(journal.c.id > after, journal.c.id <= last)
        .order_by(journal.c.id)
        .limit(PAGE)
    )
    if wanted.receipt:
        question = question.where(journal.c.subject == wanted.receipt)
    return list(session.execute(question))


def _first_id(moment: datetime) -> str:
    """What is smaller than every id (UUIDv7) made at this moment or later."""
    digits = f"{int(moment.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _admitted(row, department: Manifest) -> bool:
    envelope = Envelope.from_bytes(bytes(row.body))
    return department.admits(envelope.topic, envelope.category, envelope.classification)


def _say_again(ledger: Ledger, row, by: str, id_: str) -> None:
    again = Outgoing(
        id=id_,
        exchange=row.exchange,
        routing_key=row.routing_key,
        body=row.body,
        headers=row.headers | {REPLAYED: by},
    )
    ledger.say(again, subject=row.subject, type_=row.type, audience=row.audience, by=by)


def _note(ledger: Ledger, wanted: Replay, id_: str) -> None:
    body = json.dumps(wanted.told(), ensure_ascii=False).encode()
    note = Outgoing(id=id_, exchange="", routing_key="", body=body)
    ledger.note(note, subject=wanted.receipt, type_="replay", audience="replay", by=wanted.by)
    ledger.write()
