"""The work list follows what the department hears and says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from appeals.events import AppealArchived, OrderCancelled, ReturnDenied, WordRefused
from tests.departments.conftest import MANIFESTS, ORDER, RECEIPT


@pytest.fixture
def trial(try_out, industry):
    """A department that does nothing by itself."""
    return try_out(industry)


@pytest.fixture
def desk(trial):
    """Opens a clerk's desk there."""
    return trial.office.clerk


def order(desk, number_or_receipt=RECEIPT):
    with desk() as at:
        return at.order(number_or_receipt)


def test_a_dispatched_order_is_in_the_list_with_its_next_deadline(trial, events, desk):
    trial.hear(events.dispatched(requirement="牵头会商"))
    trial.hear(events.deadline("reply", days=10), events.deadline("sign", days=1))

    found = order(desk)

    assert (found.state, found.role, found.applicant, found.note) == (
        "dispatched", "lead", "朝阳高新技术产业开发区", "牵头会商",
    )  # fmt: skip
    assert found.due == trial.clock() + timedelta(days=1)


def test_a_step_that_is_done_is_no_longer_due_even_when_its_deadline_is_told_later(trial, events, desk):
    trial.hear(events.dispatched())
    with desk() as at:
        at.sign(at.order(RECEIPT))

    trial.hear(events.deadline("sign", days=1), events.deadline("reply", days=10))

    assert order(desk).state == "signed"
    assert order(desk).due == trial.clock() + timedelta(days=10)


def test_a_reply_that_is_sent_back_is_to_be_done_again(trial, events, desk):
    trial.hear(events.dispatched())
    trial.hear(events.deadline("reply", days=10))
    with desk() as at:
        at.sign(at.order(RECEIPT))
        at.feedback(at.order(RECEIPT), text="已办", result="solved")
    assert (order(desk).state, order(desk).due) == ("replied", None)

    trial.hear(events.refused("缺少佐证"))

    assert (order(desk).state, order(desk).note) == ("signed", "缺少佐证")
    assert order(desk).due == trial.clock() + timedelta(days=10)


RETURN = {"receipt": RECEIPT, "order": ORDER, "department": "industry"}
REFUSED = RETURN | {"word": "order.returned", "zh": "退单期限已过", "en": "too late"}


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("answer", "facts"),
    [(ReturnDenied, RETURN | {"reason": "退单期限已过"}), (WordRefused, REFUSED | {"code": "returned-too-late"})],
)
def test_an_order_that_may_not_be_returned_is_to_be_worked_on_again(trial, events, desk, answer, facts, signed):
    trial.hear(events.dispatched())
    with desk() as at:
        if signed:
            at.sign(at.order(RECEIPT))
        at.return_order(at.order(RECEIPT), reason="不属于本单位职责")
    assert order(desk, ORDER).state == "returned"

    trial.hear(answer(at=trial.clock(), **facts))

    assert (order(desk).state, order(desk).note) == ("signed" if signed else "dispatched", "退单期限已过")


def test_an_order_that_is_returned_twice_stays_returned(trial, events, desk):
    trial.hear(events.dispatched())
    with desk() as at:
        at.return_order(at.order(RECEIPT), reason="不属于本单位职责")

    trial.hear(WordRefused(at=trial.clock(), code="wrong-step", **REFUSED))

    assert order(desk, ORDER).state == "returned"


def test_a_closed_appeal_leaves_nothing_to_do(trial, events, desk):
    trial.hear(events.dispatched())
    trial.hear(events.approved())
    assert order(desk).state == "done"

    trial.hear(events.closed())

    assert order(desk).state == "closed"
    with desk() as at:
        assert at.open_orders() == []


def test_a_returned_order_stays_returned_whatever_becomes_of_the_appeal(trial, events, desk):
    trial.hear(events.dispatched())
    with desk() as at:
        at.return_order(at.order(RECEIPT), reason="不属于本单位职责")

    trial.hear(events.closed())
    trial.hear(events.reopened("未解决"))

    assert (order(desk).state, order(desk).note) == ("returned", "不属于本单位职责")


def test_a_reopened_appeal_is_its_new_order_and_the_old_one_is_over(trial, events, desk):
    second = f"{RECEIPT}-02"
    trial.hear(events.dispatched())
    trial.hear(events.closed())

    trial.hear(events.reopened("未解决"))
    trial.hear(events.dispatched(order=second, round=2))

    assert (order(desk).order, order(desk).state) == (second, "dispatched")
    assert (order(desk, ORDER).state, order(desk, ORDER).note) == ("reopened", "未解决")


def test_of_two_orders_of_one_appeal_the_one_to_lead_comes_first(trial, events, desk):
    trial.hear(events.dispatched(), events.dispatched(order=f"{RECEIPT}-02", role="assist"))

    assert order(desk).role == "lead"


def test_the_most_urgent_open_order_comes_first_and_one_without_deadline_last(trial, events, desk):
    trial.hear(*(events.dispatched(order=f"{RECEIPT}-{number}") for number in ("01", "02", "03")))
    trial.hear(
        events.deadline("reply", days=9, order=f"{RECEIPT}-02"),
        events.deadline("reply", days=3, order=f"{RECEIPT}-03"),
        source="supervision",
    )

    with desk() as at:
        assert [one.order[-2:] for one in at.open_orders()] == ["03", "02", "01"]


def test_events_about_an_order_that_is_not_in_the_list_are_passed_over(try_out, events, industry):
    trial = try_out(industry, replace(MANIFESTS.get("industry"), events=("deadline.set", "appeal.closed")))

    trial.hear(events.deadline("sign", days=1), events.closed())

    assert trial.rows("SELECT * FROM work_orders") == []
    assert trial.dead == []


def cancelled(trial):
    about = {"receipt": RECEIPT, "at": trial.clock(), "order": ORDER, "department": "industry"}
    return OrderCancelled(reason="已自行解决", **about)


def test_an_order_whose_appeal_was_withdrawn_leaves_nothing_to_do(trial, events, desk):
    trial.hear(events.dispatched(), events.deadline("reply", days=10))

    trial.hear(cancelled(trial))

    assert (order(desk).state, order(desk).note, order(desk).due) == ("cancelled", "已自行解决", None)
    with desk() as at:
        assert at.open_orders() == []


def test_a_reply_that_has_crossed_a_withdrawal_opens_the_order_no_more(trial, events, desk):
    trial.hear(events.dispatched())
    with desk() as at:
        at.sign(at.order(RECEIPT))
    trial.hear(cancelled(trial))

    with desk() as at:
        at.feedback(at.order(RECEIPT), text="已办", result="solved")
    trial.hear(AppealArchived(receipt=RECEIPT, at=trial.clock(), departments=("industry",), outcome="evaluated"))

    assert order(desk).state == "cancelled"
