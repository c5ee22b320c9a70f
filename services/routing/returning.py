"""Returning, 退单: once per unit, with a reason, within its limit; decided on the same day; not once designated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from appeals.events import Event, OrderReturned, ReturnDenied, ReturnRequested
from services.routing.domain import LEAD, RETURNED, Case, Order, Rulebook
from services.routing.policy import AUTO
from services.routing.refusals import (
    DesignatedForGood,
    NoReasonGiven,
    NoReturnAsked,
    ReturnedBefore,
    ReturnedTooLate,
    ReturnsUsedUp,
)


def ask_return(
    word: OrderReturned, order: Order, case: Case, book: Rulebook, now: datetime, *, working: Collection[str] = ()
) -> list[Event]:
    """A department returns its order: decided by the catalogue at once, or put before a dispatcher.

    `working` are the other departments that have an order of this round. Raises NoReasonGiven, DesignatedForGood,
    ReturnedBefore, ReturnsUsedUp or ReturnedTooLate.
    """
    _check_may_return(word, order, case, book, now)
    case.asked_return = [*case.asked_return, order.department]
    order.return_reason, order.return_suggested, order.return_by = word.reason, word.suggested, word.by
    if book.policy.return_decision == AUTO:
        return accept_return(order, case, book, now, working=working)
    order.decide_by = book.policy.decide_by(now, book.calendar)
    return [
        ReturnRequested(
            receipt=order.receipt,
            at=now,
            by=word.by,
            order=order.order,
            department=order.department,
            reason=word.reason,
            suggested=word.suggested,
            decide_by=order.decide_by,
        )
    ]


def decide_return(
    order: Order,
    case: Case,
    book: Rulebook,
    now: datetime,
    *,
    approve: bool,
    reason: str,
    by: str,
    working: Collection[str] = (),
) -> list[Event]:
    """A dispatcher decides: the order goes on to the next department, or stays. Raises NoReturnAsked."""
    if order.decide_by is None:
        raise NoReturnAsked(order=order.order)
    if approve:
        return accept_return(order, case, book, now, working=working, decided_by=by)
    order.decide_by = None
    about = {"receipt": order.receipt, "at": now, "by": by, "order": order.order, "department": order.department}
    return [ReturnDenied(reason=reason, **about)]


def accept_return(
    order: Order,
    case: Case,
    book: Rulebook,
    now: datetime,
    *,
    working: Collection[str] = (),
    decided_by: str = "system",
) -> list[Event]:
    """The order is over; when it was the lead's, the appeal goes to the next department or to a person."""
    order.state, order.decide_by = RETURNED, None
    returned = OrderReturned(
        receipt=order.receipt,
        at=now,
        by=order.return_by,
        order=order.order,
        department=order.department,
        reason=order.return_reason,
        suggested=order.return_suggested,
        decided_by=decided_by,
    )
    if order.role != LEAD:
        return [returned]
    return [returned, *case.reroute(book, now, refused_by=order.department, working=working)]


def _check_may_return(word: OrderReturned, order: Order, case: Case, book: Rulebook, now: datetime) -> None:
    if not word.reason.strip():
        raise NoReasonGiven()
    if case.designated or order.designated:
        raise DesignatedForGood()
    if order.department in case.asked_return:
        raise ReturnedBefore()
    if order.role == LEAD and case.returns >= book.policy.return_times:
        raise ReturnsUsedUp(returns=case.returns)
    if order.return_due is not None and now > order.return_due:
        due = order.return_due.astimezone(book.calendar.zone)
        raise ReturnedTooLate(order=order.order, due=f"{due:%Y-%m-%d %H:%M}")
