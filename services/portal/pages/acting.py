"""Acting: an action as a form on a page, and what happens when it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g, request
from werkzeug.datastructures import MultiDict

from services.portal import doing
from services.portal.actions import Action
from services.portal.doors import Doors
from services.portal.pages import files, forms, offers
from services.portal.problems import Problem
from services.portal.rights import Principal


def path_of(action: Action, order: str = "") -> str:
    """What follows the appeal's own address."""
    return action.path.replace("<order>", order)


def offer(
    doors: Doors,
    action: Action,
    address: str,
    *,
    order: str = "",
    failed: str = "",
    problem: Problem | None = None,
    filled: Mapping[str, str | list[str]] | None = None,
) -> dict:
    """The form of an action on the appeal at this address.

    It has what was written before when it is the one that `failed`, by its path, or else what is to be `filled` in.
    """
    path = path_of(action, order)
    again = failed == path
    return {
        "right": action.right,
        "path": address + path,
        "title": offers.title(action.right, g.language),
        "open": again,
        "key": key(doors) if again else doors.new_id(),
        "inputs": forms.inputs(
            action.schema(doors.departments),
            g.language,
            doors.departments,
            written=request.form if again else MultiDict(filled or {}),
            problem=problem if again else None,
        ),
    }


def act(
    doors: Doors, principal: Principal, action: Action, receipt: str, *, kept: Sequence[dict] = (), **about: str
) -> None:
    """Do what the form that was sent says, with the files that it has brought. Raises NotDone."""
    values = forms.values(action.schema(doors.departments), request.form)
    values |= {files.KEPT: kept} if kept else {}
    body = forms.as_bytes(request.form) + files.as_bytes(kept)
    doing.act(doors, principal, action, receipt, values, key=key(doors), body=body, **about)


def key(doors: Doors) -> str:
    """The key that the form brought along, so that a second click has no second effect."""
    return request.form.get("key") or doors.new_id()
