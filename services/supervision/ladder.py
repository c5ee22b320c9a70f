"""The ladder, 督办等级: from a reminder to the red card. It is climbed by rule, and lowered by a person only."""

from __future__ import annotations

from datetime import datetime

from appeals.events import Event, SupervisionIssued, SupervisionLowered
from services.supervision.order import IN_WORK, SUSPENDED, Order
from services.supervision.policy import Rules
from services.supervision.refusals import (
    NoCardForVertical,
    NoReason,
    NotHigher,
    NothingToUrge,
    NotLower,
    NotOpen,
    SuspendedNow,
    UrgedAlready,
)

NONE, REMINDER, URGED, ORDINARY, YELLOW, RED = "", "reminder", "urged", "ordinary", "yellow", "red"
LETTER, CONFERENCE = "letter", "conference"  # what a vertical organ gets: 商请函, 联席会议
CARDS = (ORDINARY, YELLOW, RED)
LEVELS = (REMINDER, URGED, *CARDS)
_HEIGHT = {NONE: 0, REMINDER: 1, URGED: 2, ORDINARY: 3, LETTER: 3, YELLOW: 4, RED: 5, CONFERENCE: 5}

_STEPS = {"sign": "签收", "contact": "联系申请人", "reply": "答复"}


def overdue(step: str, due: datetime, rules: Rules) -> str:
    """Why a department is called to account, in words for it."""
    return f"应于{due.astimezone(rules.calendar.zone):%Y年%m月%d日 %H:%M}前{_STEPS[step]}，至今未完成"


def climb(
    order: Order, level: str, reason: str, now: datetime, rules: Rules, *, by: str = "system"
) -> SupervisionIssued | None:
    """Call a department to account, if that is more than was done already; a reminder may come again.

    A vertical organ gets a letter where others get a card.
    """
    more = is_above(level, order, rules)
    level = _instrument(level, order, rules)
    if not more and level not in (REMINDER, URGED):
        return None
    if more:
        order.level = level
    within = rules.policy.ladder.reply_within.get(level)
    reply_due = rules.calendar.due(now, within) if within else None
    return SupervisionIssued(level=level, reason=reason, reply_due=reply_due, **order.about(now, by))


def is_above(level: str, order: Order, rules: Rules) -> bool:
    """Whether a level is higher than the one that the order has reached."""
    return _HEIGHT[_instrument(level, order, rules)] > _HEIGHT[order.level]


def issue(order: Order, level: str, reason: str, now: datetime, rules: Rules, *, by: str) -> SupervisionIssued:
    """A supervisor calls a department to account.

    Raises NoReason, SuspendedNow, NotOpen, NoCardForVertical or NotHigher.
    """
    if not reason.strip():
        raise NoReason()
    if order.state == SUSPENDED:
        raise SuspendedNow(order=order.order)
    if order.state not in IN_WORK:
        raise NotOpen(order=order.order)
    if order.vertical and level in CARDS:
        raise NoCardForVertical()
    issued = climb(order, level, reason, now, rules, by=by)
    if issued is None:
        raise NotHigher()
    return issued


def lower(order: Order, level: str, reason: str, now: datetime, *, by: str) -> SupervisionLowered:
    """Somebody with the authority lowers the level, or takes it back altogether. Raises NoReason or NotLower."""
    if not reason.strip():
        raise NoReason()
    if _HEIGHT[level] >= _HEIGHT[order.level]:
        raise NotLower()
    was, order.level = order.level, level
    return SupervisionLowered(level=level, was=was, reason=reason, **order.about(now, by))


def urge(orders: list[Order], note: str, now: datetime, rules: Rules) -> list[Event]:
    """The applicant urges: the leads that are at work are reminded.

    `orders` are all of the appeal, so that another lead or round gives no second try. Raises NothingToUrge or
    UrgedAlready.
    """
    at_work = [order for order in orders if order.is_lead and order.state in IN_WORK]
    if not at_work:
        raise NothingToUrge()
    every, zone = rules.policy.ladder.urge_every, rules.calendar.zone
    last = max((order.urged_at for order in orders if order.urged_at), default=None)
    if last and rules.calendar.due(last, every) > now:
        raise UrgedAlready(last=f"{last.astimezone(zone):%Y-%m-%d %H:%M}", every=every)
    said = []
    for order in at_work:
        order.urged_at = now
        reason = f"申请人催办：{note}" if note else "申请人催办"
        said.append(climb(order, URGED, reason, now, rules, by="applicant"))
    return said


def _instrument(level: str, order: Order, rules: Rules) -> str:
    return rules.policy.ladder.vertical.get(level, level) if order.vertical else level
