"""Reading: what the door asks of the read model. Whoever looks for appeals brings a condition of rights."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, select, tuple_

from appeals.bus.database import Database, Moment
from appeals.bus.ledger import PARKED
from appeals.bus.tables import inbox
from appeals.bus.topology import EVENTS
from services.portal.searching import hold, terms
from services.portal.store import (
    appeals,
    attached,
    merged,
    orders,
    parts,
    searchable,
    timeline,
    to_call_back,
    undecided,
)


@dataclass(frozen=True)
class Place:
    """Where a page of a list ends: the appeal after which the next page begins."""

    submitted_at: datetime
    receipt: str

    def to_cursor(self) -> str:
        """The place as a client gives it back."""
        return base64.urlsafe_b64encode(f"{self.submitted_at.isoformat()} {self.receipt}".encode()).decode().rstrip("=")

    @classmethod
    def from_cursor(cls, cursor: str) -> Place:
        """Read a place. Raises ValueError when it is not one of ours."""
        try:
            at, receipt = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(" ")
            place = cls(datetime.fromisoformat(at), receipt)
        except (binascii.Error, UnicodeError, ValueError):
            raise ValueError("not a cursor") from None
        if place.submitted_at.tzinfo is None or "\0" in receipt:
            raise ValueError("not a cursor")
        try:
            return cls(place.submitted_at.astimezone(UTC), receipt)
        except OverflowError:
            raise ValueError("not a cursor") from None


class ReadModel:
    """Questions to the read model, each in a short transaction of its own."""

    def __init__(self, database: Database):
        self._database = database

    def appeal(self, receipt: str, readable: ColumnElement[bool]) -> Row | None:
        """One appeal, if it may be read."""
        with self._database.reading() as session:
            return session.execute(select(appeals).where(appeals.c.receipt == receipt, readable)).one_or_none()

    def orders(self, receipt: str) -> Sequence[Row]:
        """The orders of an appeal, in the order in which they were dispatched."""
        with self._database.reading() as session:
            return session.execute(select(orders).where(orders.c.receipt == receipt).order_by(orders.c.order)).all()

    def attachments(self, receipt: str) -> Sequence[Row]:
        """The files of an appeal, in the order in which they came."""
        with self._database.reading() as session:
            question = select(attached).where(attached.c.receipt == receipt)
            return session.execute(question.order_by(attached.c.number, attached.c.sha256)).all()

    def attachment(self, receipt: str, sha256: str) -> Row | None:
        """One file of an appeal, if the appeal has it."""
        with self._database.reading() as session:
            question = select(attached).where(attached.c.receipt == receipt, attached.c.sha256 == sha256)
            return session.execute(question).one_or_none()

    def timeline(self, receipt: str, *, after: int = 0) -> Sequence[Row]:
        """What happened to an appeal, first to last; `after` the entry of that number."""
        with self._database.reading() as session:
            question = select(timeline).where(timeline.c.receipt == receipt, timeline.c.number > after)
            return session.execute(question.order_by(timeline.c.number)).all()

    def standing(self, receipt: str, readable: ColumnElement[bool] | None = None) -> dict | None:
        """How an appeal stands, and nothing of what it says; without a condition, for whoever is answered with it."""
        return next(iter(self._standing(appeals.c.receipt == receipt, readable)), None) if receipt else None

    def merged_into(self, receipt: str, readable: ColumnElement[bool] | None = None) -> list[dict]:
        """How those stand that go with an appeal."""
        return self._standing(and_(appeals.c.merged_into == receipt, merged), readable)

    def parts_of(self, receipt: str, readable: ColumnElement[bool] | None = None) -> list[dict]:
        """How the parts of an appeal stand."""
        return self._standing(and_(appeals.c.split_from == receipt, parts), readable)

    def readable_among(self, receipts: Iterable[str], readable: ColumnElement[bool]) -> set[str]:
        """Those of these appeals that may be read."""
        question = select(appeals.c.receipt).where(appeals.c.receipt.in_(sorted(receipts)), readable)
        with self._database.reading() as session:
            return set(session.scalars(question))

    def _standing(self, which: ColumnElement[bool], readable: ColumnElement[bool] | None) -> list[dict]:
        question = select(appeals.c.receipt, appeals.c.state, appeals.c.due, appeals.c.lead).where(which)
        if readable is not None:
            question = question.where(readable)
        with self._database.reading() as session:
            return [row._asdict() for row in session.execute(question.order_by(appeals.c.receipt))]

    def page(
        self,
        readable: ColumnElement[bool],
        *,
        after: Place | None,
        limit: int,
        department: str = "",
        q: str = "",
        **equal: str,
    ) -> Sequence[Row]:
        """The newest appeals that may be read, from a place on; `equal` are columns and what they have to be.

        The appeals of a department are found from its orders, of which there may be few. `q` is a text to look for.
        """
        ordered = orders if department else appeals
        question = select(appeals).where(readable)
        if department:
            question = question.join(orders, orders.c.receipt == appeals.c.receipt)
            question = question.where(orders.c.department == department, orders.c.first)
        if q:
            found = hold(searchable.c.terms, terms(q), is_postgresql=self._database.is_postgresql)
            question = question.join(searchable, searchable.c.receipt == appeals.c.receipt).where(found)
        for name, value in equal.items():
            question = question.where(appeals.c[name] == value)
        if after:
            place = tuple_(literal(after.submitted_at, Moment()), literal(after.receipt))
            question = question.where(tuple_(ordered.c.submitted_at, ordered.c.receipt) < place)
        question = question.order_by(ordered.c.submitted_at.desc(), ordered.c.receipt.desc()).limit(limit)
        with self._database.reading() as session:
            return session.execute(question).all()

    def to_do(self, readable: ColumnElement[bool], states: Collection[str], limit: int) -> Sequence[Row]:
        """The appeals in these states that may be read, by what is due first; those without a date come last."""
        question = select(appeals).where(readable, appeals.c.state.in_(states))
        question = question.order_by(appeals.c.due.is_(None), appeals.c.due, appeals.c.submitted_at).limit(limit)
        with self._database.reading() as session:
            return session.execute(question).all()

    def awaiting(self, readable: ColumnElement[bool], what: str, limit: int) -> Sequence[Row]:
        """The appeals that may be read and wait for a callback, by when it is due, or for a decision on a demand."""
        some = {"callback_due": to_call_back, "unreasonable": undecided}[what]
        question = select(appeals).where(readable, some).order_by(appeals.c[what], appeals.c.submitted_at).limit(limit)
        with self._database.reading() as session:
            return session.execute(question).all()

    def counted(self, question: Select) -> Sequence[Row]:
        """What a question of `counting` finds."""
        with self._database.reading() as session:
            return session.execute(question).all()

    def has_heard(self, ids: Collection[str]) -> bool:
        """Whether the read model has taken in all these events."""
        keys = [f"{EVENTS}/{id_}" for id_ in ids]
        question = select(func.count()).select_from(inbox).where(inbox.c.key.in_(keys), inbox.c.state != PARKED)
        with self._database.reading() as session:
            return session.scalar(question) == len(keys)
