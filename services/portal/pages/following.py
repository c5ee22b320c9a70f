"""Following: the cookie by which a browser has opened one appeal, with its receipt and query code."""

from __future__ import annotations

from flask import Response, redirect, request, url_for

from services.portal.doors import Doors
from services.portal.problems import NOT_FOUND, NotDone
from services.portal.rights import Principal, readable
from services.portal.roles import ENTERPRISE

FOLLOWED = "followed"  # holds the receipt and query code of the appeal that is looked at


def follower(doors: Doors, receipt: str) -> Principal:
    """Whose browser holds the query code, or whose account the appeal belongs to.

    Raises NotDone, as if there were no such appeal.
    """
    followed, _, code = request.cookies.get(FOLLOWED, "").partition(":")
    if followed == receipt and doors.receipts.opens(receipt, code):
        return Principal.applicant(receipt)
    principal = doors.gate.reader(request, receipt)
    if principal.role != ENTERPRISE or doors.reads.appeal(receipt, readable(principal)) is None:
        raise NotDone(NOT_FOUND)
    return principal


def follow(receipt: str, code: str, **query: str) -> Response:
    """On to the appeal, with the cookie that opens it."""
    response = redirect(url_for("applicant.show", written=receipt, **query), 303)
    response.set_cookie(FOLLOWED, f"{receipt}:{code}", httponly=True, samesite="Lax", secure=request.is_secure)
    return response
