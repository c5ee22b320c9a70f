"""What is said is heard once, whatever breaks in between; in memory, and on RabbitMQ with both databases."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from appeals.bus.broker import Outgoing
from appeals.bus.topology import EVENTS
from appeals.events import AppealAccepted, OrderDispatched
from tests.contract.parts import dispatched, listener


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


def test_a_message_that_no_queue_takes_is_held_until_one_does(site, an_accepted_appeal):
    intake = site.service("intake", {})

    intake.say(an_accepted_appeal(), an_accepted_appeal())
    ((destination, reason),) = intake.rows("SELECT DISTINCT destination, reason FROM held")
    assert destination == "appeal.events/core.appeal.accepted.industry.v1"
    assert "no queue" in reason
    assert intake.rows("SELECT count(*) FROM held") == [(2,)]
    assert intake.rows("SELECT count(*) FROM outbox") == [(0,)]

    heard = []
    site.service("routing", {AppealAccepted: listener(heard)})
    site.settle()

    assert intake.rows("SELECT count(*) FROM held") == [(0,)]
    assert intake.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert len(heard) == 2


def test_messages_that_no_queue_takes_hold_up_nobody_else(site, an_accepted_appeal, monkeypatch):
    monkeypatch.setattr("appeals.bus.relay.BATCH", 5)
    heard = []
    routing = site.service("routing", {})
    site.service("portal", {AppealAccepted: listener(heard)})

    routing.say(*(dispatched(an_accepted_appeal(), department="nowhere") for _ in range(12)))
    routing.say(an_accepted_appeal())
    site.settle()

    assert len(heard) == 1
    assert routing.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert routing.rows("SELECT destination, count(*) FROM held GROUP BY destination ORDER BY destination") == [
        ("appeal.events/core.order.dispatched.other.v1", 12),
        (f"appeal.events/nowhere-{site.suffix}.order.dispatched.other.v1", 12),
    ]


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
