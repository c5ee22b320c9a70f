"""Supervision on the bus in memory, with its real store."""

import pytest

from appeals.bus.asking import CommandRefused
from appeals.commands import ApproveFeedback, DecideExtension, RefuseFeedback
from appeals.events import ContactMade, ExtensionRequested, OrderReturned, OrderSigned
from tests.services.supervising import RECEIPT, about, ask, dispatched, replied, told


def test_clocks_start_at_the_dispatch_and_follow_the_working_calendar(town):
    town.host("supervision")

    town.say("routing", dispatched(town))

    assert [(data["step"], data["due"]) for _, data in town.said()] == [
        ("sign", "2026-11-24T14:00:00+08:00"),
        ("contact", "2026-11-25T17:00:00+08:00"),
        ("reply", "2026-12-01T17:00:00+08:00"),
    ]


def test_an_unsigned_order_is_missed_once_and_its_department_is_urged(town):
    supervision = town.host("supervision")
    town.say("routing", dispatched(town))

    town.clock.advance(hours=6)
    supervision.tick()
    supervision.tick()

    assert town.facts()[3:] == ["deadline.missed to industry", "supervision.issued to industry"]
    assert [data["level"] for event, data in town.said() if event.startswith("supervision")] == ["urged"]


def test_a_step_done_in_time_is_not_missed(town):
    supervision = town.host("supervision")
    town.say(
        "routing", dispatched(town), OrderSigned(**about(town)), ContactMade(**about(town), how="电话"), replied(town)
    )

    town.clock.advance(days=30)
    supervision.tick()

    assert "deadline.missed to industry" not in town.facts()


def test_a_returned_order_is_no_longer_watched(town):
    supervision = town.host("supervision")
    town.say("routing", dispatched(town), OrderReturned(**about(town), reason="不属于本单位职责"))

    town.clock.advance(days=30)
    supervision.tick()

    assert "deadline.missed to industry" not in town.facts()


def test_after_a_long_stop_every_breach_is_found_once(town):
    supervision = town.host("supervision")
    town.say("routing", dispatched(town))

    town.clock.advance(days=40)
    for _ in range(3):
        supervision.tick()

    assert [data["step"] for event, data in town.said() if event.startswith("deadline.missed")] == [
        "sign",
        "contact",
        "reply",
    ]


def test_an_appeal_closes_when_every_reply_stands(town):
    town.host("supervision")
    town.say("routing", dispatched(town), dispatched(town, "natural-resources", "02", "assist"))
    town.say("routing", replied(town), replied(town, department="natural-resources", number="02", contact=""))

    ask(town, ApproveFeedback)
    assert town.facts()[-1] == "feedback.approved to industry"
    ask(town, ApproveFeedback, "02")

    assert town.facts()[-2:] == ["feedback.approved to natural-resources", "appeal.closed"]
    assert town.said()[-1][1]["departments"] == ["industry", "natural-resources"]


def test_a_matter_that_goes_on_is_followed_up_and_not_closed(town):
    town.host("supervision")
    town.say("routing", dispatched(town), replied(town, result="ongoing"))

    ask(town, ApproveFeedback)

    assert town.facts()[-1] == "followup.planned"


@pytest.mark.parametrize(
    ("lacking", "missing"),
    [({"evidence": ()}, "办理佐证"), ({"contact": ""}, "联系企业记录")],
)
def test_no_reply_stands_without_text_evidence_and_contact(town, lacking, missing):
    town.host("supervision")
    town.say("routing", dispatched(town), replied(town, **lacking))

    with pytest.raises(CommandRefused) as refusal:
        ask(town, ApproveFeedback)

    assert refusal.value.told["code"] == "feedback-incomplete"
    assert missing in refusal.value.told["zh"]


def test_a_reply_that_is_sent_back_gets_a_new_deadline_and_may_come_again(town):
    town.host("supervision")
    town.say("routing", dispatched(town), replied(town))

    ask(town, RefuseFeedback, reason="未附佐证")
    assert town.facts()[-2:] == ["feedback.refused to industry", "deadline.set to industry"]
    with pytest.raises(CommandRefused, match="no reply waiting"):
        ask(town, ApproveFeedback)

    town.say("routing", replied(town))
    ask(town, ApproveFeedback)
    assert town.facts()[-1] == "appeal.closed"


def test_an_extension_moves_the_due_date_once(town):
    supervision = town.host("supervision")
    asked = ExtensionRequested(**about(town), days=10, reason="专家评审", plan="下周评审")
    town.say("routing", dispatched(town), OrderSigned(**about(town)), asked)

    ask(town, DecideExtension, approve=True, reason="同意")
    assert town.said()[-1][1]["due"] == "2026-12-15T17:00:00+08:00"
    with pytest.raises(CommandRefused, match="Nobody asked"):
        ask(town, DecideExtension, approve=True, reason="同意")
    town.say("routing", asked)
    assert town.said()[-1][1]["reason"] == "已延期 1 次，不得再次延期"

    town.clock.advance(days=10)
    supervision.tick()
    assert [d["step"] for e, d in town.said() if e.startswith("deadline.missed")] == ["contact"]


def test_nobody_reviews_an_order_of_another_appeal(town):
    town.host("supervision")
    town.say("routing", dispatched(town), replied(town))

    with pytest.raises(CommandRefused) as refusal:
        town.ask(ApproveFeedback(receipt="SQ-20261124-ZZZZZZ", at=town.clock(), order=f"{RECEIPT}-01"))

    assert refusal.value.told["status"] == 404


def test_an_appeal_closes_when_the_last_open_assistant_returns_its_order(town):
    town.host("supervision")
    town.say("routing", dispatched(town), dispatched(town, "natural-resources", "02", "assist"), replied(town))
    ask(town, ApproveFeedback)

    town.say("routing", OrderReturned(**about(town, "natural-resources", "02"), reason="不属于本单位职责"))

    assert town.facts()[-1] == "appeal.closed"


def test_an_assistants_reply_may_stand_while_routing_looks_for_another_lead(town):
    town.host("supervision")
    assistant = {"department": "natural-resources", "number": "02"}
    town.say("routing", dispatched(town), dispatched(town, "natural-resources", "02", "assist"))
    town.say("routing", replied(town, **assistant), OrderReturned(**about(town), reason="不属于本单位职责"))

    ask(town, ApproveFeedback, "02")

    assert town.facts()[-1] == "feedback.approved to natural-resources"


def test_an_appeal_is_closed_once_in_a_round(town):
    town.host("supervision")
    town.say("routing", dispatched(town), replied(town))
    ask(town, ApproveFeedback)

    town.say("routing", replied(town))
    with pytest.raises(CommandRefused, match="no reply waiting"):
        ask(town, ApproveFeedback)

    assert town.facts().count("appeal.closed") == 1


def test_a_contact_that_the_reply_tells_of_is_made(town):
    supervision = town.host("supervision")
    town.say("routing", dispatched(town), OrderSigned(**about(town)), replied(town, contact="电话"))

    town.clock.advance(days=30)
    supervision.tick()

    assert "deadline.missed to industry" not in town.facts()


def test_an_extension_that_was_not_decided_ends_with_the_reply_and_starts_no_clock(town):
    supervision = town.host("supervision")
    asked = ExtensionRequested(**about(town), days=5, reason="专家评审", plan="下周评审")
    town.say("routing", dispatched(town), OrderSigned(**about(town)), asked, replied(town))

    with pytest.raises(CommandRefused, match="Nobody asked for more time"):
        ask(town, DecideExtension, approve=True, reason="同意")
    town.clock.advance(days=60)
    supervision.tick()

    assert told(town, "extension.denied")[0]["reason"] == "已反馈，延期申请终止"
    assert "deadline.missed to industry" not in town.facts()
