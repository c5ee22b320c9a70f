"""What operators see of the departments, through the portal's doors."""

import re

import pytest

from appeals.bus.broker import Outgoing
from appeals.bus.topology import department_topology, inbox_exchange, merged
from services.portal.rights import Principal
from tests.services.test_portal import KEYS, Portal, _no_settings  # noqa: F401 - a fixture

HEALTH, PAGE = "/api/v1/departments/health", "/operator/departments"


@pytest.fixture
def portal(town, monkeypatch):
    monkeypatch.setitem(KEYS, "auditor", Principal(name="auditor", role="auditor"))
    town.broker.declare(merged(*(department_topology(code) for code in town.directory.codes)))
    return Portal(town)


def of(answer, code):
    return next(one for one in answer.json["departments"] if one["code"] == code)


@pytest.mark.parametrize("key", ["supervisor", "auditor"])
def test_supervisors_and_auditors_see_how_every_department_is_doing(portal, key):
    answer = portal.get(HEALTH, key=key)

    assert [one["code"] for one in answer.json["departments"]] == portal.town.directory.codes
    assert [one["code"] for one in answer.json["services"]] == ["portal"]


@pytest.mark.parametrize(("key", "status"), [("", 401), ("officer", 403), ("dispatcher", 403), ("sasac", 403)])
@pytest.mark.parametrize("path", [HEALTH, PAGE])
def test_nobody_else_does(portal, path, key, status):
    assert portal.get(path, key=key).status_code == status


def test_a_department_that_does_not_run_is_named_in_both_languages(portal):
    key = "sasac.order.dispatched.other.v1"
    portal.town.broker.publish(Outgoing(id="1", exchange="appeal.events", routing_key=key, body=b"{}"))

    chinese = of(portal.get(HEALTH, key="supervisor"), "sasac")
    english = of(portal.get(HEALTH, key="supervisor", Accept_Language="en"), "sasac")

    assert (chinese["severity"], chinese["waiting"]) == ("critical", 1)
    assert chinese["finding"] == "未运行：没有消费者，1 条待收"
    assert english["finding"] == "Not running: no consumer, 1 waiting"


def test_without_a_broker_the_answer_says_so(portal):
    portal.town.broker.reachable = False

    assert portal.get(HEALTH, key="supervisor").json["type"] == "/problems/broker-unavailable"
    assert portal.get(PAGE, key="supervisor").status_code == 503


def test_the_page_tells_the_same_in_words(portal):
    inbox = inbox_exchange("sasac")
    for number in range(1_000):
        portal.town.broker.publish(Outgoing(id=str(number), exchange=inbox, routing_key=inbox, body=b"{}"))

    chinese = portal.get(PAGE, key="supervisor")
    english = portal.get(PAGE + "?lang=en", key="supervisor")

    assert "发送过快：收件箱积压 1,000 条" in chinese.text
    assert 'lang="zh-CN"' in chinese.text
    assert "Sends too fast: 1,000 words in its inbox" in english.text
    assert english.headers["Content-Language"] == "en"
    for name in portal.town.directory.names.values():
        assert name in chinese.text


def test_a_browser_gives_the_key_as_a_password_for_the_page_only(portal):
    asked = portal.client.get(PAGE)
    shown = portal.client.get(PAGE, auth=("anybody", "supervisor"))

    assert asked.headers["WWW-Authenticate"].startswith("Basic ")
    assert shown.status_code == 200
    assert portal.client.get(PAGE, auth=("anybody", "no key")).status_code == 401
    assert portal.client.get(HEALTH, auth=("anybody", "supervisor")).status_code == 401


def test_the_page_renews_itself_by_a_script_of_ours_and_has_a_link_for_browsers_without(portal):
    page = portal.get(PAGE, key="supervisor")

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert not re.search(r"<style|style=|\son\w+=|http-equiv", page.text)
    assert f'hx-get="{PAGE}?lang=zh" hx-select="#watched" hx-trigger="every 10s"' in page.text
    assert f'<a role="button" class="outline" href="{PAGE}">刷新</a>' in page.text
