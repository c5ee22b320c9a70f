"""Casework: one appeal on the desk, with all that may be done to it, and its files."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import Row

from appeals.events import FeedbackSubmitted
from services.portal import attaching, finding_out, incoming, schemas, views
from services.portal.actions import ACTIONS, Action
from services.portal.doors import Doors
from services.portal.kin import kin_of
from services.portal.pages import acting, advice, forms, looks, offers, papers, progress, splitting, telling
from services.portal.problems import NOT_FOUND, NotDone, Problem
from services.portal.rights import Principal, may, readable

SPLIT, IDENTITY = "/split", "/identity"


def routes(doors: Doors) -> Blueprint:
    """The pages of one appeal."""
    pages = Blueprint("casework", __name__, url_prefix="/desk/appeals/<written>")

    @pages.get("")
    def show(written: str) -> Response:
        """One appeal, and what may be done to it."""
        looks.begin()
        return _show(doors, doors.gate.staff(request, "desk"), incoming.receipt_of(written))

    @pages.get("/attachments/<sha256>")
    def download(written: str, sha256: str) -> Response:
        """One of its files."""
        principal = doors.gate.staff(request, "desk")
        return attaching.given(doors, principal, _row(doors, principal, incoming.receipt_of(written)), sha256)

    @pages.post(SPLIT)
    def split(written: str) -> Response:
        """Make an appeal of each matter of its text."""
        return _doing(doors, written, "split", SPLIT, splitting.split)

    @pages.post(IDENTITY)
    def see_identity(written: str) -> Response:
        """Show who appeals and whom to call, on this one page: masked, or for a purpose in clear."""
        looks.begin()
        looks.check_same_site()
        receipt = incoming.receipt_of(written)
        principal = doors.gate.staff(request, "view-identity")
        try:
            facts = incoming.load(schemas.IdentityView(), forms.values(schemas.IdentityView(), request.form))
            body = forms.as_bytes(request.form)
            seen = finding_out.identity(doors, principal, receipt, facts, key=acting.key(doors), body=body)
        except NotDone as error:
            return _again(doors, principal, receipt, error.problem, IDENTITY)
        return _show(doors, principal, receipt, seen=seen)

    for action in ACTIONS:
        pages.add_url_rule(
            action.path,
            endpoint=action.right,
            view_func=_acting(doors, action),
            methods=["POST"],
        )
    return pages


def _acting(doors: Doors, action: Action) -> Callable:
    def do(written: str, **about: str) -> Response:
        """Do it and show the appeal again, or say why not beside what was written."""
        if action.about_order:
            about["order"] = incoming.order_of(about["order"], incoming.receipt_of(written))

        def act(doors: Doors, principal: Principal, receipt: str) -> None:
            acting.act(doors, principal, action, receipt, **about)

        return _doing(doors, written, action.right, acting.path_of(action, about.get("order", "")), act)

    return do


def _doing(doors: Doors, written: str, right: str, path: str, act: Callable) -> Response:
    looks.begin()
    looks.check_same_site()
    receipt = incoming.receipt_of(written)
    principal = doors.gate.staff(request, right)
    try:
        act(doors, principal, receipt)
    except NotDone as error:
        return _again(doors, principal, receipt, error.problem, path)
    return redirect(url_for("casework.show", written=receipt), 303)


def _again(doors: Doors, principal: Principal, receipt: str, problem: Problem, failed: str) -> Response:
    if problem.status == NOT_FOUND.status:
        raise NotDone(problem)
    return _show(doors, principal, receipt, problem=problem, failed=failed)


def _row(doors: Doors, principal: Principal, receipt: str) -> Row:
    row = doors.reads.appeal(receipt, readable(principal))
    if row is None:
        raise NotDone(NOT_FOUND)
    return row


def _show(
    doors: Doors,
    principal: Principal,
    receipt: str,
    *,
    problem: Problem | None = None,
    failed: str = "",
    seen: dict | None = None,
) -> Response:
    """The appeal; with what went wrong when an action has failed, or with the identity that was `seen`."""
    row = _row(doors, principal, receipt)
    orders = doors.reads.orders(receipt)
    kin = kin_of(row, principal, doors.reads, doors.receipts.query_code)
    told = views.appeal(row, orders, doors.reads.attachments(receipt), principal, g.language, doors.names, kin)
    entries = views.timeline(receipt, doors.reads.timeline(receipt), principal, g.language, doors.names)["timeline"]
    advised = advice.about(doors, principal, row)
    filled = {"accept": advice.as_submitted(row), "dispatch": advice.as_suggested(advised)}

    def offered(action: Action, order: str = "") -> dict:
        return acting.offer(
            doors,
            action,
            f"/desk/appeals/{receipt}",
            order=order,
            failed=failed,
            problem=problem,
            filled=filled.get(action.right),
        )

    return looks.page(
        "desk_appeal.html",
        problem.status if problem else 200,
        principal=principal,
        receipt=receipt,
        names=doors.names,
        replies=_replies(entries),
        appeal=told,
        story=telling.told(entries, doors.names, g.language),
        stations=progress.stations(row.state, g.language),
        next_step=progress.next_step(row, g.language, doors.names),
        call_by=row.callback_due if may(principal, "record-callback") else None,
        advice=advised,
        split=splitting.form(doors, principal, row, failed == SPLIT, problem),
        identity=_identity(problem if failed == IDENTITY else None) if may(principal, "view-identity") else None,
        seen=seen,
        offered=[offered(action) for action in offers.for_appeal(principal, row)],
        orders=[
            (
                facts,
                [offered(action, order.order) for action in offers.for_order(principal, order)],
                papers.of_order(told, facts, entries, g.language),
            )
            for facts, order in zip(told["orders"], orders, strict=True)
        ],
        new_key=doors.new_id,
        problem=problem and problem.told(g.language),
    )


def _replies(entries: list[dict]) -> dict[str, dict]:
    """What each order was last replied, by its number, so that it is read where it is decided on."""
    return {one["details"]["order"]: one["details"] for one in entries if one["event"] == FeedbackSubmitted.topic}


def _identity(problem: Problem | None) -> list[forms.Input]:
    return forms.inputs(schemas.IdentityView(), g.language, {}, written=request.form, problem=problem)
