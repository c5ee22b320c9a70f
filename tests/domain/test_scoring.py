"""Scoring, 三率: the figures of a unit, checked by hand and against a second computation."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.scoring import Marks, Outcome, Weights, assistant_score, ranking, score, wilson

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def outcome(**changes):
    """An order that went well."""
    facts = {
        "kind": "help",
        "dispatched": NOW,
        "sign_due": NOW + DAY,
        "signed": NOW,
        "contact_due": NOW + DAY,
        "contacted": NOW,
        "contact_confirmed": True,
        "due": NOW + 5 * DAY,
        "closed": NOW + 3 * DAY,
        "rating": "satisfied",
        "solved": "solved",
    }
    return Outcome(**(facts | changes))


def the_worked_example():
    """40 orders, 39 responded; 32 answers: 27 solved, 2 partly, 3 unsolved; 29 content; 38 of 40 in time."""
    solved = ["solved"] * 27 + ["partly"] * 2 + ["unsolved"] * 3
    ratings = ["satisfied"] * 29 + ["dissatisfied"] * 3
    answered = [outcome(solved=s, rating=r) for s, r in zip(solved, ratings, strict=True)]
    silent = [outcome(solved="", rating="") for _ in range(5)]
    late = [outcome(solved="", rating="", closed=NOW + 6 * DAY) for _ in range(2)]
    return [*answered, *silent, *late, outcome(solved="", rating="", signed=None)]


def test_the_worked_example_comes_out_as_published():
    found = score(the_worked_example(), Marks(yellow_cards=1), Weights())

    assert (found.orders, found.response.count, found.solution.count, found.satisfaction.count) == (40, 39, 28, 29)
    assert found.three_rates == pytest.approx(91.59375)
    assert found.deduction == pytest.approx(1.25)
    assert found.index == pytest.approx(91.025)
    assert (round(found.three_rates, 2), format(found.index + 1e-9, ".2f")) == (91.59, "91.03")


@pytest.mark.parametrize(
    "changes",
    [
        {"signed": None},
        {"signed": NOW + 2 * DAY},
        {"contacted": None},
        {"contacted": NOW + 2 * DAY},
        {"contact_confirmed": False},
    ],
)
def test_an_order_is_responded_to_only_when_signed_and_contacted_in_time_and_proved(changes):
    assert outcome().responded
    assert not outcome(**changes).responded


def test_no_answer_never_counts_as_a_good_one():
    silent = score([outcome(rating="", solved="")] * 20, Marks(), Weights())

    assert (silent.solution.n, silent.satisfaction.n) == (0, 0)
    assert (silent.solution.value, silent.three_rates, silent.index) == (None, None, None)
    assert not silent.ranked


def test_what_is_exempt_counts_nowhere():
    bad = outcome(rating="very_dissatisfied", solved="unsolved", signed=None, exempt="merged")

    assert score([*the_worked_example(), bad], Marks(), Weights()) == score(the_worked_example(), Marks(), Weights())


def test_an_unreasonable_demand_counts_for_the_response_only():
    found = score([outcome(), outcome(unreasonable=True, solved="unsolved", rating="dissatisfied")], Marks(), Weights())

    assert (found.response.n, found.solution.n, found.satisfaction.n) == (2, 1, 1)


def test_reports_are_not_rated_by_satisfaction():
    found = score([outcome(kind="report", rating="dissatisfied"), outcome()], Marks(), Weights())

    assert (found.solution.n, found.satisfaction.n, found.satisfaction.value) == (2, 1, 1.0)


def test_deductions_weigh_less_in_a_large_unit_and_not_more_in_a_small_one():
    cards = Marks(yellow_cards=1, red_cards=1, false_closings=1, invalid_returns=1)

    assert score([outcome()] * 2, cards, Weights()).deduction == 26
    assert score([outcome()] * 100, cards, Weights()).deduction == pytest.approx(2.6)


def test_the_bonus_for_own_initiative_is_bounded_and_the_index_stays_between_0_and_100():
    assert score([outcome()] * 10, Marks(proactive=9), Weights()).bonus == 5
    assert score([outcome()] * 10, Marks(proactive=9), Weights()).index == 100
    bad = outcome(solved="unsolved", rating="dissatisfied", signed=None, closed=NOW + 9 * DAY)
    assert score([bad] * 10, Marks(red_cards=9), Weights()).index == 0


def test_small_units_are_shown_and_not_ranked():
    large, small = score([outcome()] * 10, Marks(), Weights()), score([outcome()] * 9, Marks(), Weights())

    assert ranking({"small": small, "large": large}) == ["large"]
    assert small.solution.value == 1.0


def test_of_equal_shares_the_one_with_more_answers_ranks_first():
    few, many = score([outcome()] * 12, Marks(), Weights()), score([outcome()] * 200, Marks(), Weights())

    assert ranking({"few": few, "many": many}) == ["many", "few"]


def test_an_assistant_is_scored_by_its_own_time_and_the_leads_rates():
    assert assistant_score([True, True, False, True], 90) == pytest.approx(45 + 36)
    assert assistant_score([], 90) is None


@pytest.mark.parametrize(
    ("count", "n", "bounds"),
    [(0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (29, 32, (0.7578, 0.9676)), (50, 100, (0.4038, 0.5962))],
)
def test_wilsons_interval_is_as_in_the_tables(count, n, bounds):
    assert wilson(count, n) == pytest.approx(bounds, abs=5e-5)


orders = st.builds(
    outcome,
    kind=st.sampled_from(["help", "complaint", "report"]),
    signed=st.sampled_from([None, NOW, NOW + 2 * DAY]),
    contacted=st.sampled_from([None, NOW, NOW + 2 * DAY]),
    contact_confirmed=st.booleans(),
    closed=st.sampled_from([None, NOW + 3 * DAY, NOW + 6 * DAY]),
    rating=st.sampled_from(["", "very_satisfied", "satisfied", "basically_satisfied", "dissatisfied"]),
    solved=st.sampled_from(["", "solved", "partly", "unsolved"]),
    exempt=st.sampled_from(["", "", "merged", "emergency"]),
    unreasonable=st.booleans(),
)


@given(st.lists(orders, max_size=40))
def test_the_rates_agree_with_a_second_computation_in_whole_numbers(found):
    ours = score(found, Marks(), Weights())

    a = [o for o in found if o.exempt == ""]
    v = [o for o in a if o.solved != "" and not o.unreasonable]
    halves = sum({"solved": 2, "partly": 1, "unsolved": 0}[o.solved] for o in v)
    rated = [o for o in v if o.rating != "" and o.kind != "report"]
    content = sum(o.rating not in ("dissatisfied", "very_dissatisfied") for o in rated)
    in_time = sum(
        o.signed is not None
        and o.signed <= o.sign_due
        and o.contacted is not None
        and o.contacted <= o.contact_due
        and o.contact_confirmed
        for o in a
    )
    assert (ours.orders, ours.response.count, ours.satisfaction.count) == (len(a), in_time, content)
    assert ours.solution.count == halves / 2
    if a and v and rated:
        r, j, m = Fraction(in_time, len(a)), Fraction(halves, 2 * len(v)), Fraction(content, len(rated))
        assert ours.three_rates == pytest.approx(float(30 * r + 35 * j + 35 * m))
    else:
        assert ours.three_rates is None
