"""A message that fails is refused, tried again, or set aside whole, and costs nobody else anything."""

import json
import time
from datetime import datetime

import amqp
import kombu
import pytest
from sqlalchemy import text

from appeals.bus.broker import ERROR, REASON, Outgoing
from appeals.bus.station import fresh_id
from appeals.bus.topology import EVENTS
from appeals.events import AppealAccepted, OrderDispatched, OrderSigned
from tests.contract.parts import NotOurs, dispatched, listener


def test_a_refused_message_is_set_aside_at_once_and_the_good_ones_go_on(site, an_accepted_appeal):
    heard = []

    def take(_, accepted):
        if accepted.title == "坏":
            raise NotOurs()
        heard.append(accepted.title)

    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: take})

    intake.say(*(an_accepted_appeal(title=title) for title in "一二坏三四"))
    site.settle()

    assert sorted(set(heard)) == sorted("一二三四")
    (letter,) = site.dead(routing)
    assert letter.headers[REASON] == "not-ours"
    assert json.loads(letter.body)["data"]["title"] == "坏"
    assert routing.rows("SELECT state, count(*) FROM inbox GROUP BY state ORDER BY state") == [
        ("applied", 4),
        ("refused", 1),
    ]


def test_a_failing_message_is_tried_again_and_succeeds(site, an_accepted_appeal):
    tries = []

    def take(_, accepted):
        tries.append(accepted)
        if len(tries) < 3:
            raise RuntimeError("not yet")

    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: take})

    intake.say(an_accepted_appeal())
    site.settle_through_retries()

    assert len(tries) == 3
    assert site.dead(routing) == []
    assert routing.rows("SELECT state FROM inbox") == [("applied",)]


def test_a_message_that_keeps_failing_is_set_aside_and_its_successors_wait(site, an_accepted_appeal):
    heard = []
    accepted = an_accepted_appeal()

    def take(_, event):
        if event.order == "1":
            raise RuntimeError("never")
        heard.append(event.order)

    routing = site.service("routing", {})
    portal = site.service("portal", {OrderDispatched: take})
    routing.say(*(dispatched(accepted, department="nobody", order=order) for order in "12"))

    site.settle_through_retries()

    (letter,) = site.dead(portal)
    assert letter.headers[REASON] == "RuntimeError"
    assert heard == []
    assert portal.rows("SELECT count(*) FROM inbox WHERE state = 'parked'") == [(1,)]


def test_one_failing_message_in_a_large_batch_costs_only_itself(site, an_accepted_appeal):
    applied = []

    class Work:
        def __init__(self, session):
            self.session = session

    def take(service, accepted):
        if accepted.title == "坏":
            service.session.execute(text("SELECT no_such_column FROM turns"))
        applied.append(accepted.title)

    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: take}, service=Work)
    intake.say(*(an_accepted_appeal(title="坏" if number == 37 else str(number)) for number in range(100)))

    site.settle_through_retries()

    assert set(applied) == {str(number) for number in range(100)} - {"37"}
    assert routing.rows("SELECT count(*) FROM inbox") == [(99,)]
    assert len(site.dead(routing)) == 1


def test_bytes_that_nobody_can_read_are_set_aside_whole(site, an_accepted_appeal):
    heard = []
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: listener(heard)})
    rubbish = [b"\xff\xfe\x00", b"{", b"[]", b'{"specversion": "1.0"}', b"", "中文".encode("gb18030")]
    publisher = site.broker.publisher()
    key = f"core.{AppealAccepted.topic}.industry.v1"

    publisher.publish([Outgoing(id=fresh_id(), exchange=EVENTS, routing_key=key, body=body) for body in rubbish])
    publisher.close()
    intake.say(an_accepted_appeal())
    site.settle()

    assert len(heard) == 1
    letters = site.dead(routing)
    assert sorted(letter.body for letter in letters) == sorted(rubbish)
    assert {letter.headers[REASON] for letter in letters} == {"malformed"}


class _Never(datetime):
    """A time that the wire can carry and Python cannot hold."""

    def utctimetuple(self):
        return time.struct_time((9999, 12, 31, 10**9, 0, 0, 0, 1, 0))


POISON = {
    "a number with thousands of digits": lambda body: body.replace(
        b'"after":"', b'"after":"a/b/c=' + b"9" * 5000 + b" "
    ),
    "half a surrogate in raw bytes": lambda body: body.replace(b"cn.appealloop", b"cn.\xed\xa0\x80"),
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "deep nesting": lambda body: body.replace(
        b'"data":{', b'"data":{"x":' + b"[" * 5000 + b"]" * 5000 + b',"y":"\\u0041",'
    ),
    "nesting just below the limit": lambda body: body.replace(
        b'"data":{', b'"data":{"x":' + b"[" * 955 + b"]" * 955 + b',"y":"\\u0041",'
    ),
    "a whole megabyte": lambda body: body + b" " * 1_100_000,
}


@pytest.mark.parametrize("poison", POISON)
def test_no_bytes_stop_a_consumer(site, an_accepted_appeal, poison):
    heard = []
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: listener(heard)})
    intake.pipeline.act(lambda _: [an_accepted_appeal(), an_accepted_appeal()])
    (bad, key, body), (good, _, good_body) = intake.rows("SELECT id, routing_key, body FROM journal ORDER BY id")
    poisoned = POISON[poison](bytes(body))
    publisher = site.broker.publisher()

    publisher.publish([Outgoing(id=bad, exchange=EVENTS, routing_key=key, body=poisoned)])
    publisher.publish([Outgoing(id=good, exchange=EVENTS, routing_key=key, body=bytes(good_body))])
    publisher.close()
    routing.consume()
    routing.publish()

    assert len(heard) in (1, 2)  # some nesting can be read
    assert heard[-1].receipt == json.loads(bytes(good_body))["subject"]
    assert [letter.body for letter in site.dead(routing)] == ([poisoned] if len(heard) == 1 else [])


UNREADABLE_PROPERTIES = {
    "an id that is no text": {"message_id": b"\xff\xfe"},
    "a time beyond all calendars": {"application_headers": {"x": _Never(1970, 1, 1)}},
}


@pytest.mark.parametrize("properties", UNREADABLE_PROPERTIES)
def test_no_properties_stop_a_consumer(site, an_accepted_appeal, properties):
    if not site.real:
        pytest.skip("a broker in memory has no wire")
    heard = []
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: listener(heard)})
    with kombu.Connection(site.broker.uri) as connection:
        message = amqp.Message(b"{}", **UNREADABLE_PROPERTIES[properties])
        connection.default_channel.basic_publish(message, EVENTS, f"core.{AppealAccepted.topic}.industry.v1")
    intake.say(an_accepted_appeal())

    site.settle()

    assert len(heard) == 1
    (letter,) = site.dead(routing)
    assert (letter.body, letter.headers[REASON]) == (b"{}", "malformed")
    assert "properties" in letter.headers[ERROR]


def test_a_department_speaks_only_in_its_own_name(site, an_accepted_appeal):
    heard = []
    routing = site.service("routing", {OrderSigned: listener(heard)}, inboxes=["industry", "sasac"])
    industry = site.department("industry", {})
    sasac = site.department("sasac", {})
    accepted = an_accepted_appeal()
    signed = OrderSigned(receipt=accepted.receipt, at=accepted.at, order="1", department=industry.name)

    industry.say(signed)
    ((body,),) = industry.rows("SELECT body FROM journal")
    publisher = site.broker.publisher()
    exchange = f"inbox.{sasac.name}"
    publisher.publish([Outgoing(id=fresh_id(), exchange=exchange, routing_key="x", body=bytes(body))])
    publisher.close()
    site.settle()

    assert heard == [signed]
    (letter,) = site.dead(routing)
    assert letter.headers[REASON] == "forged-source"


def test_what_comes_through_no_known_exchange_is_set_aside(site, an_accepted_appeal):
    heard = []
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: listener(heard)})
    intake.pipeline.act(lambda _: an_accepted_appeal())
    ((body,),) = intake.rows("SELECT body FROM journal")
    publisher = site.broker.publisher()

    publisher.publish([Outgoing(id=fresh_id(), exchange="", routing_key=routing.queues.events, body=bytes(body))])
    publisher.close()
    routing.consume()
    routing.publish()

    assert heard == []
    (letter,) = site.dead(routing)
    assert letter.headers[REASON] == "forged-source"
