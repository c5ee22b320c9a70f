"""Working time, worked out in another way than the product does it, from the two public libraries themselves.

Office time is a coordinate: how many seconds the offices have been open since the first day. A moment has one, and
a coordinate leads back to the earliest moment that has it; spans of office time are then plain sums.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, timedelta, timezone

import chinese_calendar
import holidays

BEIJING = timezone(timedelta(hours=8))
FIRST = date(2025, 12, 1)
LAST = date(2028, 12, 31)
MORNING, AFTERNOON = (8 * 3600 + 1800, 12 * 3600), (13 * 3600, 17 * 3600)
OPEN_SECONDS = sum(closes - opens for opens, closes in (MORNING, AFTERNOON))
CLOSING = AFTERNOON[1]
DAY = 86_400
_MIDNIGHT = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=BEIJING).timestamp())

Seconds = int  # since 1970


def _works(day: date) -> bool:
    """By the notice as chinesecalendar has it; for years without a notice, by the statutory days of holidays."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5 and day not in _STATUTORY


_STATUTORY = holidays.China(years=range(2027, LAST.year + 1))
_DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
WORKS = [_works(day) for day in _DAYS]
WORKDAYS = [number for number, works in enumerate(WORKS) if works]
_BEFORE = [0]
for _one in WORKS:
    _BEFORE.append(_BEFORE[-1] + (OPEN_SECONDS if _one else 0))


def day_of(moment: Seconds) -> int:
    """The number of the day in Beijing."""
    return (moment - _MIDNIGHT) // DAY


def date_of(moment: Seconds) -> date:
    """The date in Beijing."""
    return _DAYS[day_of(moment)]


def at(day: int, second: int) -> Seconds:
    """This second of a day."""
    return _MIDNIGHT + day * DAY + second


def is_provisional(moment: Seconds) -> bool:
    """Whether the notice of that year is not known."""
    return date_of(moment).year > 2026


def office_time(moment: Seconds) -> int:
    """The coordinate of a moment."""
    day = day_of(moment)
    if not WORKS[day]:
        return _BEFORE[day]
    second = moment - at(day, 0)
    return _BEFORE[day] + sum(min(max(second, opens), closes) - opens for opens, closes in (MORNING, AFTERNOON))


def office_moment(coordinate: float) -> float:
    """The earliest moment at which the offices have been open for so long."""
    day = bisect_left(_BEFORE, coordinate) - 1
    into = coordinate - _BEFORE[day]
    morning = MORNING[1] - MORNING[0]
    return at(day, 0) + (MORNING[0] + into if into <= morning else AFTERNOON[0] + into - morning)


def workdays_later(moment: Seconds, count: int) -> Seconds:
    """The closing of the so-manieth working day after the day of a moment, which itself does not count."""
    after = bisect_left(WORKDAYS, day_of(moment) + 1)
    return at(WORKDAYS[after + count - 1], CLOSING)


def closing_from(moment: Seconds) -> Seconds:
    """The first closing of a working day at this moment or later."""
    day = WORKDAYS[bisect_left(WORKDAYS, day_of(moment))]
    closing = at(day, CLOSING)
    return closing if closing >= moment else workdays_later(moment, 1)


def runs_out(start: Seconds, limit: str) -> Seconds:
    """When a limit such as 15m, 4wh, 3wd or 30d that starts now runs out."""
    unit = limit.lstrip("0123456789")
    amount = int(limit.removesuffix(unit))
    if unit == "wd":
        return workdays_later(start, amount)
    if unit == "d":
        return closing_from(at(day_of(start) + amount, 0))
    if unit == "wh":
        return round(office_moment(office_time(start) + amount * 3600))
    return start + amount * {"m": 60, "h": 3600}[unit]


def day_of_date(day: date) -> int:
    """The number of a date."""
    return (day - FIRST).days


def is_weekend(day: int) -> bool:
    """Whether it is a Saturday or a Sunday."""
    return _DAYS[day].weekday() >= 5


def as_time(moment: Seconds) -> datetime:
    """A moment as the product has it."""
    return datetime.fromtimestamp(moment, BEIJING)
