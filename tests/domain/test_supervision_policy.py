"""The numbers of supervision: which limit is effective, and what is told of a file that is wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from appeals.calendar import Limit, load_calendar
from appeals.settings import WrongSettings
from appeals.testing.clock import TUESDAY_MORNING
from services.supervision.deadline import start_clocks, watch_regime
from services.supervision.order import Order
from services.supervision.policy import Commitment, Rules
from services.supervision.policy_file import POLICY, load_policy

policy = load_policy()
calendar = load_calendar()


def an_order(**facts):
    about = {"order": "01", "receipt": "SQ", "department": "industry", "role": "lead", "round": 1}
    return Order(**(about | {"kind": "help", "urgency": "normal", "complexity": "normal"} | facts))


def limits(order, policy=policy):
    """The effective limit of each step, as its deadline has it."""
    rules = Rules(policy=policy, calendar=calendar)
    return {one.step: one.limit for one in start_clocks(order, TUESDAY_MORNING, rules)}


@pytest.mark.parametrize(
    ("facts", "sign", "contact", "reply"),
    [
        ({}, "4wh", "1wd", "5wd"),
        ({"urgency": "urgent"}, "1h", "2h", "3wd"),
        ({"urgency": "critical"}, "15m", "30m", "2h"),
        ({"complexity": "hard"}, "1wd", "1wd", "15wd"),
        ({"urgency": "urgent", "complexity": "hard"}, "1h", "2h", "3wd"),
        ({"kind": "consult"}, "4wh", "1wd", "2wd"),
        ({"kind": "report", "urgency": "critical"}, "15m", "30m", "24h"),
    ],
)
def test_kind_and_urgency_decide_the_limit(facts, sign, contact, reply):
    assert limits(an_order(**facts)) == {"sign": sign, "contact": contact, "reply": reply}


def test_who_assists_has_half_of_the_leads_time_and_at_least_a_working_day():
    assert limits(an_order(role="assist")) == {"sign": "4wh", "reply": "2wd"}
    assert limits(an_order(role="assist", urgency="urgent", kind="consult"))["reply"] == "1wd"


def test_who_assists_in_a_lawful_procedure_has_half_of_the_time_that_it_gives():
    for regime, reply in (("criminal", "3d"), ("public-order", "15d"), ("petition", "30d"), ("permit", "10wd")):
        assert limits(an_order(role="assist", special_regime=regime))["reply"] == reply


def test_a_second_round_has_half_of_the_time_at_least_three_working_days_and_never_more():
    assert limits(an_order(round=2, complexity="hard"))["reply"] == "7wd"
    assert limits(an_order(round=2))["reply"] == "3wd"
    assert limits(an_order(round=2, kind="consult"))["reply"] == "2wd"
    assert limits(an_order(round=2, urgency="critical"))["reply"] == "1h"


def test_what_a_unit_has_promised_counts_when_it_is_shorter():
    promised = Commitment(department="industry", kind="help", limit=Limit(24, "h"), source="服务承诺")
    longer = replace(promised, limit=Limit(30, "d"))

    assert limits(an_order(), replace(policy, commitments=(promised, longer)))["reply"] == "24h"
    assert limits(an_order(), replace(policy, commitments=(longer,)))["reply"] == "5wd"
    assert limits(an_order(department="sasac"), replace(policy, commitments=(promised,)))["reply"] == "5wd"


def test_a_lawful_procedure_takes_the_place_of_all_other_limits():
    theft = an_order(kind="report", urgency="urgent", special_regime="刑事案件受立案程序")
    promised = Commitment(department="industry", kind="report", limit=Limit(1, "wd"), source="服务承诺")

    assert limits(theft)["reply"] == "7d"
    assert limits(theft, replace(policy, commitments=(promised,)))["reply"] == "7d"
    theft.round = 2
    assert limits(theft)["reply"] == "7d"
    assert limits(an_order(special_regime="wage-arrears"))["reply"] == "5wd"


def test_a_lawful_procedure_is_known_by_its_code_and_by_the_names_that_older_orders_have():
    for name in ("criminal", "刑事案件受立案程序", "受案立案程序"):
        assert limits(an_order(special_regime=name))["reply"] == "7d"


def test_the_receipt_of_a_crime_report_is_a_milestone_of_the_leads_first_order():
    rules = Rules(policy=policy, calendar=calendar)
    theft = {"kind": "report", "special_regime": "criminal"}

    (receipt,) = watch_regime(an_order(**theft), TUESDAY_MORNING, rules)

    assert (receipt.step, receipt.name, receipt.due) == ("milestone", "受案回执", TUESDAY_MORNING + timedelta(hours=24))
    assert watch_regime(an_order(**theft, role="assist"), TUESDAY_MORNING, rules) == []
    assert watch_regime(an_order(**theft, round=2), TUESDAY_MORNING, rules) == []
    assert watch_regime(an_order(), TUESDAY_MORNING, rules) == []


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ("reply_within: {ordinary: 1wd", "reply_within: {ordinary: soon", "ladder.reply_within.ordinary: 'soon'"),
        ('hard: 30wd, source: "湖北', 'source: "湖北', "line 16: steps.reply.report.hard"),
        ('source: "珠海 2 个工作日"', 'source: ""', "line 13: steps.reply.consult.source"),
        ("lead: [text, evidence, contact]", "lead: [text, contact]", "review.lead: evidence may not be left out"),
        ("{level: yellow, after: 3wd}", "{level: yellow}", "ladder.reply.1.after: is missing"),
        ("{level: yellow, after: 3wd}", "{level: pink, after: 3wd}", "ladder.reply.1.level"),
        ("normal: {most: 10,", "normal: {most: -1,", "extension.normal.most"),
        ("review_every: 10", "review_evry: 10", "review_evry: Unknown field"),
        ("reply: [50, 80]", "reply: [50, 180]", "reminders.reply.1"),
        ("urge_every: 24h", "urge_every: 24h\n  urge_every: 1h", "ladder.urge_every: stands twice"),
        (
            "commitments: []",
            "commitments: [{department: industri, kind: consult, limit: 1wd, source: 承诺}]",
            "line 21: commitments.0.department: industri is not in the tree of units",
        ),
        ("{blue: 50, yellow: 80", "{blue: 85, yellow: 80", "lights.yellow: is not above blue"),
    ],
)
def test_a_wrong_number_is_told_with_file_line_and_field(tmp_path, wrong, right, named):
    text = POLICY.read_text(encoding="utf-8")
    assert wrong in text
    path = tmp_path / "policy.yml"
    path.write_text(text.replace(wrong, right), encoding="utf-8")

    with pytest.raises(WrongSettings) as error:
        load_policy(path)

    assert str(error.value).startswith(f"{path}: line ")
    assert named in str(error.value)
