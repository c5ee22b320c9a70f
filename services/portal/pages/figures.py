"""The page of figures: each as a table, which a browser with JavaScript draws besides."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from services.portal import incoming
from services.portal.doors import Doors
from services.portal.figure_query import FiguresQuery
from services.portal.figure_words import FIGURES
from services.portal.figures import RIGHT, Asked, asked_by, figure
from services.portal.pages import looks
from services.portal.problems import NotDone
from services.portal.words import CODES

API = "/api/v1/figures"


def routes(doors: Doors) -> Blueprint:
    """The page of figures."""
    pages = Blueprint("figures_page", __name__)

    @pages.get("/figures")
    def show() -> Response:
        """All figures of the days that are asked for; of the last thirty when what is asked for cannot be read."""
        looks.begin()
        principal = doors.gate.staff(request, RIGHT)
        problem, status = None, 200
        try:
            wanted = incoming.load(FiguresQuery(doors.clock()), _filled(request.args))
        except NotDone as error:
            wanted = incoming.load(FiguresQuery(doors.clock()), {})
            problem, status = error.problem.told(g.language), error.problem.status
        asked = asked_by(doors, principal, wanted, g.language)
        query = urlencode({name: str(value) for name, value in wanted.items() if value})
        return looks.page(
            "figures.html",
            status,
            principal=principal,
            problem=problem,
            wanted=wanted,
            kinds={code: word.said(g.language) for code, word in CODES["kind"].items()},
            figures=[_shown(name, asked, query) for name in FIGURES],
            written_as=written_as,
        )

    return pages


def _filled(written: Mapping[str, str]) -> dict[str, str]:
    """What was filled in; a form also sends what was left empty."""
    return {name: value for name, value in written.items() if value}


def _shown(name: str, asked: Asked, query: str) -> dict:
    """A figure and where its CSV is; or what it is called, and why it cannot be shown now."""
    about = FIGURES[name]
    try:
        return figure(name, asked) | {"csv": f"{API}/{name}.csv?{query}"}
    except NotDone as error:
        told = error.problem.told(asked.language)
        return {"name": name, "title": about.title.said(asked.language), "tells": "", "trouble": told["detail"]}


def written_as(value: str | float | None, shows: str) -> str:
    """A cell as people read it; what could not be computed is a dash."""
    if value is None:
        return "–"
    if shows == "percent":
        return f"{100 * value:.1f}%"
    return f"{value:.1f}" if shows == "days" else str(value)
