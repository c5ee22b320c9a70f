"""Returns, 退单: once per unit, with a reason, in time, decided on the same day; then the joint conference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appeals.events import AppealReopened, FeedbackSubmitted, OrderReturned
from appeals.samples import sample
from services.routing.policy import DISPATCHER, load_policy
from services.routing.refusals import (
    DesignatedForGood,
    NoReasonGiven,
    NoReturnAsked,
    ReturnedBefore,
    ReturnedIt,
    ReturnedTooLate,
    ReturnsUsedUp,
)
from services.routing.returning import accept_return, ask_return, decide_return
from services.routing.speaking import take_word
from tests.domain.routing_rules import HOUR, NOW, a_case, book, orders_of, sent

AUTO = book()
BY_HAND = book(policy=replace(load_policy(), return_decision=DISPATCHER))
MINUTE = timedelta(minutes=1)


def sent_out(rules=AUTO, **changes):
    """A case that was just dispatched, and its orders by department."""
    case = a_case(**({"text": "园区内有国有股权"} | changes))
    return case, orders_of(case, case.dispatch(rules, NOW), rules)


def return_it(case, order, rules=AUTO, at=NOW + HOUR, reason="不属于本单位职责", **more):
    word = OrderReturned(
        receipt=case.receipt, at=at, by="李静", order=order.order, department=order.department, reason=reason
    )
    return ask_return(word, order, case, rules, at, **more)


def test_a_returned_order_goes_to_the_next_department_whose_rule_fits():
    case, orders = sent_out()

    said = return_it(case, orders["industry"], working={"natural-resources"})

    assert [one.topic for one in said] == ["order.returned", "order.dispatched"]
    assert (said[0].decided_by, sent(said)) == ("system", ["lead sasac"])


def test_who_works_on_it_already_is_not_sent_a_second_order_to_assist():
    case, orders = sent_out(title="国有股权确权", text="申报产业园区")

    assert sent(return_it(case, orders["sasac"], working={"natural-resources"})) == ["lead industry"]


def test_a_return_without_a_reason_is_refused():
    case, orders = sent_out()

    with pytest.raises(NoReasonGiven):
        return_it(case, orders["industry"], reason=" ")


@pytest.mark.parametrize(
    ("urgency", "complexity", "late"),
    [
        ("critical", "normal", NOW + 15 * MINUTE),
        ("urgent", "normal", NOW + 2 * HOUR),
        ("normal", "normal", datetime(2026, 11, 25, 9, tzinfo=UTC)),
        ("normal", "hard", datetime(2026, 11, 25, 9, tzinfo=UTC)),
    ],
)
def test_an_order_may_be_returned_until_its_limit_and_not_after(urgency, complexity, late):
    for at, refused in ((late, False), (late + MINUTE, True)):
        case, orders = sent_out(urgency=urgency, complexity=complexity)
        if refused:
            with pytest.raises(ReturnedTooLate):
                return_it(case, orders["industry"], at=at)
        else:
            assert return_it(case, orders["industry"], at=at)


def test_a_unit_returns_an_appeal_once_even_when_it_assists_afterwards():
    case, orders = sent_out(text="")
    return_it(case, orders["industry"])
    again = case.dispatch_by_hand("sasac", ("industry",), AUTO, NOW, by="王明", requirement="")

    with pytest.raises(ReturnedBefore):
        return_it(case, orders_of(case, again, AUTO)["industry"])


def test_only_the_joint_conference_hands_an_appeal_back_to_the_unit_that_returned_it():
    case, orders = sent_out(text="")
    return_it(case, orders["industry"])

    with pytest.raises(ReturnedIt):
        case.dispatch_by_hand("industry", (), AUTO, NOW, by="王明", requirement="")
    assert case.designate("industry", (), AUTO, NOW, by="赵刚", requirement="", minutes="纪要")


def test_after_two_returns_the_joint_conference_designates_and_that_is_for_good():
    case, orders = sent_out()
    orders |= orders_of(case, return_it(case, orders["industry"]), AUTO)

    (_, held) = return_it(case, orders["sasac"])

    assert held.reason == "the joint conference designates"
    designated = case.designate("natural-resources", (), AUTO, NOW, by="赵刚", requirement="", minutes="纪要")
    with pytest.raises(DesignatedForGood):
        return_it(case, orders_of(case, designated, AUTO)["natural-resources"])


def test_a_designation_lasts_when_the_appeal_is_reopened():
    case = a_case(held=True)
    case.designate("industry", (), AUTO, NOW, by="赵刚", requirement="", minutes="纪要")
    reopened = replace(sample(AppealReopened), departments=("industry",), round=2)

    orders = orders_of(case, case.reopen(reopened, "industry", AUTO, NOW), AUTO)

    with pytest.raises(DesignatedForGood):
        return_it(case, orders["industry"])


def test_a_lead_may_not_return_what_was_returned_as_often_as_it_may_be():
    case, orders = sent_out()
    case.returns = 2

    with pytest.raises(ReturnsUsedUp):
        return_it(case, orders["industry"])


def test_what_an_assistant_returns_leaves_the_lead_as_it_is():
    case, orders = sent_out()

    (returned,) = return_it(case, orders["natural-resources"])

    assert (returned.topic, case.returns) == ("order.returned", 0)


# Where a dispatcher decides


def test_a_return_waits_for_a_dispatcher_until_the_offices_close_that_day():
    case, orders = sent_out(BY_HAND)

    (asked,) = return_it(case, orders["industry"], BY_HAND)

    assert asked.topic == "return.requested"
    assert asked.decide_by == datetime(2026, 11, 24, 9, tzinfo=UTC)  # 17:00 in Beijing


def test_a_return_in_the_evening_is_decided_on_the_next_working_day():
    friday_evening = datetime(2026, 11, 27, 12, tzinfo=UTC)

    assert load_policy().decide_by(friday_evening, AUTO.calendar) == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_an_approved_return_goes_on_and_names_who_decided():
    case, orders = sent_out(BY_HAND)
    return_it(case, orders["industry"], BY_HAND)

    said = decide_return(orders["industry"], case, BY_HAND, NOW, approve=True, reason="", by="王明")

    assert (said[0].by, said[0].decided_by) == ("李静", "王明")
    assert sent(said)[0] == "lead sasac"


def test_a_denied_return_stays_and_the_unit_may_not_return_it_again():
    case, orders = sent_out(BY_HAND)
    return_it(case, orders["industry"], BY_HAND)

    (denied,) = decide_return(orders["industry"], case, BY_HAND, NOW, approve=False, reason="属于三定职责", by="王明")

    assert (denied.topic, denied.department, orders["industry"].state) == ("return.denied", "industry", "dispatched")
    with pytest.raises(ReturnedBefore):
        return_it(case, orders["industry"], BY_HAND)


def test_a_return_that_nobody_asked_for_or_that_was_decided_cannot_be_decided():
    case, orders = sent_out(BY_HAND)

    with pytest.raises(NoReturnAsked):
        decide_return(orders["industry"], case, BY_HAND, NOW, approve=True, reason="", by="王明")


def test_who_replies_no_longer_returns():
    case, orders = sent_out(BY_HAND)
    order = orders["industry"]
    return_it(case, order, BY_HAND)
    order.state = "signed"

    take_word(replace(sample(FeedbackSubmitted), order=order.order), order, case, NOW)

    with pytest.raises(NoReturnAsked):
        decide_return(order, case, BY_HAND, NOW, approve=True, reason="", by="王明")


def test_a_return_that_nobody_decided_is_decided_by_the_catalogue():
    case, orders = sent_out(BY_HAND)
    return_it(case, orders["industry"], BY_HAND)

    said = accept_return(orders["industry"], case, BY_HAND, NOW)

    assert (said[0].decided_by, sent(said)[0]) == ("system", "lead sasac")
