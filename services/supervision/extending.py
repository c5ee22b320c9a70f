"""Extensions, 延期: who may have more time, how much, and who decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from appeals.calendar import Limit
from appeals.errors import Refused
from appeals.events import Event, ExtensionApproved, ExtensionDenied, ExtensionRequested
from services.supervision.deadline import Deadline
from services.supervision.order import OVER, Order, Pause
from services.supervision.policy import Rules
from services.supervision.refusals import (
    AskedTooLate,
    ConferenceNeeded,
    ExtendedAlready,
    ExtensionTooLong,
    NoExtensionAsked,
    NoExtensionByLaw,
    NoExtensionHere,
    NoReasonOrPlan,
)


def ask(
    order: Order, asked: ExtensionRequested, reply: Deadline, now: datetime, rules: Rules
) -> ExtensionDenied | None:
    """A department wants more time: a supervisor will decide, unless the rules forbid it anyway."""
    problem = _too_much(order, asked.days, rules) or _asked_wrongly(asked, reply, now, rules)
    if problem:
        return ExtensionDenied(reason=problem.told()["zh"], **order.about(now))
    order.asked_days, order.asked_reason = asked.days, asked.reason
    return None


def decide(
    order: Order,
    reply: Deadline,
    pauses: Iterable[Pause],
    now: datetime,
    rules: Rules,
    *,
    approve: bool,
    reason: str,
    by: str,
    conference: str = "",
) -> Event:
    """Give more time, counted from the due date, or not. Raises NoExtensionAsked, ConferenceNeeded or what forbids it.

    `conference` names the minutes of the joint conference, which alone may put a reply off again.
    """
    if not order.asked_days or order.state in OVER:
        raise NoExtensionAsked(order=order.order)
    days = order.asked_days
    if not approve:
        order.asked_days = 0
        return ExtensionDenied(reason=reason, **order.about(now, by))
    if problem := _too_much(order, days, rules):
        raise problem
    allowed = rules.policy.extension_of(order)
    if allowed.conference and order.extensions + 1 >= allowed.conference and not conference.strip():
        raise ConferenceNeeded()
    order.asked_days, order.extensions = 0, order.extensions + 1
    order.extension_days += days
    reply.extend(Limit(days, allowed.unit), rules, pauses, now)
    return ExtensionApproved(reason=reason, due=reply.due, conference=conference, **order.about(now, by))


def end_with_reply(order: Order, now: datetime) -> list[Event]:
    """A reply has come: there is nothing left to put off, and a late reply stays late."""
    if not order.asked_days:
        return []
    order.asked_days = 0
    return [ExtensionDenied(reason="已反馈，延期申请终止", **order.about(now))]


def _too_much(order: Order, days: int, rules: Rules) -> Refused | None:
    allowed, regime = rules.policy.extension_of(order), rules.policy.regime(order)
    if not allowed.times:
        return NoExtensionByLaw(regime=regime.en, regime_zh=regime.zh) if regime else NoExtensionHere()
    if order.extensions >= allowed.times:
        return ExtendedAlready(times=order.extensions)
    most = min(allowed.most, allowed.total - order.extension_days)
    return ExtensionTooLong(most=Limit(most, allowed.unit)) if days > most else None


def _asked_wrongly(asked: ExtensionRequested, reply: Deadline, now: datetime, rules: Rules) -> Refused | None:
    if not (asked.reason.strip() and asked.plan.strip()):
        return NoReasonOrPlan()
    before = rules.policy.ask_extension_before
    if rules.calendar.due(now, before) > reply.due:
        due = reply.due.astimezone(rules.calendar.zone)
        return AskedTooLate(before=before, due=f"{due:%Y-%m-%d %H:%M}")
    return None
