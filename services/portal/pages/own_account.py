"""One's own account: the password, the second factor, sessions and keys; and registering an enterprise's."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request
from werkzeug.datastructures import MultiDict

from appeals.errors import Refused
from services.portal import incoming
from services.portal import people_schemas as schemas
from services.portal.accounts import NOTHING
from services.portal.doors import Doors
from services.portal.pages import entrance, forms, looks
from services.portal.problems import SIGN_IN_UNFINISHED, NotDone, Problem
from services.portal.rights import may
from services.portal.signing_in import Seated
from services.portal.visitors import address_of

KEEP_KEYS = "keep-keys"


def routes(doors: Doors) -> Blueprint:
    """The pages of whoever has an account."""
    pages = Blueprint("account", __name__)
    visitors = doors.visitors
    keeping = visitors.keeping

    @pages.get("/account")
    def show() -> Response:
        """What there is to know of it, and to do with it."""
        looks.begin()
        seated = visitors.seated(request)
        return _show(doors, seated) if seated.step == NOTHING else entrance.go_on(visitors, seated)

    @pages.post("/account/keys")
    def make_key() -> Response:
        """Make a key and show it, once."""
        looks.begin()
        doer = visitors.doer(request, doors.gate.in_person(request, KEEP_KEYS))
        try:
            asked = incoming.load(schemas.KeyRequest(), forms.values(schemas.KeyRequest(), request.form))
        except NotDone as error:
            return _show(doors, visitors.seated(request), problem=error.problem)
        _, key = keeping.make_key(doer, **asked)
        return _show(doors, visitors.seated(request), key=key)

    @pages.post("/account/keys/<id>/revocation")
    def revoke_key(id: str) -> Response:
        """Take a key back."""
        keeping.revoke_key(visitors.doer(request, doors.gate.in_person(request, KEEP_KEYS)), id)
        return redirect("/account", 303)

    @pages.post("/account/sessions/<id>/end")
    def end_session(id: str) -> Response:
        """End one session, as of a device that was left somewhere."""
        looks.begin()
        seated = visitors.seated(request)
        if seated.step != NOTHING:
            raise NotDone(SIGN_IN_UNFINISHED)
        visitors.signing_in.end_other(seated, id, address_of(request))
        return redirect("/account", 303)

    @pages.get("/account/password")
    def ask_password() -> Response:
        """The form for another password."""
        looks.begin()
        return _ask_password(visitors.seated(request))

    @pages.post("/account/password")
    def change_password() -> Response:
        """Take another password; every other session ends."""
        looks.begin()
        seated = visitors.seated(request)
        schema = schemas.PasswordChange()
        try:
            asked = incoming.load(schema, forms.values(schema, request.form))
            seated = visitors.signing_in.change_password(seated, asked["old"], asked["password"], address_of(request))
        except (NotDone, Refused) as error:
            return _ask_password(seated, entrance.problem_of(error))
        return entrance.go_on(visitors, seated, request.form.get("next", ""))

    @pages.get("/register")
    def ask_enterprise() -> Response:
        """The form of an enterprise's own account."""
        looks.begin()
        return _ask_enterprise()

    @pages.post("/register")
    def register() -> Response:
        """Make the account; an officer verifies that it acts for the enterprise."""
        looks.begin()
        looks.check_same_site()
        schema = schemas.Registration()
        try:
            keeping.register(address_of(request), **incoming.load(schema, forms.values(schema, request.form)))
        except (NotDone, Refused) as error:
            return _ask_enterprise(entrance.problem_of(error))
        return looks.page("registered.html")

    return pages


def _show(doors: Doors, seated: Seated, *, key: str = "", problem: Problem | None = None) -> Response:
    principal = doors.visitors.principal(seated.account)
    has_keys = may(principal, KEEP_KEYS)
    return looks.page(
        "account.html",
        problem.status if problem else 200,
        principal=principal,
        account=seated.account,
        this=seated.session.digest,
        sessions=doors.visitors.signing_in.sessions(seated),
        keys=doors.visitors.keeping.keys(principal.name) if has_keys else None,
        label=forms.inputs(schemas.KeyRequest(), g.language, {}, written=request.form, problem=problem)[0],
        key=key,
        problem=problem and problem.told(g.language),
    )


def _ask_password(seated: Seated, problem: Problem | None = None) -> Response:
    return looks.page(
        "password.html",
        problem.status if problem else 200,
        first=seated.account.password_is_first,
        inputs=forms.inputs(schemas.PasswordChange(), g.language, {}, problem=problem),
        next=request.values.get("next", ""),
        problem=problem and problem.told(g.language),
    )


def _ask_enterprise(problem: Problem | None = None) -> Response:
    written = request.form if problem else MultiDict()
    return looks.page(
        "register.html",
        problem.status if problem else 200,
        inputs=forms.inputs(schemas.Registration(), g.language, {}, written=written, problem=problem),
        problem=problem and problem.told(g.language),
    )
