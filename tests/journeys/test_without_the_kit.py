"""Departments that do not run our kit: one in JavaScript on RabbitMQ, one that takes its events by HTTP."""

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import kombu
import pytest

from appeals.bus.broker import Outgoing
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import department_queues, tail_queue
from appeals.testing.waiting import wait_until
from deploy.fleet import ROOT, has_consumer
from deploy.local.packages import install
from deploy.local.process import Daemon, LocalSetupError
from deploy.people import signed_by
from tests.receiver import Receiver

EXAMPLE = ROOT / "examples" / "javascript"
INDUSTRY, LAND = "industry", "natural-resources"
SIGNED = "cn.appealloop.order.signed.v1"


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory):
    """The example with what it needs from npm, as its README installs it."""
    for program, package in (("node", "nodejs"), ("npm", "npm")):
        if shutil.which(program) is None:
            install(package)
    folder = tmp_path_factory.mktemp("javascript")
    for path in EXAMPLE.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode != 0:
        raise LocalSetupError(f"npm could not install what examples/javascript needs: {result.stderr.strip()}")
    return folder


@contextmanager
def played_by(fleet, code, command, environment, folder):
    """Have a department's part played by another process; its own one comes back at the end."""
    actor = Daemon(f"{code}-played", folder)

    def start():
        actor.spawn(command, os.environ | environment, cwd=ROOT)
        actor.require_ready(lambda: listens(fleet, code), 20)

    fleet.members[code].stop()
    try:
        start()
        actor.start = start
        yield actor
    finally:
        actor.end(signal.SIGTERM, 20)
        fleet.members[code].start()
        wait_until(lambda: listens(fleet, code))


def listens(fleet, code):
    """Whether somebody consumes a department's queue."""
    with kombu.Connection(fleet.amqp_uri) as connection:
        return has_consumer(connection, department_queues(code).events)


@pytest.fixture(scope="module")
def javascript(fleet, node_folder):
    """The department of industry, played by the example."""
    inbox = node_folder / "inbox.jsonl"
    environment = {"AMQP_URI": fleet.amqp_of(INDUSTRY), "CODE": INDUSTRY, "INBOX": str(inbox)}
    with played_by(fleet, INDUSTRY, ["node", node_folder / "consumer.js"], environment, node_folder) as actor:
        actor.inbox = inbox
        yield actor


def answered(javascript):
    """The words in its inbox, by the ids of the events that they answer."""
    return dict(json.loads(line) for line in javascript.inbox.read_text().splitlines() if line)


def an_accepted_appeal(people, case):
    """Goes to industry as its lead and to natural resources to assist; returns its receipt."""
    chemical = case("chemical-park")
    receipt = people.submit(chemical)["receipt"]
    people.accept(chemical, receipt)
    return receipt


def signatures(people, receipt, department):
    """How often the timeline tells that a department has signed."""
    entries = people.timeline(receipt)["timeline"]
    return [entry["department"] for entry in entries if entry["event"] == "order.signed"].count(department)


def test_a_department_in_javascript_signs_and_an_order_that_comes_again_is_signed_once(fleet, people, case, javascript):
    dead = dead_letters(fleet)
    receipt = an_accepted_appeal(people, case)
    people.wait_for(receipt, lambda found: signed_by(found) == {INDUSTRY, LAND}, "signed by both")
    (before,) = [word for word in answered(javascript).values() if word["subject"] == receipt]

    javascript.end(signal.SIGKILL, 20)
    javascript.start()
    order = dispatched(fleet, receipt)
    publisher = RabbitBroker(fleet.amqp_uri).publisher()
    publisher.publish([order, order])
    publisher.close()
    later = an_accepted_appeal(people, case)
    people.wait_for(later, lambda found: INDUSTRY in signed_by(found), "what came after the repetitions is signed")

    assert [word for word in answered(javascript).values() if word["subject"] == receipt] == [before]
    assert signatures(people, receipt, INDUSTRY) == 1
    assert dead_letters(fleet) == dead


def test_orders_that_come_while_a_department_in_javascript_is_down_are_signed_when_it_is_back(people, case, javascript):
    javascript.end(signal.SIGKILL, 20)
    receipt = an_accepted_appeal(people, case)
    people.wait_for(receipt, lambda found: signed_by(found) == {LAND}, "signed by the other one")
    with javascript.inbox.open("a") as inbox:
        inbox.write('["cut off by the cr')

    javascript.start()

    people.wait_for(receipt, lambda found: signed_by(found) == {INDUSTRY, LAND}, "signed by both")
    (kept,) = [line for line in javascript.inbox.read_text().splitlines() if receipt in line]
    assert json.loads(kept)[1]["type"] == SIGNED


def dispatched(fleet, receipt):
    """The order that the broker gave industry, to be given once more."""
    subscription = RabbitBroker(fleet.amqp_uri).subscribe([tail_queue(INDUSTRY)], 1000)
    try:
        seen = []
        wait_until(lambda: seen.extend(subscription.fetch(1000, 0.1)) or any(is_order(one, receipt) for one in seen))
    finally:
        subscription.close()
    (order,) = {one.body for one in seen if is_order(one, receipt)}
    return Outgoing(id=json.loads(order)["id"], exchange=f"dept.{INDUSTRY}", routing_key="again", body=order)


def is_order(delivery, receipt):
    """Whether this is the work order of an appeal."""
    envelope = json.loads(delivery.body)
    return envelope["subject"] == receipt and envelope["type"] == "cn.appealloop.order.dispatched.v1"


def dead_letters(fleet):
    """How many words of departments routing has set aside, and how many messages industry has."""
    with kombu.Connection(fleet.amqp_uri) as connection:
        names = (department_queues(INDUSTRY).dead, "routing.dead")
        return sum(connection.default_channel.queue_declare(name, passive=True).message_count for name in names)


def test_an_agency_takes_its_orders_by_http_and_signs_in_its_answers(fleet, people, case, tmp_path):
    def sign(delivery):
        event = json.loads(delivery.body)
        order = event["data"].get("order", "")
        return {"words": [{"type": "order.signed", "order": order}] if "order.dispatched" in event["type"] else []}

    with Receiver(sign) as agency:
        manifest = tmp_path / f"{LAND}.yml"
        manifest.write_text(
            (ROOT / "deploy" / "departments" / f"{LAND}.yml").read_text()
            + f"webhook: {{url: {agency.url}, allow_private: true}}\n"
        )
        environment = {
            "AMQP_URI": fleet.amqp_of(LAND),
            "DATABASE_URL": fleet.database_of(LAND),
            "MANIFEST": str(manifest),
            "WEBHOOK_SECRET": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        }
        with played_by(fleet, LAND, [sys.executable, "-m", "departments.webhook", LAND], environment, tmp_path):
            receipt = an_accepted_appeal(people, case)

            people.wait_for(receipt, lambda found: LAND in signed_by(found), "signed in an answer")

    assert signatures(people, receipt, LAND) == 1
