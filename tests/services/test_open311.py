# ruff: noqa: F811
"""Open311 GeoReport v2: civic clients file and follow appeals by the specification, with everybody's rights."""

from xml.etree import ElementTree

import pytest

from appeals.events import AppealRejected
from tests.services.test_portal import RECEIPT, _no_settings, loop, portal, submitted  # noqa: F401 - fixtures
from tests.services.test_portal import about as about_it

BASE = "/open311/v2"
FORM = {
    "service_code": "industry",
    "description": "希望协调省工信厅给予支持",
    "attribute[applicant_name]": "朝阳高新技术产业开发区",
    "attribute[applicant_kind]": "park",
    "address_string": "朝阳市龙城区",
    "phone": "13800000000",
}


def post(portal, form="json", status=201, **fields):
    answer = portal.client.post(f"{BASE}/requests.{form}", data=FORM | fields)
    assert answer.status_code == status, answer.text
    return answer


def listed(portal, query="", **who):
    answer = portal.get(f"{BASE}/requests.json?{query}", **who)
    assert answer.status_code == 200, answer.text
    return [one["service_request_id"] for one in answer.json]


def test_a_client_finds_the_services_and_what_each_asks_for(portal):
    (endpoint,) = portal.get(f"{BASE}/discovery.json").json["endpoints"]
    services = portal.get(f"{BASE}/services.json").json
    definition = portal.get(f"{BASE}/services/industry.json").json

    assert endpoint["url"].endswith(BASE)
    assert ("industry", "产业与园区") in [(one["service_code"], one["service_name"]) for one in services]
    assert [one["code"] for one in definition["attributes"] if one["required"]] == ["applicant_name"]
    assert portal.get(f"{BASE}/services/nonsense.json").status_code == 404


def test_what_is_submitted_is_an_appeal_and_is_followed_with_its_query_code(loop):
    (told,) = post(loop).json
    receipt, code = told["service_request_id"], told["query_code"]

    (request,) = loop.get(f"{BASE}/requests/{receipt}.json", code=code).json
    shown = loop.get(f"/api/v1/appeals/{receipt}", key="officer").json

    assert (request["status"], request["service_code"]) == ("open", "industry")
    assert "朝阳市龙城区" in request["description"]
    assert shown["applicant"]["kind"]["code"] == "park"
    assert code in told["service_notice"]
    assert "token" not in told
    assert loop.get(f"{BASE}/requests/{receipt}.json").status_code == 404
    assert listed(loop, f"service_request_id={receipt}", code=code) == [receipt]


def test_only_public_appeals_that_are_about_no_unit_are_shown_to_strangers(town, portal):
    receipts = [f"SQ-20261124-00000{number}" for number in range(5)]
    classified = ("public", "ordinary", "confidential", "anonymous", "public")
    for receipt, classification in zip(receipts, classified, strict=True):
        units = ("sasac",) if receipt == receipts[4] else ()
        submitted(town, receipt, classification=classification, accused=units)

    assert listed(portal) == receipts[:1]
    assert sorted(listed(portal, "api_key=officer")) == receipts
    assert sorted(listed(portal, key="officer")) == receipts
    assert listed(portal, "api_key=industry") == []
    for receipt, status in zip(receipts, (200, 404, 404, 404, 404), strict=True):
        assert portal.get(f"{BASE}/requests/{receipt}.json").status_code == status
    assert portal.get(f"{BASE}/requests.json?api_key=wrong").status_code == 401


def test_who_appeals_is_told_to_nobody(town, portal):
    submitted(town, classification="public")

    assert "朝阳高新技术产业开发区" not in portal.get(f"{BASE}/requests.json").text


def test_requests_are_filtered_by_id_service_status_and_time(town, portal):
    other = "SQ-20261124-000001"
    submitted(town, classification="public")
    town.clock.advance(days=2)
    submitted(town, other, classification="public", category="land")
    town.say(
        "intake", AppealRejected(**about_it(town) | {"receipt": other}, reason="petition", explanation="请依法信访")
    )
    yesterday = town.clock().replace(microsecond=0).isoformat().replace("+00:00", "Z")
    town.clock.advance(days=1)

    assert listed(portal) == [other, RECEIPT]
    assert listed(portal, "status=closed") == [other]
    assert listed(portal, "status=open") == [RECEIPT]
    assert listed(portal, "status=open,closed") == [other, RECEIPT]
    assert listed(portal, "service_code=land,tax") == [other]
    assert listed(portal, f"service_request_id={RECEIPT},nonsense&status=closed") == [RECEIPT]
    assert listed(portal, f"end_date={yesterday}&service_code=industry") == [RECEIPT]
    assert listed(portal, f"start_date={yesterday}&service_code=industry") == []
    for wrong in ("status=broken", "start_date=2026-01-01", "start_date=2020-01-01T00:00:00Z", "end_date=9999-99"):
        assert portal.get(f"{BASE}/requests.json?{wrong}").status_code == 400, wrong


def test_xml_says_the_same(town, portal):
    submitted(town, classification="public", text="a\x01 < b")

    (request,) = ElementTree.fromstring(portal.get(f"{BASE}/requests.xml").data)
    attributes = ElementTree.fromstring(portal.get(f"{BASE}/services/industry.xml").data).find("attributes")

    (told,) = portal.get(f"{BASE}/requests.json").json
    assert {one.tag: one.text for one in request} == told | {
        "description": told["description"].replace("\x01", "\ufffd")
    }
    assert attributes.find("attribute/code").text == "applicant_name"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_is_wrong_is_told_as_the_specification_says(portal, form):
    answer = post(portal, form, 400, service_code="nonsense", lat="1", long="2")

    if form == "json":
        assert [one["code"] for one in answer.json] == [400]
        assert answer.json[0]["description"].startswith("category: ")
    else:
        assert ElementTree.fromstring(answer.data).find("error/code").text == "400"
    assert "lat" in post(portal, status=400, lat="95", long="nan").json[0]["description"]


def test_a_submission_that_is_repeated_with_its_key_is_one_appeal(loop):
    first, again = (
        loop.client.post(f"{BASE}/requests.json", data=FORM, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    )

    assert first.json == again.json
    assert loop.count() == 1


def test_whoever_may_not_submit_may_not_submit_here_either(portal):
    assert post(portal, status=403, api_key="auditor").json[0]["code"] == 403
    assert post(portal, status=401, api_key="wrong").json[0]["code"] == 401
