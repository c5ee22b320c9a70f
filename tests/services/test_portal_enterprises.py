# ruff: noqa: F811
"""Enterprises at the portal: their accounts, what they see without a query code, and how their identity is seen."""

import pytest

from services.portal.limits import Limit, Limits
from tests.services.people import KEEPER, PASSWORD, Browser, signed_in
from tests.services.test_portal import API, APPEAL, PARK, Portal, _no_settings, loop  # noqa: F401 - fixtures

OURS, OTHERS = "91211300MAFGKMEQX7", "91110000600037341L"


def enterprise(portal, name, uscc=OURS):
    """An enterprise's account, bound to its code by an officer."""
    browser = signed_in(portal, name, "enterprise", claimed_uscc=uscc)
    if uscc:
        portal.visitors.keeping.verify(KEEPER, name, approve=True, basis="营业执照")
        browser.sign_in(name)
    return browser


@pytest.fixture
def portal(loop):
    """The portal with the services that decide."""
    return loop


def hand_in(browser, uscc=OURS, **changes):
    answer = browser.post("/appeals", APPEAL | {"applicant": PARK | {"uscc": uscc}} | changes)
    assert answer.status_code == 201, answer.json
    return answer.json["receipt"]


def seen_by(browser):
    return {one["receipt"] for one in browser.get("/appeals").json["appeals"]}


def test_an_enterprise_registers_and_is_bound_once_an_officer_has_verified_it(portal):
    browser = Browser(portal)
    facts = {"name": "hengzhu", "called": "恒铸公司", "password": PASSWORD, "uscc": OURS}
    officer = signed_in(portal, "shouli", "intake-officer")

    assert browser.post("/registrations", facts).status_code == 201
    assert browser.sign_in("hengzhu").json["uscc"] == ""
    assert [one["claimed_uscc"] for one in officer.get("/registrations").json["registrations"]] == [OURS]
    done = officer.post("/registrations/hengzhu/verification", {"approve": True, "basis": "营业执照原件"})

    assert done.status_code == 200
    assert officer.get("/registrations").json["registrations"] == []
    assert browser.sign_in("hengzhu").json["uscc"] == OURS
    assert portal.host.rows("SELECT about, who FROM audit WHERE act = 'enterprise.verified'") == [("hengzhu", "shouli")]


def test_what_one_account_submits_for_its_enterprise_its_others_see_too(portal):
    one, two, other = (enterprise(portal, name, uscc) for name, uscc in (("a1", OURS), ("a2", OURS), ("b1", OTHERS)))

    receipt = hand_in(one)

    assert seen_by(one) == seen_by(two) == {receipt}
    assert seen_by(other) == set()
    assert other.get(f"/appeals/{receipt}").status_code == 404


def test_a_confidential_appeal_is_seen_by_the_account_that_submitted_it_alone(portal):
    one, two = enterprise(portal, "a1"), enterprise(portal, "a2")

    receipt = hand_in(one, classification="confidential")

    assert (seen_by(one), seen_by(two)) == ({receipt}, set())
    assert two.get(f"/appeals/{receipt}").status_code == 404
    code = portal.receipts.query_code(receipt)
    assert two.get(f"/appeals/{receipt}", X_Query_Code=code).status_code == 200


def test_an_anonymous_appeal_is_tied_to_no_account(portal):
    one = enterprise(portal, "a1")

    receipt = hand_in(one, classification="anonymous")

    assert seen_by(one) == set()
    assert portal.host.rows("SELECT * FROM submissions") == []
    assert one.get(f"/appeals/{receipt}", X_Query_Code=portal.receipts.query_code(receipt)).status_code == 200


def test_who_merely_names_an_enterprises_code_shows_it_nothing_and_sees_nothing_of_it(portal):
    one, unverified = enterprise(portal, "a1"), signed_in(portal, "c1", "enterprise", claimed_uscc=OURS)
    hand_in(Browser(portal))

    mine = hand_in(unverified)

    assert seen_by(one) == set()
    assert seen_by(unverified) == {mine}


def test_who_appeals_for_another_enterprise_shows_it_not_to_their_own(portal):
    one, two = enterprise(portal, "a1"), enterprise(portal, "a2")

    receipt = hand_in(one, uscc=OTHERS)

    assert (seen_by(one), seen_by(two)) == ({receipt}, set())


def test_an_enterprise_is_told_what_an_applicant_is_told(town, portal):
    one = enterprise(portal, "a1")
    receipt = hand_in(one, accused=["sasac"])
    portal.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    code = portal.receipts.query_code(receipt)

    for path in ("", "/timeline"):
        mine = one.get(f"/appeals/{receipt}{path}").json
        assert mine == portal.get(f"{API}/{receipt}{path}", code=code).json


def test_an_enterprise_urges_its_own_appeal_without_a_query_code_and_no_other(portal):
    one, other = enterprise(portal, "a1"), enterprise(portal, "b1", OTHERS)
    receipt = hand_in(one)

    assert one.post(f"/appeals/{receipt}/urge").status_code != 404
    assert other.post(f"/appeals/{receipt}/urge").status_code == 404


# Identities


@pytest.mark.parametrize(("body", "phone"), [({}, "138****1234"), ({"purpose": "核实"}, "13812341234")])
def test_an_officer_sees_whom_to_call_masked_or_for_a_purpose(portal, body, phone):
    receipt, _ = portal.submit(contact={"name": "李建国", "phone": "13812341234"}, classification="confidential")
    officer = signed_in(portal, "shouli", "intake-officer")

    assert officer.post(f"/appeals/{receipt}/identity", body).json["contact"]["phone"] == phone

    told = portal.get(f"{API}/{receipt}/timeline", key="supervisor").json["timeline"]
    assert [one["by"] for one in told if one["event"] == "identity.viewed"] == (["shouli"] if body else [])


def test_an_officer_of_the_unit_that_an_appeal_is_about_sees_nobody(portal):
    receipt, _ = portal.submit(accused=["industry"])
    officer = signed_in(portal, "gongxin", "supervisor", department="industry")

    assert officer.post(f"/appeals/{receipt}/identity", {"purpose": "核实"}).status_code == 404


def test_a_persons_name_is_masked_for_all_but_themselves(portal):
    receipt, code = portal.submit(applicant={"name": "李建国", "kind": "person"})

    assert portal.get(f"{API}/{receipt}", key="supervisor").json["applicant"]["name"] == "李**"
    assert portal.get(f"{API}/{receipt}", code=code).json["applicant"]["name"] == "李建国"


# Rate limits


def test_an_address_that_asks_too_often_waits_and_others_do_not(town):
    portal = Portal(town, limits=Limits(Limit(5), Limit(100)))
    one, other = Browser(portal), Browser(portal, address="198.51.100.7")

    answers = [one.get("/vocabulary") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].content_type == "application/problem+json"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert other.get("/vocabulary").status_code == 200


def test_a_principal_that_asks_too_often_waits_wherever_it_comes_from(town):
    portal = Portal(town, limits=Limits(Limit(100), Limit(3)))

    statuses = [
        portal.client.get(
            API, headers={"Authorization": "Bearer officer"}, environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"}
        ).status_code
        for number in range(5)
    ]

    assert statuses == [200] * 3 + [429] * 2
