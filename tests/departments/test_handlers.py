"""The promises of the kit to a department's developer: handlers on the bus."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appeals.bus.broker import Outgoing
from appeals.bus.topology import EVENTS
from appeals.department import NotOurWord
from appeals.errors import ForgedSource, Refused
from appeals.events import AppealClosed, DeadlineSet, OrderDispatched, OrderSigned, SupervisionIssued
from appeals.settings import WrongSettings
from tests.departments.conftest import MANIFESTS, ORDER, RECEIPT, sign, without


def test_an_event_that_comes_twice_has_one_effect(town, events, industry):
    heard = []

    @industry.on(OrderDispatched)
    def take(order, desk):
        heard.append(order)
        desk.sign(order)

    town.open(industry)

    town.tell(events.dispatched())
    town.again()
    town.office.settle()

    assert len(heard) == 1
    assert town.words() == ["order.signed"]


def test_a_word_arrives_at_the_departments_own_inbox_with_its_cause(town, events, industry):
    industry.on(OrderDispatched)(sign)
    town.open(industry)

    town.tell(events.dispatched())

    (signed,) = town.arrived()
    (heard,) = town.rows("SELECT key FROM inbox")
    assert signed["type"] == "cn.appealloop.order.signed.v1"
    assert (signed["source"], signed["audience"], signed["sequence"]) == ("industry", "inbox.industry", 1)
    assert signed["subject"] == RECEIPT
    assert heard.key == f"{EVENTS}/{signed['causationid']}"
    assert signed["data"] | {"at": ""} == {
        "receipt": RECEIPT, "at": "", "by": "industry", "order": ORDER, "department": "industry",
    }  # fmt: skip


def test_a_handler_finds_the_order_that_it_is_called_for_in_the_work_list(town, events, industry):
    found = []

    @industry.on(OrderDispatched)
    def look(order, desk):
        found.extend([desk.order(order.order).title, desk.order(order.receipt).title, *desk.open_orders()])

    town.open(industry)
    town.tell(events.dispatched())

    assert len(found) == 3
    assert town.dead() == []


def test_words_that_a_handler_returns_are_said_too(town, events, industry):
    @industry.on(OrderDispatched)
    def take(order, desk):
        about = {"receipt": order.receipt, "at": order.at, "department": "industry", "order": order.order}
        return OrderSigned(**about)

    town.open(industry)
    town.tell(events.dispatched())

    assert town.words() == ["order.signed"]
    assert town.rows("SELECT state FROM work_orders") == [("signed",)]


def test_a_handler_that_raises_is_tried_again_and_then_set_aside(town, events, industry):
    tried = []

    @industry.on(OrderDispatched)
    def fail(order, desk):
        desk.sign(order)
        tried.append(order)
        raise ConnectionError("the own system is down")

    town.open(industry)
    town.say(events.dispatched())
    town.settle_through_retries()

    assert len(tried) == 4
    assert town.dead() == ["ConnectionError"]
    assert town.words() == []
    assert town.rows("SELECT * FROM work_orders") == []


@pytest.mark.parametrize(
    "headers",
    [{"x-attempt": "often"}, {"x-attempt": -9}, {"x-attempt": datetime.now(UTC)}, {"x-replayed-by": b"me"}],
    ids=["text", "negative", "a time", "bytes"],
)
def test_headers_that_make_no_sense_do_not_keep_a_failing_event_from_its_retries(town, events, industry, headers):
    @industry.on(OrderDispatched)
    def fail(order, desk):
        raise ConnectionError("the own system is down")

    town.open(industry)
    town.say(events.dispatched())
    queue = town.broker.subscribe(["dept.industry.q.events"], 1)
    (message,) = queue.fetch(1, 0)
    queue.acknowledge([message])
    town.broker.publish(
        Outgoing(id="1", exchange=EVENTS, routing_key=message.routing_key, body=message.body, headers=headers)
    )
    town.settle_through_retries()

    assert town.dead() == ["ConnectionError"]


def test_a_handler_that_refuses_has_its_event_set_aside_at_once(town, events, industry):
    @industry.on(OrderDispatched)
    def refuse(order, desk):
        raise Refused()

    town.open(industry)
    town.tell(events.dispatched())

    assert town.dead() == ["refused"]


def test_a_handler_that_says_what_the_manifest_does_not_list_has_its_event_set_aside(town, events, industry):
    industry.on(OrderDispatched)(sign)
    town.open(industry, without("order.signed"))

    town.tell(events.dispatched())

    assert town.dead() == ["not-our-word"]
    assert town.words() == []


@pytest.mark.parametrize("returned", ["another's word", "no word of a department"])
def test_a_handler_speaks_only_for_its_department_and_only_its_words(town, events, industry, returned):
    wrong = {
        "another's word": OrderSigned(receipt=RECEIPT, at=town.clock(), order=ORDER, department="sasac"),
        "no word of a department": events.closed(),
    }[returned]
    industry.on(OrderDispatched)(lambda order, desk: wrong)
    town.open(industry)

    town.tell(events.dispatched())

    assert town.dead() == [ForgedSource.code() if isinstance(wrong, OrderSigned) else NotOurWord.code()]
    assert town.words() == []


def test_an_event_without_a_handler_is_heard_and_does_not_pile_up(town, events, industry):
    town.open(industry)
    issued = SupervisionIssued(
        receipt=RECEIPT, at=town.clock(), order=ORDER, department="industry", level="urged", reason="超期未签收"
    )

    town.tell(events.dispatched(), issued)

    assert town.rows("SELECT state, count(*) FROM inbox GROUP BY state") == [("applied", 2)]
    assert town.broker.depth("dept.industry.q.events") == 0
    assert town.dead() == []


def test_an_event_of_an_unknown_type_waits_for_a_version_that_knows_it(town, events, industry):
    town.open(industry)
    town.say(events.dispatched())
    (message,) = town.broker.peek("dept.industry.q.events")
    newer = message.body.replace(b"order.dispatched.v1", b"order.dispatched.v9").replace(message.id.encode(), b"9")

    town.broker.publish(Outgoing(id="9", exchange=EVENTS, routing_key=message.routing_key, body=newer))
    town.office.settle()

    assert sorted(town.rows("SELECT state FROM inbox")) == [("applied",), ("parked",)]
    assert town.dead() == []


def test_a_handler_for_what_the_manifest_does_not_list_stops_the_start(town, industry):
    industry.on(AppealClosed)(sign)
    manifest = replace(MANIFESTS.get("industry"), events=("order.dispatched",))

    with pytest.raises(WrongSettings, match=r"industry handles appeal.closed"):
        town.open(industry, manifest)


def test_an_event_has_one_handler(industry):
    industry.on(DeadlineSet)(sign)

    with pytest.raises(ValueError, match=r"two handlers for deadline.set"):
        industry.on(DeadlineSet)(sign)
