"""The pages: what people do in a browser. Chinese first; every page works without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint

from services.portal.doors import Doors
from services.portal.pages import (
    applicant,
    casework,
    demo,
    desk,
    developers,
    entrance,
    entry,
    figures,
    importing,
    keeping_accounts,
    looks,
    my,
    own_account,
    papers,
)


def pages(doors: Doors) -> Iterator[Blueprint]:
    """The pages of the portal, on the same desk, read model and rights as the API."""
    yield looks.static()
    yield applicant.routes(doors)
    yield desk.routes(doors)
    yield developers.routes()
    yield papers.routes(doors)
    yield casework.routes(doors)
    yield entry.routes(doors)
    yield importing.routes(doors)
    yield entrance.routes(doors)
    yield own_account.routes(doors)
    yield my.routes(doors)
    yield keeping_accounts.routes(doors)
    yield figures.routes(doors)
    if doors.demo:
        yield demo.routes(doors)
