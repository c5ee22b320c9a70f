"""An enterprise's own appeals, for whoever has signed in as one."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from services.portal import views
from services.portal.doors import Doors
from services.portal.pages import looks
from services.portal.problems import NOT_FOUND, NotDone
from services.portal.rights import readable
from services.portal.roles import ENTERPRISE

AT_ONCE = 100


def routes(doors: Doors) -> Blueprint:
    """The page of it."""
    pages = Blueprint("my", __name__)

    @pages.get("/my")
    def show() -> Response:
        """The newest of them."""
        looks.begin()
        principal = doors.gate.staff(request, "list")
        if principal.role != ENTERPRISE:
            raise NotDone(NOT_FOUND)
        rows = doors.reads.page(readable(principal), after=None, limit=AT_ONCE)
        return looks.page(
            "my.html",
            principal=principal,
            account=doors.visitors.seated(request).account,
            appeals=views.page(rows, None, principal, g.language, doors.names)["appeals"],
        )

    return pages
