"""Finding out: what officers ask of the services, which has no effect; for the API and the pages alike."""

from __future__ import annotations

from appeals.commands import TRIAL, FindCandidates, TryDispatch, ViewIdentity
from services.portal import doing, views
from services.portal.asking import Wish
from services.portal.doors import Doors
from services.portal.kin import visible_among
from services.portal.openapi import IDENTITY_PATH, TRIAL_PATH
from services.portal.rights import Principal


def candidates(doors: Doors, principal: Principal, receipt: str, language: str) -> dict:
    """Which others an appeal may repeat, and why, among those that the officer may see. Raises NotDone."""
    doing.check_not_hidden(doors, principal, receipt)
    question = FindCandidates(receipt=receipt, at=doors.clock(), by=principal.name)
    door = f"GET /appeals/{receipt}/candidates"
    found = doors.desk.find_out(Wish(principal=principal, door=door, key=doors.new_id(), body=b""), question)
    receipts = {one["receipt"] for one in found["candidates"]}
    visible = receipts if principal.need_not_look(receipt) else visible_among(receipts, principal, doors.reads)
    return views.candidates(found, visible, language)


def trial(doors: Doors, principal: Principal, facts: dict, *, key: str, body: bytes) -> dict:
    """Whose duty an appeal would be, why, and what else came close. Raises NotDone."""
    question = TryDispatch(receipt=TRIAL, at=doors.clock(), by=principal.name, **facts)
    wish = Wish(principal=principal, door=f"POST {TRIAL_PATH}", key=key, body=body)
    return doors.desk.find_out(wish, question)


def identity(doors: Doors, principal: Principal, receipt: str, facts: dict, *, key: str, body: bytes) -> dict:
    """Who appeals and whom to call: masked; or in clear, for a purpose, which is noted. Raises NotDone."""
    doing.check_not_hidden(doors, principal, receipt)
    question = ViewIdentity(receipt=receipt, at=doors.clock(), by=principal.name, **facts)
    wish = Wish(principal=principal, door=f"POST /appeals/{receipt}{IDENTITY_PATH}", key=key, body=body)
    return doors.desk.find_out(wish, question)
