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
from appeals.testing.clock import TUESDAY_MORNING
from tests.departments.conftest import MANIFESTS, ORDER, RECEIPT, reasons, sign, without


def test_an_event_that_comes_twice_has_one_effect(try_out, events, industry):
    heard = []

    @industry.on(OrderDispatched)
    def take(order, desk):
        heard.append(order)
        desk.sign(order)

    trial = try_out(industry)

    trial.hear(events.dispatched())
    trial.again()

    assert len(heard) == 1
    assert trial.words == ["order.signed"]


def test_a_word_arrives_at_the_departments_own_inbox_with_its_cause(try_out, events, industry):
    industry.on(OrderDispatched)(sign)
    trial = try_out(industry)

    trial.hear(events.dispatched())

    (signed,) = trial.arrived
    (heard,) = trial.rows("SELECT key FROM inbox")
    assert signed.type == "cn.appealloop.order.signed.v1"
    assert (signed.source, signed.audience, signed.sequence) == ("industry", "inbox.industry", 1)
    assert signed.subject == RECEIPT
    assert heard.key == f"{EVENTS}/{signed.causation}"
    assert signed.data | {"at": ""} == {
        "receipt": RECEIPT, "at": "", "by": "industry", "order": ORDER, "department": "industry",
    }  # fmt: skip


def test_a_handler_finds_the_order_that_it_is_called_for_in_the_work_list(try_out, events, industry):
    found = []

    @industry.on(OrderDispatched)
    def look(order, desk):
        found.extend([desk.order(order.order).title, desk.order(order.receipt).title, *desk.open_orders()])

    trial = try_out(industry)
    trial.hear(events.dispatched())

    assert len(found) == 3
    assert trial.dead == []


def test_words_that_a_handler_returns_are_said_too(try_out, events, industry):
    @industry.on(OrderDispatched)
    def take(order, desk):
        about = {"receipt": order.receipt, "at": order.at, "department": "industry", "order": order.order}
        return OrderSigned(**about)

    trial = try_out(industry)
    trial.hear(events.dispatched())

    assert trial.words == ["order.signed"]
    assert trial.rows("SELECT state FROM work_orders") == [("signed",)]


def test_a_handler_that_raises_is_tried_again_and_then_set_aside(try_out, events, industry):
    tried = []

    @industry.on(OrderDispatched)
    def fail(order, desk):
        desk.sign(order)
        tried.append(order)
        raise ConnectionError("the own system is down")

    trial = try_out(industry)
    trial.say(events.dispatched())
    trial.settle_through_retries()

    assert len(tried) == 4
    assert reasons(trial) == ["ConnectionError"]
    assert trial.words == []
    assert trial.rows("SELECT * FROM work_orders") == []


@pytest.mark.parametrize(
    "headers",
    [{"x-attempt": "often"}, {"x-attempt": -9}, {"x-attempt": datetime.now(UTC)}, {"x-replayed-by": b"me"}],
    ids=["text", "negative", "a time", "bytes"],
)
def test_headers_that_make_no_sense_do_not_keep_a_failing_event_from_its_retries(try_out, events, industry, headers):
    @industry.on(OrderDispatched)
    def fail(order, desk):
        raise ConnectionError("the own system is down")

    trial = try_out(industry)
    trial.say(events.dispatched())
    queue = trial.broker.subscribe(["dept.industry.q.events"], 1)
    (message,) = queue.fetch(1, 0)
    queue.acknowledge([message])
    trial.broker.publish(
        Outgoing(id="1", exchange=EVENTS, routing_key=message.routing_key, body=message.body, headers=headers)
    )
    trial.settle_through_retries()

    assert reasons(trial) == ["ConnectionError"]


def test_a_handler_that_refuses_has_its_event_set_aside_at_once(try_out, events, industry):
    @industry.on(OrderDispatched)
    def refuse(order, desk):
        raise Refused()

    trial = try_out(industry)
    trial.hear(events.dispatched())

    assert reasons(trial) == ["refused"]


def test_a_handler_that_says_what_the_manifest_does_not_list_has_its_event_set_aside(try_out, events, industry):
    industry.on(OrderDispatched)(sign)
    trial = try_out(industry, without("order.signed"))

    trial.hear(events.dispatched())

    assert reasons(trial) == ["not-our-word"]
    assert trial.words == []


@pytest.mark.parametrize("returned", ["another's word", "no word of a department"])
def test_a_handler_speaks_only_for_its_department_and_only_its_words(try_out, events, industry, returned):
    wrong = {
        "another's word": OrderSigned(receipt=RECEIPT, at=TUESDAY_MORNING, order=ORDER, department="sasac"),
        "no word of a department": events.closed(),
    }[returned]
    industry.on(OrderDispatched)(lambda order, desk: wrong)
    trial = try_out(industry)

    trial.hear(events.dispatched())

    assert reasons(trial) == [ForgedSource.code() if isinstance(wrong, OrderSigned) else NotOurWord.code()]
    assert trial.words == []


def test_an_event_without_a_handler_is_heard_and_does_not_pile_up(try_out, events, industry):
    trial = try_out(industry)
    issued = SupervisionIssued(
        receipt=RECEIPT, at=TUESDAY_MORNING, order=ORDER, department="industry", level="urged", reason="超期未签收"
    )

    trial.hear(events.dispatched(), issued)

    assert trial.rows("SELECT state, count(*) FROM inbox GROUP BY state") == [("applied", 2)]
    assert trial.broker.depth("dept.industry.q.events") == 0
    assert trial.dead == []


def test_an_event_of_an_unknown_type_waits_for_a_version_that_knows_it(try_out, events, industry):
    trial = try_out(industry)
    trial.say(events.dispatched())
    (message,) = trial.broker.peek("dept.industry.q.events")
    newer = message.body.replace(b"order.dispatched.v1", b"order.dispatched.v9").replace(message.id.encode(), b"9")

    trial.broker.publish(Outgoing(id="9", exchange=EVENTS, routing_key=message.routing_key, body=newer))
    trial.settle()

    assert sorted(trial.rows("SELECT state FROM inbox")) == [("applied",), ("parked",)]
    assert trial.dead == []


def test_a_handler_for_what_the_manifest_does_not_list_stops_the_start(try_out, industry):
    industry.on(AppealClosed)(sign)
    manifest = replace(MANIFESTS.get("industry"), events=("order.dispatched",))

    with pytest.raises(WrongSettings, match=r"industry handles appeal.closed"):
        try_out(industry, manifest)


def test_an_event_has_one_handler(industry):
    industry.on(DeadlineSet)(sign)

    with pytest.raises(ValueError, match=r"two handlers for deadline.set"):
        industry.on(DeadlineSet)(sign)
