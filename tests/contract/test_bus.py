"""The promises of the bus, one suite: in memory, and on RabbitMQ with SQLite and PostgreSQL."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from appeals.bus.asking import Asker, CommandRefused, as_outgoing
from appeals.bus.broker import REASON, Outgoing
from appeals.bus.consumer import Consumer
from appeals.bus.relay import run_in_thread
from appeals.bus.station import fresh_id
from appeals.bus.topology import EVENTS
from appeals.commands import AcceptAppeal
from appeals.errors import Refused
from appeals.events import AppealAccepted, DeadlineSet, OrderDispatched, OrderSigned
from appeals.testing import wait_until


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


def test_what_is_said_is_heard_once(site, an_accepted_appeal):
    heard = []
    intake = site.service("intake", {})
    site.service("routing", {AppealAccepted: listener(heard)})
    accepted = an_accepted_appeal()

    intake.say(accepted)
    site.settle()

    assert heard == [accepted]


def test_nothing_is_said_when_the_transaction_fails(site, an_accepted_appeal):
    intake = site.service("intake", {})

    def fail(_):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        intake.pipeline.act(fail)
    site.settle()

    assert intake.rows("SELECT count(*) FROM journal") == [(0,)]
    assert intake.rows("SELECT count(*) FROM outbox") == [(0,)]


def test_a_message_that_comes_twice_has_one_effect(site, an_accepted_appeal):
    heard = []
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: listener(heard)})
    intake.pipeline.act(lambda _: an_accepted_appeal())
    ((id_, key, body),) = intake.rows("SELECT id, routing_key, body FROM journal")
    copy = Outgoing(id=id_, exchange=EVENTS, routing_key=key, body=bytes(body))
    publisher = site.broker.publisher()

    publisher.publish([copy, replace(copy)])
    site.settle()
    publisher.publish([copy])
    site.settle()
    publisher.close()

    assert len(heard) == 1
    assert routing.rows("SELECT state FROM inbox") == [("applied",)]


def test_a_message_stays_in_the_outbox_until_a_queue_takes_it(site, an_accepted_appeal):
    intake = site.service("intake", {})

    intake.say(an_accepted_appeal())
    assert intake.rows("SELECT count(*) FROM outbox") == [(1,)]
    assert "no queue" in next(iter(intake.relay.refused.values()))

    heard = []
    site.service("routing", {AppealAccepted: listener(heard)})
    site.settle()

    assert intake.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert len(heard) == 1


def test_what_was_fetched_and_not_acknowledged_comes_again(site, an_accepted_appeal):
    heard = []
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: listener(heard)})
    intake.say(an_accepted_appeal())

    crashed = site.broker.subscribe(routing.queues.heard, 10)
    fetched = crashed.fetch(10, 1.0)
    crashed.close()
    site.settle()

    assert len(fetched) == 1
    assert len(heard) == 1


def test_an_acknowledgement_lost_after_the_commit_does_no_harm(site, an_accepted_appeal):
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: lambda _, accepted: dispatched(accepted)})
    site.service("portal", {OrderDispatched: listener([])})
    site.department("industry", {OrderDispatched: listener([])})
    intake.say(an_accepted_appeal())

    crashed = site.broker.subscribe(routing.queues.heard, 10)
    routing.pipeline.handle(crashed.fetch(10, 1.0))
    crashed.close()
    site.settle()

    assert routing.rows("SELECT count(*) FROM journal WHERE type LIKE '%order.dispatched%'") == [(2,)]


def test_events_of_an_appeal_are_applied_in_order_although_they_arrive_out_of_order(site, an_accepted_appeal):
    heard = []
    routing = site.service("routing", {})
    portal = site.service("portal", {OrderDispatched: listener(heard)})
    appeals = [an_accepted_appeal() for _ in range(3)]
    for order in "123":
        for accepted in appeals:
            routing.pipeline.act(lambda _, a=accepted, o=order: dispatched(a, department="nobody", order=o))
    rows = routing.rows("SELECT id, routing_key, body FROM journal WHERE audience = 'core' ORDER BY id DESC")
    publisher = site.broker.publisher()

    for id_, key, body in rows:
        publisher.publish([Outgoing(id=id_, exchange=EVENTS, routing_key=key, body=bytes(body))])
        portal.consume()
    publisher.close()

    for accepted in appeals:
        assert [event.order for event in heard if event.receipt == accepted.receipt] == ["1", "2", "3"]
    assert portal.rows("SELECT count(*) FROM inbox WHERE state = 'parked'") == [(0,)]


def test_an_effect_waits_for_its_cause_from_another_service(site, an_accepted_appeal):
    heard = []
    accepted = an_accepted_appeal()
    intake = site.service("intake", {})
    routing = site.service("routing", {AppealAccepted: lambda _, a: dispatched(a, department="nobody")})
    note = listener(heard)
    portal = site.service("portal", {AppealAccepted: note, OrderDispatched: note})
    intake.say(accepted)
    held_back = site.broker.subscribe(portal.queues.heard, 10)
    late = held_back.fetch(10, 1.0)
    routing.consume()
    routing.publish()
    routing.consume()

    early = held_back.fetch(10, 1.0)
    portal.pipeline.handle(early)
    assert heard == []
    portal.pipeline.handle(late)
    held_back.close()

    assert [type(event) for event in heard] == [AppealAccepted, OrderDispatched]


def test_a_department_hears_what_follows_only_after_its_order(site, an_accepted_appeal):
    heard = []
    accepted = an_accepted_appeal()
    routing = site.service("routing", {})
    supervision = site.service(
        "supervision",
        {
            OrderDispatched: lambda _, d: DeadlineSet(
                receipt=d.receipt, at=d.at, order=d.order, department=d.department, step="sign", due=d.at
            )
        },
    )
    site.service("portal", {DeadlineSet: listener([])})
    note = listener(heard)
    industry = site.department("industry", {OrderDispatched: note, DeadlineSet: note})
    routing.say(dispatched(accepted))
    line = site.broker.subscribe(industry.queues.heard, 10)
    order = line.fetch(10, 1.0)
    supervision.consume()
    supervision.publish()

    industry.pipeline.handle(line.fetch(10, 1.0))
    assert heard == []
    industry.pipeline.handle(order)
    line.close()

    assert [type(event) for event in heard] == [OrderDispatched, DeadlineSet]
    assert "core/" not in str(industry.rows("SELECT known FROM turns"))


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


def test_an_unknown_type_waits_for_a_version_that_knows_it(site, an_accepted_appeal):
    routing = site.service("routing", {})
    industry = site.department("industry", {})
    site.service("portal", {OrderDispatched: listener([])})
    routing.say(dispatched(an_accepted_appeal()))
    industry.consume()
    assert industry.rows("SELECT state FROM inbox") == [("parked",)]

    heard = []
    participant = industry.pipeline.participant
    industry.pipeline.participant = replace(
        participant, handlers={OrderDispatched.type(): listener(heard)}, hears=lambda audience, topic: True
    )
    industry.pipeline.sweep(timedelta(hours=1))

    assert len(heard) == 1
    assert industry.rows("SELECT state, body FROM inbox") == [("applied", None)]


def test_a_message_whose_cause_never_comes_is_set_aside_in_the_end(site, an_accepted_appeal):
    routing = site.service("routing", {})
    portal = site.service("portal", {OrderDispatched: listener([])})
    accepted = an_accepted_appeal()
    routing.pipeline.act(lambda _: [dispatched(accepted, department="nobody", order=order) for order in "12"])
    rows = routing.rows("SELECT id, routing_key, body FROM journal WHERE audience = 'core' ORDER BY id")
    id_, key, body = rows[1]
    publisher = site.broker.publisher()
    publisher.publish([Outgoing(id=id_, exchange=EVENTS, routing_key=key, body=bytes(body))])
    publisher.close()
    portal.consume()

    portal.pipeline.sweep(timedelta(hours=1))
    assert portal.rows("SELECT state FROM inbox") == [("parked",)]
    site.wait(0.05)
    portal.pipeline.sweep(timedelta(0))
    portal.publish()

    (letter,) = site.dead(portal)
    assert letter.headers[REASON] == "waited-too-long"
    assert portal.rows("SELECT count(*) FROM inbox") == [(0,)]


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


def ask(site, member, command, key, body=b"{}"):
    """Ask as the portal does: one thread reads answers, another serves the command."""
    asker = Asker(site.broker, "portal", new_id=fresh_id, queue_of=lambda service: member.queues.commands)
    reading = run_in_thread(asker.run, "answers")
    consumer = Consumer(member.pipeline, site.broker)
    serving = run_in_thread(consumer.run, "consumer")
    try:
        wait_until(lambda: asker.connected)
        return asker.ask(command, key=key, body=body)
    finally:
        asker.stop()
        consumer.stop()
        for thread in (reading, serving):
            thread.join(10)


def test_a_command_is_answered_after_the_commit_and_has_its_effect_once(site, an_accepted_appeal):
    accepted = an_accepted_appeal()
    intake = site.service("intake", {AcceptAppeal: lambda _, command: accepted})
    command = AcceptAppeal(receipt=accepted.receipt, at=accepted.at)

    first = ask(site, intake, command, "key-1")
    again = ask(site, intake, command, "key-1")
    with pytest.raises(CommandRefused) as other_body:
        ask(site, intake, command, "key-1", body=b"[]")

    assert first == again
    assert first[0]["type"] == AppealAccepted.type()
    assert other_body.value.told["code"] == "key-used-before"
    assert intake.rows("SELECT count(*) FROM journal") == [(1,)]


def test_a_refused_command_changes_nothing_and_says_why(site, an_accepted_appeal):
    def refuse(_, command):
        raise NotOurs()

    accepted = an_accepted_appeal()
    intake = site.service("intake", {AcceptAppeal: refuse})

    with pytest.raises(CommandRefused) as refusal:
        ask(site, intake, AcceptAppeal(receipt=accepted.receipt, at=accepted.at), "key-2")

    assert refusal.value.told["zh"] == "不属于本单位职责"
    for table in ("inbox", "journal", "turns"):
        assert intake.rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


def test_what_is_confidential_stays_so_through_commands(site, an_accepted_appeal):
    accepted = an_accepted_appeal(classification="confidential", category="discipline")
    intake = site.service("intake", {AcceptAppeal: lambda _, command: dispatched(accepted, department="nobody")})
    intake.pipeline.act(lambda _: accepted)

    ask(site, intake, AcceptAppeal(receipt=accepted.receipt, at=accepted.at), "key-3")

    bodies = [json.loads(bytes(body)) for (body,) in intake.rows("SELECT body FROM journal ORDER BY id")]
    assert {(body["category"], body["dataclassification"]) for body in bodies} == {("discipline", "confidential")}


def test_a_command_that_comes_twice_in_one_batch_is_answered_twice_and_done_once(site, an_accepted_appeal):
    accepted = an_accepted_appeal()
    intake = site.service("intake", {AcceptAppeal: lambda _, command: accepted})
    command = AcceptAppeal(receipt=accepted.receipt, at=accepted.at)
    line = site.broker.answer_line()
    about = {"source": "portal", "key": "key-4", "queue": intake.queues.commands, "reply_to": line.reply_to}
    for number, body in enumerate((b"{}", b"{}", b"[]")):
        line.send(as_outgoing(command, body=body, correlation=str(number), **about))

    intake.consume()
    site.wait(0.1)
    answers = {answer.correlation_id: json.loads(answer.body) for answer in line.fetch(10, 2.0)}
    line.close()

    assert answers["0"] == answers["1"]
    assert answers["2"]["refused"]["code"] == "key-used-before"
    assert intake.rows("SELECT count(*) FROM journal") == [(1,)]


def test_messages_that_no_queue_takes_hold_up_nobody_else(site, an_accepted_appeal, monkeypatch):
    monkeypatch.setattr("appeals.bus.relay.BATCH", 5)
    heard = []
    routing = site.service("routing", {})
    site.service("portal", {AppealAccepted: listener(heard)})

    routing.say(*(dispatched(an_accepted_appeal(), department="nowhere") for _ in range(12)))
    routing.say(an_accepted_appeal())
    site.settle()

    assert len(heard) == 1
    assert routing.rows("SELECT count(*) FROM outbox") == [(24,)]


def test_while_the_database_is_at_fault_a_batch_stays_in_hand(site, an_accepted_appeal, monkeypatch):
    monkeypatch.setattr("appeals.bus.consumer.PAUSE_AFTER_TROUBLE", 0.01)
    heard, failures = [], iter(range(60))
    intake = site.service("intake", {})

    def take(_, accepted):
        if next(failures, None) is not None:
            raise OperationalError("SELECT", {}, Exception("the server is gone"))
        heard.append(accepted)

    routing = site.service("routing", {AppealAccepted: take})
    intake.say(an_accepted_appeal())
    routing.consume()

    assert len(heard) == 1
    assert site.dead(routing) == []


def test_unknown_types_do_not_keep_the_sweep_from_the_others(site, an_accepted_appeal):
    routing = site.service("routing", {})
    industry = site.department("industry", {DeadlineSet: listener([])})
    site.service("portal", {OrderDispatched: listener([])})
    accepted = an_accepted_appeal()
    due = DeadlineSet(
        receipt=accepted.receipt, at=accepted.at, order="1", department="industry", step="sign", due=accepted.at
    )
    routing.pipeline.act(lambda _: [dispatched(an_accepted_appeal()) for _ in range(101)])
    routing.pipeline.act(lambda _: [due, due])
    copies = "SELECT id, routing_key, body FROM journal WHERE audience <> 'core' ORDER BY id"
    rows = routing.rows(copies)
    publisher = site.broker.publisher()
    for id_, key, body in (*rows[:101], rows[102]):
        publisher.publish([Outgoing(id=id_, exchange=EVENTS, routing_key=key, body=bytes(body))])
    publisher.close()
    industry.consume()
    site.wait(0.05)

    industry.pipeline.sweep(timedelta(0))
    industry.publish()

    assert [letter.headers[REASON] for letter in site.dead(industry)] == ["waited-too-long"]
    assert industry.rows("SELECT count(*) FROM inbox WHERE state = 'parked'") == [(101,)]


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
