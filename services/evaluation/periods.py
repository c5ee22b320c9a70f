"""Periods: the figures of every unit in a calendar month of Beijing, ranked, and when they are frozen.

An order is in the month of its effective due date, and counts once: what a frozen month has counted no other does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from appeals.events import Rate, UnitScored
from services.evaluation.facts import RED, RETURNED, YELLOW, Led
from services.evaluation.policy import Rules
from services.evaluation.refusals import NoSuchPeriod
from services.evaluation.scoring import Marks, Score, Share, Weights, ranking, score

PREFIX = "PERIOD-"
POINTS, SHARES = "0.01", "0.0001"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A unit's score in a month; `rank` is None for too few answers (样本不足)."""

    department: str
    marks: Marks
    score: Score
    rank: int | None


@dataclass(eq=False, kw_only=True)
class Frozen:
    """A month whose figures stay as they are, whatever is heard, corrected or changed later.

    `first_dispatch` is empty for a month that was frozen before it was counted.
    """

    period: str
    frozen_at: datetime
    weights_version: str
    units: list[dict]
    first_dispatch: dict


def receipt_of(period: str) -> str:
    """What stands for a month where messages name an appeal."""
    return PREFIX + period


def period_of(receipt: str) -> str:
    """The month that a receipt stands for."""
    return receipt.removeprefix(PREFIX)


def check_period(period: str) -> None:
    """Raises NoSuchPeriod for what is not a month such as 2026-11."""
    if not re.fullmatch(r"2\d{3}-(0[1-9]|1[0-2])", period):
        raise NoSuchPeriod(value=period)


def last_day(period: str) -> date:
    """The last day of a month."""
    return (date.fromisoformat(f"{period}-28") + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def month_before(period: str) -> str:
    """The month before."""
    return f"{date.fromisoformat(f'{period}-01') - timedelta(days=1):%Y-%m}"


def freezes_at(period: str, rules: Rules) -> datetime:
    """When a month is frozen: some days after its end, so that its last answers are in."""
    return rules.calendar.due(rules.calendar.closing(last_day(period)), rules.policy.freeze_after)


def standings(rows: Iterable[Led], weights: Weights, now: datetime) -> list[Standing]:
    """The standing of every unit that led orders which count by now, the ranked first."""
    by_unit: dict[str, list[Led]] = defaultdict(list)
    for row in rows:
        if row.counts_by(now) and not row.exempt:
            by_unit[row.department].append(row)
    marks = {unit: _marks(led) for unit, led in by_unit.items()}
    scores = {unit: score((one.outcome() for one in led), marks[unit], weights) for unit, led in by_unit.items()}
    ranked = ranking(scores)
    return [
        Standing(
            department=unit,
            marks=marks[unit],
            score=scores[unit],
            rank=ranked.index(unit) + 1 if unit in ranked else None,
        )
        for unit in [*ranked, *sorted(scores.keys() - set(ranked))]
    ]


def scored(standing: Standing, period: str, weights: Weights, version: str, now: datetime) -> UnitScored:
    """A standing as it is published: shares to four digits, points to two, rounded half up."""
    one = standing.score
    return UnitScored(
        receipt=receipt_of(period),
        at=now,
        department=standing.department,
        period=period,
        orders=one.orders,
        **{name: _rate(getattr(one, name)) for name in ("response", "solution", "satisfaction", "on_time")},
        reopened=_rate(one.reopened),
        extended=_rate(one.extended),
        median_hours=rounded(one.median_hours, POINTS),
        three_rates=rounded(one.three_rates, POINTS),
        bonus=rounded(one.bonus, POINTS),
        deduction=rounded(one.deduction, POINTS),
        deductions=_deductions(standing, weights),
        index=rounded(one.index, POINTS),
        ranked=one.ranked,
        rank=standing.rank,
        weights_version=version,
    )


def first_dispatch(firsts: Iterable[Led], now: datetime) -> dict:
    """首派准确率, as JSON values: of the first leads of a month, the share that did not return the appeal.

    It is the dispatcher's figure and no unit's. What was returned counts at once, other orders as for their lead.
    """
    counted = [one for one in firsts if one.exempt == RETURNED or (one.counts_by(now) and not one.exempt)]
    return asdict(_rate(Share(count=sum(not one.returned for one in counted), n=len(counted))))


def freeze(
    period: str, rows: Sequence[Led], first: dict, rules: Rules, now: datetime
) -> tuple[Frozen, list[UnitScored]]:
    """Freeze a month: its orders count here and nowhere else. Those that are still suspended count another time."""
    weights, version = rules.policy.weights, rules.policy.version
    said = [scored(one, period, weights, version, now) for one in standings(rows, weights, now)]
    for row in rows:
        if not row.exempt:
            row.scored_in = period
    units = [figures(one) for one in said]
    return Frozen(period=period, frozen_at=now, weights_version=version, units=units, first_dispatch=first), said


def figures(published: UnitScored) -> dict:
    """What a unit's figures are, as JSON values."""
    values = published.to_data()
    return {name: value for name, value in values.items() if name not in ("receipt", "at", "by", "period")}


def _marks(led: list[Led]) -> Marks:
    """What counts against a unit, from the orders of the month. No event tells of its initiatives: they stay 0."""
    cards = [card for one in led for card in one.cards]
    return Marks(
        yellow_cards=cards.count(YELLOW),
        red_cards=cards.count(RED),
        false_closings=sum(one.false_closing for one in led),
        invalid_returns=sum(one.denied_returns for one in led),
    )


def _deductions(standing: Standing, weights: Weights) -> dict[str, float]:
    """The deduction by what it is for; their sum is the deduction."""
    marks = standing.marks
    parts = {
        "yellow_card": weights.yellow_card * marks.yellow_cards,
        "red_card": weights.red_card * marks.red_cards,
        "false_closing": weights.false_closing * marks.false_closings,
        "invalid_return": weights.invalid_return * marks.invalid_returns,
    }
    whole = sum(parts.values())
    each = standing.score.deduction / whole if whole else 0.0
    return {name: rounded(points * each, POINTS) for name, points in parts.items() if points}


def _rate(share: Share) -> Rate:
    low, high = share.bounds or (None, None)
    value, low, high = (rounded(one, SHARES) for one in (share.value, low, high))
    return Rate(count=float(share.count), n=share.n, value=value, low=low, high=high)


def rounded(number: float | None, digits: str) -> float | None:
    """Rounded half up, as on paper; what a computer's fractions add at the far end does not count."""
    if number is None:
        return None
    return float(Decimal(repr(round(number, 9))).quantize(Decimal(digits), ROUND_HALF_UP))
