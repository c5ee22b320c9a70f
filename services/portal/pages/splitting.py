"""The form that splits an appeal: one title and text for each matter; what is left empty is no part."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flask import g, request
from sqlalchemy import Row
from werkzeug.datastructures import MultiDict

from services.portal import doing, schemas
from services.portal.doors import Doors
from services.portal.pages import acting, forms, offers
from services.portal.problems import NotDone, Problem
from services.portal.rights import Principal, may

MOST = 5


@dataclass(frozen=True, kw_only=True)
class SplitForm:
    """The inputs of each part, and the key that the form brings along."""

    parts: list[list[forms.Input]]
    key: str
    open: bool


def form(doors: Doors, principal: Principal, row: Row, failed: bool, problem: Problem | None) -> SplitForm | None:
    """The form, for whoever may split an appeal in this state; as it was written, when that has `failed`."""
    if not may(principal, "split") or row.state not in offers.OF_APPEAL["accept"]:
        return None
    written = request.form if failed else MultiDict()
    parts = [
        [
            replace(one, required=one.required and number < schemas.FEWEST_PARTS)
            for one in forms.inputs(
                schemas.PartOfAppeal(),
                g.language,
                {},
                written=written,
                problem=problem if failed else None,
                prefix=_prefix(number),
            )
        ]
        for number in range(MOST)
    ]
    return SplitForm(parts=parts, key=acting.key(doors) if failed else doors.new_id(), open=failed)


def split(doors: Doors, principal: Principal, receipt: str) -> None:
    """Split it as the form that was sent says. Raises NotDone, with faults where they were written."""
    parts = [forms.values(schemas.PartOfAppeal(), request.form, prefix=_prefix(number)) for number in range(MOST)]
    kept = [number for number, part in enumerate(parts) if part]
    values = {"parts": [parts[number] for number in kept]}
    doing.check_not_hidden(doors, principal, receipt)
    try:
        body = forms.as_bytes(request.form)
        doing.split(doors, principal, receipt, values, key=acting.key(doors), body=body)
    except NotDone as error:
        raise NotDone(_where_written(error.problem, kept)) from error


def _prefix(number: int) -> str:
    return f"parts.{number}."


def _where_written(problem: Problem, kept: list[int]) -> Problem:
    def place(found: re.Match) -> str:
        return f"parts.{kept[int(found[1])]}"

    return replace(
        problem, errors=tuple((re.sub(r"^parts\.(\d+)", place, name), fault) for name, fault in problem.errors)
    )
