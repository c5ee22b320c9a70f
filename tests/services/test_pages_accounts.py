# ruff: noqa: F811
"""Accounts on pages: kept by security administrators, verified by intake officers, read over by auditors."""

import pytest

from tests.services.people import PASSWORD, account
from tests.services.test_pages_entrance import Visitor, visitor
from tests.services.test_portal import _no_settings, portal  # noqa: F401 - fixtures

NEW = {"name": "lihua", "called": "李华", "password": PASSWORD, "roles": ["dispatcher", "supervisor"]}


@pytest.fixture
def keeper(portal):
    """A security administrator, with the list of accounts before them."""
    browser = visitor(portal, "anquan", "security-administrator")
    browser.get("/accounts")
    return browser


def test_an_account_that_is_made_on_the_page_may_sign_in(portal, keeper):
    made = keeper.send("/accounts", **NEW)

    assert made.location == "/accounts/lihua"
    assert "转办员、督办员" in keeper.follow().text
    assert Visitor(portal).sign_in("lihua").location == "/sign-in/code"


def test_what_is_wrong_with_a_new_account_stands_beside_its_field(keeper):
    apart = keeper.send("/accounts", **NEW | {"roles": ["auditor", "security-administrator"]})

    assert (apart.status_code, 'id="roles-fault"' in apart.text) == (409, True)
    assert "三员分立" in apart.text
    assert 'value="lihua"' in apart.text
    assert PASSWORD not in apart.text


def test_roles_are_changed_an_account_is_disabled_and_a_device_is_forgotten(portal, keeper):
    officer = visitor(portal, "wangming", "intake-officer")
    keeper.get("/accounts/wangming")

    assert keeper.send("/accounts/wangming/roles", roles=["supervisor"]).status_code == 303
    assert "督办员" in keeper.follow().text
    assert officer.get("/desk").location.startswith("/sign-in")
    keeper.send("/accounts/wangming/reset", password=PASSWORD, second_factor="true")
    assert "未绑定" in keeper.follow().text
    keeper.send("/accounts/wangming/state", active="false")
    assert "停用" in keeper.follow().text
    assert officer.sign_in("wangming").status_code == 401


def test_nobody_changes_their_own_rights(keeper):
    own = keeper.send("/accounts/anquan/roles", roles=["supervisor"])

    assert (own.status_code, "不得变更本人账号的权限" in own.text) == (409, True)


@pytest.mark.parametrize("role", ["intake-officer", "supervisor", "system-administrator", "enterprise"])
def test_others_see_no_accounts_and_make_none(portal, role):
    browser = visitor(portal, "wangming", role)

    assert browser.send("/accounts", **NEW).status_code == 403
    for path in ("/accounts", "/accounts/wangming", "/audit"):
        assert browser.get(path).status_code == 403


def test_an_auditor_reads_accounts_and_the_audit_page_by_page_and_changes_nothing(portal):
    browser = visitor(portal, "shenji", "auditor")

    assert "wangming" not in browser.get("/accounts").text
    assert 'action="/accounts' not in browser.get("/accounts/shenji").text
    assert browser.send("/accounts/shenji/state", active="true").status_code == 403
    first = browser.get("/audit?limit=1").text
    assert "绑定验证器" in first
    before = first.split("/audit?before=")[1].split('"')[0]
    assert "登录" in browser.get(f"/audit?limit=1&before={before}").text


def test_an_intake_officer_verifies_an_enterprise_with_what_was_shown(portal):
    account(portal, "hengzhu", "enterprise", claimed_uscc="91211300MAFGKMEQX7")
    browser = visitor(portal, "wangming", "intake-officer")

    assert "91211300MAFGKMEQX7" in browser.get("/desk/registrations").text
    assert browser.send("/desk/registrations/hengzhu", approve="true").status_code == 422
    assert browser.send("/desk/registrations/hengzhu", approve="true", basis="营业执照").status_code == 303
    assert "没有待核验的企业" in browser.follow().text
    assert portal.host.rows("SELECT uscc FROM accounts WHERE name = 'hengzhu'") == [("91211300MAFGKMEQX7",)]
