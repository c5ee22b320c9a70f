"""Attaching: the doors for files: handing one in, taking one of an appeal away, and reading an e-mail as a draft."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO
from urllib.parse import quote

from flask import Blueprint, Response, g, jsonify, request
from sqlalchemy import Row

from services.portal import answers, problems
from services.portal.doors import Doors
from services.portal.file_refusals import FileEmpty, FileRefused, FileTooLarge
from services.portal.inspecting import file_name, inspect
from services.portal.kinds import KINDS
from services.portal.mail import Mail, read_mail
from services.portal.problems import NOT_FOUND, NotDone
from services.portal.rights import Principal
from services.portal.roles import DEPARTMENT, PLATFORM
from services.portal.uploads import PIECE

ATTACHMENTS, EMAILS = "/attachments", "/emails"
DOWNLOAD_POLICY = "default-src 'none'; sandbox"


def attaching(doors: Doors, look: Callable, prefix: str) -> Blueprint:
    """The doors for files; `look(doors, written)` is who asks and the appeal, if they may see it."""
    routes = Blueprint("attaching", __name__, url_prefix=prefix)

    @routes.post(ATTACHMENTS)
    def upload():
        """Take one file; it is durable when the answer goes out, and waits for its appeal."""
        doors.gate.anybody(request, "submit")
        with _body(doors.uploads.policy.bytes) as file:
            kept = keep(doors, file, file_name(request.args.get("name", "")))
        return jsonify(answers.UploadAnswer(g.language).dump(kept)), 201

    @routes.post(EMAILS)
    def read_email():
        """Read an .eml file: a draft, and its attachments as uploads."""
        doors.gate.staff(request, "read-email")
        with _body(doors.uploads.policy.email_bytes) as file:
            mail = read_mail(file)
        return jsonify(answers.EmailAnswer(g.language).dump(draft_of(doors, mail, g.language)))

    @routes.get(f"/appeals/<written>{ATTACHMENTS}/<sha256>")
    def download(written: str, sha256: str):
        """Give one file of an appeal to who may see the appeal."""
        principal, row = look(doors, written)
        return given(doors, principal, row, sha256)

    return routes


def draft_of(doors: Doors, mail: Mail, language: str) -> dict:
    """An e-mail as the draft of an appeal; its attachments are kept, and those that are not taken are named."""
    kept, refused = [], []
    for name, content in mail.files:
        try:
            kept.append(keep(doors, BytesIO(content), file_name(name)))
        except FileRefused as refusal:
            refused.append({"name": name, "reason": problems.refused(refusal.told()).told(language)["detail"]})
    facts = {"title": mail.title, "text": mail.text, "sender": mail.sender}
    return facts | {"attachments": kept, "refused": refused}


def given(doors: Doors, principal: Principal, row: Row, sha256: str) -> Response:
    """One file of an appeal that this principal may see, to be saved. Raises NotDone."""
    found = doors.reads.attachment(row.receipt, sha256)
    if found is None or (found.officers_only and principal.role in (DEPARTMENT, PLATFORM)):
        raise NotDone(NOT_FOUND)
    headers = {
        "Content-Disposition": disposition(found.name),
        "Content-Length": str(found.size),
        "Content-Security-Policy": DOWNLOAD_POLICY,
    }
    kind = KINDS.get(found.kind)
    mime = kind.mime if kind else "application/octet-stream"
    return Response(doors.uploads.pieces(sha256), content_type=mime, headers=headers)


def disposition(name: str) -> str:
    """The header that has a browser save a file under its name (RFC 6266); old ones get what ASCII can say."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _body(most: int) -> BinaryIO:
    """The body of the request as a file, large ones on the disk. Raises FileTooLarge or FileEmpty."""
    if (request.content_length or 0) > most:
        raise FileTooLarge(most=most)
    if not request.content_length:
        raise FileEmpty()
    request.max_content_length = most
    file = SpooledTemporaryFile(max_size=PIECE)  # noqa: SIM115 - the caller closes it
    while piece := request.stream.read(PIECE):
        file.write(piece)
    return file


def keep(doors: Doors, file: BinaryIO, name: str) -> dict:
    """Keep a file that may be attached; returns its hash, name, kind and size. Raises FileRefused."""
    kind = inspect(file, name, doors.uploads.policy)
    file.seek(0)
    sha256, size = hashlib.sha256(), 0
    while piece := file.read(PIECE):
        sha256.update(piece)
        size += len(piece)
    if not size:
        raise FileEmpty()
    doors.uploads.add(file, sha256=sha256.hexdigest(), kind=kind, size=size, now=doors.clock())
    return {"sha256": sha256.hexdigest(), "name": name, "type": kind, "size": size}
