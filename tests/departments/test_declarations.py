"""What is declared beside a handler holds, and coroutine handlers are served."""

import asyncio
import threading

import pytest

from appeals.department import Department
from appeals.errors import Refused
from appeals.events import DeadlineSet, OrderDispatched
from appeals.testing import wait_until
from tests.departments.conftest import reasons


def failing(industry, error, **declared):
    """Have a handler fail; returns the list of its attempts."""
    tried = []

    @industry.on(OrderDispatched, **declared)
    def fail(order, desk):
        tried.append(order)
        raise error

    return tried


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2), (3, 4), (None, 4)])
def test_a_failing_handler_is_tried_again_as_often_as_declared(try_out, industry, retries, attempts):
    tried = failing(industry, ConnectionError("down"), retries=retries)
    trial = try_out(industry)

    trial.hear(OrderDispatched)
    trial.settle_through_retries()

    assert len(tried) == attempts
    assert reasons(trial) == ["ConnectionError"]


def test_an_error_that_is_declared_to_refuse_sets_its_event_aside_at_once(try_out, industry):
    tried = failing(industry, UnicodeError("no such district"), refuse=(LookupError, ValueError))
    trial = try_out(industry)

    trial.hear(OrderDispatched)
    trial.settle_through_retries()

    assert len(tried) == 1
    (letter,) = trial.dead
    assert (letter.topic, letter.reason, letter.error) == ("order.dispatched", "UnicodeError", "no such district")


@pytest.mark.parametrize(("ordered", "first"), [(True, []), (False, ["deadline.set"])])
def test_an_event_waits_for_earlier_ones_unless_declared_otherwise(try_out, industry, ordered, first):
    heard = []
    industry.on(OrderDispatched)(lambda order, desk: heard.append(order.topic))
    industry.on(DeadlineSet, ordered=ordered)(lambda deadline, desk: heard.append(deadline.topic))
    trial = try_out(industry)

    trial.say(OrderDispatched, DeadlineSet)
    order, deadline = trial.take()
    trial.broker.publish(deadline)
    trial.settle()
    assert heard == first

    trial.broker.publish(order)
    trial.settle()
    assert set(heard) == {"order.dispatched", "deadline.set"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"retries": -1},
        {"retries": 4},
        {"retries": True},
        {"retries": "3"},
        {"refuse": (ValueError, "KeyError")},
        {"refuse": (KeyboardInterrupt,)},
    ],
    ids=str,
)
def test_an_option_out_of_range_is_told_where_it_is_declared(industry, wrong):
    (name,) = wrong

    with pytest.raises(ValueError, match=name):
        industry.on(OrderDispatched, **wrong)


def test_one_class_of_errors_needs_no_tuple(try_out, industry):
    tried = failing(industry, KeyError("x"), refuse=KeyError)

    try_out(industry).hear(OrderDispatched)

    assert len(tried) == 1


@pytest.mark.parametrize("wrong", [{"prefetch": 1}, {"prefetch": 10_001}, {"concurrency": 0}, {"concurrency": 33}])
def test_a_department_with_a_number_out_of_range_is_not_made(wrong):
    (name,) = wrong

    with pytest.raises(ValueError, match=name):
        Department("industry", **wrong)


def test_a_handler_declared_without_its_event_is_told_at_once(industry):
    with pytest.raises(ValueError, match=r"on\(OrderDispatched\)"):

        @industry.on
        def take(order, desk):
            desk.sign(order)


def test_a_department_of_several_threads_and_small_batches_handles_each_event_once(try_out):
    several = Department("industry", prefetch=2, concurrency=3)
    several.on(OrderDispatched)(lambda order, desk: desk.sign(order))
    receipts = [f"SQ-20261124-{number:06}" for number in range(10)]
    trial = try_out(several)
    for receipt in receipts:
        trial.say(OrderDispatched, receipt=receipt)
    station = trial.office.station

    station.start()
    wait_until(lambda: len(trial.arrived) >= len(receipts))
    station.stop()

    assert len(station.consumers) == 3
    assert sorted(word.receipt for word in trial.said) == receipts


def test_a_coroutine_handler_says_its_words_in_the_same_transaction(try_out, industry):
    @industry.on(OrderDispatched)
    async def take(order, desk):
        await asyncio.sleep(0)
        desk.sign(order)

    trial = try_out(industry)

    trial.hear(OrderDispatched)

    assert trial.words == ["order.signed"]
    assert trial.order().state == "signed"


@pytest.mark.parametrize(
    ("error", "attempts"), [(ConnectionError("down"), 4), (Refused(), 1)], ids=["fails", "refuses"]
)
def test_a_coroutine_handler_that_raises_is_treated_as_any_other(try_out, industry, error, attempts):
    tried = []

    @industry.on(OrderDispatched)
    async def take(order, desk):
        desk.sign(order)
        tried.append(order)
        await asyncio.sleep(0)
        raise error

    trial = try_out(industry)

    trial.hear(OrderDispatched)
    trial.settle_through_retries()

    assert len(tried) == attempts
    assert len(trial.dead) == 1
    assert trial.words == []


def test_coroutine_handlers_share_one_loop_that_ends_with_the_process(try_out, industry):
    loops = []

    @industry.on(OrderDispatched)
    async def take(order, desk):
        loops.append(asyncio.get_running_loop())

    trial = try_out(industry)
    trial.hear(OrderDispatched)
    trial.hear(OrderDispatched, receipt="SQ-20261124-000002")

    trial.office.close()

    assert loops[0] is loops[1]
    assert loops[0].is_closed()
    assert "coroutines" not in {thread.name for thread in threading.enumerate()}


def test_a_coroutine_that_is_cancelled_counts_as_a_failed_attempt(try_out, industry):
    @industry.on(OrderDispatched)
    async def take(order, desk):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    trial = try_out(industry)

    trial.hear(OrderDispatched)
    trial.settle_through_retries()

    assert reasons(trial) == ["CancelledError"]


def test_what_is_said_about_a_sample_is_noted_and_stays_here(try_out, industry, caplog):
    caplog.set_level("INFO")
    industry.on(OrderDispatched)(lambda order, desk: desk.sign(order))
    trial = try_out(industry)

    trial.hear(OrderDispatched, receipt="SAMPLE-0001")
    with trial.clerk() as desk:
        desk.feedback(desk.order("SAMPLE-0001"), text="已办", result="solved")

    assert trial.order("SAMPLE-0001-01").state == "replied"
    assert trial.words == []
    assert trial.rows("SELECT count(*) FROM journal") == [(0,)]
    assert "said order.signed about a sample; it stays here" in caplog.text
