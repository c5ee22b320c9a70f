"""Securities: takes what is about listing and the capital market, returns what is for SASAC alone.

It is a vertical authority: it is asked, not ordered, and takes part like everybody else. Milestones and
replies come from clerks, by `securities.clerk()`.
"""

import logging

from appeals.department import Department
from appeals.events import DeadlineMissed, FeedbackRefused, OrderDispatched

log = logging.getLogger("securities")

securities = Department("securities")

CAPITAL_MARKET = ("上市", "证券", "证监", "辅导", "保荐", "券商", "股票", "债券")
STATE_ASSETS = ("国资", "国有", "确权")


@securities.on(OrderDispatched)
def take(order, desk):
    """Sign an order that is ours; return one that is about state assets only."""
    text = order.title + order.text
    if _names(text, STATE_ASSETS) and not _names(text, CAPITAL_MARKET):
        desk.return_order(order, reason="仅涉及国有资产事项，不属于证券监管职责", suggested="sasac")
        return
    desk.sign(order)


@securities.on(DeadlineMissed, FeedbackRefused)
def call_the_clerk(event, desk):
    """A deadline has passed, or a reply was sent back: a clerk has to act, and the work list says why."""
    log.warning("%s needs a clerk: %s", event.order, desk.order(event.order).note or "overdue")


def _names(text, words):
    return any(word in text for word in words)
