"""The doors for papers and for the list as a file, as the OpenAPI description tells them."""

from __future__ import annotations

from collections.abc import Callable

from apispec import APISpec

from services.portal import schemas
from services.portal.answers import FileAnswer
from services.portal.cells import CSV, XLSX
from services.portal.paper.press import DOCX, KINDS, PDF
from services.portal.people_openapi import KEY, SESSION

CODE = {"queryCode": []}
PAPERS = {
    "order": "Print the form of a work order (转办单)",
    "supervision": "Print the last letter that calls the unit to account (督办函)",
    "letter": "Print the last letter to a vertical organ (商请函)",
    "urging": "Print the last notice that urges the unit (催办通知书)",
}
_READING = (401, 404, 503)
_NAMES = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("receipt", "order")]
_SAVED = {"Content-Disposition": {"schema": {"type": "string"}}}


def describe_paper(spec: APISpec, prefix: str, operation: Callable[..., dict]) -> None:
    """Add these doors to a description; `operation` makes one of theirs."""

    def add(path: str, kind: str, summary: str, **more) -> None:
        made = operation(summary, FileAnswer, headers=_SAVED, **more)
        made["responses"]["200"]["content"] = {kind: {}}
        spec.path(f"{prefix}/appeals{path}", operations={"get": made})

    add(
        "/{receipt}/receipt.pdf",
        KINDS[PDF],
        "Print the receipt of an appeal; its applicant's has the query code",
        problems=_READING,
        security=[KEY, SESSION, CODE],
        parameters=_NAMES[:1],
    )
    for paper, summary in PAPERS.items():
        for form in (PDF, DOCX):
            path = f"/{{receipt}}/orders/{{order}}/{paper}.{form}"
            add(path, KINDS[form], summary, problems=_READING, security=[KEY, SESSION], parameters=_NAMES)
    for form, kind in (("csv", CSV), ("xlsx", XLSX)):
        add(
            f".{form}",
            kind,
            "Export the list of appeals, for a purpose that the audit keeps",
            problems=(401, 403, 422, 503),
            security=[KEY, SESSION],
            parameters=[{"in": "query", "schema": schemas.ExportQuery}],
        )
