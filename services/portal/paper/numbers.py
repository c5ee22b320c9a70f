"""Reference numbers 发文字号: counted by year in a series; a letter keeps the one that it was first printed under."""

from __future__ import annotations

from sqlalchemy import Row, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from appeals.bus.database import Database
from services.portal.store import letter_numbers, letter_series


class Numbers:
    """The numbers of letters, in the portal's own database."""

    def __init__(self, database: Database):
        self._database = database

    def of(self, receipt: str, entry: int, *, series: str, year: int) -> str:
        """The number of the letter about this entry of an appeal's timeline: `辽公营商督〔2026〕17号`.

        Letters that are printed at the same moment take turns, and no number is left out.
        """
        try:
            row = self._known(receipt, entry) or self._draw(receipt, entry, series, year)
        except IntegrityError:  # the same letter is printed by somebody else in this moment
            row = self._known(receipt, entry)
        return f"{row.series}〔{row.year}〕{row.number}号"

    def _known(self, receipt: str, entry: int) -> Row | None:
        one = letter_numbers.c
        question = select(letter_numbers).where(one.receipt == receipt, one.entry == entry)
        with self._database.reading() as session:
            return session.execute(question).one_or_none()

    def _draw(self, receipt: str, entry: int, series: str, year: int) -> Row:
        insert_or_update = postgresql.insert if self._database.is_postgresql else sqlite.insert
        begun = insert_or_update(letter_series).values(series=series, year=year, last=1)
        counted = begun.on_conflict_do_update(
            index_elements=["series", "year"], set_={"last": letter_series.c.last + 1}
        ).returning(letter_series.c.last)
        with self._database.transaction() as session:
            this = {"receipt": receipt, "entry": entry, "series": series, "year": year}
            drawn = insert(letter_numbers).values(**this, number=session.scalar(counted))
            return session.execute(drawn.returning(letter_numbers)).one()
