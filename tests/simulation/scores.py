"""The scores of every unit and month, by the product's scoring and by the formulas written out once more.

What became of an order is gathered from what was said. An order counts in the month in which its effective due date
falls. S3 = 100(0.30R + 0.35J + 0.35M); S = clip(0.8·S3 + 20·T + B - K, 0, 100) with K = points·10/max(10, orders);
Wilson's interval is taken as the two roots of (p - x)² = z²·x(1 - x)/n.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from services.evaluation.scoring import Marks, Outcome, Score, Weights, score

HAPPY = ("very_satisfied", "satisfied", "basically_satisfied")
WORTH = {"solved": 1.0, "partly": 0.5, "unsolved": 0.0}
Z = 1.959963984540054
NEAR = 1e-9


class Scores:
    """Gathers what became of the orders that somebody led, and the cards; `compare` works both scores out."""

    def __init__(self):
        self._orders: dict[str, dict] = {}
        self._leads: dict[tuple[str, int], dict] = {}
        self._cards: dict[tuple[str, str], dict] = defaultdict(lambda: {"yellow": 0, "red": 0})

    def hear(self, topic: str, data: dict) -> None:
        """Note what matters for a score."""
        if topic == "order.dispatched" and data["role"] == "lead":
            fresh = {"unit": data["department"], "kind": data["kind"], "dispatched": data["at"], "exempt": ""}
            self._orders[data["order"]] = self._leads[data["receipt"], data["round"]] = fresh
        elif topic == "supervision.issued" and data["level"] in ("yellow", "red"):
            self._cards[data["department"], data["at"][:7]][data["level"]] += 1
        elif topic in ("appeal.closed", "appeal.evaluated", "appeal.reopened"):
            self._hear_of_round(topic, data)
        elif order := self._orders.get(data.get("order")):
            self._hear_of_order(topic, data, order)

    def compare(self) -> tuple[int, list[str]]:
        """How many scores were compared, and where the two differ."""
        periods = defaultdict(list)
        for order in self._orders.values():
            if "due" in order:
                periods[order["unit"], order["due"][:7]].append(order)
        wrong = []
        for (unit, month), orders in sorted(periods.items()):
            cards = self._cards[unit, month]
            marks = Marks(yellow_cards=cards["yellow"], red_cards=cards["red"])
            by_product = dict(_figures(score(map(_outcome, orders), marks, Weights())))
            for name, value in _by_formula(orders, cards).items():
                if not _same(value, by_product[name]):
                    wrong.append(f"{unit} {month} {name}: {by_product[name]} should be {value}")
        return len(periods), wrong

    def _hear_of_order(self, topic: str, data: dict, order: dict) -> None:
        if topic == "deadline.set":
            order[{"reply": "due"}.get(data["step"], f"{data['step']}_due")] = data["due"]
        elif topic == "extension.approved":
            order["due"], order["extended"] = data["due"], True
        elif topic == "order.signed":
            order["signed"] = data["at"]
        elif topic == "contact.made" and data["reached"]:
            order.setdefault("contacted", data["at"])
        elif topic == "order.returned":
            order["exempt"] = "returned"

    def _hear_of_round(self, topic: str, data: dict) -> None:
        round_ = data["round"] - (topic == "appeal.reopened")
        order = self._leads[data["receipt"], round_]
        if topic == "appeal.closed":
            order["closed"] = data["at"]
        elif topic == "appeal.reopened":
            order["reopened"] = True
        else:
            order |= {"rating": data["rating"], "solved": data["solved"]}


def _by_formula(orders: list[dict], cards: dict) -> dict:
    counted = [one for one in orders if not one["exempt"]]
    heard = [one for one in counted if one.get("solved") in WORTH]
    rated = [one for one in heard if one.get("rating") and one["kind"] != "report"]
    closed = [one for one in counted if "closed" in one]
    response = _mean([_responded(one) for one in counted])
    solution = _mean([WORTH[one["solved"]] for one in heard])
    happy = _mean([one["rating"] in HAPPY for one in rated])
    on_time = _mean([one["closed"] <= one["due"] for one in closed])
    points = (5 * cards["yellow"] + 10 * cards["red"]) * 10 / max(10, len(counted))
    rates = None if None in (response, solution, happy) else 30 * response + 35 * solution + 35 * happy
    whole = None if None in (rates, on_time) else min(100, max(0, 0.8 * rates + 20 * on_time - points))
    bounds = _bounds(solution, len(heard)) if heard else (None, None)
    return {
        "orders": len(counted),
        "response": response,
        "solution": solution,
        "least_solution": bounds[0],
        "most_solution": bounds[1],
        "satisfaction": happy,
        "three_rates": rates,
        "on_time": on_time,
        "deduction": points,
        "index": whole,
        "ranked": len(heard) >= 10,
        "reopened": _mean([one.get("reopened", False) for one in closed]),
        "extended": _mean([one.get("extended", False) for one in counted]),
    }


def _figures(one: Score) -> Iterator[tuple[str, float | None]]:
    for name in ("orders", "three_rates", "deduction", "index", "ranked"):
        yield name, getattr(one, name)
    for name in ("response", "solution", "satisfaction", "on_time", "reopened", "extended"):
        yield name, getattr(one, name).value
    yield "least_solution", one.solution.bounds and one.solution.bounds[0]
    yield "most_solution", one.solution.bounds and one.solution.bounds[1]


def _responded(one: dict) -> bool:
    signed, spoken = one.get("signed"), one.get("contacted")
    return bool(signed and spoken and signed <= one["sign_due"] and spoken <= one["contact_due"])


def _bounds(share: float, n: int) -> tuple[float, float]:
    """The roots of (n + z²)x² - (2np + z²)x + np² = 0."""
    a, b, c = n + Z * Z, 2 * n * share + Z * Z, n * share * share
    root = math.sqrt(b * b - 4 * a * c)
    return (b - root) / (2 * a), (b + root) / (2 * a)


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _outcome(order: dict) -> Outcome:
    moments = ("dispatched", "sign_due", "signed", "contact_due", "contacted", "due", "closed")
    facts = {name: datetime.fromisoformat(order[name]) for name in moments if name in order}
    told = {name: order[name] for name in ("rating", "solved", "reopened", "extended", "exempt") if name in order}
    return Outcome(kind=order["kind"], contact_confirmed="contacted" in order, **facts, **told)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < NEAR
