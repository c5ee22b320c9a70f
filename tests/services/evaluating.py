"""What tests of evaluation say and ask: an appeal, what its lead did about it, and what officers found out."""

from datetime import timedelta

from appeals.commands import RateAppeal, RecordCallback
from appeals.events import (
    AppealAccepted,
    AppealClosed,
    Applicant,
    ContactMade,
    DeadlineSet,
    FeedbackSubmitted,
    OrderDispatched,
    OrderSigned,
)

RECEIPT = "SQ-20261124-A1B2C3"
PERIOD = "2026-11"


def receipt(number):
    """The receipt of one of many appeals."""
    return f"SQ-20261124-{number:06d}"


def accepted(town, of=RECEIPT, *, city="朝阳市", park="", **changes):
    """An appeal that was just accepted."""
    facts = {
        "receipt": of,
        "at": town.clock(),
        "title": "申报上市",
        "text": "希望给予上市辅导",
        "applicant": Applicant(name="某企业", city=city, park=park),
        "channel": "visit",
        "kind": "help",
        "urgency": "normal",
        "complexity": "normal",
        "category": "finance",
    }
    return AppealAccepted(**(facts | changes))


def dispatched(town, of=RECEIPT, *, department="securities", number=1, **changes):
    """Its order to the lead."""
    facts = {
        "receipt": of,
        "at": town.clock(),
        "order": f"{of}-{number:02d}",
        "department": department,
        "role": "lead",
        "title": "申报上市",
        "text": "希望给予上市辅导",
        "applicant": Applicant(name="某企业"),
        "kind": "help",
        "urgency": "normal",
        "complexity": "normal",
    }
    return OrderDispatched(**(facts | changes))


def about(town, of=RECEIPT, *, department="securities", number=1):
    """What everything about an order says."""
    return {"receipt": of, "at": town.clock(), "order": f"{of}-{number:02d}", "department": department}


def deadlines(town, of=RECEIPT, *, reply_in=timedelta(days=3), **where):
    """By when the order is to be signed, contacted and replied to."""
    soon = town.clock() + timedelta(days=1)
    dues = {"sign": soon, "contact": soon, "reply": town.clock() + reply_in}
    return [DeadlineSet(step=step, due=due, **about(town, of, **where)) for step, due in dues.items()]


def closed(town, of=RECEIPT, number=1, lead="securities", departments=("securities", "sasac")):
    """The close of a round."""
    return AppealClosed(
        receipt=of,
        at=town.clock(),
        lead=lead,
        departments=departments,
        round=number,
        result="solved",
        summary="已开展上市辅导",
    )


def lead(town, of=RECEIPT, *, department="securities", signed=True, reply_in=timedelta(days=3), **changes):
    """Have an appeal accepted, dispatched, signed and contacted."""
    where = {"department": department}
    town.say("intake", accepted(town, of, **changes))
    town.say("routing", dispatched(town, of, **where, kind=changes.get("kind", "help")))
    town.say("supervision", *deadlines(town, of, reply_in=reply_in, **where))
    done = [OrderSigned(**about(town, of, **where))] if signed else []
    town.say("routing", *done, ContactMade(how="电话", **about(town, of, **where)))


def close(town, of=RECEIPT, *, department="securities"):
    """Have the lead reply, and the appeal closed."""
    reply = FeedbackSubmitted(text="已协调", result="solved", **about(town, of, department=department))
    town.say("routing", reply)
    town.say("supervision", closed(town, of, lead=department, departments=(department,)))


def call(town, of=RECEIPT, by="回访员", *, reached=True, **facts):
    """Record an attempt to call the applicant back; returns what was said. Raises CommandRefused."""
    return town.ask(RecordCallback(receipt=of, at=town.clock(), by=by, reached=reached, **facts))


def rate(town, rating="satisfied", solved="solved", comment="", of=RECEIPT):
    """Have the applicant rate; returns what was said. Raises CommandRefused."""
    return town.ask(
        RateAppeal(receipt=of, at=town.clock(), by="applicant", rating=rating, solved=solved, comment=comment)
    )


def ask(town, command, of=RECEIPT, by="督办员", **facts):
    """Ask for something as an officer; returns what was said. Raises CommandRefused."""
    return town.ask(command(receipt=of, at=town.clock(), by=by, **facts))


def told(town, topic):
    """The data of every event of this topic that was said, in order."""
    return [data for event, data in town.said() if event.partition(" ")[0] == topic]
