"""What the broker has not confirmed yet, and what it would not take: the relay's questions to two tables.

A message that no queue takes, because there is none or it is full, is held back under its destination, so
that the outbox stays short and nobody else waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from appeals.bus.broker import Outgoing
from appeals.bus.tables import held, journal, outbox

LET_GO_AT_ONCE = 2_000


def unsent(session: Session, limit: int) -> list[Outgoing]:
    """The oldest messages that the broker has not confirmed.

    On PostgreSQL they are locked until the transaction ends, and those of another relay passed over.
    """
    question = (
        select(journal)
        .join(outbox, outbox.c.id == journal.c.id)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(of=outbox, skip_locked=True)
    )
    return [_outgoing(row) for row in session.execute(question)]


def sent(session: Session, ids: Sequence[str]) -> None:
    """The broker has confirmed these."""
    if ids:
        session.execute(delete(outbox).where(outbox.c.id.in_(list(ids))))


def hold(session: Session, refused: Sequence[Outgoing], reasons: Mapping[str, str]) -> None:
    """No queue took these; they wait under their destinations."""
    ids = [one.id for one in refused]
    known = set(session.scalars(select(held.c.id).where(held.c.id.in_(ids))))
    rows = [
        {"id": one.id, "destination": destination(one), "reason": reasons[one.id][:200]}
        for one in refused
        if one.id not in known
    ]
    if rows:
        session.execute(insert(held), rows)
    sent(session, ids)


def oldest_held(session: Session) -> list[Outgoing]:
    """The oldest message that is held for each destination."""
    oldest = select(func.min(held.c.id)).group_by(held.c.destination)
    question = select(journal).join(held, held.c.id == journal.c.id).where(held.c.id.in_(oldest))
    return [_outgoing(row) for row in session.execute(question)]


def let_go(session: Session, destinations: Sequence[str]) -> int:
    """These destinations take messages again: put back what is held for them, the oldest first; returns how many.

    At most so many at once that the others do not wait long.
    """
    question = (
        select(held.c.id).where(held.c.destination.in_(list(destinations))).order_by(held.c.id).limit(LET_GO_AT_ONCE)
    )
    ids = list(session.scalars(question.with_for_update(skip_locked=True)))
    if ids:
        session.execute(insert(outbox), [{"id": id_} for id_ in ids])
        session.execute(delete(held).where(held.c.id.in_(ids)))
    return len(ids)


def held_counts(session: Session) -> dict[str, int]:
    """How many messages are held for each destination, an exchange and a routing key."""
    question = select(held.c.destination, func.count()).group_by(held.c.destination)
    return dict(session.execute(question).all())


def destination(outgoing: Outgoing) -> str:
    """Where a message is to go: what is to go to the same place has the same fate."""
    return f"{outgoing.exchange}/{outgoing.routing_key}"


def _outgoing(row) -> Outgoing:
    return Outgoing(id=row.id, exchange=row.exchange, routing_key=row.routing_key, body=row.body, headers=row.headers)
