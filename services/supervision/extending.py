"""Extensions, 延期: who may have more time, how much, and who decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from appeals.errors import Refused
from appeals.events import Event, ExtensionApproved, ExtensionDenied, ExtensionRequested
from services.supervision.deadline import Deadline
from services.supervision.order import OVER, Order, Pause
from services.supervision.policy import Extension, Rules, column
from services.supervision.refusals import (
    AskedTooLate,
    ConferenceNeeded,
    ExtendedAlready,
    ExtensionTooLong,
    NoExtensionAsked,
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
    most = _allowed(order, rules)
    if most.conference and order.extensions + 1 >= most.conference and not conference.strip():
        raise ConferenceNeeded()
    order.asked_days, order.extensions = 0, order.extensions + 1
    order.extension_days += days
    reply.extend(days, rules, pauses, now)
    return ExtensionApproved(reason=reason, due=reply.due, conference=conference, **order.about(now, by))


def _allowed(order: Order, rules: Rules) -> Extension:
    return rules.policy.extension[column(order)]


def _too_much(order: Order, days: int, rules: Rules) -> Refused | None:
    allowed = _allowed(order, rules)
    if not allowed.times:
        return NoExtensionHere()
    if order.extensions >= allowed.times:
        return ExtendedAlready(times=order.extensions)
    most = min(allowed.most, allowed.total - order.extension_days)
    return ExtensionTooLong(most=most) if days > most else None


def _asked_wrongly(asked: ExtensionRequested, reply: Deadline, now: datetime, rules: Rules) -> Refused | None:
    if not (asked.reason.strip() and asked.plan.strip()):
        return NoReasonOrPlan()
    before = rules.policy.ask_extension_before
    if rules.calendar.due(now, before) > reply.due:
        due = reply.due.astimezone(rules.calendar.zone)
        return AskedTooLate(before=before, due=f"{due:%Y-%m-%d %H:%M}")
    return None
