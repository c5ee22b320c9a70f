"""The desk of those who handle appeals: what is to be done, by light, and each appeal with what may be done to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import Row

from services.portal import incoming, views
from services.portal.actions import ACTIONS, Action
from services.portal.doors import Doors
from services.portal.kin import kin_of
from services.portal.pages import acting, looks, offers, papers, progress
from services.portal.problems import NOT_FOUND, NotDone, Problem
from services.portal.receipts import as_receipt
from services.portal.rights import (
    AUDITOR,
    DEPARTMENT,
    DISPATCHER,
    INTAKE_OFFICER,
    SUPERVISOR,
    Principal,
    readable,
)

AT_ONCE = 100
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class ToDo:
    """One list of a desk: what it is called, and the states of the appeals on it."""

    zh: str
    en: str
    states: tuple[str, ...]


WORKED_ON = ("dispatched", "handling", "following", "reopened")
IN_HAND = ToDo("办理中", "In hand", WORKED_ON)
ENDED = ToDo("已办结", "Closed", ("closed", "evaluating", "archived", "rejected"))
LISTS: dict[str, dict[str, ToDo]] = {
    INTAKE_OFFICER: {
        "todo": ToDo("待受理", "To be accepted", ("submitted",)),
        "supplement": ToDo("补正中", "Waiting for a supplement", ("supplementing",)),
    },
    DISPATCHER: {
        "todo": ToDo("待转办", "To be dispatched", ("held", "accepted")),
        "work": IN_HAND,
    },
    SUPERVISOR: {
        "todo": ToDo("待审核", "Replies to review", ("replied",)),
        "review": ToDo("待上级复核", "Reviews to decide", ("reviewing",)),
        "work": IN_HAND,
    },
    DEPARTMENT: {
        "todo": ToDo("待签收", "To be signed for", ("dispatched",)),
        "work": ToDo("办理中", "In hand", ("handling", "following", "reopened", "replied")),
    },
    AUDITOR: {"work": IN_HAND},
}


def routes(doors: Doors) -> Blueprint:
    """The pages of officers and departments."""
    pages = Blueprint("desk", __name__, url_prefix="/desk")

    @pages.get("")
    def lists() -> Response:
        """One list of what is to be done."""
        looks.begin()
        principal = doors.gate.staff(request, "desk")
        known = _known(principal)
        name = request.args.get("list", next(iter(known)))
        if name not in known:
            raise NotDone(NOT_FOUND)
        rows = doors.reads.to_do(readable(principal), known[name].states, AT_ONCE + 1)
        return _list(doors, principal, name, rows)

    @pages.get("/search")
    def search() -> Response:
        """The appeal of a receipt, or the newest in which a text stands."""
        looks.begin()
        principal = doors.gate.staff(request, "desk")
        text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
        receipt = as_receipt(text)
        if receipt:
            return redirect(url_for("desk.show", written=receipt), 303)
        rows = doors.reads.page(readable(principal), after=None, limit=AT_ONCE + 1, q=text) if text else ()
        return _list(doors, principal, "", rows, q=text)

    @pages.get("/appeals/<written>")
    def show(written: str) -> Response:
        """One appeal, and what may be done to it."""
        looks.begin()
        return _show(doors, doors.gate.staff(request, "desk"), incoming.receipt_of(written))

    for action in ACTIONS:
        pages.add_url_rule(
            f"/appeals/<written>{action.path}",
            endpoint=action.right,
            view_func=_acting(doors, action),
            methods=["POST"],
        )
    return pages


def _known(principal: Principal) -> dict[str, ToDo]:
    return LISTS[principal.role] | {"ended": ENDED}


def _list(doors: Doors, principal: Principal, chosen: str, rows: Sequence[Row], q: str = "") -> Response:
    return looks.page(
        "desk.html",
        principal=principal,
        lists=_known(principal),
        chosen=chosen,
        q=q,
        appeals=views.page(rows[:AT_ONCE], None, principal, g.language, doors.names)["appeals"],
        more=len(rows) > AT_ONCE,
    )


def _show(doors: Doors, principal: Principal, receipt: str, problem: Problem | None = None, failed: str = ""):
    row = doors.reads.appeal(receipt, readable(principal))
    if row is None:
        raise NotDone(NOT_FOUND)
    orders = doors.reads.orders(receipt)
    kin = kin_of(row, principal, doors.reads, doors.receipts.query_code)
    told = views.appeal(row, orders, doors.reads.attachments(receipt), principal, g.language, doors.names, kin)
    entries = views.timeline(receipt, doors.reads.timeline(receipt), principal, g.language, doors.names)["timeline"]

    def offered(action: Action, order: str = "") -> dict:
        address = f"/desk/appeals/{receipt}"
        return acting.offer(doors, action, address, order=order, failed=failed, problem=problem)

    return looks.page(
        "desk_appeal.html",
        problem.status if problem else 200,
        principal=principal,
        receipt=receipt,
        appeal=told,
        story=list(reversed(entries)),
        stations=progress.stations(row.state, g.language),
        next_step=progress.next_step(row, g.language, doors.names),
        offered=[offered(action) for action in offers.for_appeal(principal, row.state)],
        orders=[
            (
                facts,
                [offered(action, order.order) for action in offers.for_order(principal, order.state)],
                papers.of_order(told, facts, entries, g.language),
            )
            for facts, order in zip(told["orders"], orders, strict=True)
        ],
        problem=problem and problem.told(g.language),
    )


def _acting(doors: Doors, action: Action) -> Callable:
    def do(written: str, **about: str) -> Response:
        """Do it and show the appeal again, or say why not beside what was written."""
        looks.begin()
        looks.check_same_site()
        receipt = incoming.receipt_of(written)
        principal = doors.gate.staff(request, action.right)
        if action.about_order:
            about["order"] = incoming.order_of(about["order"], receipt)
        try:
            acting.act(doors, principal, action, receipt, **about)
        except NotDone as error:
            if error.problem.status == NOT_FOUND.status:
                raise
            return _show(doors, principal, receipt, error.problem, acting.path_of(action, about.get("order", "")))
        return redirect(url_for("desk.show", written=receipt), 303)

    return do
