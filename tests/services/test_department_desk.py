# ruff: noqa: F811
"""People of a department at the portal: what they are offered, what they say, and what stays hidden from them."""

import re

import pytest

from tests.services.people import signed_in
from tests.services.test_pages import hand_in
from tests.services.test_portal import API, _no_settings, loop  # noqa: F401 - fixtures


@pytest.fixture
def dispatched(loop):
    """The receipt of an appeal that industry leads and natural-resources assists."""
    receipt = hand_in(loop)
    assert loop.post(f"{API}/{receipt}/acceptance", {}, key="officer").status_code == 200
    return receipt


class DeskOf:
    """The desk of a department, as its people's browser shows it."""

    def __init__(self, loop, receipt, key="industry", number="01"):
        self.loop, self.key = loop, key
        self.page = f"/desk/appeals/{receipt}"
        self.order = f"{self.page}/orders/{receipt}-{number}"

    def shown(self):
        return self.loop.get(self.page, key=self.key).text

    def offered(self):
        return set(re.findall(r'action="[^"]*/orders/[^"]*/([a-z-]+)"', self.shown()))

    def say(self, what, **written):
        """Send a form; several values under one name as a list."""
        return self.loop.client.post(
            f"{self.order}/{what}", data=written, headers={"Authorization": f"Bearer {self.key}"}
        )


def last(town, receipt, topic):
    """The data of the latest event of this topic."""
    return [data for event, data in town.said(receipt) if event.partition(" ")[0] == topic][-1]


def test_a_department_without_a_system_handles_an_order_from_signature_to_reply_on_the_page(town, loop, dispatched):
    desk = DeskOf(loop, dispatched)
    assert desk.offered() == {"signature", "return"}
    assert "待签收" in desk.shown()

    figures = {"figures.count": "9", "figures.value_cny": "99000000000"}
    steps = [
        desk.say("signature"),
        desk.say("contact", how="电话", reached="true", note="已了解诉求"),
        desk.say("progress", note="正在会商自然资源厅"),
        desk.say("milestone", name="总体规划公示", state="planned", on="2026-12-01"),
        desk.say("milestone", name="总体规划公示", state="done", **figures),
        desk.say("extension-request", days="3", reason="需要专家评审", plan="周五前完成"),
        desk.say("feedback", text="已明确申报路径", result="solved", evidence="会议纪要\n批复", contact="电话"),
    ]

    assert [answer.status_code for answer in steps] == [303] * len(steps), [
        one.text for one in steps if one.status_code != 303
    ]
    milestone, reply = (last(town, dispatched, topic) for topic in ("milestone.reached", "feedback.submitted"))
    assert milestone["figures"] == {"count": 9, "value_cny": 99_000_000_000}
    assert (reply["by"], reply["evidence"], reply["role"]) == ("industry", ["会议纪要", "批复"], "lead")
    assert desk.offered() == {"contact", "progress", "milestone"}


def test_an_attempt_that_reached_nobody_is_recorded_as_such(town, loop, dispatched):
    desk = DeskOf(loop, dispatched)
    desk.say("signature")

    assert desk.say("contact", how="电话").status_code == 422
    desk.say("contact", how="电话", reached="false")

    assert last(town, dispatched, "contact.made")["reached"] is False


def test_a_return_gives_its_reason_and_who_it_may_be_for(town, loop, dispatched):
    desk = DeskOf(loop, dispatched)

    assert desk.say("return").status_code == 422
    assert desk.say("return", reason="不属于本单位职责", suggested="sasac").status_code in (303, 404)

    returned = last(town, dispatched, "order.returned")
    assert (returned["reason"], returned["suggested"]) == ("不属于本单位职责", "sasac")


def test_people_are_offered_their_own_orders_only_and_another_units_answers_like_none(loop, dispatched):
    assisting = DeskOf(loop, dispatched, "industry", "02")

    offered = set(re.findall(r'action="[^"]*/orders/([^"/]+)/', assisting.shown()))

    assert offered == {f"{dispatched}-01"}
    others, none = assisting.say("signature"), DeskOf(loop, dispatched, "industry", "77").say("signature")
    assert (others.status_code, none.status_code) == (404, 404)


def test_a_department_without_an_order_learns_nothing_of_the_appeal(loop, dispatched):
    stranger = DeskOf(loop, dispatched, "sasac")

    assert stranger.say("signature").status_code == 404
    assert loop.get(stranger.page, key="sasac").status_code == 404


@pytest.mark.parametrize(
    ("what", "written", "field"),
    [
        ("milestone", {"name": "公示", "figures.count": "-1"}, "figures-count"),
        ("milestone", {"name": "公示", "on": "12月1日"}, "on"),
        ("extension-request", {"days": "61", "reason": "评审", "plan": "完成"}, "days"),
        ("feedback", {"text": "已办", "result": "别的"}, "result"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_written_is_kept(loop, dispatched, what, written, field):
    desk = DeskOf(loop, dispatched)
    desk.say("signature")

    answer = desk.say(what, **written)

    assert answer.status_code == 422
    assert f'-{field}-fault"' in answer.text


def test_figures_that_the_vocabulary_does_not_have_are_refused(loop, dispatched):
    path = f"{API}/{dispatched}/orders/{dispatched}-01"
    loop.post(f"{path}/signature", {}, key="industry")

    answer = loop.post(f"{path}/milestone", {"name": "公示", "figures": {"unheard-of": 1}}, key="industry")

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == ["figures.unheard-of"]


def test_each_step_of_an_order_has_its_due_date_and_its_light(town, loop, dispatched):
    (order, _) = loop.get(f"{API}/{dispatched}", key="industry").json["orders"]
    assert {order[f"{step}_light"]["code"] for step in ("sign", "contact", "reply")} == {"green"}

    DeskOf(loop, dispatched).say("signature")
    town.clock.advance(days=10)
    town.hosts["supervision"].tick()
    town.settle()

    (order, _) = loop.get(f"{API}/{dispatched}", key="industry").json["orders"]
    assert (order["sign_light"], order["contact_light"]["code"]) == (None, "red")
    assert "红灯（超期）" in DeskOf(loop, dispatched).shown()


def test_who_signed_in_for_a_department_says_it_in_their_own_name(town, loop, dispatched):
    clerk = signed_in(loop, "lijing", "department", department="industry")

    answer = clerk.post(f"/appeals/{dispatched}/orders/{dispatched}-01/signature", {})

    assert answer.status_code == 200, answer.json
    assert last(town, dispatched, "order.signed")["by"] == "lijing"
