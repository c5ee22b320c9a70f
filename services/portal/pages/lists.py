"""The lists of a desk: what is to be done by whom, and what they may look up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass

from services.portal.rights import Principal
from services.portal.roles import AUDITOR, DEPARTMENT, DISPATCHER, INTAKE_OFFICER, SUPERVISOR


@dataclass(frozen=True)
class ToDo:
    """One list: what it is called, and the states of the appeals on it, or what they are `awaiting`."""

    zh: str
    en: str
    states: tuple[str, ...] = ()
    awaiting: str = ""


WORKED_ON = ("dispatched", "handling", "following", "reopened")
IN_HAND = ToDo("办理中", "In hand", WORKED_ON)
TO_CALL_BACK = ToDo("待回访", "To be called back", awaiting="callback_due")
UNREASONABLE = ToDo("不合理诉求认定", "Demands said to be unreasonable", awaiting="unreasonable")
ENDED = ToDo("已办结", "Closed", ("closed", "evaluating", "archived", "rejected", "withdrawn"))
LISTS: dict[str, dict[str, ToDo]] = {
    INTAKE_OFFICER: {
        "accept": ToDo("待受理", "To be accepted", ("submitted",)),
        "supplement": ToDo("补正中", "Waiting for a supplement", ("supplementing",)),
        "callback": TO_CALL_BACK,
    },
    DISPATCHER: {
        "dispatch": ToDo("待转办", "To be dispatched", ("held", "accepted")),
        "work": IN_HAND,
    },
    SUPERVISOR: {
        "replies": ToDo("待审核", "Replies to review", ("replied",)),
        "review": ToDo("待复核", "Reviews to decide", ("reviewing",)),
        "callback": TO_CALL_BACK,
        "unreasonable": UNREASONABLE,
        "work": IN_HAND,
    },
    DEPARTMENT: {
        "sign": ToDo("待签收", "To be signed for", ("dispatched",)),
        "work": ToDo("办理中", "In hand", ("handling", "following", "reopened", "replied")),
    },
    AUDITOR: {"work": IN_HAND},
}


def first_with_work(known: Mapping[str, ToDo], find: Callable[[ToDo], Sized]) -> str:
    """The list to begin with: the first on which `find` finds something to be done, or else the first."""
    return next((name for name, one in known.items() if one is not ENDED and len(find(one))), next(iter(known)))


def of(principal: Principal) -> dict[str, ToDo]:
    """The lists of somebody's roles, by their names in the URL."""
    found: dict[str, ToDo] = {}
    for role in (principal.role, *principal.also):
        found |= LISTS.get(role, {})
    return found | {"ended": ENDED}
