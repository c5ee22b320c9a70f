"""Scoring, 三率: how well a unit's orders of one period were responded to, solved and liked.

Pure: the orders of a unit and the weights arrive as arguments, figures leave. Every figure comes with its
denominator, and shares with Wilson's interval, so that a small unit is not ranked by chance.

Sources: the three rates are those of 北京市接诉即办工作条例 (2021), article 32; the weights 30/35/35 are in use in
准格尔旗; reports about law enforcement are not rated by satisfaction, as in the plans that implement
国办发〔2020〕53号. What has no source is marked so in `policy.yml`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

SOLVED_COUNTS = {"solved": 1.0, "partly": 0.5, "unsolved": 0.0}
CONTENT = frozenset({"very_satisfied", "satisfied", "basically_satisfied"})
SMALL_SAMPLE_SIZE = 10  # deductions are per so many orders, at least


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one order that a unit led; times are None when the step was never done.

    `contact_confirmed` says whether a callback or a record proves the first contact. `rating` and `solved` are
    empty when the applicant gave no valid answer. `exempt` names why the order does not count, if it does not.
    """

    kind: str
    dispatched: datetime
    sign_due: datetime
    signed: datetime | None = None
    contact_due: datetime | None = None
    contacted: datetime | None = None
    contact_confirmed: bool = False
    due: datetime
    closed: datetime | None = None
    handling_hours: float | None = None
    rating: str = ""
    solved: str = ""
    reopened: bool = False
    extended: bool = False
    exempt: str = ""
    unreasonable: bool = False

    @property
    def responded(self) -> bool:
        """Signed in time, and the applicant was spoken to in time, which is proved."""
        spoken = self.contact_due is None or (
            self.contacted is not None and self.contacted <= self.contact_due and self.contact_confirmed
        )
        return self.signed is not None and self.signed <= self.sign_due and spoken

    @property
    def answered(self) -> bool:
        """Whether the applicant was reached and has answered."""
        return self.solved in SOLVED_COUNTS


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What counts for or against a unit in a period besides its orders."""

    yellow_cards: int = 0
    red_cards: int = 0
    false_closings: int = 0
    invalid_returns: int = 0
    proactive: int = 0


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The versioned numbers of scoring; each has its source in the policy file."""

    response: float = 0.30
    solution: float = 0.35
    satisfaction: float = 0.35
    rates: float = 0.8
    on_time: float = 20.0
    yellow_card: float = 5.0
    red_card: float = 10.0
    false_closing: float = 10.0
    invalid_return: float = 1.0
    most_bonus: float = 5.0
    fewest_answers: int = 10
    not_rated: tuple[str, ...] = ("report",)


@dataclass(frozen=True, kw_only=True)
class Share:
    """`count` of `n`, with Wilson's interval; `value` is None when there is nothing to divide by."""

    count: float
    n: int

    @property
    def value(self) -> float | None:
        """The share."""
        return self.count / self.n if self.n else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The 95 % interval of Wilson (1927)."""
        return wilson(self.count, self.n) if self.n else None


@dataclass(frozen=True, kw_only=True)
class Score:
    """All figures of one unit and period. Those that could not be computed are None, never 0."""

    orders: int
    response: Share
    solution: Share
    satisfaction: Share
    three_rates: float | None
    on_time: Share
    bonus: float
    deduction: float
    index: float | None
    ranked: bool
    reopened: Share
    extended: Share
    median_hours: float | None


def score(outcomes: Iterable[Outcome], marks: Marks, weights: Weights) -> Score:
    """The figures of one unit in one period, from the orders whose effective due date falls into it."""
    counted = [one for one in outcomes if not one.exempt]
    answered = [one for one in counted if one.answered and not one.unreasonable]
    rated = [one for one in answered if one.rating and one.kind not in weights.not_rated]
    closed = [one for one in counted if one.closed is not None]
    response = _share((one.responded for one in counted), len(counted))
    solution = _share((SOLVED_COUNTS[one.solved] for one in answered), len(answered))
    satisfaction = _share((one.rating in CONTENT for one in rated), len(rated))
    on_time = _share((one.closed <= one.due for one in closed), len(closed))
    three_rates = _three_rates(response, solution, satisfaction, weights)
    bonus = min(weights.most_bonus, float(marks.proactive))
    deduction = _deduction(marks, len(counted), weights)
    return Score(
        orders=len(counted),
        response=response,
        solution=solution,
        satisfaction=satisfaction,
        three_rates=three_rates,
        on_time=on_time,
        bonus=bonus,
        deduction=deduction,
        index=_index(three_rates, on_time, bonus, deduction, weights),
        ranked=len(answered) >= weights.fewest_answers,
        reopened=_share((one.reopened for one in closed), len(closed)),
        extended=_share((one.extended for one in counted), len(counted)),
        median_hours=_median(one.handling_hours for one in closed),
    )


def wilson(count: float, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Wilson's score interval for `count` of `n`, by default at 95 %."""
    share, square = count / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def ranking(scores: dict[str, Score]) -> list[str]:
    """The units that can be compared, best first: by the lower bounds of solution and satisfaction."""

    def key(code: str) -> tuple[float, float]:
        one = scores[code]
        return tuple(-(share.bounds[0] if share.bounds else 0.0) for share in (one.solution, one.satisfaction))

    return sorted((code for code, one in scores.items() if one.ranked), key=lambda code: (*key(code), code))


def assistant_score(in_time: Sequence[bool], leads_three_rates: float) -> float | None:
    """An assisting unit's score: its replies to the lead in time count 60, the lead's three rates 40 of 100."""
    return 60 * sum(in_time) / len(in_time) + 0.4 * leads_three_rates if in_time else None


def _share(counts: Iterable[float], n: int) -> Share:
    return Share(count=sum(counts), n=n)


def _three_rates(response: Share, solution: Share, satisfaction: Share, weights: Weights) -> float | None:
    """S3. It needs all three: a rate that nobody could give is not filled in."""
    if None in (response.value, solution.value, satisfaction.value):
        return None
    return 100 * (
        weights.response * response.value
        + weights.solution * solution.value
        + weights.satisfaction * satisfaction.value
    )


def _deduction(marks: Marks, orders: int, weights: Weights) -> float:
    points = (
        weights.yellow_card * marks.yellow_cards
        + weights.red_card * marks.red_cards
        + weights.false_closing * marks.false_closings
        + weights.invalid_return * marks.invalid_returns
    )
    return points * SMALL_SAMPLE_SIZE / max(SMALL_SAMPLE_SIZE, orders)


def _index(three_rates: float | None, on_time: Share, bonus: float, deduction: float, weights: Weights) -> float | None:
    """S, the closed-loop index, between 0 and 100; always published together with what it is made of."""
    if three_rates is None or on_time.value is None:
        return None
    return min(100.0, max(0.0, weights.rates * three_rates + weights.on_time * on_time.value + bonus - deduction))


def _median(hours: Iterable[float | None]) -> float | None:
    known = [one for one in hours if one is not None]
    return median(known) if known else None
