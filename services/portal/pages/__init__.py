"""The pages: what people do in a browser. Chinese first; every page works without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint

from services.portal.doors import Doors
from services.portal.pages import applicant, desk, figures, looks


def pages(doors: Doors) -> Iterator[Blueprint]:
    """The pages of the portal, on the same desk, read model and rights as the API."""
    yield looks.static()
    yield applicant.routes(doors)
    yield desk.routes(doors)
    yield figures.routes(doors)
