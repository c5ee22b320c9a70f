# ruff: noqa: F811
"""Signing in on the pages, as a browser without JavaScript does it; and what an account's owner sees there."""

import re

import pyotp
import pytest

from services.portal.sessions import digest_of
from tests.services.people import PASSWORD, account
from tests.services.test_pages import FORM
from tests.services.test_portal import API, _no_settings, loop, portal  # noqa: F401 - fixtures

ANOTHER = "Gangcheng-Lu-12Hao"


class Visitor:
    """A browser that follows forms: it sends back the hidden fields of the page that it was shown last."""

    def __init__(self, portal):
        self.portal = portal
        self.client = portal.client.application.test_client()
        self.shown = None
        self.secret = ""

    def get(self, path):
        self.shown = self.client.get(path, base_url="https://localhost", headers={"Accept": "text/html"})
        return self.shown

    def send(self, path, **fields):
        page = self.shown.text if self.shown else ""
        token = re.search('name="csrf_token" value="([^"]*)"', page)
        body = {"csrf_token": token[1] if token else ""} | fields
        self.shown = self.client.post(path, data=body, base_url="https://localhost", headers={"Accept": "text/html"})
        return self.shown

    def follow(self):
        """On to where the last answer pointed."""
        assert self.shown.status_code == 303, self.shown.text
        return self.get(self.shown.location)

    def sign_in(self, name, password=PASSWORD, **more):
        self.get("/sign-in")
        return self.send("/sign-in", name=name, password=password, **more)

    def enrol(self):
        """From the page that asks for a device to the recovery codes."""
        self.follow()
        self.secret = re.search('<code class="secret">([A-Z2-7]{32})<', self.send("/sign-in/enrolment").text)[1]
        return self.send("/sign-in/code", code=self.code())

    def code(self):
        return pyotp.TOTP(self.secret).at(self.portal.town.clock())


def visitor(portal, name, *roles, **more):
    """Somebody all in, with a page of theirs shown."""
    account(portal, name, *roles, **more)
    browser = Visitor(portal)
    browser.sign_in(name)
    if "/sign-in/code" in browser.shown.location:
        browser.enrol()
    assert browser.get("/account").status_code == 200
    return browser


@pytest.fixture
def newcomer(portal):
    """Somebody whose account was made for them, on the page that asks who they are."""
    account(portal, "wangming", "intake-officer", chosen=False, called="王明")
    return Visitor(portal)


def test_a_first_sign_in_goes_from_the_password_by_the_device_to_a_password_of_ones_own(newcomer):
    newcomer.sign_in("wangming")
    codes = newcomer.enrol()
    onward = re.search('href="(/account/password[^"]*)"', codes.text)[1]
    newcomer.get(onward)
    newcomer.send("/account/password", old=PASSWORD, password=ANOTHER)

    assert len(re.findall(r"<code>[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}</code>", codes.text)) == 10
    assert newcomer.shown.location == "/desk"
    assert "王明" in newcomer.follow().text


def test_the_device_is_enrolled_by_a_picture_that_the_page_holds_itself_and_by_text(newcomer):
    newcomer.sign_in("wangming")
    newcomer.follow()
    shown = newcomer.send("/sign-in/enrolment")

    assert 'src="data:image/svg+xml' in shown.text
    assert "img-src 'self' data:" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"


def test_who_has_a_device_shows_a_code_and_a_wrong_one_says_so(portal):
    browser = visitor(portal, "wangming", "supervisor")
    browser.send("/sign-out")
    portal.town.clock.advance(seconds=60)

    assert browser.sign_in("wangming").location == "/sign-in/code"
    browser.follow()
    wrong = browser.send("/sign-in/code", code="000000")
    assert (wrong.status_code, "账号、密码或验证码不正确" in wrong.text) == (401, True)
    assert browser.send("/sign-in/code", code=browser.code()).location == "/desk"


def test_a_wrong_password_keeps_the_name_and_never_the_password(portal):
    account(portal, "wangming", "supervisor")
    browser = Visitor(portal)

    wrong = browser.sign_in("wangming", "Another-Password-1")

    assert wrong.status_code == 401
    assert 'value="wangming"' in wrong.text
    assert "Another-Password-1" not in wrong.text


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/desk/search?q=电缆", "/desk/search?q=%E7%94%B5%E7%BC%86"),
        ("//elsewhere.example/x", "/x"),
        ("https://elsewhere.example/x", "/x"),
        ("/\\elsewhere.example/x", "/x"),
    ],
)
def test_after_signing_in_one_is_where_one_wanted_to_go_but_never_elsewhere(portal, asked, goes):
    account(portal, "gongsi", "enterprise")

    assert Visitor(portal).sign_in("gongsi", next=asked).location == goes


def test_who_has_to_sign_in_first_is_shown_where_and_comes_back(portal):
    browser = Visitor(portal)

    assert browser.get("/desk?list=work").location == "/sign-in?next=%2Fdesk%3Flist%3Dwork"
    assert 'name="next" value="/desk?list=work"' in browser.follow().text


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("enterprise", "/my"),
        ("intake-officer", "/desk"),
        ("auditor", "/desk"),
        ("security-administrator", "/accounts"),
        ("system-administrator", "/operator/departments"),
    ],
)
def test_everybody_begins_at_what_is_theirs(portal, role, home):
    browser = visitor(portal, "somebody", role)

    assert browser.get("/sign-in").location == home


def test_signing_out_ends_the_session_and_without_a_token_of_the_page_nothing_ends(portal):
    browser = visitor(portal, "wangming", "enterprise")

    assert browser.client.post("/sign-out", base_url="https://localhost").status_code == 403
    assert browser.get("/account").status_code == 200
    assert browser.send("/sign-out").location == "/"
    assert browser.get("/account").location == "/sign-in?next=%2Faccount"


def test_signing_out_everywhere_ends_the_others_too(portal):
    one = visitor(portal, "wangming", "enterprise")
    other = Visitor(portal)
    other.sign_in("wangming")

    one.send("/sign-out", everywhere="true")

    assert other.get("/my").location.startswith("/sign-in")


def test_a_key_is_shown_once_and_opens_until_it_is_revoked(portal):
    browser = visitor(portal, "wangming", "department", department="industry")

    key = re.search("<code>(alk_[^<]+)</code>", browser.send("/account/keys", label="对接程序").text)[1]
    shown = browser.get("/account").text
    assert (key in shown, "对接程序" in shown) == (False, True)
    assert portal.get(API, key=key).status_code == 200

    browser.send(re.search('action="(/account/keys/[^"]+/revocation)"', shown)[1])
    assert portal.get(API, key=key).status_code == 401


def test_a_key_without_a_purpose_is_not_made(portal):
    browser = visitor(portal, "wangming", "enterprise")

    refused = browser.send("/account/keys", label="")

    assert (refused.status_code, 'id="label-fault"' in refused.text) == (422, True)


def test_an_enterprise_registers_itself_and_is_told_of_each_field_that_is_wrong(portal):
    browser = Visitor(portal)
    facts = {"name": "hengzhu", "called": "王经理", "uscc": "91211300MAFGKMEQX7"}
    browser.get("/register")

    weak = browser.send("/register", password="123456", **facts)
    assert (weak.status_code, 'id="password-fault"' in weak.text, "王经理" in weak.text) == (422, True, True)
    assert browser.send("/register", password=PASSWORD, **facts).status_code == 200
    assert browser.sign_in("hengzhu").location == "/my"
    assert "尚待核验" in browser.follow().text


def test_an_enterprise_sees_its_own_appeals_and_acts_on_them_without_a_query_code(loop):
    browser = visitor(loop, "hengzhu", "enterprise")
    browser.get("/appeals/new")
    browser.send("/appeals/new", **FORM)
    receipt = re.search("SQ-[0-9A-Z-]+", browser.shown.location)[0]
    browser.client.delete_cookie("followed", domain="localhost")
    loop.submit(title="另一家的诉求")

    shown = browser.get("/my").text
    assert ("申报成立化工产业园区" in shown, "另一家的诉求" in shown) == (True, False)
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    assert browser.get(f"/appeals/{receipt}").status_code == 200
    assert browser.send(f"/appeals/{receipt}/urge", note="请尽快").status_code == 303
    assert "催办" in browser.follow().text


def test_somebody_elses_account_is_shown_nothing_of_an_appeal(loop):
    receipt, _ = loop.submit()

    for name, role in (("hengzhu", "enterprise"), ("wangming", "intake-officer")):
        browser = visitor(loop, name, role)
        assert browser.get(f"/appeals/{receipt}").status_code == 404
        assert browser.get("/appeals/SQ-20261124-ZZZZZZ").status_code == 404


def test_an_owner_sees_where_they_are_signed_in_and_ends_one_session_alone(portal):
    first, lost, third = [visitor(portal, "hengzhu", "enterprise")] + [Visitor(portal) for _ in range(2)]
    for browser, device in ((lost, "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"), (third, "curl")):
        browser.client.environ_base["HTTP_USER_AGENT"] = device
        browser.sign_in("hengzhu")

    shown = first.get("/account").text
    (row,) = (one for one in shown.split("<tr>") if "Firefox · Windows" in one)
    first.send(re.search('action="(/account/sessions/[^"]*/end)"', row)[1])

    assert shown.count("/end") == 2
    assert lost.get("/account").location.startswith("/sign-in")
    assert [browser.get("/account").status_code for browser in (first, third)] == [200, 200]
    assert "Firefox" not in first.shown.text


def test_nobody_ends_a_session_of_another_account_nor_any_before_they_are_all_in(portal):
    theirs, mine = visitor(portal, "hengzhu", "enterprise"), visitor(portal, "lihua", "enterprise")
    officer = visitor(portal, "wangming", "supervisor")
    half = Visitor(portal)
    half.sign_in("wangming")
    half.follow()
    tokens = [digest_of(one.client.get_cookie("__Host-session", domain="localhost").value) for one in (theirs, officer)]

    assert mine.send(f"/account/sessions/{tokens[0]}/end").status_code == 404
    assert half.send(f"/account/sessions/{tokens[1]}/end").status_code == 401
    assert [one.get("/account").status_code for one in (theirs, officer)] == [200, 200]
