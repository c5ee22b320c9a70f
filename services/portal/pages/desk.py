"""The desk of those who handle appeals: what is to be done, by light, and looking for an appeal."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import Row

from services.portal import views
from services.portal.doors import Doors
from services.portal.pages import lists, looks
from services.portal.problems import NOT_FOUND, NotDone
from services.portal.receipts import as_receipt
from services.portal.rights import Principal, readable

AT_ONCE = 100
LONGEST_SEARCH = 100


def routes(doors: Doors) -> Blueprint:
    """The lists."""
    pages = Blueprint("desk", __name__, url_prefix="/desk")

    @pages.get("")
    def show() -> Response:
        """One list of what is to be done."""
        looks.begin()
        principal = doors.gate.staff(request, "desk")
        known = lists.of(principal)
        asked = request.args.get("list")
        if asked is not None and asked not in known:
            raise NotDone(NOT_FOUND)
        name = asked or lists.first_with_work(known, lambda one: _rows(doors, principal, one, 1))
        return _list(doors, principal, name, _rows(doors, principal, known[name], AT_ONCE + 1))

    @pages.get("/search")
    def search() -> Response:
        """The appeal of a receipt, or the newest in which a text stands."""
        looks.begin()
        principal = doors.gate.staff(request, "desk")
        text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
        receipt = as_receipt(text)
        if receipt:
            return redirect(url_for("casework.show", written=receipt), 303)
        rows = doors.reads.page(readable(principal), after=None, limit=AT_ONCE + 1, q=text) if text else ()
        return _list(doors, principal, "", rows, q=text)

    return pages


def _rows(doors: Doors, principal: Principal, one: lists.ToDo, most: int) -> Sequence[Row]:
    if one.awaiting:
        return doors.reads.awaiting(readable(principal), one.awaiting, most)
    return doors.reads.to_do(readable(principal), one.states, most)


def _list(doors: Doors, principal: Principal, chosen: str, rows: Sequence[Row], q: str = "") -> Response:
    return looks.page(
        "desk.html",
        principal=principal,
        lists=lists.of(principal),
        chosen=chosen,
        q=q,
        appeals=views.page(rows[:AT_ONCE], None, principal, g.language, doors.names)["appeals"],
        call_by={row.receipt: row.callback_due for row in rows} if chosen == "callback" else {},
        now=doors.clock(),
        more=len(rows) > AT_ONCE,
    )
