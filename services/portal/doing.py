"""Doing: what somebody hands in or does to an appeal, checked and passed on; for the API and the pages alike."""

from __future__ import annotations

from appeals.commands import AppealPart, SplitAppeal, SubmitAppeal
from services.portal import incoming, schemas
from services.portal.actions import Action
from services.portal.asking import Wish
from services.portal.doors import Doors
from services.portal.kin import named_in, told_of, visible_among
from services.portal.problems import NOT_FOUND, NotDone
from services.portal.rights import Principal, readable, submission


def submit(doors: Doors, principal: Principal, values: object, *, key: str, body: bytes) -> list[dict]:
    """Take an appeal in, under a fresh receipt; returns what was said, first of all that it was submitted.

    `body` is what was sent, and `key` what it may be repeated with. Raises NotDone.
    """
    facts = incoming.load(schemas.NewAppeal(doors.departments, doors.units), values)

    def draw() -> SubmitAppeal:
        now = doors.clock()
        return SubmitAppeal(receipt=doors.receipts.draw(now), at=now, by=principal.name, **facts)

    wish = Wish(principal=principal, door="POST /appeals", key=key, body=body)
    said = doors.desk.submit(wish, draw)
    receipt = said[0]["receipt"]  # the first one, when the request was repeated
    if kept := submission(principal, facts["applicant"].uscc, facts["classification"]):
        doors.visitors.keeping.submitted(receipt, *kept)
    return told_of(said, {receipt}, principal)


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
    command = action.command(receipt=receipt, at=doors.clock(), by=principal.name, **about, **facts)
    door = f"POST /appeals/{receipt}{action.path.replace('<order>', about.get('order', ''))}"
    said = doors.desk.ask(Wish(principal=principal, door=door, key=key, body=body), command)
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
