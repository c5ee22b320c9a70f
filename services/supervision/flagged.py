"""Flagged matters: who leads one that is brought up again and again, or by many, is called to account, 督办.

Beijing's 接诉即办工作条例 (2021), article 24, has such matters taken up by themselves, and article 28 of Jinan's
12345条例 (2018) has them supervised. A flag is kept: the joint conference may put it on its agenda.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from appeals.events import AppealFlagged, SupervisionIssued
from services.supervision.ladder import ORDINARY, climb
from services.supervision.order import OPEN, Order
from services.supervision.policy import Rules


@dataclass(eq=False, kw_only=True)
class Flag:
    """Why an appeal's matter was flagged, and when."""

    receipt: str
    flag: str
    reason: str
    at: datetime

    @classmethod
    def of(cls, flagged: AppealFlagged) -> Flag:
        """The flag that was just raised."""
        return cls(receipt=flagged.receipt, flag=flagged.flag, reason=flagged.reason, at=flagged.at)


def call_to_account(
    orders: Iterable[Order], flags: Sequence[Flag], now: datetime, rules: Rules
) -> list[SupervisionIssued]:
    """Call the lead that is at work to account, once for each flag; one on a rung that was reached adds nothing.

    Who is not at work, such as during a suspension, is called to account when the work goes on.
    """
    issued = []
    for order in orders:
        if order.is_lead and order.state == OPEN:
            new = [flag for flag in flags if flag.flag not in order.flagged]
            issued += [climb(order, ORDINARY, flag.reason, now, rules) for flag in new]
            order.flagged = [*order.flagged, *(flag.flag for flag in new)]
    return [one for one in issued if one]
