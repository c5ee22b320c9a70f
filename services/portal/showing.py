"""Showing: one appeal as somebody sees it, and the tag by which they can say later that this is what they saw.

The tag is made from the whole answer: not the events alone change it, but also what becomes of the appeals that it
goes with. It is told in one language, so each language has its own.

`If-Match` is looked at here, at the door, before the service that owns the decision is asked: it keeps somebody from
deciding on a picture that has changed since. Whether a decision is still possible, the owner says by its own state.
"""

from __future__ import annotations

import hashlib
import json

from flask import Request, Response, jsonify
from sqlalchemy import Row

from services.portal import views
from services.portal.doing import check_not_hidden
from services.portal.doors import Doors
from services.portal.kin import kin_of
from services.portal.problems import MOVED_ON, NotDone
from services.portal.rights import Principal, readable
from services.portal.words import EN, ZH


def shown(doors: Doors, principal: Principal, row: Row, language: str) -> dict:
    """An appeal that this principal may see, as they see it."""
    kin = kin_of(row, principal, doors.reads, doors.receipts.query_code)
    orders, files = doors.reads.orders(row.receipt), doors.reads.attachments(row.receipt)
    return views.appeal(row, orders, files, principal, language, doors.names, kin)


def tagged(values: dict, request: Request) -> Response:
    """The answer with its tag; 304 when the client has just that already (`If-None-Match`)."""
    response = jsonify(values)
    response.set_etag(tag_of(values))
    return response.make_conditional(request)


def tag_of(values: dict) -> str:
    """What is shown, in 32 characters: the same for the same, and another for anything else."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]


def check_unchanged(doors: Doors, principal: Principal, receipt: str, request: Request) -> None:
    """Whether what the client saw is still what is shown, in either language, if it asks for that (`If-Match`).

    Raises NotDone; what is hidden from them is not found.
    """
    if "If-Match" not in request.headers:
        return
    check_not_hidden(doors, principal, receipt)
    row = doors.reads.appeal(receipt, readable(principal))
    wanted = request.if_match
    if row is None or not any(wanted.contains(tag_of(shown(doors, principal, row, one))) for one in (ZH, EN)):
        raise NotDone(MOVED_ON)
