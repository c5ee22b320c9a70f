"""Doing: what somebody hands in or does to an appeal, checked and passed on; for the API and the pages alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Row

from appeals.channels import check_entry, load_channels
from appeals.commands import AppealPart, SplitAppeal, SubmitAppeal
from appeals.errors import Refused
from appeals.events import Attachment
from appeals.message import plain
from services.portal import incoming, schemas
from services.portal.actions import Action
from services.portal.asking import Wish
from services.portal.doors import Doors
from services.portal.inspecting import check_name
from services.portal.kin import named_in, told_of, visible_among
from services.portal.kinds import KINDS
from services.portal.problems import NOT_FOUND, NotDone, of_refusal
from services.portal.rights import Principal, readable, submission

HANDED_OVER_BEFORE = "handed-over-before"


def submit(doors: Doors, principal: Principal, values: object, *, key: str, body: bytes) -> list[dict]:
    """Take an appeal in, under a fresh receipt; returns what was said, first of all that it was submitted.

    `body` is what was sent, and `key` what it may be repeated with. Raises NotDone.
    """
    facts = incoming.load(schemas.NewAppeal(doors.departments, doors.units), values)
    with _refusing():
        check_entry(facts["channel"], (principal.role, *principal.also), load_channels())
    wish = Wish(principal=principal, door="POST /appeals", key=key, body=body)
    said = _submit(doors, wish, facts | {"by": principal.name})
    if kept := submission(principal, facts["applicant"].uscc, facts["classification"]):
        doors.visitors.keeping.submitted(said[0]["receipt"], *kept)
    return told_of(said, {said[0]["receipt"]}, principal)


def hand_over(doors: Doors, principal: Principal, values: object) -> tuple[str, list[dict]]:
    """Take in what another platform hands over, once for each of its references; returns the receipt and what was said.

    Nothing is said when it was handed over before, by whichever way. Raises NotDone.
    """
    facts = incoming.load(schemas.HandedOverAppeal(doors.departments, doors.units, principal), values)
    body = json.dumps({name: plain(value) for name, value in facts.items()}, sort_keys=True).encode()
    # Something else under the same reference has another key, so that intake is asked and says what is wrong.
    key = f"{facts['outside_reference']} {hashlib.sha256(body).hexdigest()}"
    origin = {"by": principal.platform, "platform": principal.platform}
    wish = Wish(principal=principal, door="POST /appeals", key=key, body=body)
    try:
        said = _submit(doors, wish, facts | origin)
    except NotDone as error:
        if error.problem.code != HANDED_OVER_BEFORE:
            raise
        return error.problem.extra["receipt"], []
    receipt = said[0]["receipt"]
    return receipt, told_of(said, {receipt}, principal)


def _submit(doors: Doors, wish: Wish, facts: dict) -> list[dict]:
    """Have an appeal taken in, with its files; returns what was said. Raises NotDone."""
    authorisation = facts["authorisation"]

    def draw() -> SubmitAppeal:
        now = doors.clock()
        return SubmitAppeal(receipt=doors.receipts.draw(now), at=now, **facts)

    with _claimed(doors, facts) as uploads:
        said = doors.desk.submit(wish, draw)
    if authorisation:
        upload = uploads[authorisation]
        doors.uploads.authorise(said[0]["receipt"], upload, f"授权委托书{KINDS[upload.kind].endings[0]}")
    return said


def act(
    doors: Doors, principal: Principal, action: Action, receipt: str, values: object, *, key: str, body: bytes, **about
) -> list[dict]:
    """Do something to an appeal that this principal may see, or to one of its orders; returns what was said.

    `about` names the order. Raises NotDone, as if there were no such appeal when it is hidden from them.
    """
    check_not_hidden(doors, principal, receipt)
    facts = incoming.load(action.schema(doors.departments), values)
    others = named_in(facts)
    if not principal.need_not_look(receipt) and others - visible_among(others, principal, doors.reads):
        raise NotDone(NOT_FOUND)
    door = f"POST /appeals/{receipt}{action.path.replace('<order>', about.get('order', ''))}"
    wish = Wish(principal=principal, door=door, key=key, body=body)
    if action.is_departments:
        facts["department"] = principal.department
    with _claimed(doors, facts):
        command = action.command(receipt=receipt, at=doors.clock(), by=principal.name, **about, **facts)
        said = doors.desk.ask(wish, command)
    return told_of(said, {receipt}, principal)


def split(doors: Doors, principal: Principal, receipt: str, values: object, *, key: str, body: bytes) -> list[dict]:
    """Make an appeal of each matter of a text, under fresh receipts; returns what was said. Raises NotDone."""
    facts = incoming.load(schemas.Splitting(doors.departments), values)

    def draw() -> SplitAppeal:
        now = doors.clock()
        parts = tuple(AppealPart(receipt=doors.receipts.draw(now), **part) for part in facts["parts"])
        return SplitAppeal(receipt=receipt, at=now, by=principal.name, parts=parts, reason=facts["reason"])

    wish = Wish(principal=principal, door=f"POST /appeals/{receipt}/split", key=key, body=body)
    return doors.desk.submit(wish, draw)


def check_not_hidden(doors: Doors, principal: Principal, receipt: str) -> None:
    """Whether this principal may know of the appeal. Raises NotDone, as if there were none."""
    if not principal.need_not_look(receipt) and doors.reads.appeal(receipt, readable(principal)) is None:
        raise NotDone(NOT_FOUND)


@contextmanager
def _refusing() -> Iterator[None]:
    """A refusal of ours becomes the problem that is told. Raises NotDone."""
    try:
        yield
    except Refused as refusal:
        raise NotDone(of_refusal(refusal)) from refusal


@contextmanager
def _claimed(doors: Doors, facts: dict) -> Iterator[Mapping[str, Row]]:
    """Keep the files that are named, and put what they are in the place of their hashes; a refusal lets them go.

    Yields the uploads by their hashes. Raises NotDone.
    """
    named = facts.get("attachments", ())
    hashes = sorted({one["sha256"] for one in named} | set(filter(None, [facts.get("authorisation")])))
    if not hashes:
        yield {}
        return
    with _refusing():
        uploads = doors.uploads.claim(hashes, doors.clock())
    try:
        with _refusing():
            facts["attachments"] = tuple(_attachment(one["name"], uploads[one["sha256"]]) for one in named)
        yield uploads
    except NotDone as error:
        if error.problem.status < 500:
            doors.uploads.release(hashes)
        raise


def _attachment(name: str, upload: Row) -> Attachment:
    check_name(name, upload.kind)
    return Attachment(sha256=upload.sha256, name=name, type=upload.kind, size=upload.size)
