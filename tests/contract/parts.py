"""What the bus suites share: a refusal, an order, and a handler that only listens."""

from appeals.errors import Refused
from appeals.events import OrderDispatched


class NotOurs(Refused):
    """Raised by a handler in these tests."""

    zh = "不属于本单位职责"
    en = "Not ours"


def dispatched(accepted, department="industry", **changes):
    facts = {
        "receipt": accepted.receipt,
        "at": accepted.at,
        "order": "1",
        "department": department,
        "role": "lead",
        "title": accepted.title,
        "text": accepted.text,
        "applicant": accepted.applicant,
        "kind": accepted.kind,
        "urgency": accepted.urgency,
        "complexity": accepted.complexity,
    }
    return OrderDispatched(**(facts | changes))


def listener(heard):
    return lambda service, event: heard.append(event)
