"""What a service's store is made of: one session, and questions in the service's own words."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals.errors import NotFound


class Store:
    """A service's questions to its own tables, within one transaction.

    `case_class` is the mapped class with one row for each appeal; a batch's rows are loaded in one question.
    """

    case_class: ClassVar[type | None] = None

    def __init__(self, session: Session):
        self.session = session
        self._loaded: Collection = ()

    def prefetch(self, receipts: Collection[str]) -> None:
        """Load the cases of these appeals at once; the session then finds them by itself."""
        if self.case_class is not None:
            question = select(self.case_class).where(self.case_class.receipt.in_(receipts))
            self._loaded = self.session.scalars(question).all()

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
