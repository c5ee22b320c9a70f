"""Working time in mainland China: which days are worked, and when a limit runs out.

The day on which a period begins is not counted, and a last day without work moves to the next one with work
(Civil Code of the PRC, articles 201 and 203). Pure: a moment and a limit in, a moment out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates

from appeals.settings import CALENDAR_FILE, from_yaml

BEIJING = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
WORDS = {
    "m": ("分钟", "minutes"),
    "h": ("小时", "hours"),
    "wh": ("工作小时", "working hours"),
    "wd": ("个工作日", "working days"),
    "d": ("日", "days"),
}
IN_OFFICE = ("wh", "wd")  # the units that count office time


@dataclass(frozen=True)
class Limit:
    """A span of time: `15m` and `2h` run day and night, `4wh` in office hours, `1wd` in working days, `30d` in days."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read a limit such as `4wh`. Raises ValueError."""
        found = re.fullmatch(r"([1-9]\d{0,3})(m|h|wh|wd|d)", text)
        if not found:
            raise ValueError(f"{text!r} is not a limit such as 15m, 2h, 4wh, 1wd or 30d")
        return cls(int(found[1]), found[2])

    def half(self, at_least: int = 1) -> Limit:
        """Half of it, but at least so much, and never more than the whole."""
        return Limit(min(self.amount, max(at_least, self.amount // 2)), self.unit)

    @property
    def zh(self) -> str:
        """The limit as an official says it: `1 个工作日`."""
        return f"{self.amount} {WORDS[self.unit][0]}"

    @property
    def en(self) -> str:
        """The limit in English: `1 working days`."""
        return f"{self.amount} {WORDS[self.unit][1]}"

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days and hours of work. Years that are not listed count Monday to Friday, and are provisional.

    `overrides` says of single days whether they are worked, whatever the year's list says.
    """

    version: str
    zone: ZoneInfo
    office_hours: tuple[tuple[time, time], ...]
    holidays: frozenset[date] = field(default_factory=frozenset)
    makeup_days: frozenset[date] = field(default_factory=frozenset)
    settled_years: frozenset[int] = field(default_factory=frozenset)
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on this day."""
        if day in self.overrides:
            return self.overrides[day]
        return day in self.makeup_days or (day.weekday() < 5 and day not in self.holidays)

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of that year may still change."""
        return day.year not in self.settled_years

    def due(self, start: datetime, limit: Limit) -> datetime:
        """When a limit that starts at this moment runs out; days end when the offices close."""
        local = start.astimezone(self.zone)
        if limit.unit == "wd":
            return self.closing(self._workday_after(local.date(), limit.amount))
        if limit.unit == "d":
            return self.closing(self._workday_from(local.date() + timedelta(days=limit.amount)))
        span = timedelta(minutes=limit.amount) if limit.unit == "m" else timedelta(hours=limit.amount)
        return self.after(start, span, limit.unit)

    def after(self, start: datetime, span: timedelta, unit: str) -> datetime:
        """When so much of the time that a unit counts has passed: office time for wh and wd, all of it for others."""
        return self._after_office_time(start.astimezone(self.zone), span) if unit in IN_OFFICE else start + span

    def between(self, start: datetime, end: datetime, unit: str) -> timedelta:
        """How much of the time that a unit counts lies between two moments."""
        if end <= start:
            return timedelta(0)
        return (
            self._office_time(start.astimezone(self.zone), end.astimezone(self.zone))
            if unit in IN_OFFICE
            else (end - start)
        )

    def closing_after(self, moment: datetime) -> datetime:
        """When the offices close next, from this moment on."""
        local = moment.astimezone(self.zone)
        closing = self.closing(self._workday_from(local.date()))
        return closing if closing >= local else self.closing(self._workday_after(local.date(), 1))

    @property
    def office_day(self) -> timedelta:
        """How long the offices are open on a working day."""
        day = date(2026, 1, 1)
        return sum((closes - opens for opens, closes in self._hours(day)), timedelta(0))

    def closing(self, day: date) -> datetime:
        """When the offices close on this day."""
        return datetime.combine(day, self.office_hours[-1][1], self.zone)

    def _workday_from(self, day: date) -> date:
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def _workday_after(self, day: date, count: int) -> date:
        for _ in range(count):
            day = self._workday_from(day + ONE_DAY)
        return day

    def _after_office_time(self, start: datetime, left: timedelta) -> datetime:
        day = self._workday_from(start.date())
        while True:
            for opens, closes in self._hours(day):
                begin = max(start, opens)
                if begin < closes:
                    if left <= closes - begin:
                        return begin + left
                    left -= closes - begin
            day = self._workday_from(day + ONE_DAY)

    def _office_time(self, start: datetime, end: datetime) -> timedelta:
        total, day = timedelta(0), self._workday_from(start.date())
        while day <= end.date():
            for opens, closes in self._hours(day):
                total += max(timedelta(0), min(end, closes) - max(start, opens))
            day = self._workday_from(day + ONE_DAY)
        return total

    def _hours(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for opens, closes in self.office_hours:
            yield datetime.combine(day, opens, self.zone), datetime.combine(day, closes, self.zone)


class LimitField(fields.String):
    """A limit in a YAML file."""

    def _deserialize(self, value, attr, data, **options) -> Limit:
        try:
            return Limit.parse(super()._deserialize(value, attr, data, **options))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class _Time(fields.String):
    def _deserialize(self, value, attr, data, **options) -> time:
        try:
            return time.fromisoformat(super()._deserialize(value, attr, data, **options))
        except ValueError:
            raise ValidationError(f"{value!r} is not a time such as 08:30") from None


class _Zone(fields.String):
    def _deserialize(self, value, attr, data, **options) -> ZoneInfo:
        try:
            return ZoneInfo(super()._deserialize(value, attr, data, **options))
        except (ValueError, ZoneInfoNotFoundError):
            raise ValidationError(f"{value!r} is not a time zone such as Asia/Shanghai") from None


class _Day(fields.Field):
    def _deserialize(self, value, attr, data, **options) -> date:
        if not isinstance(value, date):
            raise ValidationError(f"{value!r} is not a date such as 2026-10-01")
        return value


class _YearSchema(Schema):
    provisional = fields.Boolean(load_default=False)
    holidays = fields.List(_Day(), required=True)
    makeup_days = fields.List(_Day(), required=True)


class _OverrideSchema(Schema):
    day = _Day(required=True)
    works = fields.Boolean(required=True)
    source = fields.String(required=True, validate=validate.Length(min=1))


class CalendarSchema(Schema):
    """How a calendar is written."""

    version = fields.String(required=True, validate=validate.Length(1, 32))
    zone = _Zone(required=True)
    office_hours = fields.List(fields.Tuple((_Time(), _Time())), required=True)
    overrides = fields.List(fields.Nested(_OverrideSchema), load_default=())
    years = fields.Dict(keys=fields.Integer(), values=fields.Nested(_YearSchema), required=True)

    @validates("office_hours")
    def check_hours(self, hours, **_) -> None:
        """Raises ValidationError unless the hours follow one another within a day."""
        moments = [moment for pair in hours for moment in pair]
        if not moments or any(one >= other for one, other in pairwise(moments)):
            raise ValidationError("the hours must follow one another within a day, such as 08:30 to 12:00")

    @post_load
    def make(self, values, **_) -> Calendar:
        years = values["years"]
        return Calendar(
            version=values["version"],
            zone=values["zone"],
            office_hours=tuple(values["office_hours"]),
            holidays=frozenset(day for year in years.values() for day in year["holidays"]),
            makeup_days=frozenset(day for year in years.values() for day in year["makeup_days"]),
            settled_years=frozenset(number for number, year in years.items() if not year["provisional"]),
            overrides={one["day"]: one["works"] for one in values["overrides"]},
        )


@cache
def load_calendar(path: Path = CALENDAR_FILE) -> Calendar:
    """Read a calendar; by default the one that comes along. Raises WrongSettings."""
    return from_yaml(path, CalendarSchema)
