"""Cells that leave us in a file: none of them may start a formula in whoever opens it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last are wide ones
LONGEST = 32_767  # what a cell of Excel holds
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def harmless(written: str) -> str:
    """A cell that spreadsheets take as text."""
    return f"'{written}" if written.startswith(STARTS) else written


def as_typed(written: str) -> str:
    """A cell without the quote that `harmless` has put before it."""
    return written[1:] if written.startswith("'") and written[1:].startswith(STARTS) else written


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV that Excel opens as UTF-8."""
    out = StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(*sheets: tuple[str, Iterable[Sequence[str]]]) -> bytes:
    """A workbook of sheets, each a title and its rows, the first of them in bold; every cell is text."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for place, written in enumerate(row, 1):
                cell = sheet.cell(number, place)
                cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", harmless(written))[:LONGEST]
                cell.data_type = "s"
                cell.number_format = "@"
                if number == 1:
                    cell.font = Font(bold=True)
    out = BytesIO()
    book.save(out)
    return out.getvalue()
