"""Scores, 三率: the facts of led orders become figures of a month, which are frozen some days after its end."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from appeals.bus.asking import CommandRefused
from appeals.commands import (
    ApproveFeedback,
    AskScores,
    DecideReview,
    DecideUnreasonable,
    RequestUnreasonable,
    ReviewUnreasonable,
)
from appeals.events import (
    ContactMade,
    ExtensionApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    OrderResumed,
    OrderReturned,
    OrderSigned,
    OrderSuspended,
    ReturnDenied,
    SupervisionIssued,
    SupervisionLowered,
)
from services.evaluation.periods import receipt_of
from tests.services.evaluating import (
    PERIOD,
    RECEIPT,
    about,
    accepted,
    ask,
    call,
    close,
    closed,
    deadlines,
    dispatched,
    lead,
    rate,
    receipt,
)


def scores(town, period=PERIOD, department=""):
    """The answer to who asks for the scores of a month."""
    question = AskScores(receipt=receipt_of(period), at=town.clock(), period=period, department=department)
    return town.find_out(question)


def unit(town, department="securities", period=PERIOD):
    """The figures of one unit."""
    (found,) = scores(town, period, department)["units"]
    return found


def after_the_freeze(town):
    """Move on to the day on which November is frozen, and let it be frozen."""
    town.clock.advance(days=30)
    town.hosts["evaluation"].tick()


def told_to(town, department):
    """What a department was told of its scores."""
    bodies = town.hosts["evaluation"].rows(
        f"SELECT body FROM journal WHERE audience = '{department}' AND type = 'cn.appealloop.unit.scored.v1'"  # noqa: S608
    )
    return [json.loads(bytes(body)) for (body,) in bodies]


def the_worked_example(town):
    """40 orders, 39 responded; 32 answers: 27 solved, 2 partly, 3 unsolved; 29 content; 38 of 40 in time; a card."""
    solved = ["solved"] * 27 + ["partly"] * 2 + ["unsolved"] * 3
    ratings = ["satisfied"] * 29 + ["dissatisfied"] * 3
    for number in range(40):
        lead(town, receipt(number), signed=number != 39)
    card = SupervisionIssued(level="yellow", reason="超期", **about(town, receipt(0)))
    town.say("supervision", card)
    for number in range(38):
        close(town, receipt(number))
    town.clock.advance(days=4)
    for number in (38, 39):
        close(town, receipt(number))
    for number in range(40):
        answer = {"rating": ratings[number], "solved": solved[number]} if number < 32 else {}
        call(town, receipt(number), contact_confirmed=True, **answer)


@pytest.fixture
def evaluation(town):
    return town.host("evaluation")


def test_the_worked_example_comes_out_of_the_events_as_published(town, evaluation):
    the_worked_example(town)

    figures = unit(town)

    assert (figures["orders"], figures["index"], figures["three_rates"]) == (40, 91.03, 91.59)
    assert [figures[rate]["value"] for rate in ("response", "solution", "satisfaction", "on_time")] == [
        0.975,
        0.875,
        0.9063,
        0.95,
    ]
    assert [figures[rate]["n"] for rate in ("response", "solution", "satisfaction")] == [40, 32, 32]
    assert (figures["deduction"], figures["deductions"]) == (1.25, {"yellow_card": 1.25})
    assert (figures["ranked"], figures["rank"], figures["weights_version"]) == (True, 1, "2026-12")

    after_the_freeze(town)

    (envelope,) = told_to(town, "securities")
    assert (envelope["subject"], envelope["data"]["receipt"]) == ("PERIOD-2026-11", "PERIOD-2026-11")
    assert {name: envelope["data"][name] for name in figures} == figures


def test_a_month_is_frozen_some_days_after_its_end_and_once(town, evaluation):
    lead(town)
    close(town)

    town.clock.advance(days=20)
    evaluation.tick()
    assert (scores(town)["frozen"], told_to(town, "securities")) == (False, [])
    town.clock.advance(days=8)
    evaluation.tick()
    evaluation.tick()

    assert scores(town)["frozen"]
    assert len(told_to(town, "securities")) == 1
    assert told_to(town, "sasac") == []


def test_a_replica_that_comes_to_a_month_after_another_has_frozen_it_does_nothing(town, evaluation):
    lead(town)
    close(town)
    after_the_freeze(town)

    with evaluation.database.transaction() as session:
        assert evaluation._service(session).freeze([receipt_of(PERIOD)]) == []


def test_nothing_that_comes_later_alters_a_frozen_month(town, evaluation):
    for number in range(3):
        lead(town, receipt(number))
        close(town, receipt(number))
    call(town, receipt(0), rating="satisfied", solved="solved", contact_confirmed=True)
    after_the_freeze(town)
    before = scores(town)

    call(town, receipt(1), contact_confirmed=True)
    town.say("supervision", SupervisionIssued(level="red", reason="虚假办结", **about(town, receipt(0))))
    lead(town, receipt(9), reply_in=timedelta(days=-25))  # due in November, and heard of now
    policy = evaluation.config["rules"].policy
    weights = replace(policy.weights, response=0.1, solution=0.1, satisfaction=0.8)
    evaluation.config["rules"] = replace(
        evaluation.config["rules"], policy=replace(policy, version="other", weights=weights)
    )
    evaluation.tick()

    assert scores(town) == before
    assert before["weights_version"] == "2026-12"
    assert len(told_to(town, "securities")) == 1


def test_an_order_that_a_frozen_month_has_counted_no_other_month_counts(town, evaluation):
    lead(town)
    after_the_freeze(town)

    late = ExtensionApproved(reason="补记", due=town.clock() + timedelta(days=10), **about(town))
    town.say("supervision", late)
    town.clock.advance(days=11)

    assert unit(town)["orders"] == 1
    assert scores(town, "2027-01")["units"] == []


def test_an_order_counts_in_the_month_of_its_effective_due_date_in_beijing(town, evaluation):
    lead(town, reply_in=timedelta(days=6, hours=15))  # the first of December in Beijing, November in UTC
    town.clock.advance(days=10)

    assert scores(town)["units"] == []
    assert unit(town, period="2026-12")["orders"] == 1


def test_an_extension_moves_an_order_to_the_month_of_its_new_due_date(town, evaluation):
    lead(town)
    extended = ExtensionApproved(reason="专家评审", due=town.clock() + timedelta(days=9), **about(town))
    town.say("supervision", extended)
    town.clock.advance(days=10)

    assert scores(town)["units"] == []
    assert unit(town, period="2026-12")["extended"]["count"] == 1


def test_an_order_whose_time_still_runs_does_not_count_yet(town, evaluation):
    lead(town)
    assert scores(town)["units"] == []

    town.clock.advance(days=3)

    assert unit(town)["orders"] == 1


def test_a_suspended_order_does_not_count_until_it_goes_on(town, evaluation):
    lead(town)
    suspended = OrderSuspended(
        reason="statutory", basis="公示通知", until=town.clock() + timedelta(days=20), **about(town)
    )
    town.say("supervision", suspended)
    town.clock.advance(days=4)
    assert scores(town)["units"] == []

    town.say("supervision", OrderResumed(reason="公示期满", **about(town)))

    assert unit(town)["orders"] == 1


def test_the_handling_time_is_office_time_without_suspensions(town, evaluation):
    lead(town)
    until = town.clock() + timedelta(days=20)
    town.say("supervision", OrderSuspended(reason="statutory", basis="公示", until=until, **about(town)))
    town.clock.advance(days=1)
    town.say("supervision", OrderResumed(reason="公示期满", **about(town)))
    town.clock.advance(days=1)
    close(town)

    assert unit(town)["median_hours"] == 7.5


def test_a_returned_order_is_not_its_departments_and_the_next_lead_is_scored(town, evaluation):
    lead(town)
    town.say("routing", OrderReturned(reason="不属于本单位职责", **about(town)))
    town.say("routing", dispatched(town, department="sasac", number=2))
    town.clock.advance(days=4)

    assert scores(town)["units"] == []


def test_a_denied_return_and_cards_are_deducted_and_a_card_that_is_taken_back_is_not(town, evaluation):
    lead(town)
    close(town)
    town.say("routing", ReturnDenied(reason="属于本单位职责", **about(town)))
    issued = [SupervisionIssued(level=level, reason="超期", **about(town)) for level in ("ordinary", "yellow", "red")]
    town.say("supervision", *issued)
    assert unit(town)["deductions"] == {"yellow_card": 5, "red_card": 10, "invalid_return": 1}

    town.say("supervision", SupervisionLowered(was="red", level="yellow", reason="已整改", **about(town)))
    assert unit(town)["deduction"] == 6
    town.say("supervision", SupervisionLowered(was="yellow", reason="误发", **about(town)))
    assert unit(town)["deduction"] == 1


def test_no_contact_is_taken_for_one_that_nobody_has_confirmed(town, evaluation):
    lead(town)
    close(town)
    assert unit(town)["response"]["count"] == 0

    call(town, contact_confirmed=True)

    assert unit(town)["response"]["count"] == 1


def test_whom_nobody_can_call_no_department_has_to_have_called(town, evaluation):
    lead(town, classification="anonymous")
    close(town)

    assert unit(town)["response"]["count"] == 1


def test_an_unreasonable_demand_counts_for_the_response_only(town, evaluation):
    lead(town)
    ask(town, RequestUnreasonable, by="甲", basis="依据", reason="理由")
    ask(town, ReviewUnreasonable, by="乙", supported=True, opinion="支持")
    ask(town, DecideUnreasonable, by="丙", approve=True, reason="理由", remedies="可申请复核")
    close(town)
    call(town, contact_confirmed=True, rating="very_dissatisfied", solved="unsolved")

    figures = unit(town)

    assert (figures["response"]["count"], figures["response"]["n"]) == (1, 1)
    assert (figures["solution"]["n"], figures["satisfaction"]["n"]) == (0, 0)


def test_the_reply_that_stands_counts_and_its_review_takes_no_time_of_the_department(town, evaluation):
    lead(town)
    town.say("routing", FeedbackSubmitted(text="已协调", result="solved", **about(town)))
    town.clock.advance(days=5)
    town.say("supervision", closed(town, lead="securities"))
    assert unit(town)["on_time"]["value"] == 1

    other = receipt(2)
    lead(town, other)
    town.say("routing", FeedbackSubmitted(text="已协调", result="solved", **about(town, other)))
    town.say("supervision", FeedbackRefused(reason="未附佐证", **about(town, other)))
    town.clock.advance(days=5)
    close(town, other)
    assert unit(town)["on_time"]["count"] == 1


def test_a_reopened_round_is_counted_as_one_and_each_round_has_its_own_answer(town, evaluation):
    lead(town)
    close(town)
    rate(town, "dissatisfied", "unsolved")
    town.say("routing", dispatched(town, number=2, round=2))
    town.say("supervision", *deadlines(town, number=2))
    town.say("supervision", closed(town, number=2, lead="securities"))
    rate(town)

    figures = unit(town)

    assert (figures["orders"], figures["reopened"]["count"]) == (2, 1)
    assert (figures["solution"]["count"], figures["solution"]["n"]) == (1, 2)


def test_facts_that_come_twice_are_counted_once(town, evaluation):
    lead(town)
    town.say("routing", ReturnDenied(reason="属于本单位职责", **about(town)))
    close(town)

    for voice in town.voices.values():
        with voice.database.transaction() as session:
            session.execute(text("INSERT INTO outbox SELECT id FROM journal"))
    town.settle()

    assert unit(town)["deductions"] == {"invalid_return": 1}
    assert town.facts() == ["evaluation.requested", "callback.planned to securities"]


def test_the_facts_come_from_the_services_as_they_speak(town, evaluation):
    town.host("routing")
    town.host("supervision")
    town.say("intake", accepted(town))
    (order,) = [data["order"] for event, data in town.said() if event == "order.dispatched to securities"]
    where = {"receipt": RECEIPT, "at": town.clock(), "order": order, "department": "securities"}
    town.say("securities", OrderSigned(**where), ContactMade(how="电话", **where), inbox=True)
    reply = FeedbackSubmitted(text="已辅导", result="solved", evidence=("函",), contact="电话", **where)
    town.say("securities", reply, inbox=True)
    for one in [data for event, data in town.said() if event.startswith("order.dispatched")]:
        if one["department"] != "securities":
            other = where | {"order": one["order"], "department": one["department"]}
            town.say(one["department"], OrderSigned(**other), inbox=True)
            town.say(one["department"], replace(reply, **other), inbox=True)
        town.ask(ApproveFeedback(receipt=RECEIPT, at=town.clock(), by="督办员", order=one["order"]))
    call(town, contact_confirmed=True, rating="satisfied", solved="solved")

    (figures,) = [one for period in ("2026-11", "2026-12") for one in scores(town, period)["units"]]

    assert (figures["department"], figures["orders"], figures["three_rates"]) == ("securities", 1, 100)


# First dispatches and false closings


def returned(town, of):
    return OrderReturned(reason="不属于本单位职责", suggested="sasac", **about(town, of))


def test_a_first_dispatch_is_accurate_when_its_lead_never_returned_the_appeal(town, evaluation):
    for number in range(4):
        lead(town, receipt(number))
    town.say("routing", returned(town, receipt(3)), dispatched(town, receipt(3), department="sasac", number=2))
    town.say("supervision", *deadlines(town, receipt(3), department="sasac", number=2))

    assert scores(town)["first_dispatch"]["n"] == 1  # the others have still time
    town.clock.advance(days=4)
    first = scores(town)["first_dispatch"]

    assert (first["count"], first["n"], first["value"]) == (3.0, 4, 0.75)
    assert scores(town, department="securities")["first_dispatch"] is None


def test_a_second_return_and_a_second_round_are_no_first_dispatch(town, evaluation):
    lead(town)
    town.say("routing", returned(town, RECEIPT), dispatched(town, department="sasac", number=2))
    town.say("supervision", *deadlines(town, department="sasac", number=2))
    town.say("routing", dispatched(town, department="securities", number=3, round=2))
    town.say("supervision", *deadlines(town, number=3))
    town.clock.advance(days=4)

    assert (scores(town)["first_dispatch"]["count"], scores(town)["first_dispatch"]["n"]) == (0.0, 1)


def test_a_return_after_the_freeze_leaves_the_first_dispatches_of_the_month_as_they_were(town, evaluation):
    lead(town)
    close(town)
    after_the_freeze(town)
    before = scores(town)

    town.say("routing", returned(town, RECEIPT))

    assert before["first_dispatch"]["value"] == 1.0
    assert scores(town) == before


def fall_short(town, *, solved="unsolved", decision="changed", result="solved"):
    """The applicant was dissatisfied in all rounds, and the superior decides."""
    for number in (1, 2, 3):
        town.say("supervision", replace(closed(town, number=number), result=result))
        rate(town, "dissatisfied", solved)
    ask(town, DecideReview, by="复核人员", decision=decision, reason="经复核")


def third_round(town):
    lead(town)
    for number in (2, 3):
        town.say("routing", dispatched(town, number=number, round=number))
        town.say("supervision", *deadlines(town, number=number))


def test_a_closing_is_false_when_the_applicant_denies_it_and_the_superior_changes_it(town, evaluation):
    third_round(town)

    fall_short(town)

    assert unit(town)["deductions"] == {"false_closing": 10.0}


@pytest.mark.parametrize(
    "otherwise", [{"solved": "partly"}, {"decision": "upheld"}, {"result": "unsolvable"}], ids=lambda one: str(one)
)
def test_a_closing_is_not_false_when_one_of_the_three_does_not_say_so(town, evaluation, otherwise):
    third_round(town)

    fall_short(town, **otherwise)

    assert unit(town)["deductions"] == {}


def test_a_false_closing_that_is_found_after_the_freeze_alters_nothing(town, evaluation):
    third_round(town)
    for number in (1, 2, 3):
        town.say("supervision", closed(town, number=number))
        rate(town, "dissatisfied", "unsolved")
    after_the_freeze(town)
    before = scores(town)

    ask(town, DecideReview, by="复核人员", decision="changed", reason="经复核")

    assert before["frozen"] and scores(town) == before


def test_few_answers_are_shown_and_not_ranked_and_one_unit_may_be_asked_for(town, evaluation):
    lead(town)
    close(town)
    lead(town, receipt(2), department="sasac")
    close(town, receipt(2), department="sasac")
    rate(town)

    answer = scores(town)

    assert [one["department"] for one in answer["units"]] == ["sasac", "securities"]
    assert [(one["ranked"], one["rank"]) for one in answer["units"]] == [(False, None)] * 2
    assert [one["department"] for one in scores(town, department="sasac")["units"]] == ["sasac"]


@pytest.mark.parametrize("period", ["2026-13", "2026", "November", "2026-1"])
def test_what_is_no_month_is_refused(town, evaluation, period):
    with pytest.raises(CommandRefused) as refusal:
        scores(town, period)

    assert (refusal.value.told["code"], refusal.value.told["field"]) == ("no-such-period", "period")


def test_an_assistant_is_not_scored_here(town, evaluation):
    lead(town)
    town.say("routing", dispatched(town, department="sasac", number=2, role="assist"))
    close(town)

    assert [one["department"] for one in scores(town)["units"]] == ["securities"]
