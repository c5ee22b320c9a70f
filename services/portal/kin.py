"""Kin: the other appeals that an appeal goes with, is a part of, or may repeat, and who is told of them.

Departments are told of none: they work on one appeal. An officer is told of those that they may see themselves. Whose
appeal was merged is told how the main one stands, when it is due and who leads it, since it is answered with that one;
its receipt, its text and its applicant they are not told. Whose appeal was split is given what opens its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from sqlalchemy import Row

from services.portal.reading import ReadModel
from services.portal.rights import Principal, may_hear, readable

# The fields of events and requests that name other appeals.
NAMING = ("candidates", "into", "linked_to", "parts", "split_from", "earlier")


def kin_of(row: Row, principal: Principal, reads: ReadModel, query_code: Callable[[str], str]) -> dict:
    """The other appeals that are shown with one, by how they belong with it."""
    if principal.is_on_applicants_side:
        main = reads.standing(row.merged_into)
        parts = [part | {"query_code": query_code(part["receipt"])} for part in reads.parts_of(row.receipt)]
        return {"main": {name: main[name] for name in ("state", "due", "lead")} if main else None, "parts": parts}
    if not principal.is_officer:
        return {}
    seen = readable(principal)
    return {
        "main": reads.standing(row.merged_into, seen),
        "merged": reads.merged_into(row.receipt, seen),
        "parts": reads.parts_of(row.receipt, seen),
    }


def named_in(facts: Mapping) -> set[str]:
    """The receipts of other appeals that an event or a request names."""
    named = (facts.get(name) or () for name in NAMING)
    return {receipt for one in named for receipt in ([one] if isinstance(one, str) else one)}


def visible_among(receipts: Iterable[str], principal: Principal, reads: ReadModel) -> set[str]:
    """Those of these appeals that somebody of the staff is told of."""
    return reads.readable_among(receipts, readable(principal)) if principal.is_officer else set()


def without_others(facts: Mapping, visible: Collection[str]) -> dict:
    """The facts of an event, without the appeals that are not visible."""
    return {name: _among(value, visible) if name in NAMING else value for name, value in facts.items()}


def told_of(said: Iterable[Mapping], receipts: Collection[str], principal: Principal) -> list[Mapping]:
    """What an action has caused: the events of these appeals, without those that only officers are told."""
    return [
        event
        for event in said
        if event["receipt"] in receipts and may_hear(principal, event["type"].split(".", 2)[2].rpartition(".")[0])
    ]


def _among(named: str | Iterable[str], visible: Collection[str]):
    if isinstance(named, str):
        return named if named in visible else ""
    return [receipt for receipt in named if receipt in visible]
