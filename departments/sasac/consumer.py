"""SASAC: leads in matters of state assets only, and assists whenever it is asked to.

Contacts, milestones and replies come from clerks, who alone know them, by `sasac.clerk()`.
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
        desk.return_order(order, reason="不涉及国有资产，不属于国资监管职责")
        return
    desk.sign(order)


@sasac.on(DeadlineMissed, FeedbackRefused)
def call_the_clerk(event, desk):
    """A deadline has passed, or a reply was sent back: a clerk has to act, and the work list says why."""
    log.warning("%s needs a clerk: %s", event.order, desk.order(event.order).note or "overdue")
