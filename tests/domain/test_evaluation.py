"""The rules of evaluation, with no set-up."""

from datetime import UTC, datetime, timedelta

import pytest

from appeals.calendar import load_calendar
from appeals.commands import RateAppeal
from appeals.events import AppealClosed
from services.evaluation.domain import ANSWERS, RATINGS, Round
from services.evaluation.policy import Rules
from services.evaluation.policy_file import load_policy
from services.evaluation.refusals import RatedAlready, RatedTooLate, UnknownAnswer, UnknownRating

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ABOUT = {"receipt": "SQ-20261124-A1B2C3", "at": NOW}
RULES = Rules(policy=load_policy(), calendar=load_calendar())


def a_closed_round(number=1):
    closed = AppealClosed(
        **ABOUT,
        lead="securities",
        departments=("securities", "sasac"),
        round=number,
        result="solved",
        summary="已开展上市辅导",
    )
    return Round.of(closed, RULES.policy, NOW)


def rate(asked, rating="satisfied", solved="solved", comment="", now=NOW, **options):
    rated = RateAppeal(**ABOUT, by="applicant", rating=rating, solved=solved, comment=comment)
    return asked.rate(rated, RULES, now, **options)


def test_the_applicant_has_fifteen_days():
    requested = a_closed_round().request(NOW)

    assert (requested.round, requested.until) == (1, NOW + timedelta(days=15))


def test_an_answer_rates_the_lead():
    evaluated, _ = rate(a_closed_round(), comment="感谢支持")

    assert (evaluated.department, evaluated.round, evaluated.by) == ("securities", 1, "applicant")
    assert (evaluated.rating, evaluated.solved, evaluated.comment) == ("satisfied", "solved", "感谢支持")


@pytest.mark.parametrize("rating", RATINGS)
@pytest.mark.parametrize("solved", ANSWERS)
def test_who_is_satisfied_and_not_left_unsolved_ends_the_loop(rating, solved):
    _, after = rate(a_closed_round(), rating, solved)

    content = rating in ("very_satisfied", "satisfied", "basically_satisfied") and solved in ("solved", "partly")
    assert after.topic == ("appeal.archived" if content else "appeal.reopened")
    assert after.departments == ("securities", "sasac")


def test_a_reopened_appeal_carries_the_next_round_and_the_applicants_words():
    _, reopened = rate(a_closed_round(), "dissatisfied", "unsolved", "材料清单仍未给出")

    assert (reopened.round, reopened.reason) == (2, "申请人评价为不满意、未解决：材料清单仍未给出")


@pytest.mark.parametrize("solved", ANSWERS)
def test_who_is_dissatisfied_is_worked_for_twice_more_and_then_heard_by_the_superior_also_when_it_was_solved(solved):
    after = [rate(a_closed_round(number), "dissatisfied", solved)[1] for number in (1, 2, 3)]

    assert [event.topic for event in after] == ["appeal.reopened", "appeal.reopened", "review.requested"]
    assert (after[2].due - NOW).days == 30


def test_a_demand_that_was_held_unreasonable_is_not_worked_on_once_more():
    for number in (1, 3):
        _, after = rate(a_closed_round(number), "very_dissatisfied", "unsolved", rework=False)

        assert (after.topic, after.outcome) == ("appeal.archived", "evaluated")


def test_nobody_rates_twice_in_a_round():
    asked = a_closed_round()
    rate(asked, "dissatisfied")

    with pytest.raises(RatedAlready):
        rate(asked, "very_satisfied")

    assert asked.rating == "dissatisfied"


def test_nobody_rates_after_the_time_has_passed():
    asked = a_closed_round()

    with pytest.raises(RatedTooLate):
        rate(asked, now=asked.until)
    asked.lapse(asked.until)
    with pytest.raises(RatedTooLate):
        rate(asked)


def test_no_answer_never_becomes_a_good_one():
    asked = a_closed_round()

    archived = asked.lapse(asked.until)

    assert archived.outcome == "not evaluated"
    assert (asked.rating, asked.solved) == ("", "")


@pytest.mark.parametrize(("facts", "refusal"), [({"rating": "5"}, UnknownRating), ({"solved": "maybe"}, UnknownAnswer)])
def test_what_is_not_on_the_list_is_refused_with_its_field_and_changes_nothing(facts, refusal):
    asked = a_closed_round()

    with pytest.raises(refusal) as found:
        rate(asked, **facts)

    told = found.value.told()
    assert [told["status"], told["field"]] == [422, *facts]
    assert asked.state == "asked"
