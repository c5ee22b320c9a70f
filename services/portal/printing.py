"""Printing: the doors for papers of an appeal and its orders, with the rights of the appeal itself.

The papers of an order are for those who work on it; the applicant has the receipt. What staff print is in the audit.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, g, request
from sqlalchemy import Row

from appeals.calendar import BEIJING
from services.portal import incoming, views
from services.portal.attaching import DOWNLOAD_POLICY, disposition
from services.portal.doors import Doors
from services.portal.kin import kin_of, named_in, visible_among
from services.portal.paper.letters import letter
from services.portal.paper.matter import SUPERVISION, Entry, Matter, entries_of
from services.portal.paper.order_form import order_form
from services.portal.paper.press import DOCX, KINDS, PDF
from services.portal.paper.receipt import receipt as receipt_of_appeal
from services.portal.paper.structure import Paper, clean
from services.portal.problems import NOT_FOUND, NotDone, Problem
from services.portal.rights import Principal, may, may_hear
from services.portal.words import EN, ZH, moment

ORDER, RECEIPT = "order", "receipt"
LETTERS: dict[str, Callable[[Matter], Entry | None]] = {
    "supervision": lambda matter: matter.issued(*SUPERVISION),
    "letter": lambda matter: matter.request(),
    "urging": lambda matter: matter.issued("urged"),
}
OF_ORDER = (ORDER, *LETTERS)
FORMS = (PDF, DOCX)
NOT_ISSUED = Problem(
    "not-issued",
    404,
    "该转办单没有此类文书",
    "No such paper was issued for this order",
)
VIEWERS = {ZH: "申请人", EN: "the applicant"}


def printing(doors: Doors, look: Callable, prefix: str) -> Blueprint:
    """The doors of the API; `look(doors, written)` is who asks and the appeal, if they may see it."""
    routes = Blueprint("printing", __name__, url_prefix=f"{prefix}/appeals/<written>")

    @routes.get("/receipt.pdf")
    def print_receipt(written: str):
        """The receipt, for its applicant and for officers."""
        return receipt_paper(doors, *look(doors, written))

    for paper in OF_ORDER:
        for form in FORMS:
            view = _printing(doors, look, paper, form)
            routes.add_url_rule(f"/orders/<order>/{paper}.{form}", f"{paper}-{form}", view)
    return routes


def _printing(doors: Doors, look: Callable, paper: str, form: str) -> Callable:
    def print_paper(written: str, order: str):
        """One paper of one order."""
        return order_paper(doors, *look(doors, written), order, paper, form)

    return print_paper


def receipt_paper(doors: Doors, principal: Principal, row: Row) -> Response:
    """The receipt of an appeal, in the reader's language; the query code is on it for the applicant alone.

    Raises NotDone.
    """
    if not may(principal, "print-receipt"):
        raise NotDone(NOT_FOUND)
    is_theirs = principal.is_on_applicants_side
    paper = receipt_of_appeal(
        views.appeal(row, (), (), principal, g.language, doors.names),
        doors.shop.texts,
        language=g.language,
        query_code=doors.receipts.query_code(row.receipt) if is_theirs else "",
        link=f"{request.url_root}follow?receipt={row.receipt}",
        printed=_printed(doors, principal, g.language),
    )
    return _answer(doors, principal, paper, row.receipt, RECEIPT, PDF)


def order_paper(doors: Doors, principal: Principal, row: Row, written: str, name: str, form: str) -> Response:
    """A paper of an order, as the reader may see what it says. Raises NotDone."""
    if not may(principal, "print-orders"):
        raise NotDone(NOT_FOUND)
    matter = _matter(doors, principal, row, incoming.order_of(written, row.receipt))
    printed = _printed(doors, principal, ZH)
    if name == ORDER:
        link = f"{request.url_root}desk/appeals/{row.receipt}"
        paper = order_form(matter, doors.shop.texts, link=link, printed=printed)
    else:
        entry = LETTERS[name](matter)
        if entry is None:
            raise NotDone(NOT_ISSUED)
        year = entry.at.astimezone(BEIJING).year
        number = doors.shop.numbers.of(row.receipt, entry.number, series=doors.shop.texts.series, year=year)
        paper = letter(matter, entry, doors.shop.texts, number=number, printed=printed)
    return _answer(doors, principal, paper, matter.order["order"], name, form)


def papers_of(matter: Matter) -> list[str]:
    """Which papers there are of an order: its form always, a letter once it was issued."""
    return [ORDER, *(name for name, find in LETTERS.items() if find(matter))]


def _matter(doors: Doors, principal: Principal, row: Row, order: str) -> Matter:
    orders, files = doors.reads.orders(row.receipt), doors.reads.attachments(row.receipt)
    kin = kin_of(row, principal, doors.reads, doors.receipts.query_code)
    appeal = views.appeal(row, orders, files, principal, ZH, doors.names, kin)
    this = next((one for one in appeal["orders"] if one["order"] == order), None)
    if this is None:
        raise NotDone(NOT_FOUND)
    heard = [entry for entry in doors.reads.timeline(row.receipt) if may_hear(principal, entry.topic)]
    visible = visible_among({one for entry in heard for one in named_in(entry.data)}, principal, doors.reads)
    told = views.timeline(row.receipt, heard, principal, ZH, doors.names, visible)["timeline"]
    return Matter(appeal=appeal, order=this, entries=entries_of(told, [one.number for one in heard]), language=ZH)


def _printed(doors: Doors, principal: Principal, language: str) -> str:
    viewer = VIEWERS[language] if principal.is_on_applicants_side else principal.name
    return doors.shop.texts.printed[language].format(viewer=viewer, at=moment(doors.clock(), language))


def _answer(doors: Doors, principal: Principal, paper: Paper, about: str, name: str, form: str) -> Response:
    content = doors.shop.press.print(clean(paper), form)
    if not principal.is_on_applicants_side:
        doer = doors.visitors.doer(request, principal)
        doors.visitors.keeping.note(doer, "paper.printed", about, paper=name, form=form)
    headers = {
        "Content-Disposition": disposition(f"{about}-{name}.{form}"),
        "Content-Security-Policy": DOWNLOAD_POLICY,
    }
    return Response(content, content_type=KINDS[form], headers=headers)
