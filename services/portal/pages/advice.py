"""Advice for whoever decides on an appeal: what it may repeat, and which department the rules would send it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g
from sqlalchemy import Row

from services.portal import finding_out, words
from services.portal.doors import Doors
from services.portal.pages import offers
from services.portal.problems import NotDone
from services.portal.rights import Principal, may, readable

UNDECIDED, UNDISPATCHED = offers.OF_APPEAL["accept"], offers.OF_APPEAL["dispatch"]


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the services advise. `candidates`, with their texts, and `trial` are as the API tells them, or not known."""

    candidates: list[dict] | None = None
    trial: dict | None = None
    is_missing: bool = False
    is_emergency: bool = False
    regimes: tuple[str, ...] = tuple(words.CODES["special_regime"])


def about(doors: Doors, principal: Principal, row: Row) -> Advice | None:
    """The advice on an appeal that this principal has to decide on, if they do. A page does without it if it has to."""
    accepts = may(principal, "accept") and row.state in UNDECIDED
    dispatches = may(principal, "dispatch") and row.state in UNDISPATCHED
    if not (accepts or dispatches):
        return None
    candidates = None
    try:
        if accepts:
            found = finding_out.candidates(doors, principal, row.receipt, g.language)["candidates"]
            candidates = [_with_text(doors, principal, one) for one in found]
        trial = finding_out.trial(doors, principal, _facts(row), key=doors.new_id(), body=b"")
    except NotDone:
        return Advice(candidates=candidates, is_missing=True, is_emergency=accepts and row.emergency == "flagged")
    return Advice(candidates=candidates, trial=trial, is_emergency=accepts and row.emergency == "flagged")


def as_submitted(row: Row) -> dict[str, str]:
    """What an acceptance begins with: as it was handed in."""
    known = {name: getattr(row, name) for name in ("kind", "urgency", "category", "complexity")}
    return {name: value for name, value in known.items() if value}


def as_suggested(advised: Advice | None) -> Mapping[str, str | list[str]]:
    """What a dispatch begins with: as the rules would have it, among those that are plugged in."""
    if advised is None or advised.trial is None:
        return {}
    lead, assist = advised.trial["lead"], advised.trial["assist"]
    found: dict[str, str | list[str]] = {"assist": [one["code"] for one in assist if one["plugged_in"]]}
    return found | ({"lead": lead["code"]} if lead and lead["plugged_in"] else {})


def _with_text(doors: Doors, principal: Principal, candidate: dict) -> dict:
    """A candidate with what it says, to be read beside the appeal."""
    row = doors.reads.appeal(candidate["receipt"], readable(principal))
    return candidate | {"text": row.text if row else ""}


def _facts(row: Row) -> dict:
    return {
        "title": row.title,
        "text": row.text,
        "category": row.category,
        "city": row.applicant.get("city") or "",
        "accused": tuple(row.accused),
    }
