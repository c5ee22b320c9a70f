# ruff: noqa: F811
"""The demo's people: made once, as any account is; their page is there for the demo, and nowhere else."""

import stat
from datetime import timedelta

import pytest

from appeals.bus.database import Database
from appeals.bus.station import utc_now
from appeals.settings import from_yaml
from deploy.accounts import make_accounts
from services.portal import service
from services.portal.accounts import NOTHING
from services.portal.demo import CodesUsedUp, DemoAccount, DemoAccounts, come_in, load_demo
from services.portal.passwords import Passwords
from services.portal.roles import OF_ACCOUNTS
from services.portal.signing_in import SigningIn
from services.sealing import load_seal, make_keys
from tests.services.people import CHEAP, LASTING, PASSWORD, account
from tests.services.test_pages_entrance import Visitor
from tests.services.test_portal import Portal, _no_settings, portal  # noqa: F401 - fixtures

LOCAL = {"base_url": "https://localhost", "headers": {"Accept": "text/html"}}
DEPARTMENTS = {"industry": "省工业和信息化厅"}


@pytest.fixture
def demo_page(town):
    """A portal that was given a demo account at its start."""
    one = DemoAccount(name="enterprise", called="示例企业", role="enterprise", password=PASSWORD)
    made = Portal(town, demo={"enterprise": one})
    account(made, "enterprise", "enterprise")
    return made


def test_without_demo_accounts_there_is_no_such_page_and_no_way_to_it(portal):
    answers = [portal.client.get("/demo", **LOCAL), portal.client.post("/demo/enterprise", **LOCAL)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "/demo" not in portal.client.get("/", **LOCAL).text
    assert service.Settings(amqp_uri="memory", query_code_secret="x" * 16).demo_accounts == ""
    assert load_demo("", host="0.0.0.0", cookies="tls", proxies=1) == {}


def test_the_page_lists_who_there_is_and_one_press_signs_in(demo_page):
    browser = Visitor(demo_page)

    assert "示例企业" in browser.get("/demo").text
    browser.send("/demo/enterprise")

    assert browser.shown.location == "/my"
    assert 'href="/demo"' in browser.follow().text


def test_another_site_can_neither_read_the_page_through_a_name_of_its_own_nor_press_its_buttons(demo_page):
    elsewhere = demo_page.client.get("/demo", base_url="https://evil.example", headers={"Accept": "text/html"})
    forged = demo_page.client.post("/demo/enterprise", base_url="https://localhost", headers={"Origin": "https://evil"})

    assert (elsewhere.status_code, forged.status_code) == (404, 403)
    assert PASSWORD not in elsewhere.text


def test_who_is_no_demo_account_is_not_let_in_by_the_page(demo_page):
    account(demo_page, "wangming", "supervisor")

    assert Visitor(demo_page).send("/demo/wangming").status_code == 404


def test_whoever_has_a_device_comes_in_again_and_again_with_codes_that_are_each_taken_once(portal):
    browser = Visitor(portal)
    account(portal, "duban", "supervisor")
    browser.sign_in("duban")
    browser.enrol()
    one = DemoAccount(name="duban", called="赵静", role="supervisor", password=PASSWORD, secret=browser.secret)
    signing_in, clock = portal.visitors.signing_in, portal.town.clock

    def step():
        return come_in(signing_in, one, clock(), "127.0.0.1").step

    assert step() == ""  # by the code of the next half minute: this one's was taken to enrol
    with pytest.raises(CodesUsedUp) as told:
        step()
    assert 0 < told.value.facts["seconds"] <= 30
    clock.advance(seconds=30)
    assert step() == ""


@pytest.fixture
def town_hall(tmp_path):
    """A folder as `make up` has it, in which accounts are made."""
    return TownHall(tmp_path)


class TownHall:
    def __init__(self, folder):
        self.path = folder / "accounts.yml"
        self._url, self._keys = f"sqlite:///{folder}/", folder / "sealing.yml"
        make_keys(self._keys)

    def make(self):
        """Run it; returns the accounts by name."""
        make_accounts(self.path, self._url, self._keys, DEPARTMENTS, CHEAP)
        return from_yaml(self.path, DemoAccounts)

    def step_of(self, one):
        """What is still asked of somebody who has signed in half a minute later."""
        database, now = Database(self._url, "portal"), utc_now() + timedelta(seconds=30)
        passwords = Passwords(lambda work, *arguments: work(*arguments), CHEAP)
        signing_in = SigningIn(database, passwords, load_seal(str(self._keys), ""), LASTING, lambda: now)
        try:
            return come_in(signing_in, one, now, "127.0.0.1").step
        finally:
            database.close()


def test_make_up_makes_an_account_for_each_role_and_department_once_and_only_its_owner_reads_them(town_hall):
    made = town_hall.make()
    kept = town_hall.path.read_text()

    assert town_hall.make() == made
    assert town_hall.path.read_text() == kept
    assert {one.role for one in made.values()} == OF_ACCOUNTS
    assert "industry" in made
    assert stat.S_IMODE(town_hall.path.stat().st_mode) == 0o600


def test_whoever_was_made_signs_in_with_what_was_written_down(town_hall):
    made = town_hall.make()

    assert {name: town_hall.step_of(one) for name, one in made.items()} == dict.fromkeys(made, NOTHING)
    assert {name for name, one in made.items() if not one.secret} == {"enterprise", "industry"}


def test_a_run_that_was_interrupted_before_the_accounts_were_written_down_is_made_good_by_the_next(town_hall):
    lost = town_hall.make()
    town_hall.path.unlink()

    found = town_hall.make()

    assert found["supervisor"] != lost["supervisor"]
    assert town_hall.step_of(found["supervisor"]) == NOTHING
