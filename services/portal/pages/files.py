"""Files of a form: kept as uploads when it is sent, also when the form has to be shown again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask import request
from werkzeug.datastructures import FileStorage

from services.portal.attaching import keep
from services.portal.doors import Doors
from services.portal.fields import Fault
from services.portal.file_policy import FilePolicy
from services.portal.file_refusals import FileRefused, FileTooLarge, TooManyFiles
from services.portal.inspecting import file_name
from services.portal.problems import NotDone, Problem, of_refusal

MOST = 5
FILES, KEPT = "files", "attachments"
ROOM_FOR_TEXT = 256 * 1024
APPLICANTS_PAGE, OFFICERS_PAGE, EMAIL_PAGE = "/appeals/new", "/desk/new", "/desk/new/email"
SUPPLEMENT_PAGE = "/supplement"  # of whichever appeal: the server knows pages that take files by their address
IMPORT_PAGE = "/desk/import"
PAGES = (APPLICANTS_PAGE, OFFICERS_PAGE, EMAIL_PAGE, SUPPLEMENT_PAGE)


def most_of(policy: FilePolicy, path: str) -> int:
    """How many bytes a form may have that is sent to this page."""
    return ROOM_FOR_TEXT + (policy.email_bytes if path == EMAIL_PAGE else policy.form_bytes)


def let_in(doors: Doors) -> None:
    """Have the form read with its files, before anything of it is looked at. Raises FileTooLarge."""
    most = most_of(doors.uploads.policy, request.path)
    if (request.content_length or 0) > most:
        raise FileTooLarge(most=most)
    request.max_content_length = most


def take(doors: Doors) -> tuple[list[dict], Problem | None]:
    """The files that the form has brought, with those it had already; and why one of them is not taken."""
    told = (one.partition(" ") for one in request.form.getlist(KEPT))
    kept = [{"sha256": sha256, "name": name} for sha256, _, name in told]
    sent = [one for one in request.files.getlist(FILES) if one.filename]
    try:
        if len(kept) + len(sent) > MOST:
            raise TooManyFiles(most=MOST)
        for one in sent:
            kept.append(named(one_of(doors, one)))
    except FileRefused as refusal:
        return kept, beside(KEPT, refusal)
    return kept, None


def one_of(doors: Doors, sent: FileStorage) -> dict:
    """One file, kept. Raises FileRefused."""
    size = sent.stream.seek(0, 2)
    if size > doors.uploads.policy.bytes:
        raise FileTooLarge(most=doors.uploads.policy.bytes)
    sent.stream.seek(0)
    return keep(doors, sent.stream, file_name(sent.filename or ""))


def named(kept: dict) -> dict:
    """A file as an appeal names it."""
    return {"sha256": kept["sha256"], "name": kept["name"]}


def beside(field: str, refusal: FileRefused) -> Problem:
    """A file was not taken, as it is told beside the field that brought it."""
    problem = of_refusal(refusal)
    return replace(problem, errors=((field, Fault("refused", (problem.zh, problem.en))),))


def fault_of(problem: Problem | None, language: str) -> str:
    """What was wrong with the files."""
    told = problem.told(language).get("errors", ()) if problem else ()
    return next((one["message"] for one in told if one["field"].split(".")[0] == KEPT), "")


def as_bytes(kept: Iterable[dict]) -> bytes:
    """The files, as one form is told apart from another under the same key."""
    return " ".join(one["sha256"] for one in kept).encode()


def check(problem: Problem | None) -> None:
    """Go on, if there is none. Raises NotDone."""
    if problem:
        raise NotDone(problem)
