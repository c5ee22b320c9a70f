"""The doors for signing in and out. Whoever is signed in is known by a cookie; each change of it is a new one.

Bodies are JSON, which no form of another site can send.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, g, jsonify, request

from services.portal import people_answers as answers
from services.portal import people_schemas as schemas
from services.portal.incoming import load_body
from services.portal.sessions import form_token
from services.portal.signing_in import Seated
from services.portal.visitors import Visitors, address_of, check_origin, device_in


def session_doors(visitors: Visitors, names: Mapping[str, str], prefix: str) -> Blueprint:
    """The doors; `names` are those of units by code."""
    routes = Blueprint("sessions", __name__, url_prefix=prefix)
    signing_in, cookies = visitors.signing_in, visitors.cookies

    def told(seated: Seated, answer: type[answers.SessionAnswer] = answers.SessionAnswer, **more) -> Response:
        account = seated.account
        facts = {name: getattr(account, name) for name in ("name", "called", "roles", "department", "uscc")}
        facts |= {"step": seated.step, "csrf_token": form_token(seated.token)} | more
        response = jsonify(answer(g.language, names).dump(facts))
        cookies.put(response, seated.token)
        return response

    def left() -> Response:
        response = jsonify(answers.SignedOutAnswer(g.language).dump({"signed_out": True}))
        cookies.take(response)
        return response

    @routes.post("/session")
    def sign_in():
        """Sign in with name and password."""
        check_origin(request)
        _, asked = load_body(request, schemas.SignIn())
        old = request.cookies.get(cookies.name, "")
        device = device_in(request)
        return told(signing_in.sign_in(asked["name"], asked["password"], address_of(request), old, device))

    @routes.get("/session")
    def show():
        """Who is signed in, and what is still asked of them."""
        return told(visitors.seated(request))

    @routes.delete("/session")
    def sign_out():
        """End this session."""
        signing_in.sign_out(visitors.seated(request), address_of(request))
        return left()

    @routes.delete("/sessions")
    def sign_out_everywhere():
        """End all sessions of this account."""
        signing_in.sign_out(visitors.seated(request), address_of(request), everywhere=True)
        return left()

    @routes.post("/session/totp/enrolment")
    def enrol():
        """Draw a secret for an app; it counts once a code of it was shown."""
        seated = visitors.seated(request)
        load_body(request, schemas.EnrolmentRequest())
        secret, address = signing_in.enrol(seated)
        return jsonify(answers.EnrolmentAnswer(g.language).dump({"secret": secret, "address": address}))

    @routes.post("/session/totp")
    def show_code():
        """Show a code of the app, or a recovery code."""
        seated = visitors.seated(request)
        _, asked = load_body(request, schemas.Code())
        seated, fresh = signing_in.show_code(seated, asked["code"], address_of(request))
        return told(seated, answers.CodeShownAnswer, recovery_codes=fresh)

    @routes.post("/session/password")
    def change_password():
        """Take another password."""
        seated = visitors.seated(request)
        _, asked = load_body(request, schemas.PasswordChange())
        return told(signing_in.change_password(seated, asked["old"], asked["password"], address_of(request)))

    return routes
