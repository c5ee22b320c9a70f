"""The doors for imports: check a file, hand it in, see how far it is, and fetch what was refused."""

from __future__ import annotations

from contextlib import ExitStack, closing

from flask import Blueprint, Response, g, jsonify, request
from sqlalchemy import Row as Found

from services.portal import cells, incoming, schemas
from services.portal.import_views import checked_view, import_view, refused_rows, template
from services.portal.importing import Importer
from services.portal.incoming import Gate
from services.portal.problems import FILE_NEEDED, FILE_TOO_LARGE, LARGEST_BODY, NOT_FOUND, NotDone, refused
from services.portal.sheets import LARGEST_FILE, TableRefused

RIGHT = "import"
PATH = "/imports"
FORMS = ("csv", "xlsx")
LARGEST_UPLOAD = LARGEST_FILE + LARGEST_BODY  # with what multipart puts around it


def import_doors(gate: Gate, importer: Importer, prefix: str) -> Blueprint:
    """The doors; `prefix` is that of the API."""
    routes = Blueprint("imports", __name__, url_prefix=f"{prefix}{PATH}")

    @routes.post("")
    def hand_in():
        """Check a file, or take it in."""
        principal = gate.staff(request, RIGHT)
        asked = incoming.load(schemas.ImportQuery(), request.args.to_dict())
        data, name = sent_file()
        try:
            checked = importer.check(data, name)
        except TableRefused as error:
            raise NotDone(refused(error.told())) from error
        if asked["dry_run"]:
            return jsonify(checked_view(checked, importer.layout, g.language))
        importer.take(checked, principal)
        return jsonify(_shown(checked.sha256)), 202, {"Location": f"{prefix}{PATH}/{checked.sha256}"}

    @routes.get("/template.xlsx")
    def show_template():
        """An empty table to fill in, and what may stand in it."""
        gate.staff(request, RIGHT)
        return _download(template(importer.layout, g.language), "xlsx", "template")

    @routes.get("/<id>")
    def show(id: str):
        """How far an import is."""
        look(gate, importer, id)
        return jsonify(_shown(id))

    @routes.get("/<id>/refused.<form>")
    def show_refused(id: str, form: str):
        """The rows that were refused, each with its reasons, to be corrected and imported."""
        found = look(gate, importer, id)
        if form not in FORMS:
            raise NotDone(NOT_FOUND)
        rows = refused_rows(found.header, importer.store.rows(id), importer.layout, g.language)
        made = cells.to_csv(rows) if form == "csv" else cells.to_xlsx(("Sheet1", rows))
        return _download(made, form, f"refused-{id[:12]}")

    def _shown(id: str) -> dict:
        found, rows = importer.store.get(id), importer.store.rows(id)
        address = f"{prefix}{PATH}/{id}"
        return import_view(found, rows, importer.receipts, importer.layout, address, g.language)

    return routes


def look(gate: Gate, importer: Importer, id: str) -> Found:
    """An import, for who made it and for officers of no unit; others may be in it. Raises NotDone."""
    principal = gate.staff(request, RIGHT)
    found = importer.store.get(id)
    if found is None or (principal.department and principal.name != found.by):
        raise NotDone(NOT_FOUND)
    return found


def sent_file() -> tuple[bytes, str]:
    """The bytes of the file in the request, and its name. Raises NotDone when there is none, or it is too large."""
    request.max_content_length = LARGEST_UPLOAD
    if (request.content_length or 0) > request.max_content_length:
        raise NotDone(FILE_TOO_LARGE)
    if request.mimetype == "multipart/form-data":
        with ExitStack() as opened:
            sent = [opened.enter_context(closing(one)) for one in request.files.values()]
            if len(sent) != 1:
                raise NotDone(FILE_NEEDED)
            data, name = sent[0].read(), sent[0].filename or ""
    else:
        data, name = request.get_data(), ""
    if not data:
        raise NotDone(FILE_NEEDED)
    if len(data) > LARGEST_FILE:
        raise NotDone(FILE_TOO_LARGE)
    return data, name[:200]


def _download(made: bytes, form: str, name: str) -> Response:
    media_type = cells.CSV if form == "csv" else cells.XLSX
    response = Response(made, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
