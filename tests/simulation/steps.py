"""One step of one order, worked out independently: its due date, its reminders, its miss and its ladder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from tests.simulation import days
from tests.simulation.numbers import SUPERVISION, rungs_of, shares_of

IN_OFFICE = ("wh", "wd")
IN_DAYS = ("wd", "d")
LIGHTS = SUPERVISION["lights"]


@dataclass
class Step:
    """What is due, counted as its limit counts: a coordinate of office time or of all time, less the gaps.

    `gaps` are pairs of start and end, those of the order that are over; `paused` says that one goes on. `said` is
    the highest share that was warned of, `rung` the next rung, `rung_at` when it is reached.
    """

    name: str
    limit: str
    start: int
    gaps: list[tuple[int, int]] = field(default_factory=list)
    extra: int = 0
    extra_unit: str = "wd"
    done: int | None = None
    void: bool = False
    paused: bool = False
    missed: bool = False
    said: int = 0
    rung: int = 0
    rung_at: int | None = None
    due: int = 0

    def __post_init__(self):
        self.reckon()

    @property
    def unit(self) -> str:
        return self.limit.lstrip("0123456789")

    def reckon(self) -> None:
        """Work the due date out: the limit, the working days added, and for every gap what was left at its start."""
        due = days.runs_out(self.start, self.limit)
        if self.extra:
            due = days.runs_out(due, f"{self.extra}{self.extra_unit}")
        for begin, end in self._own_gaps():
            if begin < due:
                due = self._moment(self._count(end) + self._count(due) - self._count(begin))
                due = days.closing_from(due) if self.unit in IN_DAYS else due
        self.due = due

    def used(self, moment: int) -> float:
        """How much of the time is used: all that was counted since the start, less what the gaps took."""
        gaps = sum(
            self._count(min(end, moment)) - self._count(begin) for begin, end in self._own_gaps() if begin < moment
        )
        return self._count(moment) - self._count(self.start) - gaps

    def moment_of(self, share: int) -> float:
        """When this share of the time, in percent, is used."""
        wanted = self._count(self.start) + self.used(self.due) * share / 100
        for begin, end in self._own_gaps():
            if wanted <= self._count(begin):
                break
            wanted += self._count(end) - self._count(begin)
        return min(self.due, self._moment(wanted))

    def next(self) -> float | None:
        """When something is to be said about it by itself."""
        if self.done is not None or self.void or self.paused:
            return None
        if self.missed:
            return self.rung_at
        ahead = [share for share in shares_of(self.name) if share > self.said]
        return min([self.due, *(self.moment_of(share) for share in ahead[:1])])

    def passed(self, moment: int) -> int:
        """The highest share that is used and was not told."""
        return max(
            (one for one in shares_of(self.name) if one > self.said and self.moment_of(one) <= moment), default=0
        )

    def light(self, moment: int) -> str:
        """The light: by the share that is used, and for limits in days by the office hours that are left."""
        share = self.used(moment) / self.used(self.due) * 100
        left = days.office_time(self.due) - days.office_time(moment) if self.unit in IN_DAYS else None
        if share >= LIGHTS["orange"] or (left is not None and left <= _office_seconds(LIGHTS["orange_left"])):
            return "orange"
        if share >= LIGHTS["yellow"] or (left is not None and left <= _office_seconds(LIGHTS["yellow_left"])):
            return "yellow"
        return "blue" if share >= LIGHTS["blue"] else "green"

    def climb(self) -> str:
        """The rung that is reached now."""
        self.rung += 1
        return rungs_of(self.name)[self.rung - 1]["level"]

    def plan(self, moment: int, is_above: Callable[[str], bool]) -> None:
        """When the next rung is reached that was not reached yet, if there is one."""
        rungs = rungs_of(self.name)
        ahead = [number for number in range(self.rung, len(rungs)) if is_above(rungs[number]["level"])]
        self.rung = min(ahead, default=len(rungs))
        after = rungs[self.rung].get("after", SUPERVISION["ladder"]["after_lowering"]) if ahead else None
        self.rung_at = days.runs_out(moment, after) if after else None

    def finish(self, moment: int) -> None:
        """It is done."""
        if self.done is None:
            self.done = moment

    def extend(self, amount: int, unit: str, moment: int) -> None:
        """More days: what is not done, and is not due yet by the new date, runs again."""
        self.extra, self.extra_unit = self.extra + amount, unit
        self.reckon()
        if self.done is None and not self.paused and self.due > moment:
            self.missed, self.rung, self.rung_at = False, 0, None
            share = self.used(moment) / self.used(self.due) * 100
            self.said = max((one for one in shares_of(self.name) if one <= share), default=0)

    def begin_again(self, limit: str, moment: int) -> None:
        """A new time from now on."""
        self.limit, self.start, self.extra, self.done = limit, moment, 0, None
        self.missed, self.said, self.rung, self.rung_at = False, 0, 0, None
        self.reckon()

    def _own_gaps(self) -> list[tuple[int, int]]:
        return [gap for gap in self.gaps if gap[1] > self.start]

    def _count(self, moment: int) -> int:
        return days.office_time(moment) if self.unit in IN_OFFICE else moment

    def _moment(self, count: float) -> float:
        return days.office_moment(count) if self.unit in IN_OFFICE else count


def at_look(moment: float, every: int) -> int:
    """The first look at the clocks at or after a moment."""
    return ceil(round(moment, 3) / every) * every


def _office_seconds(limit: str) -> int:
    amount = int(limit.rstrip("whd"))
    return amount * (days.OPEN_SECONDS if limit.endswith("wd") else 3600)
