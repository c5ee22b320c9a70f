"""Sheets: a file of rows, Excel or CSV, read as text; nothing is evaluated, and no file costs more than its limits.

A file is refused as a whole when it cannot be read for what it is; what is wrong with single rows is told elsewhere.
"""

from __future__ import annotations

import codecs
import csv
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO

from openpyxl import load_workbook

from appeals.errors import Refused

MOST_ROWS = 5_000
LAST_ROW = 20_000  # with the blank ones, of which spreadsheets keep many
MOST_COLUMNS = 60
LARGEST_FILE = 4 * 1024 * 1024
LARGEST_UNPACKED = 32 * 1024 * 1024
MOST_PARTS = 500
SEPARATORS = ",;\t"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ROWS_AT_A_TIME = 50


class TableRefused(Refused):
    """Raised when a file cannot be taken as a table of appeals; each reason has a name of its own below."""

    status = 422
    field = "file"


class NotATable(TableRefused):
    """Raised when the bytes are neither an Excel workbook nor text in a known encoding."""

    zh = "无法读取该文件：请上传 .xlsx 或 CSV（UTF-8、UTF-16 或 GB18030）文件（{why}）"
    en = "The file cannot be read: send .xlsx, or CSV in UTF-8, UTF-16 or GB18030 ({why})"


class OldOrLockedWorkbook(TableRefused):
    """Raised for the old .xls, which may hold macros, and for a workbook with a password."""

    zh = "不接受 .xls 文件和设有打开密码的文件，请另存为不加密的 .xlsx 后上传"
    en = "Neither .xls nor a workbook with a password is taken; save it as .xlsx without one"


class HoldsMacros(TableRefused):
    """Raised for a workbook with macros, under whatever name it comes."""

    zh = "文件含有宏，不予接收；请另存为不含宏的 .xlsx 后上传"
    en = "The workbook holds macros; save it as .xlsx without them"


class UnpacksTooLarge(TableRefused):
    """Raised when a workbook is far larger than its file."""

    status = 413
    zh = "文件解压后过大（上限 {most} MB）"
    en = "The workbook is too large once unpacked; at most {most} MB are taken"


class TooManyRows(TableRefused):
    """Raised when a table has more rows or columns than one import may."""

    status = 413
    zh = "一次最多导入 {rows} 行、{columns} 列（含空行不超过 {last} 行），请拆分后分次导入"
    en = "One import takes {rows} rows and {columns} columns ({last} rows with the blank ones); split the file"

    @classmethod
    def with_limits(cls) -> TooManyRows:
        """The refusal, with the numbers."""
        return cls(rows=MOST_ROWS, columns=MOST_COLUMNS, last=LAST_ROW)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row that is not blank: its number as spreadsheets count, its cells, and which of them hold formulas."""

    number: int
    cells: tuple[str, ...]
    formulas: tuple[int, ...] = ()


def read_table(data: bytes) -> list[Line]:
    """The rows of a file that are not blank, the header among them. Raises TableRefused."""
    if data.startswith(OLE):
        raise OldOrLockedWorkbook()
    found = _workbook_rows(data) if data.startswith(ZIP) else _text_rows(data)
    lines = []
    for number, (cells, formulas) in enumerate(found, 1):
        if number > LAST_ROW:
            raise TooManyRows.with_limits()
        if number % ROWS_AT_A_TIME == 0:
            time.sleep(0)  # others are served meanwhile
        cells = _trimmed(cells)
        if cells:
            lines.append(Line(number=number, cells=cells, formulas=formulas))
        if len(cells) > MOST_COLUMNS or len(lines) > MOST_ROWS + 1:
            raise TooManyRows.with_limits()
    return lines


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """A row without the blank cells at its end."""
    filled = [number for number, cell in enumerate(cells, 1) if cell.strip()]
    return tuple(cells[: filled[-1]]) if filled else ()


# Excel


def _workbook_rows(data: bytes) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    _check_package(data)
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False, keep_vba=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims may be wrong
        for row in sheet.iter_rows():
            formulas = tuple(number for number, cell in enumerate(row) if cell.data_type == "f")
            yield [_written(cell.value) for cell in row], formulas
    except Exception as error:
        raise NotATable(why=type(error).__name__) from error


def _check_package(data: bytes) -> None:
    """What a workbook unpacks to, before anything of it is unpacked; reading stops at the sizes told here."""
    try:
        package = zipfile.ZipFile(BytesIO(data))
        parts = package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise UnpacksTooLarge(most=LARGEST_UNPACKED // 1024 // 1024)
        kinds = package.read("[Content_Types].xml").lower()
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, NotImplementedError) as error:
        raise NotATable(why="not a workbook") from error
    names = " ".join(part.filename.lower() for part in parts)
    if b"macroenabled" in kinds or "vbaproject" in names or "macrosheets" in names:
        raise HoldsMacros()


def _written(value: object) -> str:
    """A cell as somebody would have typed it."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == value.min.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# CSV


def _text_rows(data: bytes) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    text = decoded(data)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True):
            yield row, ()
    except csv.Error as error:
        raise NotATable(why=str(error)) from error


def decoded(data: bytes) -> str:
    """Text in UTF-8 or UTF-16, as its mark or its bytes tell, or else in GB18030. Raises NotATable."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotATable(why="encoding")
