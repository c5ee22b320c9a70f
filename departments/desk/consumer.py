"""A desk for any department that has no system of its own: signs what comes; clerks do the rest."""

from appeals.department import Department
from appeals.events import DeadlineMissed, OrderDispatched


def desk_of(code: str) -> Department:
    """The department with this code, with the little that a desk does by itself."""
    department = Department(code)
    department.on(OrderDispatched)(take)
    department.on(DeadlineMissed)(explain)
    return department


def take(order, desk):
    """Sign an order and, to lead, speak with the applicant."""
    desk.sign(order)
    if order.role == "lead":
        desk.contact(order, how="phone", note="已电话联系企业,了解诉求详情")


def explain(missed, desk):
    """Tell where we stand when a deadline has passed and the order is still ours."""
    if desk.order(missed.order).in_hand:
        desk.progress(missed, note="已收到超期提醒,正在加紧办理")
