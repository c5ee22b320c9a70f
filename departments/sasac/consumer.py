"""SASAC: leads in matters of state assets only, and assists whenever it is asked to.

Milestones and replies come from clerks, by `sasac.clerk()`.
"""

import logging

from appeals.department import Department
from appeals.events import DeadlineMissed, FeedbackRefused, OrderDispatched

log = logging.getLogger("sasac")

sasac = Department("sasac")

STATE_ASSETS = ("国资", "国有", "国企", "改制", "确权")


@sasac.on(OrderDispatched)
def take(order, desk):
    """Sign an order; but return one to lead that has nothing to do with state assets."""
    if order.role == "lead" and not any(word in order.title + order.text for word in STATE_ASSETS):
        desk.return_order(order, reason="不涉及国有资产,不属于国资监管职责")
        return
    desk.sign(order)
    if order.role == "lead":
        desk.contact(order, how="phone", note="已电话联系企业,核实国有资产情况")


@sasac.on(DeadlineMissed)
def explain(missed, desk):
    """Tell where we stand when a deadline has passed and the order is still ours."""
    if desk.order(missed.order).in_hand:
        desk.progress(missed, note="已收到超期提醒,正在加紧核实")


@sasac.on(FeedbackRefused)
def do_again(refused, desk):
    """A clerk has to reply once more; the work list says why."""
    log.info("reply to %s was sent back, due %s", refused.order, desk.order(refused.order).due)
