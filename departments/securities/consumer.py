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
    """Sign an order that is ours and speak with the applicant; return one that is about state assets only."""
    text = order.title + order.text
    if _names(text, STATE_ASSETS) and not _names(text, CAPITAL_MARKET):
        desk.return_order(order, reason="仅涉及国有资产事项,不属于证券监管职责", suggested="sasac")
        return
    desk.sign(order)
    if order.role == "lead":
        desk.contact(order, how="phone", note="已电话联系企业,了解上市准备情况")


@securities.on(DeadlineMissed)
def explain(missed, desk):
    """Tell where we stand when a deadline has passed and the order is still ours."""
    if desk.order(missed.order).in_hand:
        desk.progress(missed, note="已收到超期提醒,正在加紧办理")


@securities.on(FeedbackRefused)
def do_again(refused, desk):
    """A clerk has to reply once more; the work list says why."""
    log.info("reply to %s was sent back, due %s", refused.order, desk.order(refused.order).due)


def _names(text, words):
    return any(word in text for word in words)
