"""Working time: days, office hours, holidays and make-up days."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals.calendar import Limit, load_calendar
from appeals.settings import CALENDAR_FILE, WrongSettings

BEIJING = ZoneInfo("Asia/Shanghai")
calendar = load_calendar()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2026-11-24 09:00", "15m", "2026-11-24 09:15"),
        ("2026-11-27 23:00", "2h", "2026-11-28 01:00"),
        ("2026-11-24 09:00", "4wh", "2026-11-24 14:00"),
        ("2026-11-24 16:00", "4wh", "2026-11-25 11:30"),
        ("2026-11-24 12:30", "1wh", "2026-11-24 14:00"),
        ("2026-11-28 10:00", "4wh", "2026-11-30 13:30"),
        ("2026-11-24 09:00", "1wd", "2026-11-25 17:00"),
        ("2026-11-27 09:00", "1wd", "2026-11-30 17:00"),
        ("2026-09-30 09:00", "1wd", "2026-10-08 17:00"),
        ("2026-10-08 09:00", "2wd", "2026-10-10 17:00"),
        ("2026-11-24 09:00", "30wd", "2027-01-06 17:00"),
        ("2026-11-24 09:00", "15d", "2026-12-09 17:00"),
        ("2026-09-17 09:00", "15d", "2026-10-08 17:00"),
    ],
)
def test_a_limit_runs_out_by_the_real_working_calendar(start, limit, due):
    assert calendar.due(at(start), Limit.parse(limit)) == at(due)


def test_a_make_up_day_is_worked_and_a_bridge_day_is_not():
    assert calendar.is_workday(date(2026, 10, 10))
    assert not calendar.is_workday(date(2026, 10, 7))


def test_a_year_without_its_notice_is_provisional():
    assert not calendar.is_provisional(date(2026, 12, 31))
    assert calendar.is_provisional(date(2027, 1, 1))
    assert calendar.is_provisional(date(2035, 1, 1))


@pytest.mark.parametrize("text", ["", "0h", "4", "h", "-1wd", "1.5h", "99999h"])
def test_a_limit_that_cannot_be_read_is_an_error(text):
    with pytest.raises(ValueError, match="is not a limit"):
        Limit.parse(text)


moments = st.datetimes(datetime(2023, 1, 1), datetime(2027, 6, 1), timezones=st.just(BEIJING))  # noqa: DTZ001


@given(moments, st.sampled_from(["m", "h", "wh", "wd", "d"]), st.integers(1, 60))
def test_a_longer_limit_is_never_due_earlier(start, unit, amount):
    due = calendar.due(start, Limit(amount, unit))

    assert due > start
    assert due <= calendar.due(start, Limit(amount + 1, unit))
    if unit in ("wh", "wd", "d"):
        assert calendar.is_workday(due.astimezone(BEIJING).date())


@given(moments, st.integers(1, 40))
def test_working_hours_are_those_that_a_minute_by_minute_count_finds(start, hours):
    start = start.replace(second=0, microsecond=0)
    due = calendar.due(start, Limit(hours, "wh"))

    worked, moment = 0, start
    while worked < hours * 60:
        inside = any(opens <= moment.time() < closes for opens, closes in calendar.office_hours)
        worked += calendar.is_workday(moment.date()) and inside
        moment += timedelta(minutes=1)
    assert moment == due


@given(moments, moments, moments, st.sampled_from(["m", "h", "wh", "wd", "d"]))
def test_the_time_between_moments_adds_up(one, two, three, unit):
    first, second, third = sorted((one, two, three))

    parts = calendar.between(first, second, unit) + calendar.between(second, third, unit)
    assert parts == calendar.between(first, third, unit)
    assert calendar.between(third, first, unit) == timedelta(0)


@given(moments, st.sampled_from(["m", "h", "wh", "wd", "d"]), st.integers(1, 6000))
def test_after_so_much_time_so_much_lies_between(start, unit, minutes):
    span = timedelta(minutes=minutes)

    assert calendar.between(start, calendar.after(start, span, unit), unit) == span


def test_an_override_counts_whatever_the_list_of_its_year_says():
    closed, worked = date(2026, 11, 24), date(2026, 11, 28)
    own = replace(calendar, overrides={closed: False, worked: True})

    assert own.due(at("2026-11-23 09:00"), Limit(1, "wd")) == at("2026-11-25 17:00")
    assert own.due(at("2026-11-27 09:00"), Limit(1, "wd")) == at("2026-11-28 17:00")


@pytest.mark.parametrize("year", [1999, 2027, 2036, 2055])
def test_a_limit_that_reaches_beyond_the_known_years_is_provisional_and_never_a_failure(year):
    due = calendar.due(at(f"{year}-12-20 09:00"), Limit(60, "wd"))

    assert due > at(f"{year + 1}-02-01 00:00")
    assert calendar.is_provisional(due.date())


def test_offices_have_the_hours_that_their_calendar_says():
    own = replace(calendar, office_hours=((time(9), time(12)), (time(14), time(18))))

    assert own.due(at("2026-11-24 11:00"), Limit(2, "wh")) == at("2026-11-24 15:00")
    assert own.due(at("2026-11-24 11:00"), Limit(1, "wd")) == at("2026-11-25 18:00")


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ("zone: Asia/Shanghai", "zone: Beijing", "line 8: zone"),
        ("['13:00', '17:00']", "['11:00', '17:00']", "line 10: office_hours"),
        ("overrides: []", "overrides: [{day: 2027-02-12, works: false}]", "line 12: overrides.0.source"),
        ("makeup_days: [2025-01-26", "makeup_days: [soon, 2025-01-26", "years.2025"),
    ],
)
def test_a_wrong_calendar_is_told_with_file_line_and_field(tmp_path, wrong, right, named):
    text = CALENDAR_FILE.read_text(encoding="utf-8")
    assert wrong in text
    path = tmp_path / "calendar.yml"
    path.write_text(text.replace(wrong, right), encoding="utf-8")

    with pytest.raises(WrongSettings, match=named) as error:
        load_calendar(path)
    assert str(path) in str(error.value)
