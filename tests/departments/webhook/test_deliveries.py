"""What an agency that takes its events by HTTP is promised: whole, signed, in order, under one id."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appeals.webhook.signing import Signer
from tests.departments.conftest import RECEIPT, reasons
from tests.departments.webhook.conftest import NEW, OLD, OTHER_RECEIPT, signature
from tests.receiver import Receiver


def test_an_event_arrives_as_it_came_from_the_broker_under_its_own_id(events, webhook):
    with Receiver() as agency:
        trial = webhook(agency.url)
        trial.say(events.dispatched())
        (message,) = trial.broker.peek("dept.industry.q.events")
        trial.settle()

    (delivery,) = agency.deliveries
    assert delivery.body == message.body
    assert delivery.path == "/appeals"
    assert delivery.headers["content-type"] == "application/cloudevents+json"
    assert delivery.headers["webhook-id"] == delivery.event["id"]
    assert delivery.headers["webhook-timestamp"] == str(int(trial.clock().timestamp()))
    assert reasons(trial) == []


def test_a_delivery_is_signed_so_that_the_receiver_can_tell_a_changed_one(events, webhook):
    with Receiver() as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    (delivery,) = agency.deliveries
    assert delivery.headers["webhook-signature"] == signature(NEW, delivery)
    assert delivery.headers["webhook-signature"] != signature(NEW, replace(delivery, body=delivery.body + b" "))


def test_signatures_are_those_of_the_standard_webhooks_specification():
    body = b'{"test": 2432232314}'
    at = datetime.fromtimestamp(1614265330, UTC)

    headers = Signer("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_the_secret_is_changed_a_receiver_may_check_with_the_old_one_or_the_new_one(events, webhook):
    with Receiver() as agency:
        trial = webhook(agency.url, secret=f"{NEW} {OLD}")
        trial.hear(events.dispatched())

    (delivery,) = agency.deliveries
    assert delivery.headers["webhook-signature"].split() == [signature(NEW, delivery), signature(OLD, delivery)]


def test_an_event_that_comes_twice_is_delivered_once(events, webhook):
    with Receiver() as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())
        trial.again()
        trial.settle()

    assert len(agency.deliveries) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503, 302])
def test_an_event_that_is_not_taken_is_tried_on_every_tier_under_the_same_id_and_then_set_aside(
    events, webhook, status
):
    with Receiver(lambda delivery: status) as agency:
        trial = webhook(agency.url)
        trial.say(events.dispatched())
        trial.settle_through_retries()

    assert len(agency.ids) == 4
    assert len(set(agency.ids)) == 1
    assert reasons(trial) == ["NotDelivered"]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_an_event_that_the_receiver_will_never_take_is_set_aside_at_once(events, webhook, status):
    with Receiver(lambda delivery: status) as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    assert len(agency.deliveries) == 1
    assert reasons(trial) == ["not-wanted"]


def test_a_redirect_is_not_followed(events, webhook):
    with Receiver() as elsewhere, Receiver(lambda delivery: (307, {"Location": elsewhere.url})) as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    assert len(agency.deliveries) == 1
    assert elsewhere.deliveries == []


def test_events_of_one_appeal_keep_their_order_while_one_is_tried_again_and_other_appeals_go_on(events, webhook):
    def refuse_once(delivery):
        return 503 if delivery.event["subject"] == RECEIPT and len(agency.deliveries) == 1 else 204

    with Receiver(refuse_once) as agency:
        trial = webhook(agency.url)
        trial.hear(
            events.dispatched(),
            events.deadline("sign", days=1),
            replace(events.dispatched(), receipt=OTHER_RECEIPT, order=f"{OTHER_RECEIPT}-01"),
        )
        trial.settle_through_retries()

    told = [(delivery.event["subject"], delivery.event["type"].split(".")[2]) for delivery in agency.deliveries]
    assert told == [(RECEIPT, "order"), (OTHER_RECEIPT, "order"), (RECEIPT, "order"), (RECEIPT, "deadline")]


def test_an_event_that_fails_has_no_other_delivered_again(events, webhook):
    others = [
        replace(events.dispatched(), receipt=f"SQ-20261124-A{n}A{n}A{n}", order=f"SQ-20261124-A{n}A{n}A{n}-01")
        for n in range(2, 9)
    ]
    with Receiver(lambda delivery: 410 if delivery.event["subject"] == RECEIPT else 204) as agency:
        trial = webhook(agency.url)
        trial.hear(*others[:4], events.dispatched(), *others[4:])

    assert len(agency.ids) == len(set(agency.ids)) == 8
