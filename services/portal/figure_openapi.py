"""The doors for figures, as the OpenAPI description tells them."""

from __future__ import annotations

from collections.abc import Callable

from apispec import APISpec

from services.portal.answers import FigureAnswer
from services.portal.figure_query import FiguresQuery
from services.portal.figure_words import FIGURES
from services.portal.people_openapi import KEY, SESSION

_WHICH = {"name": "figure", "in": "path", "required": True, "schema": {"type": "string", "enum": list(FIGURES)}}


def describe_figures(spec: APISpec, prefix: str, operation: Callable[..., dict]) -> None:
    """Add these doors to a description; `operation` makes one of theirs."""
    csv = {"text/csv": {"schema": {"type": "string"}}}
    for ending, summary in (("", "Show a figure; a department sees its own"), (".csv", "Show a figure as CSV")):
        made = operation(
            summary,
            FigureAnswer,
            problems=(401, 403, 404, 422, 503),
            security=[KEY, SESSION],
            parameters=[_WHICH, {"in": "query", "schema": FiguresQuery}],
        )
        answer = made["responses"]["200"]
        answer["content"] = csv if ending else answer["content"] | csv
        spec.path(f"{prefix}/figures/{{figure}}{ending}", operations={"get": made})
