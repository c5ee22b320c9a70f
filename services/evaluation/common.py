"""Common problems, 每月一题: where one kind of matter in one place comes back, stays open, or goes worse than before.

Confidential and anonymous appeals are left out: in so small a group a number could tell who appeals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from services.evaluation.cases import Case
from services.evaluation.facts import Led, month_of
from services.evaluation.policy import Rules
from services.evaluation.scoring import Marks, Score, Share, Weights, score

LEFT_OUT = {
    "zh": "保密、匿名诉求不计入，以免据此识别申请人",
    "en": "Confidential and anonymous appeals are left out, since a small number could tell who appeals",
}
RATES = ("response", "solution", "satisfaction")


@dataclass(frozen=True, order=True)
class Group:
    """One kind of matter in one place."""

    category: str
    city: str
    park: str

    @classmethod
    def of(cls, case: Case) -> Group:
        """The group that an appeal is in."""
        return cls(case.category, case.city, case.park)


def common_problems(
    cases: Iterable[Case], led: Mapping[str, Sequence[Led]], period: str, now: datetime, rules: Rules
) -> dict:
    """The common problems of a month as JSON values, each with its receipts as evidence and the number they are of.

    `cases` are those that may be told, from before the month on; `led` are their orders due in this month and in the
    one before, by receipt.
    """
    groups: dict[Group, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda one: (one.accepted_at, one.receipt)):
        groups[Group.of(case)].append(case)
    policy = rules.policy.common_problems
    found = {
        "repeats": [_repeats(one, of, period, rules) for one, of in groups.items()],
        "open_long": [_open_long(one, of, now, rules) for one, of in groups.items()],
    }
    told = {
        name: sorted((one for one in each if one["count"] >= policy.least), key=_most_first)[: policy.most]
        for name, each in found.items()
    }
    falls = [fall for one, of in groups.items() for fall in _falls(one, of, led, period, now, rules)]
    told["falls"] = sorted(falls, key=lambda one: (one["now"] - one["before"], one["rate"]))[: policy.most]
    return {"period": period, "as_of": now.isoformat(), "left_out": LEFT_OUT, **told}


def _repeats(group: Group, cases: Sequence[Case], period: str, rules: Rules) -> dict:
    """The appeals of the month that came soon after another one of the same kind from the same place."""
    within = rules.policy.common_problems.repeat_within
    of_month = [case for case in cases if month_of(case.accepted_at) == period]
    again = [
        case
        for before, case in pairwise(cases)
        if month_of(case.accepted_at) == period and case.accepted_at <= rules.calendar.due(before.accepted_at, within)
    ]
    return _told(group, [case.receipt for case in again], n=len(of_month))


def _open_long(group: Group, cases: Sequence[Case], now: datetime, rules: Rules) -> dict:
    limit = rules.policy.common_problems.open_long
    still_open = [case for case in cases if case.closed_at is None]
    old = [case.receipt for case in still_open if rules.calendar.due(case.accepted_at, limit) <= now]
    return _told(group, old, n=len(still_open))


def _falls(
    group: Group, cases: Sequence[Case], led: Mapping[str, Sequence[Led]], period: str, now: datetime, rules: Rules
) -> Iterator[dict]:
    """The rates that are lower than a month before, where both months have enough of them."""
    weights, policy = rules.policy.weights, rules.policy.common_problems
    rows = [row for case in cases for row in led.get(case.receipt, ())]
    rows = [row for row in rows if row.counts_by(now) and not row.exempt]
    here = [row for row in rows if row.period == period]
    score_now, score_before = _score(here, weights), _score([row for row in rows if row.period != period], weights)
    for name in RATES:
        new: Share = getattr(score_now, name)
        old: Share = getattr(score_before, name)
        if min(new.n, old.n) < policy.least or old.value - new.value < policy.fall:
            continue
        bad = [row.receipt for row in here if _counts_against(row, name, weights)]
        yield _told(group, bad, n=new.n) | {
            "rate": name,
            "now": round(new.value, 4),
            "before": round(old.value, 4),
            "n_before": old.n,
        }


def _counts_against(row: Led, rate: str, weights: Weights) -> bool:
    share: Share = getattr(_score([row], weights), rate)
    return share.n > 0 and share.value < 1


def _score(rows: Sequence[Led], weights: Weights) -> Score:
    return score((row.outcome() for row in rows), Marks(), weights)


def _told(group: Group, receipts: Sequence[str], *, n: int) -> dict:
    return {**vars(group), "count": len(receipts), "n": n, "receipts": list(dict.fromkeys(receipts))}


def _most_first(found: dict) -> tuple:
    return -found["count"], found["category"], found["city"], found["park"]
