"""One hop: events per second through routing, against the bare limit of the same writes and messages.

    python -m benchmarks.hop [--events 10000]

Everything is durable: PostgreSQL with fsync on, quorum queues, confirmed publishing. The bare limit is a loop
of our own that takes the same messages in the same batches, commits the same rows with multi-row inserts and
publishes the same bytes, with no product around it. Both run one after the other on one broker and one database.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import psycopg2.extras
from sqlalchemy import make_url

from appeals.bus.broker import Outgoing
from appeals.bus.envelope import Envelope
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.station import fresh_id
from appeals.bus.topology import EVENTS, Binding, Queue, Topology, department_topology, service_queues, service_topology
from appeals.events import AppealAccepted, AppealReopened, Applicant
from appeals.manifest import Directory
from deploy.local.postgres import PostgresCluster
from deploy.local.rabbitmq import RabbitNode

ROOT = Path(__file__).parent.parent
RUN = ROOT / ".run" / "bench"
BATCH = 200
QUORUM = {"x-queue-type": "quorum"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000, help="how many appeals pass through (default 10000)")
    count = parser.parse_args().events
    shutil.rmtree(RUN, ignore_errors=True)
    node, cluster = RabbitNode(RUN / "rabbitmq"), PostgresCluster(RUN / "postgres")
    try:
        uri, url = node.start(), cluster.start()
        broker = RabbitBroker(uri)
        directory = Directory.load(ROOT / "deploy" / "departments")
        for code in directory.codes:
            broker.declare(department_topology(code))
        broker.declare(
            Topology(queues=(Queue("bench.sink", QUORUM),), bindings=(Binding(EVENTS, "bench.sink", "core.order.#"),))
        )
        bare = bare_limit(broker, url, count)
        product = through_routing(broker, uri, url, count)
        print(
            json.dumps({"events": count, "bare": round(bare), **product, "ratio": round(product["product"] / bare, 2)})
        )
    finally:
        node.stop()
        cluster.stop()
    return 0


def envelopes(count: int) -> list[Outgoing]:
    """Accepted appeals, as intake would publish them."""
    made = []
    for number in range(count):
        event = AppealAccepted(
            receipt=f"SQ-{fresh_id()[:18]}{number:07d}",
            at=datetime.now(UTC),
            title="申报成立化工产业园区，请协调省工信厅支持",
            text="为引进产业链、提高竞争力，需要申报成立化工产业园区，希望协调辽宁省工信厅给予支持。" * 3,
            applicant=Applicant(name="朝阳高新技术产业开发区", kind="park"),
            channel="visit",
            kind="help",
            urgency="normal",
            complexity="hard",
            category="industry",
        )
        envelope = Envelope(
            id=fresh_id(),
            source="intake",
            type=event.type(),
            subject=event.receipt,
            time=event.at,
            data=event.to_data(),
            audience="core",
            sequence=2,
            after={"core/intake/appeal.submitted": 1},
            category="industry",
        )
        made.append(
            Outgoing(id=envelope.id, exchange=EVENTS, routing_key=envelope.routing_key, body=envelope.to_bytes())
        )
    return made


def fill(broker: RabbitBroker, messages: list[Outgoing]) -> None:
    publisher = broker.publisher()
    for start in range(0, len(messages), 1000):
        refused = publisher.publish(messages[start : start + 1000])
        if refused:
            raise RuntimeError(f"not published: {refused}")
    publisher.close()


def through_routing(broker: RabbitBroker, uri: str, url: str, count: int) -> dict:
    """Start routing on a full queue, and time it until its outbox is empty again."""
    names = service_queues("routing")
    codes = Directory.load(ROOT / "deploy" / "departments").codes
    broker.declare(service_topology(names, [AppealAccepted.topic, AppealReopened.topic], codes))
    fill(broker, envelopes(count))
    environment = os.environ | {"AMQP_URI": uri, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"}
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "services.run", "routing"], cwd=ROOT, env=environment)
    connection = connect(url)
    done, first = 0, 0.0
    try:
        while done < count:
            time.sleep(0.05)
            if process.poll() is not None:
                raise RuntimeError("routing died")
            done, unsent = progress(connection)
            if done and not first:
                first, start_count = time.monotonic(), done
            if time.monotonic() - begun > 300:
                raise RuntimeError(f"only {done} of {count} in 300 s")
        while unsent:
            time.sleep(0.05)
            done, unsent = progress(connection)
        seconds = time.monotonic() - first
        cpu = sum(os.times()[2:4])
    finally:
        process.terminate()
        process.wait(30)
    usage = os.times()
    return {
        "product": round((count - start_count) / seconds),
        "cpu_ms_per_event": round((usage.children_user + usage.children_system - cpu) / count * 1000, 3),
    }


def progress(connection) -> tuple[int, int]:
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT (SELECT count(*) FROM routing.cases), (SELECT count(*) FROM routing.outbox)")
            return cursor.fetchone()
        except psycopg2.errors.Error:
            return 0, 0


def bare_limit(broker: RabbitBroker, url: str, count: int) -> float:
    """The same messages, rows, batches and confirms, in a straight loop."""
    names = "bench.bare"
    broker.declare(
        Topology(queues=(Queue(names, QUORUM),), bindings=(Binding(EVENTS, names, "core.appeal.accepted.*.*"),))
    )
    fill(broker, envelopes(count))
    connection = connect(url)
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS bare CASCADE; CREATE SCHEMA bare")
        cursor.execute("CREATE TABLE bare.state (receipt text PRIMARY KEY, body text)")
        cursor.execute("CREATE TABLE bare.inbox (id text PRIMARY KEY)")
        cursor.execute("CREATE TABLE bare.outbox (id text PRIMARY KEY, body bytea)")
    connection.commit()
    subscription, publisher = broker.subscribe([names], 2 * BATCH), broker.publisher()
    handled, begun = 0, time.monotonic()
    while handled < count:
        batch = subscription.fetch(BATCH, 1.0)
        out = [(fresh_id(), delivery.body) for delivery in batch for _ in range(4)]
        with connection.cursor() as cursor:
            values = psycopg2.extras.execute_values
            values(cursor, "INSERT INTO bare.inbox VALUES %s", [(fresh_id(),) for _ in batch], page_size=1000)
            rows = [(fresh_id(), delivery.body.decode()) for delivery in batch for _ in range(4)]
            values(cursor, "INSERT INTO bare.state VALUES %s", rows, page_size=1000)
            values(cursor, "INSERT INTO bare.outbox VALUES %s", out, page_size=1000)
        connection.commit()
        subscription.acknowledge(batch)
        keys = ("core.order.dispatched.industry.v1", "industry.order.dispatched.industry.v1")
        publisher.publish(
            [
                Outgoing(id=id_, exchange=EVENTS, routing_key=keys[number % 2], body=body)
                for number, (id_, body) in enumerate(out)
            ]
        )
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM bare.outbox WHERE id = ANY(%s)", ([id_ for id_, _ in out],))
        connection.commit()
        handled += len(batch)
    rate = count / (time.monotonic() - begun)
    subscription.close()
    publisher.close()
    return rate


def connect(url: str):
    made = make_url(url)
    connection = psycopg2.connect(
        host=made.host, port=made.port, user=made.username, password=made.password, dbname=made.database
    )
    connection.autocommit = True
    return connection


if __name__ == "__main__":
    sys.exit(main())
