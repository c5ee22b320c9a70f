"""Working time: days, office hours, holidays and make-up days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals.calendar import Limit, load_calendar

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
