"""The versioned numbers of supervision, and which are for an order. `policy.yml` has them with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appeals.calendar import Calendar, Limit
from appeals.regimes import Regime, Regimes

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
class SentBack:
    """From which time on that a reply is sent back its department is called to account, and how."""

    times: int
    level: str


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """What a step that stays undone leads to; `vertical` says what a vertical organ gets in the place of a card.

    When the level was lowered to nothing, the first rung comes again `after_lowering`; others as long after as always.
    """

    rungs: Mapping[str, tuple[Rung, ...]]
    after_lowering: Limit
    sent_back: SentBack
    reply_within: Mapping[str, Limit]
    vertical: Mapping[str, str]
    urge_every: Limit


@dataclass(frozen=True, kw_only=True)
class Extension:
    """How often and by how many days of a unit a reply may be put off; from `conference` on with its minutes."""

    most: int
    times: int
    total: int
    conference: int | None = None
    unit: str = "wd"


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

        A lawful procedure's time takes the place of all others. Else the kind's time and the unit's promise, halved
        for a second round. Who assists has half of the lead's time.
        """
        if step != REPLY:
            return [self.steps[step][column(order)]]
        if regime := self.regime(order):
            return [regime.reply if order.role == LEAD else regime.reply.half(self.assist_at_least)]
        promised = [
            one.limit for one in self.commitments if (one.department, one.kind) == (order.department, order.kind)
        ]
        limits = [self.reply[order.kind][column(order)], *promised]
        if order.role == ASSIST:
            limits = [one.half(self.assist_at_least) for one in limits]
        if order.round > 1:
            limits = [one.half(self.second_round_at_least if one.unit == "wd" else 1) for one in limits]
        return limits

    def regime(self, order) -> Regime | None:
        """The lawful procedure that gives the time for the reply to an order, if there is one."""
        regime = self.regimes.get(order.special_regime)
        return regime if regime and regime.reply else None

    def extension_of(self, order) -> Extension:
        """By how much the reply may be put off: once and by what a lawful procedure says, if one gives its time.

        Who assists may have half of that. Else it goes by urgency.
        """
        regime = self.regime(order)
        if regime is None:
            return self.extension[column(order)]
        if regime.extension is None:
            return Extension(most=0, times=0, total=0)
        most = regime.extension.limit if order.role == LEAD else regime.extension.limit.half(self.assist_at_least)
        return Extension(most=most.amount, times=1, total=most.amount, unit=most.unit)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every decision is made by: the policy and the working calendar."""

    policy: Policy
    calendar: Calendar


def column(order) -> str:
    """The column of an order in tables by urgency."""
    return HARD if order.urgency == NORMAL and order.complexity == HARD else order.urgency
