"""The scores of every unit and month, worked out once more from the facts and the formulas when a month is frozen.

An order counts with its lead in the month of its effective due date, once, when it is closed or its time is over; not
when it was returned, or while it is suspended. S3 = 100(0.30R + 0.35J + 0.35M); S = clip(0.8·S3 + 20·T - K, 0, 100)
with K = points·10/max(10, orders). Wilson's interval is taken as the two roots of (p - x)² = z²·x(1 - x)/n.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import median

from tests.simulation import days
from tests.simulation.led import Led
from tests.simulation.numbers import EVALUATION

SCORING = EVALUATION["scoring"]
HAPPY = ("very_satisfied", "satisfied", "basically_satisfied")
WORTH = {"solved": 1.0, "partly": 0.5, "unsolved": 0.0}
Z = 1.959963984540054
NEAR = {"share": 0.5001e-4, "points": 0.5001e-2}  # as rounded for publication


def freezes_at(month: str) -> int:
    """When a month is frozen."""
    last = (date.fromisoformat(f"{month}-28") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return days.runs_out(days.at(days.day_of_date(last), days.CLOSING), SCORING["freeze"]["after"])


class Scores:
    """Gathers what became of the orders that somebody led, and compares every score that is published."""

    def __init__(self):
        self.compared = 0
        self.differences: list[str] = []
        self._orders: dict[str, Led] = {}
        self._of: dict[str, list[Led]] = defaultdict(list)
        self._anonymous: set[str] = set()
        self._expected: dict[str, dict[str, dict]] = {}

    def hear(self, topic: str, data: dict) -> None:
        """Note what matters for a score, and compare one that was published."""
        if topic == "unit.scored":
            self._compare(data)
        elif topic == "appeal.accepted" and data["classification"] == "anonymous":
            self._anonymous.add(data["receipt"])
        elif topic == "order.dispatched" and data["role"] == "lead":
            led = Led.of(data, anonymous=data["receipt"] in self._anonymous)
            self._orders[data["order"]] = led
            self._of[data["receipt"]].append(led)
        elif led := self._orders.get(data.get("order")):
            led.hear(topic, data)
        elif topic in ("appeal.closed", "appeal.evaluated", "appeal.reopened", "callback.made"):
            round_ = data["round"] - (topic == "appeal.reopened")
            leads = [one for one in self._of[data["receipt"]] if one.round == round_ and not one.returned]
            leads[-1].hear_of_round(topic, data)
        elif topic == "review.decided" and data["decision"] == "changed":
            leads = [one for one in self._of[data["receipt"]] if not one.returned]
            leads[-1].false = leads[-1].result == "solved" and leads[-1].solved == "unsolved"

    def finish(self) -> None:
        """Every score that should have been published was."""
        for month, units in self._expected.items():
            self.differences += [f"{unit} {month}: should have been scored" for unit in units]

    def _compare(self, data: dict) -> None:
        month, now = data["period"], datetime.fromisoformat(data["at"])
        if month not in self._expected:
            self._expected[month] = self._freeze(month, now)
            if now.timestamp() < freezes_at(month):
                self.differences.append(f"{month}: frozen too early, at {now}")
        expected = self._expected[month].pop(data["department"], None)
        self.compared += 1
        if expected is None:
            self.differences.append(f"{data['department']} {month}: should not have been scored")
            return
        for name, (value, near) in expected.items():
            share, _, part = name.partition(".")
            published = data[share][part] if part else data[name]
            if not _same(value, published, near):
                self.differences.append(f"{data['department']} {month} {name}: {published} should be {value}")

    def _freeze(self, month: str, now: datetime) -> dict[str, dict]:
        units = defaultdict(list)
        for led in self._orders.values():
            if led.month == month and not led.scored and not led.exempt:
                led.scored = True
                if led.closed or led.due <= now:
                    units[led.unit].append(led)
        return {unit: figures(orders) for unit, orders in units.items()}


def figures(orders: list[Led]) -> dict[str, tuple[float | None, float]]:
    """Every figure by the formulas, with how near the published one has to be."""
    heard = [one for one in orders if one.solved in WORTH]
    rated = [one for one in heard if one.kind not in SCORING["not_rated"]["kinds"]]
    closed = [one for one in orders if one.closed]
    shares = {
        "response": [float(one.responded) for one in orders],
        "solution": [WORTH[one.solved] for one in heard],
        "satisfaction": [float(one.rating in HAPPY) for one in rated],
        "on_time": [float(one.replied <= one.due) for one in closed],
        "reopened": [float(one.reopened) for one in closed],
        "extended": [float(one.extended) for one in orders],
    }
    value = {name: math.fsum(counts) / len(counts) if counts else None for name, counts in shares.items()}
    weights, index = SCORING["three_rates"], SCORING["index"]
    points = SCORING["deductions"]["yellow_card"] * sum(one.cards.count("yellow") for one in orders)
    points += SCORING["deductions"]["red_card"] * sum(one.cards.count("red") for one in orders)
    points += SCORING["deductions"]["false_closing"] * sum(one.false for one in orders)
    deduction = points * 10 / max(10, len(orders))
    rates = whole = None
    if None not in (value["response"], value["solution"], value["satisfaction"]):
        rates = 100 * math.fsum(weights[name] * value[name] for name in ("response", "solution", "satisfaction"))
        if value["on_time"] is not None:
            whole = min(100, max(0, index["rates"] * rates + index["on_time"] * value["on_time"] - deduction))
    found = {
        "orders": (len(orders), 0),
        "three_rates": (rates, NEAR["points"]),
        "index": (whole, NEAR["points"]),
        "deduction": (deduction, NEAR["points"]),
        "median_hours": (median(one.hours for one in closed) if closed else None, NEAR["points"]),
        "ranked": (len(heard) >= SCORING["ranking"]["fewest_answers"], 0),
    }
    for name, counts in shares.items():
        low, high = _bounds(value[name], len(counts)) if counts else (None, None)
        found |= {
            f"{name}.n": (len(counts), 0),
            f"{name}.value": (value[name], NEAR["share"]),
            f"{name}.low": (low, NEAR["share"]),
            f"{name}.high": (high, NEAR["share"]),
        }
    return found


def _bounds(share: float, n: int) -> tuple[float, float]:
    """The roots of (n + z²)x² - (2np + z²)x + np² = 0."""
    a, b, c = n + Z * Z, 2 * n * share + Z * Z, n * share * share
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return (b - root) / (2 * a), (b + root) / (2 * a)


def _same(one: float | None, other: float | None, near: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= near
