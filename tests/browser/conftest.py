"""One town for all tests of the pages: real services and RabbitMQ, SQLite, one Chromium, people of every role."""

import pytest
from playwright.sync_api import sync_playwright

from deploy.fleet import Fleet
from deploy.local.browser import set_up_axe, set_up_browser
from tests.browser.people import Cast
from tests.browser.tour import Scenery
from tests.browser.visitor import Visitor

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AT_PORTAL = ("public-security",)  # this department has no system of its own


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    """Everything that `make up` starts."""
    made = Fleet(tmp_path_factory.mktemp("fleet"), at_portal=AT_PORTAL)
    made.start()
    yield made
    made.stop()
    made.node.remove()


@pytest.fixture(scope="session")
def chromium():
    """The browser; each visitor has a window of their own in it."""
    path = set_up_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, which finds what stands in the way of people with impairments."""
    return set_up_axe().read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def cast(fleet):
    """People of every role, with accounts and sessions."""
    made = Cast(fleet)
    yield made
    made.close()


@pytest.fixture(scope="session")
def scenery(fleet, chromium, cast):
    """Appeals at several steps of their way."""
    enterprise = Visitor(chromium, fleet.address)
    officer = Visitor(chromium, fleet.address, [cast.cookie("intake-officer")])
    made = Scenery(enterprise, officer, cast)
    assert enterprise.leave() + officer.leave() == []
    return made


@pytest.fixture
def visit(fleet, chromium, cast):
    """`visit(role)` is somebody with a window of their own; at the end nothing may have gone wrong in any of them."""
    visitors = []

    def come(role="", **options) -> Visitor:
        cookies = [cast.cookie(role)] if role else []
        visitors.append(Visitor(chromium, fleet.address, cookies, **options))
        return visitors[-1]

    yield come
    wrong = [line for visitor in visitors for line in visitor.leave()]
    assert wrong == []
