"""The promises of the kit to a department's developer."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appeals.bus.broker import Outgoing
from appeals.bus.topology import EVENTS
from appeals.department import NoSuchOrder, NotOurWord
from appeals.errors import ForgedSource, Refused
from appeals.events import AppealClosed, DeadlineSet, OrderDispatched, OrderSigned, SupervisionIssued
from appeals.settings import WrongSettings
from appeals.testing import wait_until
from tests.departments.conftest import ALL_WORDS, MANIFESTS, ORDER, RECEIPT


def sign(order, desk):
    desk.sign(order)


def without(*words):
    manifest = MANIFESTS.get("industry")
    return replace(manifest, words=tuple(word for word in manifest.words if word not in words))


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


def test_each_word_of_a_department_is_one_call(town, events, industry):
    town.open(industry)
    town.tell(events.dispatched())

    with town.office.clerk(by="wang") as desk:
        order = desk.order(RECEIPT)
        desk.sign(order)
        desk.return_order(order, reason="不属于本单位职责", suggested="sasac")
        desk.contact(order, how="visit", note="已上门")
        desk.progress(order, note="正在研究")
        desk.milestone(order, "9份相关报告编制", "in-progress", on="2026-11-20", figures={"count": 9})
        desk.request_extension(order, days=5, reason="环评未完", plan="补充材料")
        desk.feedback(order, text="已协调", result="solved", evidence=["批复.pdf"], contact="电话")
    town.office.settle()

    assert town.words() == ALL_WORDS
    assert [word["sequence"] for word in town.arrived()] == [1, 2, 3, 4, 5, 6, 7]
    assert {word["data"]["by"] for word in town.arrived()} == {"wang"}
    milestone, feedback = town.arrived()[4]["data"], town.arrived()[6]["data"]
    assert (milestone["on"], milestone["figures"], milestone["state"]) == ("2026-11-20", {"count": 9}, "in-progress")
    assert (feedback["role"], feedback["evidence"]) == ("lead", ["批复.pdf"])


def test_words_that_a_handler_returns_are_said_too(town, events, industry):
    @industry.on(OrderDispatched)
    def take(order, desk):
        about = {"receipt": order.receipt, "at": order.at, "department": "industry", "order": order.order}
        return OrderSigned(**about)

    town.open(industry)
    town.tell(events.dispatched())

    assert town.words() == ["order.signed"]
    assert town.rows("SELECT state FROM work_orders") == [("signed",)]


def test_what_a_clerk_says_in_another_process_is_published_by_the_running_one(town, events, industry):
    industry.on(OrderDispatched)(sign)
    town.open(industry)
    town.tell(events.dispatched())

    with town.clerks_office().clerk() as desk:
        desk.milestone(desk.order(RECEIPT), "总体规划公示")
    town.office.settle()

    assert town.words() == ["order.signed", "milestone.reached"]
    assert [word["sequence"] for word in town.arrived()] == [1, 2]


def test_a_clerk_at_a_department_needs_only_its_settings(town, events, industry, monkeypatch):
    town.open(industry)
    town.tell(events.dispatched())
    monkeypatch.setenv("DATABASE_URL", town.url)
    monkeypatch.delenv("AMQP_URI", raising=False)

    with industry.clerk() as desk:
        desk.sign(desk.order(ORDER))
    town.office.settle()

    assert town.words() == ["order.signed"]


def test_nothing_is_said_when_a_clerks_work_raises(town, events, industry):
    town.open(industry)
    town.tell(events.dispatched())

    with pytest.raises(NoSuchOrder), town.office.clerk() as desk:
        desk.sign(desk.order(RECEIPT))
        desk.order("SQ-20261124-ZZZZZZ")
    town.office.settle()

    assert town.words() == []
    assert town.rows("SELECT state FROM work_orders") == [("dispatched",)]


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


def test_a_word_that_the_manifest_does_not_list_is_refused_at_the_department(town, events, industry):
    town.open(industry, without("order.signed"))
    town.tell(events.dispatched())

    with pytest.raises(NotOurWord, match=r"let it say order.signed"), town.office.clerk() as desk:
        desk.sign(desk.order(RECEIPT))
    town.office.settle()

    assert town.words() == []


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


def test_told_to_stop_it_finishes_what_is_in_hand_and_publishes_it(town, events, industry):
    in_hand, may_go_on = threading.Event(), threading.Event()

    @industry.on(OrderDispatched)
    def slow(order, desk):
        in_hand.set()
        may_go_on.wait(10)
        desk.sign(order)

    def stop_while_in_hand():
        in_hand.wait(10)
        os.kill(os.getpid(), signal.SIGTERM)
        may_go_on.set()

    town.open(industry)
    town.say(events.dispatched())
    before = signal.getsignal(signal.SIGTERM)
    threading.Thread(target=stop_while_in_hand).start()

    assert town.office.serve() == 0

    assert town.words() == ["order.signed"]
    assert town.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_running_department_finds_by_itself_what_a_clerk_elsewhere_has_said(town, events, industry):
    town.open(industry)
    said = []

    def clerk_then_stop():
        wait_until(lambda: town.rows("SELECT * FROM work_orders"))
        with town.clerks_office().clerk() as desk:
            desk.sign(desk.order(RECEIPT))
        wait_until(town.arrived, seconds=3)
        said.extend(town.words())
        os.kill(os.getpid(), signal.SIGTERM)

    town.say(events.dispatched())
    threading.Thread(target=clerk_then_stop).start()
    town.office.serve()

    assert said == ["order.signed"]


def test_missing_settings_are_told_in_one_line(industry, monkeypatch, capsys):
    monkeypatch.delenv("AMQP_URI", raising=False)

    assert industry.run() == 2

    assert capsys.readouterr().err == (
        "industry: AMQP_URI is not set: the broker, as amqp://user:password@host:port/vhost\n"
    )


def test_the_kit_needs_neither_nameko_nor_eventlet():
    question = "import sys, appeals.department; print({'nameko', 'eventlet', 'psycopg2'} & set(sys.modules))"

    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)

    assert answer.stdout == "set()\n"
