"""Exporting: the list of appeals as a file, Excel or CSV, for a purpose that the audit keeps.

It is read page by page, so that however long it is, memory stays where it is and others are served in between.
"""

from __future__ import annotations

import codecs
import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from itertools import islice
from tempfile import TemporaryFile
from typing import BinaryIO

from flask import Blueprint, Response, g, request
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from appeals.calendar import BEIJING
from services.portal import incoming, schemas, views
from services.portal.attaching import disposition
from services.portal.cells import CSV, LONGEST, XLSX, harmless
from services.portal.doors import Doors
from services.portal.limits import AtOnce
from services.portal.reading import Place
from services.portal.rights import Principal, readable
from services.portal.words import Word, listed, moment

MOST = 50_000
EXPORTS_AT_ONCE = 2
PAGE = 100
PIECE = 64 * 1024
TIMES = ("submitted_at", "due")
COLUMNS = {
    "receipt": Word("受理编号", "Receipt"),
    "title": Word("标题", "Title"),
    "applicant": Word("申请人", "Applicant"),
    "city": Word("所在市", "City"),
    "kind": Word("诉求类型", "Kind"),
    "category": Word("事项类别", "Matter"),
    "urgency": Word("紧急程度", "Urgency"),
    "classification": Word("公开范围", "Who may know"),
    "channel": Word("来源", "Channel"),
    "state": Word("状态", "State"),
    "lead": Word("主办单位", "Lead"),
    "departments": Word("承办单位", "Departments"),
    "round": Word("办理轮次", "Round"),
    "submitted_at": Word("收到时间", "Submitted"),
    "due": Word("答复期限", "Due"),
    "light": Word("时限提示", "Light"),
    "level": Word("督办等级", "Supervision"),
    "result": Word("办理结果", "Result"),
    "rating": Word("评价", "Rating"),
}
CUT_OFF = Word("仅导出最新的 {} 件，请缩小范围后分次导出", "The newest {} only; narrow it down and export again")


def exporting(doors: Doors, prefix: str) -> Blueprint:
    """The doors for the list as a file, under `prefix`."""
    routes = Blueprint("exporting", __name__, url_prefix=prefix)
    running = AtOnce(EXPORTS_AT_ONCE)

    @routes.get("/appeals.csv")
    def export_csv():
        """The list as CSV, which Excel opens as UTF-8."""
        return _exported("csv", lambda rows: _file(doors, _as_csv(rows), CSV, "csv"))

    @routes.get("/appeals.xlsx")
    def export_xlsx():
        """The list as an Excel workbook."""
        return _exported("xlsx", lambda rows: _file(doors, _pieces(_as_xlsx(doors, rows)), XLSX, "xlsx"))

    def _exported(form: str, make: Callable[[Iterator[list[str]]], Response]) -> Response:
        """The file; it counts as under way until its last byte is sent, or whoever reads it has gone."""
        principal = doors.gate.staff(request, "export")
        end = running.begin(principal.name)
        try:
            response = make(_asked(doors, principal, form))
        except BaseException:
            end()
            raise
        response.response = _ending(response.response, end)
        response.call_on_close(end)
        return response

    return routes


def _ending(content: Iterator[bytes], end: Callable[[], None]) -> Iterator[bytes]:
    """The same content, and `end` behind its last byte."""
    yield from content
    end()


def _asked(doors: Doors, principal: Principal, form: str) -> Iterator[list[str]]:
    """Check what is asked and what for, and note it; returns the rows, which are read when they are wanted."""
    asked = incoming.load(schemas.ExportQuery(doors.departments), request.args.to_dict())
    filters = {name: value for name, value in asked.items() if value}
    purpose = filters.pop("purpose")
    doer = doors.visitors.doer(request, principal)
    doors.visitors.keeping.note(doer, "appeals.exported", form, purpose=purpose, **filters)
    if principal.department and principal.role == "department":
        filters.setdefault("department", principal.department)
    return _rows(doors, principal, filters, g.language)


def _rows(doors: Doors, principal: Principal, filters: dict[str, str], language: str) -> Iterator[list[str]]:
    """The head, then a row for each appeal, newest first; what is beyond the most is told in a last row."""
    yield [word.said(language) for word in COLUMNS.values()]
    seen, after, told = readable(principal), None, 0
    while True:
        page = doors.reads.page(seen, after=after, limit=PAGE, **filters)
        for row in page:
            if told == MOST:
                yield [CUT_OFF.said(language).format(MOST)]
                return
            yield _cells(views.appeal(row, (), (), principal, language, doors.names), language)
            told += 1
        if len(page) < PAGE:
            return
        after = Place(page[-1].submitted_at, page[-1].receipt)
        time.sleep(0)  # threads are green in the server: others are served now


def _cells(told: Mapping, language: str) -> list[str]:
    """An appeal as views tell it, cell by cell."""
    facts = told | {"applicant": told["applicant"]["name"], "city": told["applicant"]["city"]}
    facts |= {name: moment(datetime.fromisoformat(told[name]), language) for name in TIMES if told[name]}
    return [harmless(ILLEGAL_CHARACTERS_RE.sub(" ", _text(facts[name], language)))[:LONGEST] for name in COLUMNS]


def _text(value, language: str) -> str:
    """A value of an answer as people read it."""
    match value:
        case None:
            return ""
        case {"label": label}:
            return label
        case {"name": name}:
            return name
        case list():
            return listed((_text(one, language) for one in value), language)
        case _:
            return str(value)


def _as_csv(rows: Iterator[Sequence[str]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    for some in _batched(rows):
        out = StringIO(newline="")
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows(some)
        yield out.getvalue().encode()


def _batched(rows: Iterator[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """The same rows, some at a time."""
    while some := list(islice(rows, PAGE)):
        yield some


def _as_xlsx(doors: Doors, rows: Iterator[Sequence[str]]) -> BinaryIO:
    """The rows as a workbook in a file that is gone when it is closed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("诉求")
    for row in rows:
        sheet.append([_as_text(sheet, written) if written else None for written in row])
    file = TemporaryFile()  # noqa: SIM115 - who sends it closes it
    doors.aside(book.save, file)
    file.seek(0)
    return file


def _as_text(sheet, written: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, written)
    cell.data_type, cell.number_format = "s", "@"
    return cell


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _file(doors: Doors, content: Iterator[bytes], kind: str, form: str) -> Response:
    name = f"appeals-{doors.clock().astimezone(BEIJING):%Y%m%d}.{form}"
    return Response(content, content_type=kind, headers={"Content-Disposition": disposition(name)})
