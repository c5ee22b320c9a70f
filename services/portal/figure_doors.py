"""The doors for figures: one at a time, as JSON or as CSV."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request

from services.portal import incoming
from services.portal.cells import CSV, to_csv
from services.portal.doors import Doors
from services.portal.figure_query import FiguresQuery
from services.portal.figures import MAKERS, RIGHT, asked_by
from services.portal.figures import figure as drawn
from services.portal.problems import NOT_FOUND, NotDone

PATH = "/figures"


def figure_doors(doors: Doors, prefix: str) -> Blueprint:
    """The doors, under `prefix`."""
    routes = Blueprint("figures", __name__, url_prefix=f"{prefix}{PATH}")

    def make(name: str) -> dict:
        principal = doors.gate.staff(request, RIGHT)
        if name not in MAKERS:
            raise NotDone(NOT_FOUND)
        wanted = incoming.load(FiguresQuery(doors.clock()), request.args.to_dict())
        return drawn(name, asked_by(doors, principal, wanted, g.language))

    @routes.get("/<figure>")
    def show(figure: str) -> Response:
        """One figure, as JSON or as CSV."""
        made = make(figure)
        best = request.accept_mimetypes.best_match(["application/json", "text/csv"], default="application/json")
        response = jsonify(made) if best == "application/json" else _as_csv(made)
        response.vary.add("Accept")
        return response

    @routes.get("/<figure>.csv")
    def show_csv(figure: str) -> Response:
        """One figure as CSV."""
        return _as_csv(make(figure))

    return routes


def _as_csv(made: dict) -> Response:
    """The table, with its labels in the first row."""
    rows = [[column["label"] for column in made["columns"]], *made["rows"]]
    written = to_csv([["" if cell is None else str(cell) for cell in row] for row in rows])
    response = Response(written, content_type=CSV)
    name = f"{made['name']}-{made['since']}-{made['until']}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
