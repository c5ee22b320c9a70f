"""What RabbitMQ is given for the departments, imported into a node of its own: each can do its work with it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import kombu
import pytest

from appeals.bus.broker import Outgoing
from appeals.bus.database import Database, migrate
from appeals.bus.participant import Participant
from appeals.bus.pipeline import Pipeline
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.relay import Relay
from appeals.bus.station import BUS_MIGRATIONS, fresh_id, utc_now
from appeals.bus.topology import (
    EVENTS,
    department_queues,
    department_topology,
    inbox_exchange,
    service_queues,
    service_topology,
)
from appeals.events import Applicant, OrderDispatched
from appeals.manifest import Directory
from appeals.provision.rendering import definitions
from appeals.testing import wait_until
from deploy.local.rabbitmq import RabbitNode

ROOT = Path(__file__).parents[2]
DIRECTORY = Directory.load(ROOT / "deploy" / "departments")
PASSWORDS = {code: f"secret-of-{code}" for code in DIRECTORY.codes}
OWN = department_queues("industry")


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A private node that was given the definitions."""
    folder = tmp_path_factory.mktemp("provision")
    made = RabbitNode(folder / "rabbitmq")
    try:
        made.start()
        path = folder / "definitions.json"
        path.write_text(json.dumps(definitions(DIRECTORY, PASSWORDS)))
        made.import_definitions(path)
        routing = service_topology(service_queues("routing"), ["order.signed"], DIRECTORY.codes)
        RabbitBroker(made.uri).declare(routing)
        yield made
    finally:
        made.remove()


def uri_of(node, code):
    """How a department signs in."""
    _, _, place = node.uri.rpartition("@")
    return f"amqp://{code}:{PASSWORDS[code]}@{place}"


def depths(node):
    """How many messages each queue holds."""
    names = json.loads(node.ctl("list_queues", "name", "--formatter", "json"))
    with kombu.Connection(node.uri) as connection:
        declare = connection.default_channel.queue_declare
        return {row["name"]: declare(row["name"], passive=True).message_count for row in names}


def declared(node):
    """Everything that is declared, and who may do what; users apart, whose hashes have a fresh salt each time."""
    kept = json.loads(node.ctl("export_definitions", "-"))
    kinds = ("queues", "exchanges", "bindings", "permissions", "policies")
    return {kind: sorted(json.dumps(one, sort_keys=True) for one in kept[kind]) for kind in kinds}


def as_platform(node, *outgoing):
    """Publish as the platform."""
    publisher = RabbitBroker(node.uri).publisher()
    try:
        return publisher.publish(outgoing)
    finally:
        publisher.close()


def test_definitions_that_are_imported_again_change_nothing(node, tmp_path):
    before = declared(node)
    path = tmp_path / "again.json"
    path.write_text(json.dumps(definitions(DIRECTORY, PASSWORDS)))

    node.import_definitions(path)

    assert declared(node) == before


def test_what_is_provided_is_what_the_bus_expects(node):
    for code in DIRECTORY.codes:
        RabbitBroker(node.uri).declare(department_topology(code))  # a difference would raise


def test_a_department_consumes_its_queue_and_speaks_to_its_inbox_its_retries_and_its_dead_letters(node):
    key = "industry.order.dispatched.other.v1"
    as_platform(node, Outgoing(id="1", exchange=EVENTS, routing_key=key, body=b"{}"))
    broker = RabbitBroker(uri_of(node, "industry"))
    subscription = broker.subscribe(OWN.heard, 10)
    (delivery,) = subscription.fetch(10, 5)
    subscription.acknowledge([delivery])

    places = [inbox_exchange("industry"), OWN.dead_exchange, *(OWN.retry(seconds) for seconds in OWN.retry_seconds)]
    publisher = broker.publisher()
    refused = publisher.publish([Outgoing(id=one, exchange=one, routing_key="", body=b"{}") for one in places])
    publisher.close()
    with kombu.Connection(node.uri) as connection:
        held = [connection.default_channel.queue_purge(OWN.retry(seconds)) for seconds in OWN.retry_seconds[1:]]

    assert refused == {}
    assert held == [1, 1]
    back = subscription.fetch(10, 5)
    assert [message.body for message in back] == [b"{}"]  # the tier of one second gives it back
    subscription.acknowledge(back)
    subscription.close()
    assert depths(node)[inbox_exchange("industry")] == 1
    assert depths(node)[OWN.dead] == 1


def test_a_department_runs_as_a_process_of_its_own_with_its_own_rights(node, tmp_path):
    environment = os.environ | {
        "AMQP_URI": uri_of(node, "industry"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/department/",
        "MANIFEST": str(ROOT / "deploy" / "departments"),
    }
    before = depths(node)[inbox_exchange("industry")]
    process = subprocess.Popen(
        [sys.executable, "-m", "departments.industry"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        dispatch(node, tmp_path)
        wait_until(lambda: depths(node)[inbox_exchange("industry")] == before + 1)  # signed
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)

    assert process.returncode == 0, log
    assert "stopped" in log
    assert depths(node)[OWN.events] == 0


def dispatch(node, folder):
    """Have routing send one order to industry."""
    database = Database(f"sqlite:///{folder}/platform/", "routing")
    migrate(database, BUS_MIGRATIONS)
    broker = RabbitBroker(node.uri)
    relay = Relay(database, broker)
    copies = [("industry", EVENTS)]
    member = Participant(
        "routing", service_queues("routing"), {}, lambda session: None, lambda *_: False, lambda *_: copies
    )
    order = OrderDispatched(
        receipt="SQ-20261124-A1B2C3",
        at=utc_now(),
        order="SQ-20261124-A1B2C3-01",
        department="industry",
        role="lead",
        title="申报成立化工产业园区",
        text="希望协调省工信厅给予支持",
        applicant=Applicant(name="朝阳高新技术产业开发区", kind="park"),
        kind="help",
        urgency="normal",
        complexity="hard",
    )
    Pipeline(member, database, clock=utc_now, new_id=fresh_id, wake=relay.wake).act(lambda _: order)
    publisher = broker.publisher()
    assert relay.publish_once(publisher) == 1
    publisher.close()
    database.close()
