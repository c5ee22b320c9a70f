"""How every page looks: language, large print and contrast as the reader has chosen, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from services.portal import words
from services.portal.problems import NotDone, Problem, of_refusal
from services.portal.signing_in import NotSignedIn
from services.portal.words import EN, ZH

STATIC = Path(__file__).parents[1] / "static"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CHOICES = {"lang": (ZH, EN), "print": ("normal", "large"), "contrast": ("normal", "high")}
A_YEAR = 365 * 24 * 3600
CROSS_SITE = Problem(
    "cross-site",
    403,
    "该请求不是从本站页面发出的，已拒绝；请从本站页面重新提交",
    "This request did not come from a page of this site and was refused; send it from here again",
)


def static() -> Blueprint:
    """Style sheets and scripts, and the switch for language, print and contrast."""
    routes = Blueprint("site", __name__, static_folder=str(STATIC), static_url_path="/static")

    @routes.post("/preferences")
    def prefer() -> Response:
        """Keep one choice in a cookie, and go back to where the reader was."""
        check_same_site()
        response = redirect(of_this_site(request.form.get("back", "/")), 303)
        for name, known in CHOICES.items():
            if request.form.get(name) in known:
                response.set_cookie(name, request.form[name], max_age=A_YEAR, httponly=True, samesite="Lax")
        return response

    return routes


def begin() -> None:
    """Note what the reader of a page has chosen, before the page is made."""
    g.language = _chosen("lang", g.language)


def page(template: str, status: int = 200, **facts) -> Response:
    """A page from its template."""
    response = make_response(render_template(template, **_about_page(), **facts), status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "same-origin"
    response.vary.add("Cookie")
    return response


def trouble(problem: Problem) -> Response:
    """A refusal as a page; whoever has to sign in first is shown where."""
    begin()
    if problem.status == 401:
        if request.method == "GET" and "Authorization" not in request.headers:
            return redirect(f"/sign-in?{urlencode({'next': request.full_path.rstrip('?')})}", 303)
        problem = of_refusal(NotSignedIn())
    response = page("problem.html", problem.status, problem=problem.told(g.language))
    response.headers.update(problem.headers)
    return response


def of_this_site(written: str) -> str:
    """An address as a path of this site, so that nobody is sent elsewhere by what was written."""
    where = urlsplit(written.replace("\\", "/"))
    return f"/{where.path.lstrip('/')}{'?' + where.query if where.query else ''}"


def check_same_site() -> None:
    """Take what changes something from our own pages only. Raises NotDone.

    Browsers say where a request comes from (Sec-Fetch-Site, else Origin); a client that is no browser says neither
    and carries no cookies of ours.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    same = site in ("same-origin", "none") if site else origin is None or urlsplit(origin).netloc == request.host
    if not same:
        raise NotDone(CROSS_SITE)


def _about_page() -> dict:
    english = g.language == EN
    return {
        "language": g.language,
        "say": lambda zh, en: en if english else zh,
        "large": _chosen("print", "normal") == "large",
        "high_contrast": _chosen("contrast", "normal") == "high",
        "asset": _asset,
        "called": lambda list_name, code: words.label(list_name, code, g.language),
        "script": _script,
        "moment": lambda at: words.moment(at, g.language) if at else "",
        "back": request.full_path.rstrip("?") if request.method == "GET" else request.path,
    }


def _chosen(name: str, otherwise: str) -> str:
    asked = request.cookies.get(name, "")
    return asked if asked in CHOICES[name] else otherwise


def _asset(name: str) -> dict:
    """Where a vendored file is, and the hash that the browser checks it by."""
    return {"url": url_for("site.static", filename=f"vendor/{name}"), "integrity": _hashes()[name]}


@cache
def _script(name: str) -> dict:
    """Where a script of our own is, and its hash."""
    digest = hashlib.sha384((STATIC / name).read_bytes()).digest()
    url = url_for("site.static", filename=name)
    return {"url": url, "integrity": f"sha384-{base64.b64encode(digest).decode()}"}


@cache
def _hashes() -> dict[str, str]:
    return json.loads((STATIC / "vendor" / "integrity.json").read_text(encoding="utf-8"))
