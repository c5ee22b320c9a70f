"""$name: what it does with the work orders that reach it.

Try it without a broker: `python -m pytest`. Run it: `appeals run`.
"""

from appeals.department import Department, Desk
from appeals.events import OrderDispatched

# prefetch=400 messages are handed over ahead, and concurrency=1 thread handles them; more threads need PostgreSQL.
department = Department("$code")


# Beside a handler may be declared how its event is treated:
#   retries=2              tried again after 1 and 10 seconds, then a dead letter; 0 to 3, which is after 60 seconds too
#   refuse=(ValueError,)   these errors make a dead letter at once, because trying again would not help
#   ordered=False          it need not wait for earlier events of the same appeal
# The function may be `async def`. Signing, returning and all the rest is one call each: see `appeals.department.Desk`.
@department.on(OrderDispatched)
def take(order: OrderDispatched, desk: Desk):
    """Sign what is ours; return what is not, with a reason that an officer will read."""
    if "消防" in order.title and order.role == "lead":
        desk.return_order(order, reason="消防事项不属于本单位职责")
    else:
        desk.sign(order)
