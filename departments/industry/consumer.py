"""Industry: takes what is about parks and trades, returns what is about fire safety or public order.

Milestones and replies come from clerks, by `industry.clerk()`.
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
    """Sign an order that is ours and speak with the applicant; return one whose title names a matter of others."""
    matter = next((matter for matter in NOT_OURS if matter in order.title), None)
    if matter and order.role == "lead":
        desk.return_order(order, reason=f"“{matter}”事项不属于工信部门职责", suggested=NOT_OURS[matter])
        return
    desk.sign(order)
    if order.role == "lead":
        desk.contact(order, how="phone", note="已电话联系企业,了解诉求详情")


@industry.on(DeadlineMissed)
def explain(missed, desk):
    """Tell where we stand when a deadline has passed and the order is still ours."""
    if desk.order(missed.order).in_hand:
        desk.progress(missed, note="已收到超期提醒,正在加紧办理")


@industry.on(FeedbackRefused)
def do_again(refused, desk):
    """A clerk has to reply once more; the work list says why."""
    log.info("reply to %s was sent back, due %s", refused.order, desk.order(refused.order).due)
