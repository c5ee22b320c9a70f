"""Figuring: how counts become bins, boxes, backlogs and limits. Pure: counts in, figures out."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

AGES = (2, 5, 10, 20, 30)  # the last day of each bin of ages; what is older comes after them
SIGMAS = 3


@dataclass(frozen=True, kw_only=True)
class Box:
    """How `n` values lie: the least, the quartiles and the most."""

    n: int
    least: float
    lower: float
    middle: float
    upper: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Week:
    """The orders that were due in a week, and how many of them were late; the centre and limits of the chart."""

    begins: date
    due: int
    late: int
    centre: float
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        """The share that was late; None when none was due."""
        return self.late / self.due if self.due else None


def age_bin(days: int) -> int:
    """Which bin of AGES an age falls into; the last one has no end."""
    return bisect_left(AGES, days)


def by_age(dispatched: Iterable[tuple[date, int]], today: date) -> list[int]:
    """How many are of each age, from how many were dispatched on which day."""
    bins = [0] * (len(AGES) + 1)
    for day, count in dispatched:
        bins[age_bin((today - day).days)] += count
    return bins


def furthest(counts: Mapping[int, int], stations: int) -> list[int]:
    """How many came to each station or beyond it, from how many came to which at the furthest."""
    at_each = [counts.get(number, 0) for number in range(stations)]
    return list(accumulate(reversed(at_each)))[::-1]


def backlog(waiting: int, received: Sequence[int], ended: Sequence[int]) -> list[int]:
    """How many are open at the end of each day, when so many waited at the beginning."""
    changes = (came - went for came, went in zip(received, ended, strict=True))
    return list(accumulate(changes, initial=waiting))[1:]


def box(counts: Mapping[int, int]) -> Box:
    """The box of these values, of each of which there are so many. Raises ValueError when there is none."""
    values = sorted(value for value, count in counts.items() if count)
    if not values:
        raise ValueError("there is nothing to make a box of")
    upto = list(accumulate(counts[value] for value in values))
    least, lower, middle, upper, most = (_quantile(values, upto, share) for share in (0, 0.25, 0.5, 0.75, 1))
    return Box(n=upto[-1], least=least, lower=lower, middle=middle, upper=upper, most=most)


def _quantile(values: Sequence[int], upto: Sequence[int], share: float) -> float:
    """A quantile, between two values in proportion (Hyndman and Fan's type 7); `upto` are counts added up."""
    place = (upto[-1] - 1) * share
    before, after = (values[bisect_left(upto, rank + 1)] for rank in (math.floor(place), math.ceil(place)))
    return before + (after - before) * (place - math.floor(place))


def control_chart(days: Mapping[date, tuple[int, int]]) -> list[Week]:
    """The weeks of these days, each day with how many were due and how many of them late, as a p chart.

    The centre is the rate of all; a week outside its limits, three sigmas from it, differs by more than chance.
    """
    weeks: dict[date, tuple[int, int]] = {}
    for day, (due, late) in sorted(days.items()):
        begins = day - timedelta(days=day.weekday())
        before = weeks.get(begins, (0, 0))
        weeks[begins] = (before[0] + due, before[1] + late)
    all_due = sum(due for due, _ in weeks.values())
    centre = sum(late for _, late in weeks.values()) / all_due if all_due else 0.0
    return [_week(begins, due, late, centre) for begins, (due, late) in weeks.items() if due]


def _week(begins: date, due: int, late: int, centre: float) -> Week:
    reach = SIGMAS * math.sqrt(centre * (1 - centre) / due)
    low, high = max(0.0, centre - reach), min(1.0, centre + reach)
    return Week(begins=begins, due=due, late=late, centre=centre, low=low, high=high)
