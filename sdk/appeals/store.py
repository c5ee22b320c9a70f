"""What a service's store is made of: one session, and questions in the service's own words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from operator import attrgetter
from typing import ClassVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from appeals.errors import NotFound


class Store:
    """A service's questions to its own tables, within one transaction.

    `case_class` is the mapped class with one row for each appeal, `of_a_case` are those with any number of rows.
    Those of a batch's appeals are loaded in one question each; nobody else changes them while it has their turns.
    """

    case_class: ClassVar[type | None] = None
    of_a_case: ClassVar[tuple[type, ...]] = ()

    def __init__(self, session: Session):
        self.session = session
        self._loaded: Collection = ()
        self._rows: dict[tuple[type, str], list] = {}

    def prefetch(self, receipts: Collection[str]) -> None:
        """Load what is kept of these appeals at once, to be found without another question."""
        if self.case_class is not None:
            question = select(self.case_class).where(self.case_class.receipt.in_(receipts))
            self._loaded = self.session.scalars(question).all()
        for kind in self.of_a_case:
            self._rows |= {(kind, receipt): [] for receipt in receipts}
            for row in self.session.scalars(select(kind).where(kind.receipt.in_(receipts))):
                self._rows[kind, row.receipt].append(row)

    def rows(self, kind: type, receipt: str) -> list:
        """All that is kept of one kind about an appeal, by its key."""
        found = self._rows.get((kind, receipt))
        if found is None:
            found = self.session.scalars(select(kind).where(kind.receipt == receipt))
        return sorted(found, key=_key_of(kind))

    def case(self, receipt: str):
        """The case of an appeal, or None."""
        return self.session.get(self.case_class, receipt)

    def case_or_refuse(self, receipt: str):
        """The case of an appeal that somebody names. Raises NotFound."""
        case = self.case(receipt)
        if case is None:
            raise NotFound(what=receipt)
        return case

    def add(self, thing: object) -> None:
        """Keep something new."""
        self.session.add(thing)
        if type(thing) in self.of_a_case:
            self._rows.get((type(thing), thing.receipt), []).append(thing)


@cache
def _key_of(kind: type) -> Callable[[object], object]:
    """What tells one row of a mapped class from another."""
    return attrgetter(*(column.key for column in inspect(kind).primary_key))
