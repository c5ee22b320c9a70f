"""Suspension, 挂起: for which reasons and how long an order's clocks may stand still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from appeals.calendar import Limit
from appeals.events import Event, OrderResumed, OrderSuspended
from services.supervision.deadline import CLOCKS, RESUME, Deadline
from services.supervision.order import OPEN, SUSPENDED, Order, Pause
from services.supervision.policy import Rules, column
from services.supervision.refusals import (
    NoReason,
    NotInHand,
    NotSuspended,
    SuspendedTooLong,
    SuspensionReasonNotAllowed,
)


@dataclass(frozen=True)
class Watched:
    """An order with its deadlines and its pauses."""

    order: Order
    deadlines: tuple[Deadline, ...]
    pauses: tuple[Pause, ...]

    def clocks(self) -> Iterable[Deadline]:
        """The deadlines that are steps."""
        return (one for one in self.deadlines if one.step in CLOCKS)

    def end(self) -> Deadline | None:
        """When the suspension ends by itself, if there was ever one."""
        return next((one for one in self.deadlines if one.step == RESUME), None)


def suspend(
    watched: Watched, now: datetime, rules: Rules, *, reason: str, days: int, basis: str, by: str
) -> tuple[OrderSuspended, list[Deadline | Pause]]:
    """Let the clocks stand still for so many working days, or for so many more; returns also what is new to keep.

    It ends by itself. All suspensions of an order together have a limit by its urgency, and one may not be longer
    than it is looked at again. Raises NotInHand, SuspensionReasonNotAllowed, NoReason or SuspendedTooLong.
    """
    order, allowed = watched.order, rules.policy.suspension
    if order.state not in (OPEN, SUSPENDED) or not order.signed:
        raise NotInHand(order=order.order)
    if reason not in allowed.reasons:
        raise SuspensionReasonNotAllowed(reason=reason)
    if not basis.strip():
        raise NoReason(field="basis")
    most = min(allowed.review_every, allowed.most[column(order)] - order.suspended_days)
    if not 1 <= days <= most:
        raise SuspendedTooLong(most=most)
    order.suspended_days += days
    running = next((pause for pause in watched.pauses if pause.end is None), None)
    until = rules.calendar.due(running.until if running else now, Limit(days, "wd"))
    new: list[Deadline | Pause] = []
    if running:
        running.until = until
    else:
        order.state = SUSPENDED
        pause = Pause(order=order.order, start=now, end=None, until=until, reason=reason, basis=basis, by=by)
        new.append(pause.in_place_among(watched.pauses))
        for deadline in watched.clocks():
            deadline.pause()
    if end := watched.end():
        end.due = end.next_at = until
    else:
        new.append(Deadline.on(RESUME, order, until, rules))
    return OrderSuspended(reason=reason, basis=basis, until=until, **order.about(now, by)), new


def resume(watched: Watched, now: datetime, rules: Rules, *, reason: str, by: str = "system") -> list[Event]:
    """Let the clocks run on, now or since the suspension has ended by itself; the new deadlines are told.

    Days that were not needed may be used another time. Raises NotSuspended or NoReason.
    """
    order = watched.order
    if order.state != SUSPENDED:
        raise NotSuspended(order=order.order)
    if not reason.strip():
        raise NoReason()
    order.state = OPEN
    return [OrderResumed(reason=reason, **order.about(now, by)), *_run_on(watched, now, rules)]


def end_for_reply(watched: Watched, now: datetime, rules: Rules) -> list[Event]:
    """A reply to a suspended order ends its suspension; the deadlines by which it counts are told."""
    return _run_on(watched, now, rules) if watched.order.state == SUSPENDED else []


def _run_on(watched: Watched, now: datetime, rules: Rules) -> list[Event]:
    for pause in watched.pauses:
        if pause.end is None:
            pause.end = min(now, pause.until)
            unused = rules.calendar.between(pause.end, pause.until, "wd") // rules.calendar.office_day
            watched.order.suspended_days -= unused
    if end := watched.end():
        end.next_at = None
    return [
        deadline.tell(now, rules.calendar, "挂起结束")
        for deadline in watched.clocks()
        if deadline.go_on(watched.order, rules, watched.pauses, now)
    ]
