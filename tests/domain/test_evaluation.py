"""The rules of evaluation, with no set-up."""

from datetime import UTC, datetime, timedelta

import pytest

from appeals.commands import RateAppeal
from appeals.events import AppealClosed
from services.evaluation.domain import (
    ANSWERS,
    RATINGS,
    Policy,
    RatedAlready,
    RatedTooLate,
    Round,
    UnknownAnswer,
    UnknownRating,
)

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ABOUT = {"receipt": "SQ-20261124-A1B2C3", "at": NOW}
POLICY = Policy(version="test", answer_days=15, most_reopenings=2)


def a_closed_round(number=1):
    closed = AppealClosed(
        **ABOUT,
        lead="securities",
        departments=("securities", "sasac"),
        round=number,
        result="solved",
        summary="已开展上市辅导",
    )
    return Round.of(closed, POLICY, NOW)


def rate(asked, rating="satisfied", solved="solved", comment="", now=NOW):
    rated = RateAppeal(**ABOUT, by="applicant", rating=rating, solved=solved, comment=comment)
    return asked.rate(rated, POLICY, now)


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

    assert (reopened.round, reopened.reason) == (2, "申请人评价为不满意、未解决:材料清单仍未给出")


def test_an_appeal_is_reopened_at_most_twice():
    after = [rate(a_closed_round(number), "dissatisfied")[1] for number in (1, 2, 3)]

    assert [event.topic for event in after] == ["appeal.reopened", "appeal.reopened", "appeal.archived"]
    assert after[2].outcome == "final review"


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
