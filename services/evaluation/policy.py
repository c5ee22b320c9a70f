"""The versioned numbers of evaluation. `policy.yml` has them with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appeals.calendar import Calendar, Limit
from services.evaluation.scoring import Weights

SAME_DAY = "same-day"
HALF_DAY, DAY = "half-day", "day"


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """By when the applicant is called back, by urgency, and how often and at which different times it is tried.

    A due of None is the same day, until the offices close.
    """

    due: Mapping[str, Limit | None]
    attempts: int
    another: str
    apart: Limit


@dataclass(frozen=True, kw_only=True)
class CommonProblems:
    """What makes a common problem: so many appeals, repeats within a time, open for long, a fall in a rate."""

    least: int
    repeat_within: Limit
    open_long: Limit
    fall: float
    most: int


@dataclass(frozen=True, kw_only=True)
class Policy:
    """All numbers of one version."""

    version: str
    answer_days: int
    most_reworks: int
    review: Limit
    callbacks: Callbacks
    weights: Weights
    freeze_after: Limit
    common_problems: CommonProblems


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every decision is made by: the policy and the working calendar."""

    policy: Policy
    calendar: Calendar
