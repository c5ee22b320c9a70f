"""Figures: bins, quantiles, backlogs and limits, each number worked out by hand."""

from datetime import date

import pytest

from services.portal.figuring import age_bin, backlog, box, by_age, control_chart, furthest

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(("days", "bin_"), [(0, 0), (2, 0), (3, 1), (5, 1), (6, 2), (10, 2), (20, 3), (30, 4), (31, 5)])
def test_an_age_falls_into_the_bin_that_ends_with_it_or_after_it(days, bin_):
    assert age_bin(days) == bin_


def test_orders_are_counted_by_their_age_today():
    assert by_age([(MONDAY, 2), (date(2026, 11, 20), 1), (date(2026, 10, 1), 4)], MONDAY) == [2, 1, 0, 0, 0, 4]


def test_what_came_to_a_later_station_has_passed_those_before_it():
    assert furthest({0: 3, 2: 1, 5: 2}, 7) == [6, 3, 3, 2, 2, 2, 0]


def test_the_backlog_of_a_day_is_that_of_the_day_before_and_what_came_less_what_went():
    assert backlog(10, [3, 0, 5], [1, 4, 5]) == [12, 8, 8]


def test_quartiles_lie_between_two_values_in_proportion():
    made = box({1: 1, 2: 1, 4: 1, 8: 1})

    assert (made.n, made.least, made.lower, made.middle, made.upper, made.most) == (4, 1, 1.75, 3, 5, 8)


def test_a_value_that_is_there_many_times_counts_as_many_times():
    made = box({24: 3, 72: 1, 240: 1, 999: 0})

    assert (made.n, made.least, made.lower, made.middle, made.upper, made.most) == (5, 24, 24, 24, 72, 240)


def test_one_value_is_its_own_box_and_none_makes_no_box():
    assert (box({5: 1}).lower, box({5: 1}).upper) == (5, 5)
    with pytest.raises(ValueError):
        box({})


def test_days_are_put_together_by_week_from_its_monday():
    weeks = control_chart({MONDAY: (10, 1), date(2026, 11, 29): (10, 3), date(2026, 11, 30): (20, 0)})

    assert [(week.begins, week.due, week.late, week.rate) for week in weeks] == [
        (MONDAY, 20, 4, 0.2),
        (date(2026, 11, 30), 20, 0, 0.0),
    ]


def test_limits_are_three_sigmas_from_the_rate_of_all_and_wider_for_fewer():
    many, few = control_chart({MONDAY: (75, 12), date(2026, 11, 30): (25, 8)})

    assert many.centre == few.centre == 0.2
    assert (round(many.low, 4), round(many.high, 4)) == (0.0614, 0.3386)
    assert (few.low, round(few.high, 4)) == (0.0, 0.44)


def test_no_order_due_makes_no_week():
    assert control_chart({}) == []
