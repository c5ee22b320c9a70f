"""The portal's door: the HTTP API, as a Flask application to which everything it needs is given.

It checks what is asked and by whom, passes actions on as commands, and shows the read model.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, jsonify, request
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from appeals.bus.database import is_unavailable
from appeals.errors import Refused
from appeals.events import AppealReferred
from services.portal import doing, finding_out, incoming, problems, schemas, views
from services.portal.acceptance import acceptance_desk
from services.portal.account_doors import account_doors
from services.portal.accounts import NOTHING
from services.portal.actions import ACTIONS, Action
from services.portal.attaching import attaching
from services.portal.doors import Doors
from services.portal.exporting import exporting
from services.portal.figure_doors import figure_doors
from services.portal.import_doors import import_doors
from services.portal.incoming import IDEMPOTENCY_KEY
from services.portal.kin import named_in, visible_among
from services.portal.open311 import PREFIX as OPEN311
from services.portal.open311 import open311
from services.portal.openapi import IDENTITY_PATH, TRIAL_PATH, describe
from services.portal.pages import looks, pages
from services.portal.pages.menu import Way, ways
from services.portal.printing import printing
from services.portal.problems import LARGEST_BODY, NOT_FOUND, NOT_SHOWN_YET, NotDone, Problem
from services.portal.reading import Place
from services.portal.rights import PLATFORM, may, readable
from services.portal.scores import scores
from services.portal.session_doors import session_doors
from services.portal.showing import check_unchanged, shown, tagged
from services.portal.streaming import streaming
from services.portal.watching import watching
from services.portal.words import NOTICES, ZH

PREFIX = "/api/v1"

log = logging.getLogger("services.portal")


def make_app(doors: Doors) -> Flask:
    """The application."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    app.before_request(_begin)
    app.before_request(lambda: doors.gate.let_in(request))
    app.after_request(_finish)
    app.register_error_handler(Exception, lambda error: _answer(_problem_of(error, doors.new_id)))
    app.register_blueprint(_appeals(doors))
    app.register_blueprint(_actions(doors))
    app.register_blueprint(_identities(doors))
    app.register_blueprint(acceptance_desk(doors, PREFIX))
    app.register_blueprint(_trials(doors))
    app.register_blueprint(scores(doors, PREFIX))
    app.register_blueprint(figure_doors(doors, PREFIX))
    app.register_blueprint(import_doors(doors.gate, doors.importer, PREFIX))
    app.register_blueprint(_descriptions(doors))
    for blueprint in pages(doors):
        app.register_blueprint(blueprint)
    app.jinja_env.globals["csrf_token"] = lambda: doors.visitors.form_token(request)
    app.jinja_env.globals["visitor"] = lambda: doors.visitors.present(request)
    app.jinja_env.globals |= {"ways": ways, "may": may, "way_home": lambda: _way_home(doors)}
    app.jinja_env.filters["as_time"] = datetime.fromisoformat
    app.register_blueprint(session_doors(doors.visitors, doors.names, PREFIX))
    app.register_blueprint(
        account_doors(doors.gate, doors.visitors, doors.departments, doors.units, doors.names, PREFIX)
    )
    app.register_blueprint(attaching(doors, _look, PREFIX))
    app.register_blueprint(streaming(doors, _look, PREFIX))
    app.register_blueprint(open311(doors, lambda error: _problem_of(error, doors.new_id)))
    app.register_blueprint(printing(doors, _look, PREFIX))
    app.register_blueprint(exporting(doors, PREFIX))
    app.register_blueprint(watching(doors.gate, doors.watch, doors.departments, PREFIX))
    return app


def _way_home(doors: Doors) -> Way | None:
    """The first way of whoever is signed in, for pages that are everybody's."""
    seated = doors.visitors.present(request)
    if seated is None or seated.step != NOTHING:
        return None
    return next(iter(ways(doors.visitors.principal(seated.account))), None)


def _appeals(doors: Doors) -> Blueprint:
    """Handing an appeal in, and looking at appeals."""
    routes = Blueprint("appeals", __name__, url_prefix=f"{PREFIX}/appeals")

    @routes.post("")
    def submit():
        """Take an appeal in and give it a number; the rest happens by itself."""
        principal = doors.gate.anybody(request, "submit")
        key = _key(doors)
        body, values = incoming.read_body(request)
        if principal.role == PLATFORM:
            receipt, said = doing.hand_over(doors, principal, values)
        else:
            said = doing.submit(doors, principal, values, key=key, body=body)
            receipt = said[0]["receipt"]  # the first one, when the request was repeated
        answer = {"receipt": receipt, "query_code": doors.receipts.query_code(receipt), "said": said}
        if any(one["type"] == AppealReferred.type() for one in said):
            answer["notice"] = NOTICES["emergency"].said(g.language)
        return jsonify(answer), 201, {"Location": f"{PREFIX}/appeals/{receipt}"}

    @routes.get("")
    def list_appeals():
        """A page of the appeals that the holder of a key may see."""
        principal = doors.gate.staff(request, "list")
        asked = incoming.load(schemas.ListQuery(doors.departments), request.args.to_dict())
        limit, after = asked.pop("limit"), asked.pop("cursor")
        filters = {name: value for name, value in asked.items() if value}
        if principal.department and principal.role == "department":
            filters.setdefault("department", principal.department)
        rows = doors.reads.page(readable(principal), after=after, limit=limit + 1, **filters)
        more = None
        if len(rows) > limit:
            last = rows[limit - 1]
            cursor = Place(last.submitted_at, last.receipt).to_cursor()
            more = f"{request.path}?{urlencode({**request.args, 'cursor': cursor})}"
        return jsonify(views.page(rows[:limit], more, principal, g.language, doors.names))

    @routes.get("/<written>")
    def show(written: str):
        """One appeal, for those who may see it."""
        principal, row = _look(doors, written)
        return tagged(shown(doors, principal, row, g.language), request)

    @routes.get("/<written>/timeline")
    def show_timeline(written: str):
        """What happened to an appeal."""
        principal, row = _look(doors, written)
        entries = doors.reads.timeline(row.receipt)
        visible = visible_among({one for entry in entries for one in named_in(entry.data)}, principal, doors.reads)
        return jsonify(views.timeline(row.receipt, entries, principal, g.language, doors.names, visible))

    return routes


def _actions(doors: Doors) -> Blueprint:
    """One route for each action."""
    routes = Blueprint("actions", __name__, url_prefix=f"{PREFIX}/appeals/<written>")
    for action in ACTIONS:
        view = _doing(doors, action)
        routes.add_url_rule(action.path, endpoint=action.right, view_func=view, methods=["POST"])
    return routes


def _doing(doors: Doors, action: Action) -> Callable:
    def do(written: str, **about):
        """Pass it on to the service that decides."""
        receipt = incoming.receipt_of(written)
        principal = doors.gate.doer(request, receipt, action.right, is_applicants=action.is_applicants)
        if action.about_order:
            about["order"] = incoming.order_of(about["order"], receipt)
        key = _key(doors)
        body, values = incoming.read_body(request)
        check_unchanged(doors, principal, receipt, request)
        return jsonify({"said": doing.act(doors, principal, action, receipt, values, key=key, body=body, **about)})

    return do


def _trials(doors: Doors) -> Blueprint:
    """Trying the rules without effect."""
    routes = Blueprint("trials", __name__, url_prefix=PREFIX)

    @routes.post(TRIAL_PATH)
    def try_dispatch():
        """Whose duty an appeal would be, why, and what else came close."""
        principal = doors.gate.staff(request, "try-dispatch")
        key = _key(doors)
        body, facts = incoming.load_body(request, schemas.DispatchTrial(doors.departments, doors.units))
        return jsonify(finding_out.trial(doors, principal, facts, key=key, body=body))

    return routes


def _identities(doors: Doors) -> Blueprint:
    """Seeing who appeals, and whom to call."""
    routes = Blueprint("identities", __name__, url_prefix=f"{PREFIX}/appeals/<written>")

    @routes.post(IDENTITY_PATH)
    def view_identity(written: str):
        """Masked; or in clear, for a purpose."""
        receipt = incoming.receipt_of(written)
        principal = doors.gate.staff(request, "view-identity")
        doing.check_not_hidden(doors, principal, receipt)
        key = _key(doors)
        body, facts = incoming.load_body(request, schemas.IdentityView())
        return jsonify(finding_out.identity(doors, principal, receipt, facts, key=key, body=body))

    return routes


def _descriptions(doors: Doors) -> Blueprint:
    """What the API itself says of its words and its shape."""
    routes = Blueprint("descriptions", __name__, url_prefix=PREFIX)

    @routes.get("/vocabulary")
    def vocabulary():
        """All codes, with what they are called."""
        return jsonify(views.vocabulary(doors.departments))

    @routes.get("/openapi.json")
    def openapi():
        """The API as OpenAPI 3.1."""
        return jsonify(describe(PREFIX))

    return routes


def _look(doors: Doors, written: str):
    receipt = incoming.receipt_of(written)
    principal = doors.gate.reader(request, receipt)
    row = doors.reads.appeal(receipt, readable(principal))
    if row is None:
        raise NotDone(NOT_SHOWN_YET if principal.receipt == receipt else NOT_FOUND)
    return principal, row


def _key(doors: Doors) -> str:
    """The request's key; it is told in every answer, so that who has none can repeat too."""
    g.key = incoming.idempotency_key(request, doors.new_id)
    return g.key


def _begin() -> None:
    g.language = incoming.language_of(request)
    g.began = time.monotonic()
    incoming.check_length_is_told(request)


def _finish(response: Response) -> Response:
    if "key" in g:
        response.headers[IDEMPOTENCY_KEY] = g.key
    response.headers["Cache-Control"] = "no-cache" if "/static/" in request.path else "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Language"] = g.get("language", ZH)
    response.vary.update(("Accept-Language", "Authorization", "Cookie", incoming.QUERY_CODE))
    took = 1000 * (time.monotonic() - g.get("began", time.monotonic()))
    log.info("%s %s %d %.0f ms", request.method, ascii(request.path)[1:-1], response.status_code, took)
    return response


def _answer(problem: Problem) -> Response:
    """A refusal: as a page to who looks at pages, as JSON to who uses the API."""
    is_page = not request.path.startswith((PREFIX, OPEN311, "/operator")) and request.accept_mimetypes.accept_html
    return looks.trouble(problem) if is_page else _tell(problem)


def _tell(problem: Problem) -> Response:
    response = jsonify(problem.told(g.get("language", ZH)))
    response.status_code = problem.status
    response.content_type = problems.MEDIA_TYPE
    response.headers.update(problem.headers)
    return response


def _problem_of(error: Exception, new_id: Callable[[], str]) -> Problem:
    """Whatever was raised, as a problem; what nobody expected is logged, and told without its text."""
    if isinstance(error, NotDone):
        return error.problem
    if isinstance(error, Refused):
        return problems.of_refusal(error)
    if isinstance(error, HTTPException):
        return problems.of_http(error.code or 500, dict(error.get_headers()).get("Allow", ""))
    if isinstance(error, NoConnection) or is_unavailable(error):
        log.warning("database unavailable: %s", error)
        return problems.STORE_GONE
    reference = new_id()
    log.error("request failed, reference %s", reference, exc_info=error)
    return problems.internal(reference)
