"""A desk for any department that has no system of its own: signs what comes; clerks do the rest.

Where people sign at the portal instead, it only keeps the work list.
"""

import logging

from appeals.department import Department
from appeals.events import DeadlineMissed, FeedbackRefused, OrderDispatched

log = logging.getLogger("desk")


def desk_of(code: str, *, at_portal: bool = False) -> Department:
    """The department with this code, with the little that a desk does by itself; `at_portal` people do all of it."""
    department = Department(code)
    if not at_portal:
        department.on(OrderDispatched)(take)
    department.on(DeadlineMissed, FeedbackRefused)(call_the_clerk)
    return department


def take(order, desk):
    """Sign an order; a clerk finds it in the work list."""
    desk.sign(order)


def call_the_clerk(event, desk):
    """A deadline has passed, or a reply was sent back: a clerk has to act, and the work list says why."""
    log.warning("%s needs a clerk: %s", event.order, desk.order(event.order).note or "overdue")
