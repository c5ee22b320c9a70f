"""Working time in mainland China: which days are worked, and when a limit runs out.

The day on which a period begins is not counted, and a last day without work moves to the next one with work
(Civil Code of the PRC, articles 201 and 203). Pure: a moment and a limit in, a moment out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load

from appeals.settings import from_yaml

CALENDAR_FILE = Path(__file__).with_name("calendar.yml")
BEIJING = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
UNITS = {"m": "minutes", "h": "hours", "wh": "working hours", "wd": "working days", "d": "days"}


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

    def half(self) -> Limit:
        """Half of it, but at least 1."""
        return Limit(max(1, self.amount // 2), self.unit)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days and hours of work. Years that are not listed count Monday to Friday, and are provisional."""

    version: str
    zone: ZoneInfo
    office_hours: tuple[tuple[time, time], ...]
    holidays: frozenset[date] = field(default_factory=frozenset)
    makeup_days: frozenset[date] = field(default_factory=frozenset)
    settled_years: frozenset[int] = field(default_factory=frozenset)

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on this day."""
        return day in self.makeup_days or (day.weekday() < 5 and day not in self.holidays)

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of that year may still change."""
        return day.year not in self.settled_years

    def due(self, start: datetime, limit: Limit) -> datetime:
        """When a limit that starts at this moment runs out; days end when the offices close."""
        local = start.astimezone(self.zone)
        if limit.unit == "m":
            return start + timedelta(minutes=limit.amount)
        if limit.unit == "h":
            return start + timedelta(hours=limit.amount)
        if limit.unit == "wh":
            return self._after_office_time(local, timedelta(hours=limit.amount))
        if limit.unit == "wd":
            return self._closing(self._workday_after(local.date(), limit.amount))
        return self._closing(self._workday_from(local.date() + timedelta(days=limit.amount)))

    def _workday_from(self, day: date) -> date:
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def _workday_after(self, day: date, count: int) -> date:
        for _ in range(count):
            day = self._workday_from(day + ONE_DAY)
        return day

    def _closing(self, day: date) -> datetime:
        return datetime.combine(day, self.office_hours[-1][1], self.zone)

    def _after_office_time(self, start: datetime, left: timedelta) -> datetime:
        day = self._workday_from(start.date())
        while True:
            for opens, closes in self.office_hours:
                begin = max(start, datetime.combine(day, opens, self.zone))
                end = datetime.combine(day, closes, self.zone)
                if begin < end:
                    if left <= end - begin:
                        return begin + left
                    left -= end - begin
            day = self._workday_from(day + ONE_DAY)


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


class _Day(fields.Field):
    def _deserialize(self, value, attr, data, **options) -> date:
        if not isinstance(value, date):
            raise ValidationError(f"{value!r} is not a date such as 2026-10-01")
        return value


class _YearSchema(Schema):
    provisional = fields.Boolean(load_default=False)
    holidays = fields.List(_Day(), required=True)
    makeup_days = fields.List(_Day(), required=True)


class _CalendarSchema(Schema):
    version = fields.String(required=True)
    zone = fields.String(required=True)
    office_hours = fields.List(fields.Tuple((_Time(), _Time())), required=True)
    years = fields.Dict(keys=fields.Integer(), values=fields.Nested(_YearSchema), required=True)

    @post_load
    def make(self, values, **_) -> Calendar:
        years = values["years"]
        return Calendar(
            version=values["version"],
            zone=ZoneInfo(values["zone"]),
            office_hours=tuple(values["office_hours"]),
            holidays=frozenset(day for year in years.values() for day in year["holidays"]),
            makeup_days=frozenset(day for year in years.values() for day in year["makeup_days"]),
            settled_years=frozenset(number for number, year in years.items() if not year["provisional"]),
        )


@cache
def load_calendar(path: Path = CALENDAR_FILE) -> Calendar:
    """Read a calendar; by default the one that comes along. Raises WrongSettings."""
    return from_yaml(path, _CalendarSchema)
