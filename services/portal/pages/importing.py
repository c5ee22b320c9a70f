"""Importing on pages: choose a file, see what each row would do, have it done, and watch how far it is.

What was checked waits a day among the uploads, so that the officer confirms the very file that they have seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from flask import Blueprint, Response, g, redirect, request, url_for

from services.portal.checking import GOOD, Checked
from services.portal.doors import Doors
from services.portal.file_refusals import NotUploaded
from services.portal.import_doors import LARGEST_UPLOAD, RIGHT, look, sent_file
from services.portal.import_views import checked_view, import_view
from services.portal.pages import looks
from services.portal.pages.files import IMPORT_PAGE
from services.portal.problems import FILE_TOO_LARGE, NotDone, Problem, refused
from services.portal.sheets import ZIP, TableRefused

AT_ONCE = 200  # rows on a page; all of them are in the file of the refused rows, and in the API's answer


def routes(doors: Doors) -> Blueprint:
    """The pages of it."""
    pages = Blueprint("importing", __name__)
    importer = doors.importer

    @pages.get(IMPORT_PAGE)
    def choose() -> Response:
        """Where a file is chosen."""
        looks.begin()
        return _page(doors)

    @pages.post(IMPORT_PAGE)
    def check() -> Response:
        """Tell what each row of the file would do; nothing is submitted."""
        looks.begin()
        looks.check_same_site()
        if (request.content_length or 0) > LARGEST_UPLOAD:
            return _page(doors, FILE_TOO_LARGE)
        request.max_content_length = LARGEST_UPLOAD
        doors.gate.staff(request, RIGHT)
        try:
            data, name = sent_file()
            checked = _checked(doors, data, name)
        except NotDone as error:
            return _page(doors, error.problem)
        kind = "xlsx" if data.startswith(ZIP) else "txt"
        doors.uploads.add(BytesIO(data), sha256=checked.sha256, kind=kind, size=len(data), now=doors.clock())
        told = checked_view(checked, importer.layout, g.language)
        return _page(doors, checked=told, **_noteworthy(told["rows"]), may_go_on=checked.totals[GOOD] > 0)

    @pages.post(f"{IMPORT_PAGE}/confirmation")
    def go_on() -> Response:
        """Take the file in that was checked, and show how far it is."""
        looks.begin()
        looks.check_same_site()
        principal = doors.gate.staff(request, RIGHT)
        sha256 = request.form.get("sha256", "")
        data = b"".join(doors.uploads.pieces(sha256))
        if not data:
            raise NotUploaded(sha256=sha256[:64], hours=doors.uploads.policy.waiting.amount)
        importer.take(_checked(doors, data, request.form.get("name", "")[:200]), principal)
        return redirect(url_for("importing.show", id=sha256), 303)

    @pages.get(f"{IMPORT_PAGE}/<id>")
    def show(id: str) -> Response:
        """How far an import is."""
        looks.begin()
        principal = doors.gate.staff(request, RIGHT)
        return looks.page("import.html", principal=principal, **_facts(id))

    @pages.get(f"{IMPORT_PAGE}/<id>/progress")
    def show_progress(id: str) -> Response:
        """Only what changes by itself, for a page that has JavaScript."""
        looks.begin()
        doors.gate.staff(request, RIGHT)
        return looks.page("_import.html", **_facts(id))

    def _facts(id: str) -> dict:
        found, rows = look(doors.gate, importer, id), importer.store.rows(id)
        told = import_view(found, rows, importer.receipts, importer.layout, f"/api/v1/imports/{id}", g.language)
        return {"told": told, **_first(told["rows"])}

    return pages


def _checked(doors: Doors, data: bytes, name: str) -> Checked:
    """A file, checked. Raises NotDone when it is no table of appeals."""
    try:
        return doors.importer.check(data, name)
    except TableRefused as error:
        raise NotDone(refused(error.told())) from error


def _noteworthy(rows: Sequence[Mapping]) -> dict:
    """The rows that something is to be said about, as far as they fit on a page."""
    return _first([row for row in rows if row["problems"] or row["warnings"] or row["repeats"]])


def _first(rows: Sequence[Mapping]) -> dict:
    """As many rows as fit on a page, and whether there are more."""
    return {"rows": rows[:AT_ONCE], "more": len(rows) > AT_ONCE}


def _page(doors: Doors, problem: Problem | None = None, **facts) -> Response:
    principal = doors.gate.staff(request, RIGHT)
    told = problem and problem.told(g.language)
    return looks.page("import_new.html", problem.status if problem else 200, principal=principal, problem=told, **facts)
