"""Open311 GeoReport v2: the door for civic clients that know nothing of us, under `/open311/v2`.

What comes in is handed in as by the API, and what goes out is seen by the same rights. Without a key or query code
only public appeals that are about no unit are shown. No cookie counts here, so no page of another site can use one.

The answer to a submission has the query code in a member of its own, beside the receipt. It is not the `token` of the
specification: clients put that into addresses and show it around, and whoever has the query code acts as the applicant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, g, request
from sqlalchemy import and_

from appeals.events import AppealReferred
from services.portal import doing, incoming, open311_forms, open311_words
from services.portal.doors import Doors
from services.portal.open311_formats import FORMATS, answer
from services.portal.problems import NOT_FOUND, NotDone, Problem, not_allowed
from services.portal.rights import NOBODY, Principal, may, published, readable

PREFIX = "/open311/v2"
MOST = 100  # requests in an answer; who wants more asks for those before the last of these


def open311(doors: Doors, problem_of: Callable[[Exception], Problem]) -> Blueprint:
    """The doors; `problem_of` tells what was wrong."""
    routes = Blueprint("open311", __name__, url_prefix=PREFIX)

    @routes.errorhandler(Exception)
    def refuse(error: Exception) -> Response:
        return _refusal(problem_of(error))

    @routes.get(f"/discovery.<any({FORMATS}):form>")
    def discover(form: str):
        """Where everything is."""
        return answer(open311_words.discovery(request.url_root + PREFIX[1:]), "discovery", form=form)

    @routes.get(f"/services.<any({FORMATS}):form>")
    def list_services(form: str):
        """What can be asked for: our categories."""
        return answer(open311_words.services(g.language), "services", "service", form=form)

    @routes.get(f"/services/<code>.<any({FORMATS}):form>")
    def define(code: str, form: str):
        """What a submission in a category has to say."""
        definition = open311_words.definition(code, g.language)
        if definition is None:
            raise NotDone(NOT_FOUND)
        return answer(definition, "service_definition", form=form)

    @routes.post(f"/requests.<any({FORMATS}):form>")
    def submit(form: str):
        """Hand an appeal in."""
        body = request.get_data()
        principal = doors.gate.keyholder(request, request.form.get("api_key", ""))
        if not may(principal, "submit"):
            raise NotDone(not_allowed(principal.role))
        g.key = incoming.idempotency_key(request, doors.new_id)
        values = open311_forms.appeal_of(request.form)
        said = doing.submit(doors, principal, values, key=g.key, body=body)
        receipt = said[0]["receipt"]
        is_emergency = any(one["type"] == AppealReferred.type() for one in said)
        code = doors.receipts.query_code(receipt)
        told = open311_words.submitted(receipt, code, g.language, is_emergency=is_emergency)
        return answer([told], "service_requests", "request", form=form, status=201)

    @routes.get(f"/requests.<any({FORMATS}):form>")
    def list_requests(form: str):
        """Appeals, newest first."""
        filters = open311_forms.filters_of(request.args, doors.clock())
        principal = _reader(filters.receipts)
        rows = doors.reads.page(and_(_seen(principal), *filters.conditions()), after=None, limit=MOST)
        told = [open311_words.request(row, doors.names, g.language) for row in rows]
        return answer(told, "service_requests", "request", form=form)

    @routes.get(f"/requests/<written>.<any({FORMATS}):form>")
    def show(written: str, form: str):
        """One appeal."""
        receipt = incoming.receipt_of(written)
        principal = _reader((receipt,))
        row = doors.reads.appeal(receipt, _seen(principal))
        if row is None:
            raise NotDone(NOT_FOUND)
        told = open311_words.request(row, doors.names, g.language)
        return answer([told], "service_requests", "request", form=form)

    def _reader(receipts: tuple[str, ...]) -> Principal:
        """Who asks: with the query code of the one appeal that they ask for, or with a key, or nobody in particular."""
        if doors.gate.brings_code(request):
            return doors.gate.applicant(request, receipts[0] if len(receipts) == 1 else "")
        return doors.gate.keyholder(request, request.args.get("api_key", ""))

    return routes


def _seen(principal: Principal):
    return published() if principal == NOBODY else readable(principal)


def _refusal(problem: Problem) -> Response:
    """A problem in the form of the specification, which knows 400 where we say 422."""
    status = 400 if problem.status == 422 else problem.status
    form = "xml" if request.path.endswith(".xml") else "json"
    told = open311_words.errors(replace(problem, status=status).told(g.language))
    response = answer(told, "errors", "error", form=form, status=status)
    response.headers.update(problem.headers)
    return response
