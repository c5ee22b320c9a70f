"""Industry: takes what is about parks and trades, returns what is about fire safety or public order.

Contacts, milestones and replies come from clerks, who alone know them, by `industry.clerk()`.
"""

import logging

from appeals.department import Department
from appeals.events import DeadlineMissed, FeedbackRefused, OrderDispatched

log = logging.getLogger("industry")

industry = Department("industry")

# Matters of others, and the department to suggest where we know it.
NOT_OURS = {"消防": "", "治安": "public-security", "被盗": "public-security", "盗窃": "public-security"}


@industry.on(OrderDispatched)
def take(order, desk):
    """Sign an order that is ours; return one whose title names a matter of others."""
    matter = next((matter for matter in NOT_OURS if matter in order.title), None)
    if matter and order.role == "lead":
        desk.return_order(order, reason=f"“{matter}”事项不属于工信部门职责", suggested=NOT_OURS[matter])
        return
    desk.sign(order)


@industry.on(DeadlineMissed, FeedbackRefused)
def call_the_clerk(event, desk):
    """A deadline has passed, or a reply was sent back: a clerk has to act, and the work list says why."""
    log.warning("%s needs a clerk: %s", event.order, desk.order(event.order).note or "overdue")
