"""Papers on the desk: which there are of an order, and printing them, with what goes wrong told on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, Response, request

from services.portal import incoming, printing
from services.portal.doors import Doors
from services.portal.pages import looks
from services.portal.paper.matter import Matter, entries_of
from services.portal.problems import NOT_FOUND, NotDone
from services.portal.rights import readable
from services.portal.words import Word

CALLED = {
    "order": Word("转办单", "Form of the order"),
    "supervision": Word("督办函", "Letter of supervision"),
    "letter": Word("商请函", "Letter of request"),
    "urging": Word("催办通知书", "Urging notice"),
}


def routes(doors: Doors) -> Blueprint:
    """Where the desk's links to papers lead."""
    pages = Blueprint("papers", __name__, url_prefix="/desk/appeals/<written>/orders/<order>")
    for paper in printing.OF_ORDER:
        for form in printing.FORMS:
            pages.add_url_rule(f"/{paper}.{form}", f"{paper}-{form}", _printing(doors, paper, form))
    return pages


def of_order(appeal: Mapping, order: Mapping, entries: Sequence[Mapping], language: str) -> list[dict]:
    """The papers of an order that can be printed; appeal, order and entries are as views tell them."""
    found = entries_of(entries, range(len(entries)))
    matter = Matter(appeal=appeal, order=order, entries=found, language=language)
    return [{"name": name, "called": CALLED[name].said(language)} for name in printing.papers_of(matter)]


def _printing(doors: Doors, paper: str, form: str) -> Callable:
    def print_paper(written: str, order: str) -> Response:
        """One paper of one order."""
        looks.begin()
        principal, receipt = doors.gate.staff(request, "desk"), incoming.receipt_of(written)
        row = doors.reads.appeal(receipt, readable(principal))
        if row is None:
            raise NotDone(NOT_FOUND)
        return printing.order_paper(doors, principal, row, order, paper, form)

    return print_paper
