"""Withdrawal, 撤回: the applicant has taken the appeal back, and nobody works on it any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from appeals.events import AppealWithdrawn, OrderCancelled
from services.routing.domain import CANCELLED, RETURNED, Case, Order
from services.routing.refusals import WithdrawnByApplicant


def cancel(case: Case, orders: Iterable[Order], withdrawn: AppealWithdrawn, now: datetime) -> list[OrderCancelled]:
    """Cancel the orders of the round, also one whose reply stands already; what was returned is over anyway."""
    case.withdrawn, case.held = True, False
    said = []
    for order in orders:
        if order.state == RETURNED:
            continue
        order.state, order.decide_by = CANCELLED, None
        about = {"receipt": order.receipt, "order": order.order, "department": order.department}
        said.append(OrderCancelled(at=now, by=withdrawn.by, reason=withdrawn.reason, **about))
    return said


def check_not_withdrawn(case: Case) -> None:
    """Whether somebody still works on it. Raises WithdrawnByApplicant."""
    if case.withdrawn:
        raise WithdrawnByApplicant(receipt=case.receipt)
