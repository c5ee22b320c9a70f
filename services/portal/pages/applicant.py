"""What an applicant does: hand an appeal in, follow it like a parcel, add to it, urge, and say how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import Row
from werkzeug.datastructures import MultiDict

from services.portal import doing, incoming, printing, schemas, views
from services.portal.actions import ACTIONS, Action
from services.portal.doors import Doors
from services.portal.kin import kin_of
from services.portal.pages import acting, files, forms, looks, offers, progress, telling
from services.portal.pages.following import FOLLOWED, follow, follower
from services.portal.problems import NOT_FOUND, NOT_SHOWN_YET, NotDone, Problem
from services.portal.receipts import as_receipt
from services.portal.rights import Principal, readable
from services.portal.words import NOTICES

FIRST = ("applicant.name", "applicant.uscc", "title", "text", "contact.name", "contact.phone")
FURTHER = ("kind", "category", "urgency", "applicant.kind", "applicant.city", "applicant.park", "accused")
CONFIDENTIAL, ANONYMOUS = "confidential", "anonymous"
SUPPLEMENT = "provide-supplement"
OWN_ACTIONS = {action.right: action for action in ACTIONS if action.is_applicants}


def routes(doors: Doors) -> Blueprint:
    """The pages of applicants."""
    pages = Blueprint("applicant", __name__)

    @pages.get("/")
    def home() -> Response:
        """Where to begin."""
        looks.begin()
        return looks.page("home.html")

    @pages.get("/appeals/new")
    def write() -> Response:
        """The form of an appeal."""
        looks.begin()
        seated = doors.visitors.present(request)
        own = MultiDict({"applicant.uscc": seated.account.uscc}) if seated and seated.account.uscc else None
        return _form(doors, confidential=False, written=own)

    @pages.get("/confidential")
    def write_in_confidence() -> Response:
        """The entrance for those who do not want to be named."""
        looks.begin()
        return _form(doors, confidential=True)

    @pages.post("/appeals/new")
    def hand_in() -> Response:
        """Take the appeal in, or show what has to be written otherwise, with all that was written."""
        looks.begin()
        looks.check_same_site()
        files.let_in(doors)
        principal = doors.gate.anybody(request, "submit")
        confidential = "classification" in request.form
        schema = schemas.NewAppeal(doors.departments, doors.units)
        values = forms.values(schema, request.form)
        if values.get("classification") == ANONYMOUS:
            values.setdefault("applicant", {}).setdefault("name", "匿名")
        kept, trouble = files.take(doors)
        try:
            files.check(trouble)
            body = forms.as_bytes(request.form) + files.as_bytes(kept)
            said = doing.submit(doors, principal, values | {files.KEPT: kept}, key=acting.key(doors), body=body)
        except NotDone as error:
            return _form(doors, confidential=confidential, written=request.form, kept=kept, problem=error.problem)
        receipt = said[0]["receipt"]
        return follow(receipt, doors.receipts.query_code(receipt), new="yes")

    @pages.get("/follow")
    def look_for() -> Response:
        """Ask for receipt and query code."""
        looks.begin()
        return looks.page("follow.html", written=request.args, problem=None)

    @pages.post("/follow")
    def open_it() -> Response:
        """Open the appeal to who has its query code."""
        looks.begin()
        looks.check_same_site()
        receipt, code = as_receipt(request.form.get("receipt", "")), request.form.get("query_code", "")
        if receipt is None or not doors.receipts.opens(receipt, code):
            problem = NOT_FOUND.told(g.language)
            return looks.page("follow.html", NOT_FOUND.status, written=request.form, problem=problem)
        return follow(receipt, doors.receipts.query_code(receipt))

    @pages.post("/follow/end")
    def forget() -> Response:
        """Look at it no longer, so that the next at this computer sees nothing."""
        looks.check_same_site()
        response = redirect("/", 303)
        response.delete_cookie(FOLLOWED)
        return response

    @pages.get("/appeals/<written>")
    def show(written: str) -> Response:
        """The appeal, where it stands and what can be done."""
        looks.begin()
        receipt = incoming.receipt_of(written)
        return _show(doors, follower(doors, receipt), receipt)

    @pages.get("/appeals/<written>/progress")
    def show_progress(written: str) -> Response:
        """Only what changes by itself; a page that has JavaScript asks for it again and again."""
        looks.begin()
        receipt = incoming.receipt_of(written)
        principal = follower(doors, receipt)
        return looks.page("_progress.html", **_facts(doors, principal, _row(doors, principal, receipt)))

    @pages.get("/appeals/<written>/receipt.pdf")
    def print_receipt(written: str) -> Response:
        """The receipt as PDF, with the query code."""
        looks.begin()
        receipt = incoming.receipt_of(written)
        principal = follower(doors, receipt)
        return printing.receipt_paper(doors, principal, _row(doors, principal, receipt))

    @pages.post(files.SUPPLEMENT_PAGE)
    def supplement() -> Response:
        """Add what is missing, with files, to the appeal that the form names."""
        looks.begin()
        looks.check_same_site()
        files.let_in(doors)
        receipt = incoming.receipt_of(request.form.get("receipt", ""))
        principal = follower(doors, receipt)
        kept, trouble = files.take(doors)
        action = OWN_ACTIONS[SUPPLEMENT]
        try:
            files.check(trouble)
            acting.act(doors, principal, action, receipt, kept=kept)
        except NotDone as error:
            return _show(doors, principal, receipt, error.problem, action.path, kept)
        return redirect(url_for("applicant.show", written=receipt), 303)

    for action in OWN_ACTIONS.values():
        if action.right != SUPPLEMENT:
            pages.add_url_rule(
                f"/appeals/<written>{action.path}",
                endpoint=action.right,
                view_func=_acting(doors, action),
                methods=["POST"],
            )
    return pages


def _form(
    doors: Doors,
    *,
    confidential: bool,
    written: MultiDict | None = None,
    kept: Sequence[dict] = (),
    problem: Problem | None = None,
) -> Response:
    schema = schemas.NewAppeal(doors.departments, doors.units)

    def asked(*names: str) -> list[forms.Input]:
        return forms.inputs(schema, g.language, doors.departments, written=written, problem=problem, names=names)

    return looks.page(
        "new.html",
        problem.status if problem else 200,
        first=asked(*FIRST),
        further=asked(*FURTHER),
        kept=kept,
        files_fault=files.fault_of(problem, g.language),
        classification=(written or {}).get("classification", CONFIDENTIAL) if confidential else "",
        problem=problem and problem.told(g.language),
        key=(written or {}).get("key") or doors.new_id(),
    )


def _show(
    doors: Doors,
    principal: Principal,
    receipt: str,
    problem: Problem | None = None,
    failed: str = "",
    kept: Sequence[dict] = (),
) -> Response:
    """The appeal; with what went wrong when an action has failed, and the files that it had brought."""
    row = _row(doors, principal, receipt)
    facts = _facts(doors, principal, row)
    address = f"/appeals/{receipt}"
    offered = [
        acting.offer(doors, action, address, failed=failed, problem=problem)
        for action in offers.for_appeal(principal, row)
    ]
    for one in offered:
        if one["right"] == SUPPLEMENT:
            fault = files.fault_of(problem, g.language)
            one |= {"path": files.SUPPLEMENT_PAGE, "receipt": receipt, "kept": kept, "files_fault": fault}
    return looks.page(
        "appeal.html",
        problem.status if problem else 200,
        **facts,
        offered=offered,
        problem=problem and problem.told(g.language),
        query_code=doors.receipts.query_code(receipt),
        is_new="new" in request.args,
        emergency_notice=NOTICES["emergency"].said(g.language),
    )


def _row(doors: Doors, principal: Principal, receipt: str) -> Row:
    row = doors.reads.appeal(receipt, readable(principal))
    if row is None:
        raise NotDone(NOT_SHOWN_YET)
    return row


def _facts(doors: Doors, principal: Principal, row: Row) -> dict:
    kin = kin_of(row, principal, doors.reads, doors.receipts.query_code)
    orders, files = doors.reads.orders(row.receipt), doors.reads.attachments(row.receipt)
    told = views.appeal(row, orders, files, principal, g.language, doors.names, kin)
    entries = doors.reads.timeline(row.receipt)
    story = views.timeline(row.receipt, entries, principal, g.language, doors.names)["timeline"]
    return {
        "receipt": row.receipt,
        "appeal": told,
        "story": telling.told(story, doors.names, g.language),
        "stations": progress.stations(row.state, g.language),
        "next_step": progress.next_step(row, g.language, doors.names),
    }


def _acting(doors: Doors, action: Action) -> Callable:
    def do(written: str) -> Response:
        """Do it and show the appeal again, or say why not beside what was written."""
        looks.begin()
        looks.check_same_site()
        receipt = incoming.receipt_of(written)
        principal = follower(doors, receipt)
        try:
            acting.act(doors, principal, action, receipt)
        except NotDone as error:
            return _show(doors, principal, receipt, error.problem, action.path)
        return redirect(url_for("applicant.show", written=receipt), 303)

    return do
