"""Callbacks, 回访: after every close, at different times, and what an applicant says is taken once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appeals.bus.asking import CommandRefused
from appeals.events import AppealWithdrawn
from tests.services.evaluating import RECEIPT, accepted, call, close, closed, lead, rate, told

BEIJING = ZoneInfo("Asia/Shanghai")


def at(text):
    """A moment in Beijing."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.fixture
def closed_town(town):
    """A town in which an appeal was led and closed, on a Tuesday at nine in the morning."""
    town.host("evaluation")
    lead(town)
    close(town)
    return town


def refused(act, *arguments, **facts):
    with pytest.raises(CommandRefused) as refusal:
        act(*arguments, **facts)
    return refusal.value.told["code"]


@pytest.mark.parametrize(
    ("urgency", "due"),
    [("critical", "2026-11-24T17:00"), ("urgent", "2026-11-25T17:00"), ("normal", "2026-11-27T17:00")],
)
def test_every_close_plans_one_callback_due_by_the_urgency(town, urgency, due):
    town.host("evaluation")

    town.say("intake", accepted(town, urgency=urgency))
    town.say("supervision", closed(town))

    (planned,) = told(town, "callback.planned")
    assert (planned["department"], planned["round"]) == ("securities", 1)
    assert datetime.fromisoformat(planned["due"]) == at(due)


def test_every_further_round_is_called_about_too(closed_town):
    call(closed_town, rating="dissatisfied", solved="partly")

    closed_town.say("supervision", closed(closed_town, number=2))

    assert [one["round"] for one in told(closed_town, "callback.planned")] == [1, 2]


def test_an_anonymous_applicant_is_not_called_and_may_answer_with_the_query_code(town):
    town.host("evaluation")
    town.say("intake", accepted(town, classification="anonymous"))
    town.say("supervision", closed(town))

    assert refused(call, town) == "no-callback"
    rate(town)

    assert told(town, "callback.planned") == []
    assert town.facts()[-1] == "appeal.archived"


def test_three_failed_attempts_at_different_times_end_the_task_and_answer_nothing(closed_town):
    town = closed_town

    for hours in (0, 5, 24):
        town.clock.advance(hours=hours)
        call(town, reached=False, note="无人接听")

    assert [one["attempt"] for one in told(town, "callback.made")] == [1, 2, 3]
    assert [one["attempts"] for one in told(town, "callback.ended")] == [3]
    assert told(town, "appeal.evaluated") == []
    assert refused(call, town) == "callback-over"
    rate(town)
    assert told(town, "appeal.evaluated")[0]["via"] == "applicant"


@pytest.mark.parametrize(
    ("first", "again", "counts"),
    [
        ("2026-11-24T09:00", "2026-11-24T11:50", False),  # the same morning
        ("2026-11-24T11:50", "2026-11-24T12:10", False),  # another half-day, but no two hours later
        ("2026-11-24T09:00", "2026-11-24T13:00", True),
        ("2026-11-24T16:00", "2026-11-25T09:00", True),
    ],
)
def test_an_attempt_counts_on_another_half_day_only_and_not_too_soon(closed_town, first, again, counts):
    town = closed_town
    town.clock.advance(seconds=(at(first) - town.clock()).total_seconds())
    call(town, reached=False)
    town.clock.advance(seconds=(at(again) - town.clock()).total_seconds())

    if counts:
        call(town, reached=False)
    else:
        assert refused(call, town, reached=False) == "attempt-too-soon"

    assert len(told(town, "callback.made")) == 1 + counts


def test_a_callback_without_an_answer_is_never_a_good_one(closed_town):
    town = closed_town

    call(town, contact_confirmed=True)
    town.clock.advance(days=15)
    town.hosts["evaluation"].tick()

    assert told(town, "appeal.evaluated") == []
    assert told(town, "appeal.archived")[0]["outcome"] == "not evaluated"


def test_an_answer_on_the_telephone_counts_once_and_is_the_officers_to_sign(closed_town):
    town = closed_town

    call(town, by="回访员", rating="satisfied", solved="partly", comment="基本满意")

    (evaluated,) = told(town, "appeal.evaluated")
    assert (evaluated["via"], evaluated["by"], evaluated["solved"]) == ("callback", "回访员", "partly")
    assert refused(rate, town, "very_dissatisfied") == "rated-already"
    assert refused(call, town, rating="satisfied", solved="solved") == "callback-over"


def test_a_callback_does_not_overwrite_what_the_applicant_has_rated(closed_town):
    town = closed_town
    rate(town, "dissatisfied", "unsolved")

    assert refused(call, town, rating="very_satisfied", solved="solved") == "rated-already"
    call(town, contact_confirmed=True)

    assert [one["rating"] for one in told(town, "appeal.evaluated")] == ["dissatisfied"]
    assert [one["attempt"] for one in told(town, "callback.made")] == [1]


def test_who_is_dissatisfied_on_the_telephone_is_worked_for_once_more(closed_town):
    call(closed_town, rating="dissatisfied", solved="solved")

    assert closed_town.facts()[-1] == "appeal.reopened"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"rating": "satisfied"}, "answer-incomplete"),
        ({"solved": "solved"}, "answer-incomplete"),
        ({"reached": False, "rating": "satisfied", "solved": "solved"}, "nobody-answered"),
        ({"reached": False, "contact_confirmed": True}, "no-proof"),
        ({"rating": "five stars", "solved": "solved"}, "unknown-rating"),
        ({"round": 2}, "no-callback"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused_and_leaves_the_attempt_open(closed_town, facts, code):
    assert refused(call, closed_town, **facts) == code

    call(closed_town)

    assert [one["attempt"] for one in told(closed_town, "callback.made")] == [1]


def test_the_contact_is_confirmed_by_the_applicant_or_by_a_record_of_the_call(town):
    evaluation = town.host("evaluation")
    for number, facts in enumerate(
        ({"contact_confirmed": True}, {}, {"reached": False, "contact_confirmed": True, "record": "通话记录 0421"})
    ):
        lead(town, f"SQ-20261124-{number:06d}")
        close(town, f"SQ-20261124-{number:06d}")
        call(town, f"SQ-20261124-{number:06d}", **facts)

    confirmed = [bool(row[0]) for row in evaluation.rows('SELECT contact_confirmed FROM led ORDER BY "order"')]
    assert confirmed == [True, False, True]


def test_an_appeal_that_was_closed_without_being_heard_of_before_is_asked_about_and_not_called(town):
    town.host("evaluation")

    town.say("supervision", closed(town))

    assert town.facts() == ["evaluation.requested"]
    assert timedelta(0) <= datetime.fromisoformat(town.said()[0][1]["until"]) - town.clock()


# Overdue


def overdue(town, **ahead):
    """What was told of overdue callbacks after so long, however often evaluation looks."""
    town.clock.advance(**ahead)
    for _ in range(2):
        town.hosts["evaluation"].tick()
    return told(town, "callback.overdue")


def test_a_callback_that_is_not_made_in_time_is_told_once_and_may_still_be_made(closed_town):
    assert overdue(closed_town, days=3, hours=7) == []
    call(closed_town, reached=False)

    (said,) = overdue(closed_town, hours=2)
    call_again = overdue(closed_town, days=10)

    assert (said["round"], said["department"], said["attempts"]) == (1, "securities", 1)
    assert datetime.fromisoformat(said["due"]) == at("2026-11-27T17:00")
    assert call_again == [said]
    call(closed_town, rating="satisfied", solved="solved")


@pytest.mark.parametrize(
    "done",
    [
        lambda town: call(town),
        lambda town: rate(town),
        lambda town: town.say("intake", AppealWithdrawn(receipt=RECEIPT, at=town.clock(), reason="已自行解决")),
    ],
    ids=["called", "rated in writing", "withdrawn"],
)
def test_nobody_is_urged_to_call_whom_there_is_no_need_to_call(closed_town, done):
    done(closed_town)

    assert overdue(closed_town, days=30) == []


def test_an_anonymous_applicant_is_never_overdue_to_be_called(town):
    town.host("evaluation")
    town.say("intake", accepted(town, classification="anonymous"))
    town.say("supervision", closed(town))

    assert overdue(town, days=30) == []
