"""The versioned numbers of supervision, and which are for an order. `policy.yml` has them with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appeals.calendar import Calendar, Limit
from appeals.regimes import Regimes

SIGN, CONTACT, REPLY = "sign", "contact", "reply"
LEAD, ASSIST = "lead", "assist"
HARD, NORMAL = "hard", "normal"

# By urgency, and `hard` for difficult matters that are not urgent.
Columns = Mapping[str, Limit]


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """What a unit has promised in public."""

    department: str
    kind: str
    limit: Limit
    source: str


@dataclass(frozen=True, kw_only=True)
class Lights:
    """From which share of the time, in percent, or with how much time left, a light is shown."""

    blue: int
    yellow: int
    orange: int
    yellow_left: Limit
    orange_left: Limit


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A rung of the ladder, reached so long after the one before."""

    level: str
    after: Limit | None = None


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """What a step that stays undone leads to; `vertical` says what a vertical organ gets in the place of a card."""

    rungs: Mapping[str, tuple[Rung, ...]]
    reply_within: Mapping[str, Limit]
    vertical: Mapping[str, str]
    urge_every: Limit


@dataclass(frozen=True, kw_only=True)
class Extension:
    """How often and by how many working days a reply may be put off; from `conference` on with its minutes."""

    most: int
    times: int
    total: int
    conference: int | None = None


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """For which reasons and how many working days an order may be suspended."""

    most: Mapping[str, int]
    review_every: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Review:
    """What a reply must have, by role, and how many failed attempts stand for a contact."""

    checks: Mapping[str, tuple[str, ...]]
    attempts: int
    attempts_apart: Limit


@dataclass(frozen=True, kw_only=True)
class Policy:
    """All numbers of one version."""

    version: str
    steps: Mapping[str, Columns]
    reply: Mapping[str, Columns]
    commitments: tuple[Commitment, ...]
    regimes: Regimes
    assist_at_least: int
    second_round_at_least: int
    sent_back_at_least: Limit
    reminders: Mapping[str, tuple[int, ...]]
    lights: Lights
    ladder: Ladder
    extension: Mapping[str, Extension]
    ask_extension_before: Limit
    suspension: Suspension
    review: Review
    follow_up: Limit
    follow_ups_after_close: tuple[Limit, ...]
    calendar_notice: Limit

    def limits(self, step: str, order) -> list[Limit]:
        """The limits for a step of an order; the one that runs out first counts.

        A lawful procedure's time takes the place of all others. Else the kind's time and the unit's promise: halved
        for who assists, and halved again for a second round.
        """
        if step != REPLY:
            return [self.steps[step][column(order)]]
        regime = self.regimes.get(order.special_regime)
        if regime and regime.reply:
            return [regime.reply]
        promised = [
            one.limit for one in self.commitments if (one.department, one.kind) == (order.department, order.kind)
        ]
        limits = [self.reply[order.kind][column(order)], *promised]
        if order.role == ASSIST:
            limits = [one.half(self.assist_at_least) for one in limits]
        if order.round > 1:
            limits = [one.half(self.second_round_at_least if one.unit == "wd" else 1) for one in limits]
        return limits


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every decision is made by: the policy and the working calendar."""

    policy: Policy
    calendar: Calendar


def column(order) -> str:
    """The column of an order in tables by urgency."""
    return HARD if order.urgency == NORMAL and order.complexity == HARD else order.urgency
