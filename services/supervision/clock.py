"""The clock of one deadline: how much of the time is used, when it runs out, and which light that shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from appeals.calendar import Calendar, Limit
from services.supervision.policy import Lights

GREEN, BLUE, YELLOW, ORANGE, RED = "green", "blue", "yellow", "orange", "red"
IN_DAYS = ("wd", "d")  # limits that end when the offices close


@dataclass(frozen=True)
class Interval:
    """A pause of a clock; one without an end still goes on."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A limit that has begun, the days added to it, and its pauses, oldest first and apart from each other.

    Time counts as its limit counts it: office time for wh and wd, all time for others.
    """

    started: datetime
    limit: Limit
    extra_days: int = 0
    extra_unit: str = "wd"
    pauses: tuple[Interval, ...] = ()

    def due(self, calendar: Calendar) -> datetime:
        """When the time runs out: what was left at the start of a pause is left at its end.

        Days still end when the offices close, so a pause in days never costs time. A pause that goes on has taken
        none yet.
        """
        due = calendar.due(self.started, self.limit)
        if self.extra_days:
            due = calendar.due(due, Limit(self.extra_days, self.extra_unit))
        for pause in self._pauses():
            if pause.end and pause.start < due:
                left = calendar.between(pause.start, due, self.limit.unit)
                due = calendar.after(pause.end, left, self.limit.unit)
                due = calendar.closing_after(due) if self.limit.unit in IN_DAYS else due
        return due

    def used(self, calendar: Calendar, now: datetime) -> timedelta:
        """The time used until now: the sum of the intervals in which the clock ran."""
        return sum((calendar.between(*piece, self.limit.unit) for piece in self.running(now)), timedelta(0))

    def share(self, calendar: Calendar, now: datetime, due: datetime) -> float:
        """The share of the time that is used; 1 and more when it has run out."""
        whole = self.used(calendar, due)
        return self.used(calendar, now) / whole if whole else float(now >= due)

    def moment_of(self, share: float, calendar: Calendar, due: datetime) -> datetime:
        """When this share of the time is used."""
        left = self.used(calendar, due) * share
        for start, end in self.running(due):
            length = calendar.between(start, end, self.limit.unit)
            if left <= length:
                return calendar.after(start, left, self.limit.unit)
            left -= length
        return due

    def running(self, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The intervals in which the clock has run until then."""
        start = self.started
        for pause in self._pauses():
            if pause.start >= until:
                break
            yield start, pause.start
            if pause.end is None:
                return
            start = pause.end
        if start < until:
            yield start, until

    def light(self, calendar: Calendar, now: datetime, due: datetime, lights: Lights) -> str:
        """The light of a step that is not done: green, blue, yellow, orange or red."""
        share = 100 * self.share(calendar, now, due)
        if now >= due:
            return RED
        if share >= lights.orange or self._less_than(lights.orange_left, calendar, now, due):
            return ORANGE
        if share >= lights.yellow or self._less_than(lights.yellow_left, calendar, now, due):
            return YELLOW
        return BLUE if share >= lights.blue else GREEN

    def _less_than(self, left: Limit, calendar: Calendar, now: datetime, due: datetime) -> bool:
        """Whether no more than this is left of a limit in days."""
        if self.limit.unit not in IN_DAYS:
            return False
        length = calendar.office_day if left.unit == "wd" else timedelta(hours=1)
        return calendar.between(now, due, "wd") <= left.amount * length

    def _pauses(self) -> Iterator[Interval]:
        return (pause for pause in self.pauses if pause.end is None or pause.end > self.started)
