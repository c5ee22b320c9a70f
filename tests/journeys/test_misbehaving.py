"""Five kinds of misbehaving department: each disturbs nobody else, loses nothing, and the operator sees it.

The culprit is sasac, in whose name the test speaks to the broker; the bystander is public-security, as it is.
"""

import re
from datetime import UTC, datetime

import amqp
import kombu
import pytest
import requests
from sqlalchemy import text

from appeals.bus.broker import Outgoing
from appeals.bus.database import Database
from appeals.bus.envelope import Envelope
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.station import fresh_id
from appeals.bus.topology import department_queues, inbox_exchange
from appeals.testing import wait_until
from appeals.watch import LAG_SECONDS, QueueWatch, finding
from deploy.people import signed_by

CULPRIT, BYSTANDER = "sasac", "public-security"
EVENTS, INBOX = department_queues(CULPRIT).events, inbox_exchange(CULPRIT)
NO_RECEIPT, NO_ORDER = "SQ-20261124-A1B2C3", "SQ-20261124-A1B2C3-01"
FLOOD, AT_ONCE = 20_000, 500
ROOM = 5  # in the culprit's queue, where it never consumes
UNREADABLE_PROPERTIES = {"message_id": b"\xff\xfe", "content_type": b"\xff"}


@pytest.fixture
def away(fleet):
    """The culprit's own process rests meanwhile; call it to have it back at work."""
    fleet.members[CULPRIT].stop()

    def back():
        fleet.members[CULPRIT].start()
        fleet.wait_until_ready()

    yield back
    back()


@pytest.fixture
def an_appeal_to_the_culprit(people, case):
    """Makes appeals that are the culprit's to lead; returns the receipt."""

    def submit():
        matter = {"category": "state-assets", "title": "请核实国资确权事宜", "text": "国有股权需要确认"}
        mine = case("ipo-guidance", **matter)
        receipt = people.submit(mine)["receipt"]
        people.accept(mine, receipt)
        people.wait_for(receipt, lambda appeal: appeal["orders"], "dispatched")
        return receipt

    return submit


@pytest.fixture
def an_order_of_the_bystander(people, case):
    """Makes orders that have reached the bystander, and whose signature was heard."""

    def submit():
        theft = case("cable-theft")
        receipt = people.submit(theft)["receipt"]
        people.accept(theft, receipt)
        appeal = people.wait_for(receipt, lambda appeal: BYSTANDER in signed_by(appeal), f"signed by {BYSTANDER}")
        return receipt, next(one["order"] for one in appeal["orders"] if one["department"]["code"] == BYSTANDER)

    return submit


@pytest.fixture
def told(people):
    """What the operator is told of the culprit now."""

    def look():
        health = people.get("/departments/health", role="auditor")
        return next(one for one in health["departments"] if one["code"] == CULPRIT)

    return look


def is_signed(people, receipt, by=CULPRIT):
    people.wait_for(receipt, lambda appeal: by in signed_by(appeal), f"signed by {by}")
    return True


def depth(fleet, queue):
    return RabbitBroker(fleet.amqp_uri).depths([queue])[queue].waiting


def say(fleet, *bodies):
    """Put these into the culprit's inbox, as the culprit, with confirms."""
    publisher = RabbitBroker(fleet.amqp_of(CULPRIT)).publisher()
    words = [Outgoing(id=fresh_id(), exchange=INBOX, routing_key=INBOX, body=body) for body in bodies]
    for first in range(0, len(words), AT_ONCE):
        assert publisher.publish(words[first : first + AT_ONCE]) == {}
    publisher.close()


def say_unreadable(fleet):
    """Put a message with properties that cannot be decoded into the culprit's inbox."""
    with kombu.Connection(fleet.amqp_of(CULPRIT)) as connection:
        for name, value in UNREADABLE_PROPERTIES.items():
            message = amqp.Message(b"{}", **{name: value})
            connection.default_channel.basic_publish(message, INBOX)


def a_word(
    topic="feedback.submitted", source=CULPRIT, receipt=NO_RECEIPT, order=f"{NO_RECEIPT}-01", department=CULPRIT
):
    now = datetime.now(UTC)
    facts = {"order": order, "department": department, "role": "lead", "text": "已办结", "result": "solved"}
    return Envelope(
        id=fresh_id(),
        source=source,
        type=f"cn.appealloop.{topic}.v1",
        subject=receipt,
        time=now,
        data={"receipt": receipt, "at": now.isoformat(), "by": "system"} | facts,
        after={},
    ).to_bytes()


def measured(fleet, member, name, **labels):
    """The sum of a metric of one process, over all that has these labels."""
    lines = requests.get(f"http://127.0.0.1:{fleet.metrics_ports[member]}/metrics", timeout=10).text.splitlines()
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    mine = [line for line in lines if re.match(rf"{name}\{{", line) and all(one in line for one in wanted)]
    return sum(float(line.rpartition(" ")[2]) for line in mine)


def set_aside(fleet, **labels):
    """How many words of the culprit routing has set aside, and how many of anybody else's."""
    name = "appeals_messages_set_aside_total"
    own = measured(fleet, "routing", name, department=CULPRIT, **labels)
    return own, measured(fleet, "routing", name, **labels) - own


def test_one_that_never_consumes_has_its_copies_held_back_and_gets_them_all_later(
    fleet, people, away, told, an_appeal_to_the_culprit, an_order_of_the_bystander
):
    held = lambda: measured(fleet, "routing", "appeals_outbox_held", audience=CULPRIT)  # noqa: E731
    fleet.node.ctl("set_policy", "full", rf"^{re.escape(EVENTS)}$", f'{{"max-length":{ROOM}}}', "--priority", "100")
    receipts = [an_appeal_to_the_culprit() for _ in range(6)]

    assert wait_until(held) > 0
    assert an_order_of_the_bystander()
    assert measured(fleet, "routing", "appeals_outbox_held", audience=BYSTANDER) == 0
    assert measured(fleet, "routing", "appeals_relay_refused_total", audience=CULPRIT) > 0
    assert wait_until(lambda: told()["waiting"] and told())["severity"] == "critical"
    assert told()["finding"].startswith("未运行：没有消费者")

    away()
    assert all(is_signed(people, receipt) for receipt in receipts)
    wait_until(lambda: held() == 0)
    fleet.node.ctl("clear_policy", "full")


def test_one_that_floods_its_inbox_is_heard_in_turn_with_the_others(fleet, people, told, an_order_of_the_bystander):
    receipt, order = an_order_of_the_bystander()
    wait_until(lambda: depth(fleet, INBOX) == 0)
    before = set_aside(fleet)
    fleet.members["routing"].stop()
    say(fleet, *(a_word(topic="order.shouted") for _ in range(FLOOD)))
    with people.clerk(BYSTANDER) as desk:
        desk.contact(desk.order(order), how="电话", note="已联系")
    wait_until(lambda: depth(fleet, inbox_exchange(BYSTANDER)) == 1)
    assert wait_until(lambda: told()["words_waiting"] and told())["finding"] == f"发送过快：收件箱积压 {FLOOD:,} 条"

    fleet.members["routing"].start()
    events = lambda: [one["event"] for one in people.timeline(receipt)["timeline"]]  # noqa: E731
    wait_until(lambda: "contact.made" in events(), seconds=60)
    wait_until(lambda: set_aside(fleet)[0] == FLOOD, seconds=60)

    assert flood_heard_before(fleet, receipt) < FLOOD / 10
    assert set_aside(fleet)[1] == 0
    assert before[1] == 0


def flood_heard_before(fleet, receipt):
    """How many words of the flood routing had set aside when it heard the bystander; ids sort by time."""
    database = Database(fleet.database_url, "routing")
    with database.reading() as session:
        question = """SELECT count(*) FROM journal WHERE audience = 'dead' AND id <
            (SELECT min(id) FROM journal WHERE subject = :receipt AND type LIKE '%contact.made%')
            AND id > (SELECT max(id) FROM journal WHERE subject = :receipt AND type LIKE '%order.signed%')"""
        count = session.scalar(text(question), {"receipt": receipt})
    database.close()
    return count


def test_one_that_acknowledges_nothing_lags_and_gets_everything_again(
    fleet, people, away, an_appeal_to_the_culprit, an_order_of_the_bystander
):
    now = [0.0]
    watch = QueueWatch(fleet.directory, RabbitBroker(fleet.amqp_uri).depths, clock=lambda: now[0])
    look = lambda code: next(one for one in watch.departments() if one.code == code)  # noqa: E731
    keeps = RabbitBroker(fleet.amqp_of(CULPRIT)).subscribe([EVENTS], 1)
    receipts = [an_appeal_to_the_culprit() for _ in range(2)]
    kept = keeps.fetch(1, 10)
    wait_until(lambda: depth(fleet, EVENTS) > 0)

    look(CULPRIT)
    assert an_order_of_the_bystander()
    now[0] = LAG_SECONDS

    assert len(kept) == 1
    assert finding(look(CULPRIT)).zh.startswith("处理滞后")
    assert finding(look(BYSTANDER)).zh == "正常"
    keeps.close()
    away()
    assert all(is_signed(people, receipt) for receipt in receipts)


def test_one_that_sends_garbage_has_it_set_aside_under_its_name(fleet, an_order_of_the_bystander):
    before, others = set_aside(fleet)
    garbage = {
        "malformed": [
            *(b"", b"\xff\xfe\x00", b"{", b"[]", b'{"specversion":"1.0"}', b"x" * 2_000_000),
            a_word().replace(b'"data":{', b'"data":{"x":"' + b"y" * 300_000 + b'",'),
        ],
        "forged-source": [a_word(source=BYSTANDER), a_word(department=BYSTANDER)],
        "word-not-allowed": [a_word(topic="order.shouted"), a_word(topic="appeal.closed")],
    }
    known = {reason: set_aside(fleet, reason=reason)[0] for reason in garbage}

    for bodies in garbage.values():
        say(fleet, *bodies)
    say_unreadable(fleet)
    assert an_order_of_the_bystander()

    sent = {reason: len(bodies) for reason, bodies in garbage.items()}
    sent["malformed"] += len(UNREADABLE_PROPERTIES)
    wait_until(lambda: set_aside(fleet)[0] - before == sum(sent.values()))
    assert {reason: set_aside(fleet, reason=reason)[0] - known[reason] for reason in sent} == sent
    assert set_aside(fleet)[1] == others
    assert depth(fleet, INBOX) == 0


def test_one_that_replies_about_an_appeal_not_its_own_changes_nothing_there(fleet, people, an_order_of_the_bystander):
    receipt, order = an_order_of_the_bystander()
    before, others = set_aside(fleet, reason="no-such-order")

    say(fleet, a_word(receipt=receipt, order=order))
    wait_until(lambda: set_aside(fleet, reason="no-such-order")[0] == before + 1)

    with people.clerk(BYSTANDER) as desk:
        desk.feedback(desk.order(order), text="已立案侦办", result="solved", evidence=["受案回执"], contact="电话")
    people.wait_for(receipt, lambda appeal: appeal["orders"][0]["state"]["code"] == "replied", "replied")
    replies = [one for one in people.timeline(receipt)["timeline"] if one["event"] == "feedback.submitted"]
    assert [(one["department"], one["details"]["text"]) for one in replies] == [(BYSTANDER, "已立案侦办")]
    assert set_aside(fleet, reason="no-such-order")[1] == others
