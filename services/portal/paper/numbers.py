"""Reference numbers 发文字号: counted by year in a series; a letter keeps the one that it was first printed under."""

from __future__ import annotations

from sqlalchemy import Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from appeals.bus.database import Database
from services.portal.store import letter_numbers

TRIES = 5


class Numbers:
    """The numbers of letters, in the portal's own database."""

    def __init__(self, database: Database):
        self._database = database

    def of(self, receipt: str, entry: int, *, series: str, year: int) -> str:
        """The number of the letter about this entry of an appeal's timeline: `辽公营商督〔2026〕17号`.

        Two letters that are printed at the same moment take turns: no number is given twice.
        """
        for left in reversed(range(TRIES)):
            try:
                row = self._known(receipt, entry) or self._draw(receipt, entry, series, year)
                return f"{row.series}〔{row.year}〕{row.number}号"
            except IntegrityError:  # somebody else has drawn it in this moment
                if not left:
                    raise
        raise AssertionError("not reached")

    def _known(self, receipt: str, entry: int) -> Row | None:
        one = letter_numbers.c
        with self._database.reading() as session:
            return session.execute(
                select(letter_numbers).where(one.receipt == receipt, one.entry == entry)
            ).one_or_none()

    def _draw(self, receipt: str, entry: int, series: str, year: int) -> Row:
        one = letter_numbers.c
        with self._database.transaction() as session:
            last = select(func.coalesce(func.max(one.number), 0)).where(one.series == series, one.year == year)
            this = {"receipt": receipt, "entry": entry, "series": series, "year": year}
            drawn = insert(letter_numbers).values(**this, number=session.scalar(last) + 1)
            return session.execute(drawn.returning(letter_numbers)).one()
