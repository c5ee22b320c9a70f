"""The close, 办结, and after: a parent closes when all its orders have, and hard ones are looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from appeals.events import AppealClosed, Event, FollowUpPlanned, FollowUpReached
from services.supervision.deadline import FOLLOW_UP, Deadline
from services.supervision.order import APPROVED, CLOSED, RETURNED, Order
from services.supervision.policy import HARD, Rules

ONGOING, SOLVED = "ongoing", "solved"


def conclude(orders: Sequence[Order], now: datetime, rules: Rules) -> tuple[Event | None, list[Deadline]]:
    """Close the appeal when every reply of this round stands; follow it up when the lead's matter goes on.

    `orders` are those of one appeal. A parent is not closed as long as one of its orders is open. Returns also the
    days on which the matter is to be looked at again.
    """
    kept = [order for order in orders if order.state != RETURNED]
    newest = max((order.round for order in kept), default=0)
    current = [order for order in kept if order.round == newest]
    lead = next((order for order in current if order.is_lead), None)
    if lead is None or any(order.state != APPROVED for order in current):
        return None, []
    departments = tuple(dict.fromkeys(order.department for order in current))
    if lead.result == ONGOING:
        due = rules.calendar.due(now, rules.policy.follow_up)
        planned = FollowUpPlanned(
            receipt=lead.receipt, at=now, departments=departments, reason=lead.text, review_on=due.date()
        )
        return planned, [_follow_up(lead, ONGOING, due, rules)]
    for order in current:
        order.state = CLOSED
    closed = AppealClosed(
        receipt=lead.receipt,
        at=now,
        lead=lead.department,
        departments=departments,
        round=lead.round,
        result=lead.result,
        summary=lead.text,
    )
    later = rules.policy.follow_ups_after_close if _is_looked_at_again(lead) else ()
    return closed, [_follow_up(lead, str(after), rules.calendar.due(now, after), rules) for after in later]


def reach_follow_up(deadline: Deadline, orders: Sequence[Order], now: datetime, rules: Rules) -> FollowUpReached:
    """The day has come to look again. A matter that goes on gets its next day at once."""
    kept = [order for order in orders if order.state != RETURNED]
    departments = tuple(dict.fromkeys(order.department for order in kept))
    if deadline.name == ONGOING:
        deadline.due = deadline.next_at = rules.calendar.due(now, rules.policy.follow_up)
        return FollowUpReached(receipt=deadline.receipt, at=now, departments=departments)
    deadline.meet(now)
    return FollowUpReached(receipt=deadline.receipt, at=now, departments=departments, after=deadline.name)


def _is_looked_at_again(lead: Order) -> bool:
    """Difficult matters, those of a task force, and those in which something was left to be done."""
    return lead.complexity == HARD or lead.task_force or lead.result != SOLVED


def _follow_up(lead: Order, name: str, due: datetime, rules: Rules) -> Deadline:
    return Deadline.on(FOLLOW_UP, lead, due, rules, name=name)
