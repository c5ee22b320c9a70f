"""What the bus suites share: a refusal, an order, and a handler that only listens."""

import gc
import warnings
from contextlib import contextmanager

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


@contextmanager
def turned_away():
    """Around a connection that the broker refuses: the client library leaves its socket to the garbage collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()
