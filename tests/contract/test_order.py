"""Each appeal's messages are applied in order, and one that comes too early waits."""

from dataclasses import replace
from datetime import timedelta

from appeals.bus.broker import REASON, Outgoing
from appeals.bus.topology import EVENTS
from appeals.events import AppealAccepted, DeadlineSet, OrderDispatched
from tests.contract.parts import dispatched, listener


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
