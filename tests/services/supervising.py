"""What tests of supervision say and ask: an order, what its department did about it, what officers decide."""

from appeals.events import Applicant, FeedbackSubmitted, OrderDispatched, OrderSigned

RECEIPT = "SQ-20261124-A1B2C3"


def dispatched(town, department="industry", number="01", role="lead", **changes):
    """An order that has just been dispatched."""
    facts = {
        "receipt": RECEIPT,
        "at": town.clock(),
        "order": f"{RECEIPT}-{number}",
        "department": department,
        "role": role,
        "title": "申报成立化工产业园区",
        "text": "需要申报成立化工产业园区",
        "applicant": Applicant(name="朝阳高新技术产业开发区", kind="park"),
        "kind": "help",
        "urgency": "normal",
        "complexity": "normal",
    }
    return OrderDispatched(**(facts | changes))


def about(town, department="industry", number="01"):
    """What everything about an order says."""
    return {"receipt": RECEIPT, "at": town.clock(), "order": f"{RECEIPT}-{number}", "department": department}


def replied(town, result="solved", evidence=("会议纪要",), contact="电话", **where):
    """The reply of a department."""
    return FeedbackSubmitted(**about(town, **where), text="已协调", result=result, evidence=evidence, contact=contact)


def ask(town, command, number="01", **facts):
    """A supervisor asks for something; returns what was said. Raises CommandRefused."""
    order = f"{RECEIPT}-{number}"
    return town.ask(command(receipt=RECEIPT, at=town.clock(), by="督办员", order=order, **facts))


def in_hand(town, **changes):
    """An order that was dispatched and signed; told to the town."""
    order = dispatched(town, **changes)
    town.say("routing", order, OrderSigned(**about(town, order.department, order.order[-2:])))


def told(town, topic):
    """The data of every event of this topic that supervision has said, in order."""
    return [data for event, data in town.said() if event.partition(" ")[0] == topic]
