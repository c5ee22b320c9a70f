"""The entrance: name and password, then what is still asked of whoever signs in; and the way out."""

from __future__ import annotations

from urllib.parse import urlencode

import segno
from flask import Blueprint, Response, g, redirect, request
from werkzeug.datastructures import MultiDict

from appeals.errors import Refused
from services.portal import incoming
from services.portal import people_schemas as schemas
from services.portal.accounts import CODE, ENROL, NEW_PASSWORD
from services.portal.doors import Doors
from services.portal.pages import forms, looks, menu
from services.portal.pages.following import FOLLOWED
from services.portal.problems import NotDone, Problem, of_refusal
from services.portal.signing_in import Seated
from services.portal.visitors import Visitors, address_of, device_in

PAGE_OF = {CODE: "/sign-in/code", ENROL: "/sign-in/code", NEW_PASSWORD: "/account/password"}


def routes(doors: Doors) -> Blueprint:
    """The pages for signing in and out."""
    pages = Blueprint("entrance", __name__)
    visitors = doors.visitors
    signing_in = visitors.signing_in

    @pages.get("/sign-in")
    def ask() -> Response:
        """Name and password; or what comes next, when they were right already."""
        looks.begin()
        seated = visitors.present(request)
        return go_on(visitors, seated, request.args.get("next", "")) if seated else _ask()

    @pages.post("/sign-in")
    def sign_in() -> Response:
        """Begin a session."""
        looks.begin()
        looks.check_same_site()
        old = request.cookies.get(visitors.cookies.name, "")
        try:
            asked = incoming.load(schemas.SignIn(), forms.values(schemas.SignIn(), request.form))
            name, password = asked["name"], asked["password"]
            seated = signing_in.sign_in(name, password, address_of(request), old, device_in(request))
        except (NotDone, Refused) as error:
            return _ask(problem_of(error))
        return go_on(visitors, seated, request.form.get("next", ""))

    @pages.get("/sign-in/code")
    def ask_code() -> Response:
        """The second factor: a code, or first of all a device."""
        looks.begin()
        return _ask_code(visitors.seated(request))

    @pages.post("/sign-in/enrolment")
    def enrol() -> Response:
        """Draw a secret for an app, and show it once."""
        looks.begin()
        seated = visitors.seated(request)
        secret, address = signing_in.enrol(seated)
        picture = segno.make_qr(address).svg_data_uri(scale=5, light="#fff")
        return _ask_code(seated, secret=secret, picture=picture)

    @pages.post("/sign-in/code")
    def show_code() -> Response:
        """Show a code; whoever has enrolled is told the recovery codes, once."""
        looks.begin()
        seated = visitors.seated(request)
        try:
            asked = incoming.load(schemas.Code(), forms.values(schemas.Code(), request.form))
            seated, recovery_codes = signing_in.show_code(seated, asked["code"], address_of(request))
        except (NotDone, Refused) as error:
            return _ask_code(seated, problem=problem_of(error))
        following = request.form.get("next", "")
        if not recovery_codes:
            return go_on(visitors, seated, following)
        response = looks.page("recovery_codes.html", codes=recovery_codes, onward=_onward(visitors, seated, following))
        visitors.cookies.put(response, seated.token)
        return response

    @pages.post("/sign-out")
    def sign_out() -> Response:
        """End this session, or with `everywhere` all of this account."""
        everywhere = request.form.get("everywhere") == "true"
        signing_in.sign_out(visitors.seated(request), address_of(request), everywhere=everywhere)
        response = redirect("/", 303)
        visitors.cookies.take(response)
        response.delete_cookie(FOLLOWED)
        return response

    return pages


def go_on(visitors: Visitors, seated: Seated, following: str = "") -> Response:
    """On to what is asked next, or to where they wanted to go; the session's cookie goes along."""
    response = redirect(_onward(visitors, seated, following), 303)
    visitors.cookies.put(response, seated.token)
    return response


def problem_of(error: NotDone | Refused) -> Problem:
    """What was refused, as a page tells it."""
    return error.problem if isinstance(error, NotDone) else of_refusal(error)


def _onward(visitors: Visitors, seated: Seated, following: str) -> str:
    here = looks.of_this_site(following) if following else ""
    if seated.step:
        return PAGE_OF[seated.step] + (f"?{urlencode({'next': here})}" if here else "")
    return here or menu.home_of(visitors.principal(seated.account))


def _ask(problem: Problem | None = None) -> Response:
    return looks.page(
        "sign_in.html",
        problem.status if problem else 200,
        name=request.form.get("name", ""),
        next=request.values.get("next", ""),
        problem=problem and problem.told(g.language),
    )


def _ask_code(seated: Seated, *, secret: str = "", picture: str = "", problem: Problem | None = None) -> Response:
    (code,) = forms.inputs(schemas.Code(), g.language, {}, written=MultiDict(), problem=problem)
    return looks.page(
        "code.html",
        problem.status if problem else 200,
        code=code,
        enrolling=not seated.account.totp_proved,
        secret=secret,
        picture=picture,
        next=request.values.get("next", ""),
        problem=problem and problem.told(g.language),
    )
