"""Clocks: what is used, what is left, and what shows. The invariants hold for any pauses."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals.calendar import Limit, load_calendar
from services.supervision.clock import Clock, Interval
from services.supervision.policy_file import load_policy

BEIJING = ZoneInfo("Asia/Shanghai")
calendar = load_calendar()
lights = load_policy().lights


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


starts = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(BEIJING))  # noqa: DTZ001
limits = st.builds(Limit, st.integers(1, 30), st.sampled_from(["m", "h", "wh", "wd", "d"]))


@st.composite
def clocks(draw, most_pauses=3):
    """A clock whose pauses are over, oldest first and apart from each other."""
    started = draw(starts)
    count = draw(st.integers(0, most_pauses))
    hours = draw(st.lists(st.integers(1, 400), min_size=2 * count, max_size=2 * count))
    moments, moment = [], started
    for one in hours:
        moment += timedelta(hours=one)
        moments.append(moment)
    pauses = tuple(Interval(*pair) for pair in zip(moments[::2], moments[1::2], strict=True))
    return Clock(started=started, limit=draw(limits), extra_days=draw(st.integers(0, 10)), pauses=pauses)


@given(clocks(), st.integers(0, 2000))
def test_the_time_used_is_the_sum_of_the_intervals_in_which_the_clock_ran(clock, hours):
    now = clock.started + timedelta(hours=hours)
    edges = sorted({clock.started, now, *(m for p in clock.pauses for m in (p.start, p.end) if m < now)})
    ran = [
        calendar.between(begin, end, clock.limit.unit)
        for begin, end in pairwise(edges)
        if not any(pause.start <= begin < pause.end for pause in clock.pauses)
    ]

    assert clock.used(calendar, now) == sum(ran, timedelta(0))


@given(clocks(), st.integers(0, 2000), st.integers(0, 400))
def test_a_suspension_never_increases_the_time_used(clock, hours, more):
    now = clock.started + timedelta(hours=hours)
    without = Clock(started=clock.started, limit=clock.limit, extra_days=clock.extra_days)
    suspended = Clock(
        started=clock.started,
        limit=clock.limit,
        extra_days=clock.extra_days,
        pauses=(*(pause for pause in clock.pauses if pause.end <= now), Interval(now)),
    )

    assert clock.used(calendar, now) <= without.used(calendar, now)
    assert suspended.used(calendar, now + timedelta(hours=more)) == suspended.used(calendar, now)


@given(clocks())
def test_a_pause_never_costs_time_and_moves_the_due_date_later_or_not_at_all(clock):
    without = Clock(started=clock.started, limit=clock.limit, extra_days=clock.extra_days)
    due = clock.due(calendar)

    assert due >= without.due(calendar)
    assert clock.used(calendar, due) >= without.used(calendar, without.due(calendar))


@given(clocks(), st.sampled_from([0.5, 0.8, 0.9, 1.0]))
def test_the_moment_of_a_share_is_when_that_share_is_used(clock, share):
    due = clock.due(calendar)
    moment = clock.moment_of(share, calendar, due)

    assert clock.started <= moment <= due
    assert clock.share(calendar, moment, due) == pytest.approx(share, abs=1e-6)


def test_what_is_left_at_the_start_of_a_pause_is_left_at_its_end():
    clock = Clock(
        started=at("2026-11-24 09:00"),
        limit=Limit(5, "wd"),
        pauses=(Interval(at("2026-11-25 10:00"), at("2026-11-30 10:00")),),
    )

    assert clock.due(calendar) == at("2026-12-04 17:00")
    assert Clock(started=clock.started, limit=clock.limit).due(calendar) == at("2026-12-01 17:00")


@pytest.mark.parametrize(
    ("now", "light"),
    [
        ("2026-11-24 09:00", "green"),
        ("2026-11-25 17:00", "green"),
        ("2026-11-26 17:00", "green"),
        ("2026-11-27 09:00", "blue"),
        ("2026-11-30 09:00", "blue"),
        ("2026-11-30 17:00", "yellow"),
        ("2026-12-01 12:00", "orange"),
        ("2026-12-01 17:00", "red"),
    ],
)
def test_the_light_shows_the_share_used_and_the_office_hours_left(now, light):
    clock = Clock(started=at("2026-11-24 09:00"), limit=Limit(5, "wd"))

    assert clock.light(calendar, at(now), clock.due(calendar), lights) == light


def test_a_limit_that_runs_day_and_night_has_no_office_hours_left_to_show():
    clock = Clock(started=at("2026-11-24 09:00"), limit=Limit(2, "h"))
    shown = [
        clock.light(calendar, at(f"2026-11-24 {time}"), clock.due(calendar), lights)
        for time in ("09:30", "10:00", "10:36", "10:48", "11:00")
    ]

    assert shown == ["green", "blue", "yellow", "orange", "red"]
