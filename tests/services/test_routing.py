"""Routing on the bus in memory, with its real store."""

import json
import re
from dataclasses import replace

import pytest

from appeals.bus.asking import CommandRefused
from appeals.commands import (
    TRIAL,
    CorrectAccused,
    DecideReturn,
    Designate,
    DispatchAppeal,
    ReportProgress,
    ReturnOrder,
    SignOrder,
    SubmitFeedback,
    TryDispatch,
)
from appeals.events import (
    AppealAccepted,
    AppealClosed,
    AppealReopened,
    AppealWithdrawn,
    Applicant,
    ExtensionRequested,
    FeedbackApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    OrderReturned,
    OrderSigned,
    ProgressReported,
)
from appeals.manifest import Directory

RECEIPT = "SQ-20261124-A1B2C3"


def accepted(town, **changes):
    facts = {
        "receipt": RECEIPT,
        "at": town.clock(),
        "title": "申报成立化工产业园区，请协调省工信厅支持",
        "text": "需要申报成立化工产业园区",
        "applicant": Applicant(name="朝阳高新技术产业开发区", kind="park"),
        "channel": "visit",
        "kind": "help",
        "urgency": "normal",
        "complexity": "hard",
        "category": "industry",
    }
    return AppealAccepted(**(facts | changes))


def word(town, cls, department, number="01", **facts):
    order = f"{RECEIPT}-{number}"
    town.say(department, cls(receipt=RECEIPT, at=town.clock(), order=order, department=department, **facts), inbox=True)


def test_an_accepted_appeal_goes_to_its_lead_and_its_assistants(town):
    town.host("routing")

    town.say("intake", accepted(town))

    assert town.facts() == ["order.dispatched to industry", "order.dispatched to natural-resources"]


def test_a_returned_order_goes_to_the_next_fitting_department_then_to_a_person(town):
    town.host("routing")
    town.say("intake", accepted(town, text="涉及国资确权的产业园区"))

    word(town, OrderReturned, "industry", reason="不属于本单位职责")
    word(town, OrderReturned, "sasac", "03", reason="无国有资产")

    assert town.facts()[2:] == [
        "order.returned to industry",
        "order.dispatched to sasac",
        "order.returned to sasac",
        "appeal.held",
    ]


def test_an_accused_department_neither_leads_nor_assists(town):
    town.host("routing")

    town.say("intake", accepted(town, accused=("natural-resources",)))

    assert town.facts() == ["order.dispatched to industry"]


def test_a_word_about_an_order_of_another_is_set_aside(town):
    town.host("routing")
    town.say("intake", accepted(town))

    word(town, OrderSigned, "sasac")

    assert "order.signed to sasac" not in town.facts()
    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["no-such-order"]


def test_a_reply_before_the_signature_is_set_aside(town):
    town.host("routing")
    town.say("intake", accepted(town))

    word(town, FeedbackSubmitted, "industry", text="已办", result="solved")

    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["wrong-step"]


def test_a_reopened_appeal_goes_out_again_to_those_who_had_it(town):
    town.host("routing")
    town.say("intake", accepted(town))
    reopened = AppealReopened(
        receipt=RECEIPT, at=town.clock(), round=2, reason="未解决", departments=("industry", "natural-resources")
    )

    town.say("evaluation", reopened)

    assert town.facts()[2:] == ["order.dispatched to industry", "order.dispatched to natural-resources"]
    assert [data["round"] for _, data in town.said()] == [1, 1, 2, 2]


def test_a_department_cannot_say_what_is_not_a_departments_to_say(town):
    town.host("routing")
    town.say("intake", accepted(town))
    word(town, OrderSigned, "industry")

    forged = FeedbackApproved(
        receipt=RECEIPT, at=town.clock(), order=f"{RECEIPT}-01", department="sasac", result="solved", text=""
    )
    town.say("sasac", forged, inbox=True)

    assert town.hosts["routing"].rows("SELECT state FROM orders WHERE department = 'industry'") == [("signed",)]
    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["word-not-allowed"]


def test_an_anonymous_appeal_reaches_its_department(town):
    town.host("routing")

    town.say("intake", accepted(town, classification="anonymous"))

    copies = town.hosts["routing"].rows("SELECT audience FROM journal WHERE audience <> 'core' ORDER BY audience")
    assert copies == [("industry",), ("natural-resources",)]


def test_an_appeal_that_no_fitting_department_may_be_told_of_is_held(town):
    routing = town.host("routing")
    narrow = replace(town.directory.get("industry"), ceiling="ordinary")
    routing.config["directory"] = Directory([narrow, *(town.directory.get(code) for code in ("sasac", "securities"))])

    town.say("intake", accepted(town, classification="confidential"))

    assert town.facts() == ["appeal.held"]


@pytest.mark.parametrize(
    ("cls", "facts"),
    [
        (ExtensionRequested, {"days": 10**10, "reason": "r", "plan": "p"}),
        (FeedbackSubmitted, {"text": "已办", "result": "x" * 100}),
        (ProgressReported, {"note": "长" * 20_001}),
    ],
)
def test_a_word_out_of_bounds_is_set_aside_and_the_next_one_goes_on(town, cls, facts):
    town.host("routing")
    town.say("intake", accepted(town))
    word(town, OrderSigned, "industry")

    word(town, cls, "industry", **facts)
    word(town, ProgressReported, "industry", note="正在办理")

    assert town.facts()[-1] == "progress.reported to industry"
    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["out-of-bounds"]


def test_nothing_is_done_to_the_orders_of_a_closed_round_any_more(town):
    town.host("routing")
    town.say("intake", accepted(town))
    word(town, OrderSigned, "industry")
    closed = AppealClosed(
        receipt=RECEIPT,
        at=town.clock(),
        lead="industry",
        departments=("industry",),
        round=1,
        result="solved",
        summary="",
    )
    town.say("supervision", closed)

    word(town, FeedbackSubmitted, "industry", text="再次反馈", result="solved")

    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["wrong-step"]


def told(town, department):
    """What one department was told, but for its orders."""
    rows = town.hosts["routing"].rows("SELECT audience, type, body FROM journal ORDER BY id")
    envelopes = [json.loads(bytes(body)) for audience, _, body in rows if audience == department]
    return [envelope for envelope in envelopes if ".order.dispatched." not in envelope["type"]]


def test_a_department_is_told_when_its_word_does_not_count(town):
    town.host("routing")
    town.say("intake", accepted(town))
    word(town, OrderSigned, "industry")

    word(town, OrderSigned, "industry")

    (answer,) = told(town, "industry")
    assert answer["data"]["word"] == "order.signed"
    assert answer["data"]["code"] == "wrong-step"
    assert answer["data"]["zh"].startswith(f"转办单 {RECEIPT}-01 当前状态")
    assert "word.refused" not in town.facts()


def test_an_answer_tells_nothing_of_an_appeal_that_is_not_the_departments(town):
    town.host("routing")
    town.say("intake", accepted(town, classification="confidential"))

    word(town, OrderSigned, "sasac")
    other = "SQ-20261124-ZZZZZZ"
    town.say("sasac", OrderSigned(receipt=other, at=town.clock(), order=f"{other}-01", department="sasac"), inbox=True)

    real, invented = (json.dumps(one, ensure_ascii=False).replace(other, RECEIPT) for one in told(town, "sasac"))
    ids = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
    assert ids.sub("…", real) == ids.sub("…", invented)
    assert '"dataclassification": "ordinary", ' in real


@pytest.fixture
def by_hand(town):
    """Routing where a dispatcher decides on returns, with an order that its lead has returned."""
    routing = town.host("routing")
    rules = routing.config["rules"]
    routing.config["rules"] = rules | {"policy": replace(rules["policy"], return_decision="dispatcher")}
    town.say("intake", accepted(town, text="涉及国资确权的产业园区"))
    word(town, OrderReturned, "industry", reason="不属于本单位职责")
    return routing


def decide(town, **facts):
    about = {"receipt": RECEIPT, "order": f"{RECEIPT}-01", "at": town.clock(), "by": "王明", "reason": "属于本单位职责"}
    return town.ask(DecideReturn(**(about | facts)))


def test_a_return_waits_for_a_dispatcher_who_lets_it_go_on(town, by_hand):
    assert town.facts()[-1] == "return.requested to industry"

    decide(town, approve=True)

    assert town.facts()[3:] == ["order.returned to industry", "order.dispatched to sasac"]


def test_a_department_hears_that_its_return_was_denied(town, by_hand):
    decide(town, approve=False)

    copies = by_hand.rows("SELECT audience FROM journal WHERE type LIKE '%return.denied%' ORDER BY audience")
    assert copies == [("core",), ("industry",)]
    word(town, OrderReturned, "industry", reason="再次说明")
    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["returned-before"]


def test_a_return_of_another_appeal_cannot_be_decided(town, by_hand):
    with pytest.raises(CommandRefused) as refused:
        decide(town, approve=True, receipt="SQ-20261124-ZZZZZZ")

    assert refused.value.told["code"] == "no-such-order"


def test_a_return_that_nobody_decided_on_its_day_is_decided_by_the_catalogue(town, by_hand):
    by_hand.tick()
    assert town.facts()[-1] == "return.requested to industry"

    town.clock.advance(days=1)
    by_hand.tick()
    by_hand.tick()

    assert town.facts()[3:] == ["order.returned to industry", "order.dispatched to sasac"]


def test_a_return_after_its_time_is_set_aside_and_the_order_stays(town):
    town.host("routing")
    town.say("intake", accepted(town, urgency="urgent"))
    town.clock.advance(hours=3)

    word(town, OrderReturned, "industry", reason="不属于本单位职责")

    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["returned-too-late"]
    word(town, OrderSigned, "industry")
    assert town.facts()[-1] == "order.signed to industry"


def test_after_two_returns_the_joint_conference_designates_and_the_order_may_not_be_returned(town):
    town.host("routing")
    town.say("intake", accepted(town, text="涉及国资确权的产业园区"))
    word(town, OrderReturned, "industry", reason="不属于本单位职责")
    word(town, OrderReturned, "sasac", "03", reason="无国有资产")
    about = {"receipt": RECEIPT, "at": town.clock(), "by": "赵刚", "lead": "industry"}

    with pytest.raises(CommandRefused) as refused:
        town.ask(DispatchAppeal(**about))
    town.ask(Designate(minutes="〔2026〕3号纪要", **about))
    word(town, OrderReturned, "industry", "04", reason="仍不属于")

    assert refused.value.told["code"] == "designation-needed"
    assert town.facts()[-1] == "order.dispatched to industry"
    assert town.said()[-1][1]["designated"] is True
    assert [letter.headers["x-reason"] for letter in town.dead("routing")] == ["designated-for-good"]


def test_trying_the_rules_tells_who_and_why_and_does_nothing(town):
    routing = town.host("routing")
    question = TryDispatch(receipt=TRIAL, at=town.clock(), title="消防验收拖延", text="窗口没有一次性告知")

    told = town.find_out(question)

    assert told["lead"] == {"code": "housing", "name": "省住建厅", "plugged_in": False}
    assert told["held"] == "its unit is not plugged in"
    assert told["rule"] in told["explanation"]
    assert [one["unit"]["code"] for one in told["runners_up"]] == ["business-environment"]
    assert town.facts() == []
    assert routing.rows("SELECT count(*) FROM cases") == [(0,)]


def test_who_is_at_work_already_gets_no_second_order_by_hand(town):
    town.host("routing")
    town.say("intake", accepted(town, title="企业上市辅导协调", text="请协调", category="other"))
    returned = {"order": f"{RECEIPT}-01", "department": "securities", "reason": "不属于本单位职责"}
    town.say("securities", OrderReturned(receipt=RECEIPT, at=town.clock(), **returned), inbox=True)

    town.ask(DispatchAppeal(receipt=RECEIPT, at=town.clock(), by="转办员", lead="industry", assist=("sasac",)))

    sent = [fact for fact in town.facts() if fact.startswith("order.dispatched")]
    assert sent == [f"order.dispatched to {code}" for code in ("securities", "sasac", "industry")]


# Withdrawals


def withdraw(town):
    town.say("intake", AppealWithdrawn(receipt=RECEIPT, at=town.clock(), by="applicant", reason="已自行解决"))


def test_a_withdrawal_cancels_the_open_orders_and_tells_their_departments(town):
    town.host("routing")
    town.say("intake", accepted(town))
    word(town, OrderSigned, "industry")

    withdraw(town)

    assert town.facts()[3:] == ["order.cancelled to industry", "order.cancelled to natural-resources"]
    assert [one["type"] for one in told(town, "industry")] == ["cn.appealloop.order.cancelled.v1"]


def test_a_reply_that_crosses_the_withdrawal_is_answered_by_its_name_and_changes_nothing(town):
    routing = town.host("routing")
    town.say("intake", accepted(town))
    word(town, OrderSigned, "industry")
    withdraw(town)

    word(town, FeedbackSubmitted, "industry", text="已办", result="solved")

    assert told(town, "industry")[-1]["data"]["code"] == "withdrawn-by-applicant"
    assert routing.rows("SELECT DISTINCT state FROM orders") == [("cancelled",)]


def test_what_supervision_and_evaluation_say_late_opens_no_order_of_a_withdrawn_appeal(town):
    routing = town.host("routing")
    town.say("intake", accepted(town))
    withdraw(town)
    about = {"receipt": RECEIPT, "at": town.clock()}
    order = about | {"order": f"{RECEIPT}-01", "department": "industry"}

    town.say(
        "supervision", FeedbackRefused(reason="请补充", **order), FeedbackApproved(result="solved", text="", **order)
    )
    town.say(
        "supervision",
        AppealClosed(lead="industry", departments=("industry",), round=1, result="solved", summary="", **about),
    )
    town.say("evaluation", AppealReopened(departments=("industry",), round=2, reason="未解决", **about))

    assert routing.rows("SELECT DISTINCT state FROM orders") == [("cancelled",)]
    assert [fact for fact in town.facts() if fact.startswith("order.dispatched")] == [
        "order.dispatched to industry",
        "order.dispatched to natural-resources",
    ]
    assert town.dead("routing") == []


def test_a_held_appeal_that_was_withdrawn_is_sent_nowhere_by_hand(town):
    town.host("routing")
    town.say("intake", accepted(town, title="请协调", text="请协调", category="other"))
    withdraw(town)

    with pytest.raises(CommandRefused) as refused:
        town.ask(DispatchAppeal(receipt=RECEIPT, at=town.clock(), by="转办员", lead="industry"))

    assert town.facts() == ["appeal.held"]
    assert refused.value.told["code"] == "withdrawn-by-applicant"


def test_an_appeal_about_nobody_knows_whom_goes_out_once_a_dispatcher_has_settled_it(town):
    town.host("routing")
    town.say("intake", accepted(town, accused=("管片的人",)))

    with pytest.raises(CommandRefused) as refused:
        town.ask(DispatchAppeal(receipt=RECEIPT, at=town.clock(), by="转办员", lead="industry"))
    settled = {"accused": ("natural-resources",), "reason": "已电话核实"}
    town.ask(CorrectAccused(receipt=RECEIPT, at=town.clock(), by="转办员", **settled))

    assert refused.value.told["code"] == "accused-unclear"
    assert town.facts() == ["appeal.held", "accused.corrected", "order.dispatched to industry"]


def test_an_appeal_withdrawn_before_it_was_accepted_concerns_routing_not(town):
    town.host("routing")

    withdraw(town)

    assert town.facts() == []
    assert town.dead("routing") == []


# People at the portal's desk


def at_desk(town, command, department="industry", number="01", **facts):
    about = {"receipt": RECEIPT, "at": town.clock(), "by": "李静", "order": f"{RECEIPT}-{number}"}
    return town.ask(command(department=department, **about, **facts))


def test_what_a_person_says_at_the_desk_is_the_same_fact_as_the_word_of_the_departments_system(town):
    town.host("routing")
    town.say("intake", accepted(town))
    at_desk(town, SignOrder)
    word(town, OrderSigned, "natural-resources", "02")

    at_desk(town, SubmitFeedback, text="已办", result="solved", evidence=("批复",))
    word(town, FeedbackSubmitted, "natural-resources", "02", text="已办", result="solved", evidence=("批复",))

    (by_person, by_system) = [data for event, data in town.said() if event.startswith("feedback.submitted")]
    own = ("order", "department", "role", "by")
    assert {k: v for k, v in by_person.items() if k not in own} == {k: v for k, v in by_system.items() if k not in own}
    assert (by_person["by"], by_person["role"], by_system["role"]) == ("李静", "lead", "assist")


@pytest.mark.parametrize(
    ("command", "department", "facts", "code"),
    [
        (SignOrder, "sasac", {}, "no-such-order"),
        (SubmitFeedback, "industry", {"text": "已办", "result": "solved"}, "wrong-step"),
        (ReturnOrder, "industry", {"reason": " "}, "no-reason-given"),
    ],
)
def test_what_is_refused_of_a_departments_system_is_refused_at_the_desk_by_the_same_name(
    town, command, department, facts, code
):
    town.host("routing")
    town.say("intake", accepted(town))

    with pytest.raises(CommandRefused) as refused:
        at_desk(town, command, department, **facts)

    assert refused.value.told["code"] == code


def test_people_say_at_the_desk_no_more_than_the_manifest_of_their_department_lists(town):
    routing = town.host("routing")
    town.say("intake", accepted(town))
    mute = replace(town.directory.get("industry"), words=("order.signed",))
    routing.config["directory"] = Directory([mute])
    at_desk(town, SignOrder)

    with pytest.raises(CommandRefused) as refused:
        at_desk(town, ReportProgress, note="正在办理")

    assert refused.value.told["code"] == "word-not-allowed"


def test_person_and_system_of_a_department_share_one_order(town):
    town.host("routing")
    town.say("intake", accepted(town))
    at_desk(town, SignOrder)

    word(town, OrderSigned, "industry")
    word(town, ProgressReported, "industry", note="系统已登记")

    assert told(town, "industry")[-1]["data"]["code"] == "wrong-step"
    assert town.facts()[2:] == ["order.signed to industry", "progress.reported to industry"]


def test_a_departments_system_hears_what_its_people_say_if_its_manifest_lists_it(town):
    town.host("routing")
    manifest = town.directory.get("industry")
    hearing = replace(manifest, events=(*manifest.events, "order.signed"))
    town.hosts["routing"].config["directory"] = Directory([hearing, town.directory.get("natural-resources")])
    town.directory._manifests["industry"] = hearing
    town.say("intake", accepted(town))

    at_desk(town, SignOrder)
    at_desk(town, ReportProgress, note="正在办理")

    assert [one["type"] for one in told(town, "industry")] == ["cn.appealloop.order.signed.v1"]
