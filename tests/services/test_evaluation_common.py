"""Common problems, 每月一题: what comes back, stays open or gets worse, without telling who appeals in confidence."""

from datetime import timedelta

import pytest

from appeals.commands import AskCommonProblems
from services.evaluation.periods import receipt_of
from tests.services.evaluating import PERIOD, accepted, call, close, closed, lead, receipt


def common(town, period=PERIOD, without=()):
    """The answer to who asks for the common problems of a month."""
    question = AskCommonProblems(receipt=receipt_of(period), at=town.clock(), period=period, without=without)
    return town.find_out(question)


def accept(town, numbers, **changes):
    """So many appeals of one kind from one place, each an hour after the other."""
    for number in numbers:
        town.say("intake", accepted(town, receipt(number), **changes))
        town.clock.advance(minutes=1)


@pytest.fixture(autouse=True)
def _evaluation(town):
    town.host("evaluation")


def test_what_comes_back_in_one_place_is_told_with_its_receipts_and_how_many_there_are(town):
    accept(town, range(4), park="高新区")
    accept(town, range(4, 7), park="高新区", category="land")
    accept(town, range(7, 10), park="另一园区")

    (found,) = common(town)["repeats"]

    assert (found["category"], found["city"], found["park"]) == ("finance", "朝阳市", "高新区")
    assert (found["count"], found["n"]) == (3, 4)
    assert found["receipts"] == [receipt(1), receipt(2), receipt(3)]


def test_an_appeal_repeats_only_what_came_shortly_before_also_across_the_months(town):
    accept(town, range(3))
    town.clock.advance(days=20)
    accept(town, range(3, 6))
    town.clock.advance(days=40)
    accept(town, range(6, 9))

    assert common(town)["repeats"] == []
    assert [one["count"] for one in common(town, "2026-12")["repeats"]] == [3]
    assert common(town, "2027-01")["repeats"] == []


@pytest.mark.parametrize("classification", ["confidential", "anonymous"])
def test_confidential_and_anonymous_appeals_are_left_out_and_that_is_said(town, classification):
    accept(town, range(6), classification=classification)
    town.clock.advance(days=40)

    found = common(town)

    assert (found["repeats"], found["open_long"], found["falls"]) == ([], [], [])
    assert "保密、匿名诉求不计入" in found["left_out"]["zh"]


def test_nobody_reads_what_is_about_their_own_unit(town):
    accept(town, range(4), accused=("industry",))

    assert len(common(town)["repeats"]) == 1
    assert common(town, without=("industry",))["repeats"] == []


def test_what_stays_open_for_long_is_told_and_what_was_closed_is_not(town):
    accept(town, range(4))
    town.clock.advance(days=35)
    assert [one["count"] for one in common(town)["open_long"]] == [4]

    for number in (0, 1):
        town.say("supervision", closed(town, receipt(number)))

    assert common(town)["open_long"] == []


def test_a_rate_that_falls_is_told_where_both_months_have_enough_answers(town):
    for month, solved in ((0, "solved"), (1, "unsolved")):
        for number in range(3):
            of = receipt(10 * month + number)
            lead(town, of, reply_in=timedelta(days=2))
            close(town, of)
            call(town, of, contact_confirmed=True, rating="satisfied", solved=solved)
        town.clock.advance(days=20)

    (fall,) = common(town, "2026-12")["falls"]

    assert (fall["rate"], fall["before"], fall["now"], fall["n"], fall["n_before"]) == ("solution", 1, 0, 3, 3)
    assert fall["receipts"] == [receipt(10), receipt(11), receipt(12)]
    assert common(town, "2027-01")["falls"] == []
