"""The ladder, extensions, suspensions and the review: who may have what, and what is refused."""

from dataclasses import replace
from datetime import datetime

import pytest

from appeals.bus.asking import CommandRefused
from appeals.calendar import Limit
from appeals.commands import (
    ApproveFeedback,
    DecideExtension,
    IssueSupervision,
    LowerSupervision,
    RefuseFeedback,
    ResumeOrder,
    SuspendOrder,
    UrgeAppeal,
)
from appeals.events import ContactMade, ExtensionRequested, OrderReturned
from services.supervision.store import SupervisionStore
from tests.services.supervising import RECEIPT, about, ask, dispatched, in_hand, replied, told
from tests.services.test_supervision_time import local, travel


def refused(town, code, command, **facts):
    """That it is refused under this name, in Chinese."""
    with pytest.raises(CommandRefused) as refusal:
        ask(town, command, **facts)
    assert refusal.value.told["code"] == code
    return refusal.value.told["zh"]


def levels(town):
    return [one["level"] for one in told(town, "supervision.issued")]


# The ladder


def test_the_ladder_is_climbed_rung_by_rung_as_a_reply_stays_out(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", ContactMade(**about(town), how="电话"))

    travel(town, supervision, "2026-12-20 12:00")

    issued = told(town, "supervision.issued")
    assert [(one["level"], one["at"][:10]) for one in issued] == [
        ("ordinary", "2026-12-01"),
        ("yellow", "2026-12-04"),
        ("red", "2026-12-08"),
    ]
    assert issued[0]["reply_due"] == "2026-12-02T17:00:00+08:00"
    assert issued[0]["reason"] == "应于2026年12月01日 17:00前答复，至今未完成"


def test_nobody_gets_a_card_without_the_time_to_act_on_the_one_before(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", ContactMade(**about(town), how="电话"))

    town.clock.advance(days=40)
    for _ in range(3):
        supervision.tick()

    assert levels(town) == ["ordinary"]


def test_an_order_that_is_not_signed_is_urged_and_then_supervised(town):
    supervision = town.host("supervision")
    town.say("routing", dispatched(town))

    travel(town, supervision, "2026-11-25 16:00")
    assert levels(town) == ["urged"]
    travel(town, supervision, "2026-11-25 18:00")
    assert levels(town) == ["urged", "urged", "ordinary"]  # the contact was missed, too


def test_a_vertical_organ_gets_a_letter_and_no_card(town):
    supervision = town.host("supervision")
    in_hand(town, department="securities")

    travel(town, supervision, "2026-12-20 12:00")

    assert set(levels(town)) == {"urged", "letter", "conference"}
    facts = {"level": "yellow", "reason": "超期"}
    assert "商请函" in refused(town, "no-card-for-vertical", IssueSupervision, **facts)


def test_a_supervisor_calls_to_account_with_a_reason_and_only_upwards(town):
    town.host("supervision")
    in_hand(town)

    refused(town, "no-reason", IssueSupervision, level="yellow", reason=" ")
    ask(town, IssueSupervision, level="yellow", reason="领导批示")
    refused(town, "not-higher", IssueSupervision, level="ordinary", reason="超期")

    (issued,) = told(town, "supervision.issued")
    assert (issued["level"], issued["by"], issued["reply_due"]) == ("yellow", "督办员", "2026-11-27T17:00:00+08:00")


def test_a_level_is_lowered_only_by_a_person_with_a_reason(town):
    town.host("supervision")
    in_hand(town)
    ask(town, IssueSupervision, level="red", reason="领导批示")

    refused(town, "no-reason", LowerSupervision, level="ordinary", reason="")
    refused(town, "not-lower", LowerSupervision, level="red", reason="已整改")
    ask(town, LowerSupervision, level="ordinary", reason="已整改")
    ask(town, LowerSupervision, reason="误发")

    lowered = [(one["was"], one["level"], one["by"]) for one in told(town, "supervision.lowered")]
    assert lowered == [("red", "ordinary", "督办员"), ("ordinary", "", "督办员")]


def test_an_answered_order_is_no_longer_called_to_account(town):
    town.host("supervision")
    in_hand(town)
    town.say("routing", replied(town))

    refused(town, "not-open", IssueSupervision, level="yellow", reason="超期")


def urge(town, note=""):
    return town.ask(UrgeAppeal(receipt=RECEIPT, at=town.clock(), by="applicant", note=note))


def test_an_applicant_urges_once_in_24_hours(town):
    town.host("supervision")
    in_hand(town)

    urge(town, "工期紧")
    with pytest.raises(CommandRefused, match="again after 24 hours"):
        urge(town)
    town.clock.advance(hours=24)
    urge(town)

    assert [one["note"] for one in told(town, "appeal.urged")] == ["工期紧", ""]
    assert [one["reason"] for one in told(town, "supervision.issued")] == ["申请人催办：工期紧", "申请人催办"]


def test_another_lead_gives_the_applicant_no_second_urging_within_24_hours(town):
    town.host("supervision")
    in_hand(town)
    urge(town)

    returned = OrderReturned(reason="不属于本单位职责", suggested="securities", **about(town))
    town.say("routing", returned, dispatched(town, department="securities", number="02"))

    with pytest.raises(CommandRefused, match="again after 24 hours"):
        urge(town)


def test_nobody_can_be_urged_who_is_not_at_work(town):
    town.host("supervision")
    in_hand(town)
    town.say("routing", replied(town))

    with pytest.raises(CommandRefused, match="No department is working"):
        urge(town)


# Extensions


def asking(town, days, reason="专家评审", plan="下周评审"):
    return ExtensionRequested(**about(town), days=days, reason=reason, plan=plan)


@pytest.mark.parametrize(
    ("facts", "days", "denied"),
    [
        ({"urgency": "critical", "kind": "report"}, 1, "该紧急程度的诉求不得延期"),
        ({"urgency": "urgent"}, 6, "延期天数超出规定：本次最多 5 个工作日"),
        ({}, 11, "延期天数超出规定：本次最多 10 个工作日"),
        ({"complexity": "hard"}, 21, "延期天数超出规定：本次最多 20 个工作日"),
    ],
)
def test_what_nobody_may_grant_is_denied_at_once(town, facts, days, denied):
    town.host("supervision")
    in_hand(town, **facts)

    town.say("routing", asking(town, days))

    assert [one["reason"] for one in told(town, "extension.denied")] == [denied]
    refused(town, "no-extension-asked", DecideExtension, approve=True, reason="同意")


def test_more_time_is_asked_for_a_working_day_before_with_a_reason_and_a_plan(town):
    town.host("supervision")
    in_hand(town)

    town.say("routing", asking(town, 5, plan=" "))
    town.clock.advance(days=7)
    town.say("routing", asking(town, 5))

    reasons = [one["reason"] for one in told(town, "extension.denied")]
    assert reasons == [
        "延期申请应写明理由和办理计划",
        "延期应至少在到期前 1 个工作日提出，办理期限为 2026-12-01 17:00",
    ]


def test_a_hard_matter_is_put_off_again_only_by_the_joint_conference_and_by_30_days_in_all(town):
    town.host("supervision")
    in_hand(town, complexity="hard")
    town.say("routing", asking(town, 20))
    ask(town, DecideExtension, approve=True, reason="同意")

    town.say("routing", asking(town, 11))
    assert told(town, "extension.denied")[-1]["reason"] == "延期天数超出规定：本次最多 10 个工作日"
    town.say("routing", asking(town, 10))
    refused(town, "conference-needed", DecideExtension, approve=True, reason="同意")
    ask(town, DecideExtension, approve=True, reason="同意", conference="纪要〔2026〕3号")

    assert told(town, "extension.approved")[-1]["conference"] == "纪要〔2026〕3号"
    town.say("routing", asking(town, 1))
    assert told(town, "extension.denied")[-1]["reason"] == "已延期 2 次，不得再次延期"


def test_after_an_extension_the_department_is_warned_of_the_new_date_once(town):
    supervision = town.host("supervision")
    in_hand(town)
    travel(town, supervision, "2026-11-27 12:00")
    town.say("routing", asking(town, 10))
    ask(town, DecideExtension, approve=True, reason="同意")

    travel(town, supervision, "2026-12-15 16:59")

    warned = [(one["share"], one["due"][:10]) for one in told(town, "deadline.warned") if one["step"] == "reply"]
    assert warned == [(50, "2026-12-01"), (50, "2026-12-15"), (80, "2026-12-15")]


# Suspensions

WAITING = {"reason": "statutory", "basis": "规划环评公示通知"}


def test_nobody_extends_an_order_that_is_over(town):
    town.host("supervision")
    in_hand(town)
    town.say("routing", asking(town, 5), OrderReturned(reason="不属于本单位职责", suggested="", **about(town)))

    refused(town, "no-extension-asked", DecideExtension, approve=True, reason="同意")


def test_a_suspended_order_has_after_it_what_was_left_before_it(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", ContactMade(**about(town), how="电话"))
    town.clock.advance(hours=25)

    ask(town, SuspendOrder, days=10, **WAITING)
    travel(town, supervision, "2026-12-09 18:00")

    assert [one["until"] for one in told(town, "order.suspended")] == ["2026-12-09T17:00:00+08:00"]
    assert [one["reason"] for one in told(town, "order.resumed")] == ["挂起期满"]
    assert told(town, "deadline.missed") == []
    again = told(town, "deadline.set")[-1]
    assert (again["step"], again["due"], again["reason"]) == ("reply", "2026-12-16T17:00:00+08:00", "挂起结束")


def test_a_suspension_that_ended_during_down_time_ended_when_it_was_said_to(town):
    supervision = town.host("supervision")
    in_hand(town)
    ask(town, SuspendOrder, days=2, **WAITING)

    town.clock.advance(days=5)
    supervision.tick()

    assert told(town, "deadline.set")[-1]["due"] == "2026-12-04T17:00:00+08:00"


def test_a_suspended_order_is_not_warned_of_missed_or_called_to_account(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.clock.advance(days=7)
    supervision.tick()
    ask(town, SuspendOrder, days=10, **WAITING)
    before = town.facts()

    refused(town, "suspended-now", IssueSupervision, level="yellow", reason="超期")
    travel(town, supervision, "2026-12-15 12:00")

    assert town.facts() == before


def test_an_order_is_resumed_early_and_the_days_not_needed_may_be_used_again(town):
    town.host("supervision")
    in_hand(town, urgency="urgent")
    ask(town, SuspendOrder, days=5, **WAITING)
    town.clock.advance(days=1)

    refused(town, "no-reason", ResumeOrder, reason="")
    ask(town, ResumeOrder, reason="公示结束")
    refused(town, "not-suspended", ResumeOrder, reason="公示结束")

    assert "最多可挂起 4 个" in refused(town, "suspended-too-long", SuspendOrder, days=5, **WAITING)
    ask(town, SuspendOrder, days=4, **WAITING)


@pytest.mark.parametrize(
    ("facts", "days", "most"),
    [
        ({"urgency": "critical"}, 1, "0"),
        ({"urgency": "urgent"}, 6, "5"),
        ({}, 11, "10"),
    ],
)
def test_a_suspension_has_a_limit_by_urgency(town, facts, days, most):
    town.host("supervision")
    in_hand(town, **facts)

    assert f"最多可挂起 {most} 个" in refused(town, "suspended-too-long", SuspendOrder, days=days, **WAITING)


def test_a_suspension_is_looked_at_again_and_prolonged_up_to_its_total(town):
    supervision = town.host("supervision")
    in_hand(town)
    ask(town, SuspendOrder, days=10, **WAITING)
    town.clock.advance(days=10)
    ask(town, SuspendOrder, days=10, **WAITING)

    assert [one["until"][:10] for one in told(town, "order.suspended")] == ["2026-12-08", "2026-12-22"]
    refused(town, "suspended-too-long", SuspendOrder, days=1, **WAITING)
    travel(town, supervision, "2026-12-22 16:00")
    assert told(town, "order.resumed") == []


def test_an_order_is_suspended_only_in_hand_for_an_allowed_reason_and_with_a_document(town):
    town.host("supervision")
    town.say("routing", dispatched(town))
    refused(town, "not-in-hand", SuspendOrder, days=1, **WAITING)

    in_hand(town, number="02")
    for changes, code in (({"reason": "busy"}, "suspension-reason-not-allowed"), ({"basis": " "}, "no-reason")):
        refused(town, code, SuspendOrder, number="02", days=1, **(WAITING | changes))


def test_a_reply_ends_the_suspension(town):
    supervision = town.host("supervision")
    in_hand(town)
    ask(town, SuspendOrder, days=10, **WAITING)
    town.say("routing", replied(town))
    ask(town, ApproveFeedback)

    town.clock.advance(days=60)
    supervision.tick()

    assert town.facts()[-1] == "appeal.closed"


# Review


def attempt(town, reached=False):
    return ContactMade(**about(town), how="电话", reached=reached)


def test_three_failed_attempts_at_different_times_stand_for_a_contact(town):
    town.host("supervision")
    in_hand(town)
    town.say("routing", attempt(town), attempt(town), attempt(town), replied(town, contact=""))
    assert "联系企业记录" in refused(town, "feedback-incomplete", ApproveFeedback)

    for _ in range(2):
        town.clock.advance(hours=2)
        town.say("routing", attempt(town))
    ask(town, ApproveFeedback)

    assert told(town, "feedback.approved")[0]["checked"] == ["text", "evidence", "contact"]


def test_blank_evidence_is_no_evidence(town):
    town.host("supervision")
    in_hand(town)
    town.say("routing", replied(town, evidence=(" ",)))

    assert "办理佐证" in refused(town, "feedback-incomplete", ApproveFeedback)


def test_who_assists_needs_no_contact_of_its_own(town):
    town.host("supervision")
    in_hand(town, role="assist")
    town.say("routing", replied(town, contact=""))

    ask(town, ApproveFeedback)

    assert told(town, "feedback.approved")[0]["checked"] == ["text", "evidence"]


def test_blanks_are_no_record_of_a_contact(town):
    town.host("supervision")
    in_hand(town)
    town.say("routing", replied(town, contact="  "))

    assert (
        refused(town, "feedback-incomplete", ApproveFeedback)
        == "反馈不完整，缺少：联系企业记录；请退回重办，由承办单位补齐"
    )


def test_the_time_of_a_review_is_not_the_departments(town):
    town.host("supervision")
    in_hand(town)
    town.say("routing", replied(town))
    town.clock.advance(days=2)

    ask(town, RefuseFeedback, reason="未附佐证")

    assert told(town, "deadline.set")[-1]["due"] == "2026-12-03T17:00:00+08:00"


def test_a_reply_that_is_sent_back_at_the_last_moment_has_at_least_a_working_day(town):
    town.host("supervision")
    in_hand(town)
    town.clock.advance(days=7, hours=7)
    town.say("routing", replied(town))

    ask(town, RefuseFeedback, reason="未附佐证")

    last = told(town, "deadline.set")[-1]
    assert (last["due"], last["limit"]) == ("2026-12-02T17:00:00+08:00", "1wd")


def test_a_late_reply_that_is_sent_back_stays_late_and_the_ladder_goes_on(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", ContactMade(**about(town), how="电话"))
    travel(town, supervision, "2026-12-03 16:00")
    town.say("routing", replied(town, evidence=()))

    ask(town, RefuseFeedback, reason="未附佐证")
    travel(town, supervision, "2026-12-20 12:00")

    assert datetime.fromisoformat(told(town, "deadline.set")[-1]["due"]) == local("2026-12-01 17:00")
    assert [(one["level"], one["at"][:10]) for one in told(town, "supervision.issued")] == [
        ("ordinary", "2026-12-01"),
        ("yellow", "2026-12-08"),
        ("red", "2026-12-10"),
    ]
    assert len([one for one in told(town, "deadline.missed") if one["step"] == "reply"]) == 1


# One version of the numbers


def test_what_has_begun_keeps_the_numbers_it_began_with(town):
    supervision = town.host("supervision")
    in_hand(town)
    before = supervision.rows('SELECT key, due, "limit", policy_version FROM deadlines ORDER BY key')

    rules = supervision.config["rules"]
    reply = {kind: dict.fromkeys(limits, Limit(1, "wd")) for kind, limits in rules.policy.reply.items()}
    supervision.config["rules"] = replace(rules, policy=replace(rules.policy, version="next", reply=reply))
    supervision.tick()
    in_hand(town, number="02")

    assert (
        supervision.rows(
            "SELECT key, due, \"limit\", policy_version FROM deadlines WHERE policy_version <> 'next' ORDER BY key"
        )
        == before
    )
    assert told(town, "deadline.set")[-1]["limit"] == "1wd"


def test_every_deadline_that_was_told_is_the_one_that_is_used(town):
    supervision = town.host("supervision")
    in_hand(town, complexity="hard")
    town.say("routing", ContactMade(**about(town), how="电话"), asking(town, 5))
    ask(town, DecideExtension, approve=True, reason="同意")
    ask(town, SuspendOrder, days=3, **WAITING)
    travel(town, supervision, "2027-01-10 12:00")

    shown = {one["step"]: one["due"] for one in told(town, "deadline.set")}
    (missed,) = told(town, "deadline.missed")
    with supervision.database.reading() as session:
        used = SupervisionStore(session).deadline(f"{RECEIPT}-01", "reply").due
    assert datetime.fromisoformat(missed["due"]) == datetime.fromisoformat(shown["reply"]) == used
