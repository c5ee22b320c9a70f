"""A small site for the bus suite: two participants on one broker, in memory or for real."""

import itertools
import time
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import kombu
import pytest
from sqlalchemy import text

from appeals.bus.causality import INBOX
from appeals.bus.consumer import Consumer
from appeals.bus.database import Database, migrate
from appeals.bus.participant import Participant, by_type
from appeals.bus.pipeline import Pipeline
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.relay import Relay
from appeals.bus.station import BUS_MIGRATIONS, fresh_id, utc_now
from appeals.bus.topology import (
    EVENTS,
    Topology,
    department_queues,
    department_topology,
    inbox_exchange,
    service_queues,
    service_topology,
)
from appeals.events import DEPARTMENT_WORDS, AppealAccepted, Applicant
from appeals.testing import Clock, MemoryBroker

RETRY_SECONDS = (0.2, 0.4, 0.6)


@dataclass
class Member:
    """A participant whose consumer and relay run when the test says so."""

    site: "Site"
    name: str
    handlers: dict
    queues: object
    pipeline: Pipeline = None
    consumer: Consumer = None
    relay: Relay = None
    heard: list = field(default_factory=list)

    def consume(self):
        """Handle all that has arrived."""
        subscription = self.site.broker.subscribe(self.pipeline.participant.heard(), 400)
        try:
            while self.consumer.consume_once(subscription, wait=self.site.look):
                pass
        finally:
            subscription.close()

    def publish(self):
        """Empty the outbox."""
        publisher = self.site.broker.publisher()
        try:
            while self.relay.publish_once(publisher):
                pass
        finally:
            publisher.close()

    def say(self, *events):
        """Say these, and publish them."""
        self.pipeline.act(lambda _: events)
        self.publish()

    def rows(self, sql):
        """What a query finds in this participant's tables."""
        with self.pipeline.database.reading() as session:
            return session.execute(text(sql)).all()


class Site:
    """One broker, one database, and whoever takes part."""

    def __init__(self, broker, url, clock, look):
        self.broker = broker
        self.url = url
        self.clock = clock
        self.look = look
        self.real = look > 0
        self.suffix = uuid.uuid4().hex[:8]
        self.members = []
        self.declared = []

    def service(self, name, handlers, *, inboxes=(), departments=(), service=lambda session: session):
        """A platform service, named uniquely for this test."""
        name = f"{name}_{self.suffix}"
        queues = replace(service_queues(name), retry_prefix=f"{name}.retry", retry_seconds=RETRY_SECONDS)
        topics = {cls.topic for cls in handlers if not cls.topic.startswith("command.")}
        codes = [f"{code}-{self.suffix}" for code in inboxes]
        events = topics - {word.topic for word in DEPARTMENT_WORDS} if inboxes else topics
        self._declare(service_topology(queues, events, codes))

        def hears(audience, topic):
            return topic in topics and (audience == "core" or audience.startswith(INBOX))

        def copies(event, category, classification):
            for audience in event.audiences():
                yield audience if audience == "core" else f"{audience}-{self.suffix}", EVENTS

        words = {word.topic for word in DEPARTMENT_WORDS} & topics
        may_say = lambda department, topic: topic in words  # noqa: E731
        return self._join(name, handlers, queues, hears, copies, service, may_say, codes)

    def department(self, code, handlers):
        """A department, with its own exchange to speak to."""
        code = f"{code}-{self.suffix}"
        queues = replace(department_queues(code), retry_seconds=RETRY_SECONDS)
        self._declare(department_topology(code, queues, f"routing_{self.suffix}"))
        topics = {cls.topic for cls in handlers}
        inbox = inbox_exchange(code)
        return self._join(
            code,
            handlers,
            queues,
            lambda audience, topic: audience == code and topic in topics,
            lambda event, category, classification: [(inbox, inbox)],
            lambda session: session,
        )

    def settle(self):
        """Let everything published be consumed, and everything said be published, until nothing moves."""
        quiet = 0
        while quiet < 2:
            before = self._moved()
            for member in self.members:
                member.publish()
                member.consume()
            quiet = quiet + 1 if self._moved() == before else 0

    def settle_through_retries(self):
        """Settle, and again after each retry tier's time."""
        self.settle()
        for seconds in RETRY_SECONDS:
            self.wait(seconds + 0.2)
            self.settle()

    def wait(self, seconds):
        """Let time pass, for real or on the standing clock."""
        if self.real:
            time.sleep(seconds)
        else:
            self.clock.advance(seconds=seconds)

    def dead(self, member):
        """A member's dead letters."""
        subscription = self.broker.subscribe([member.queues.dead], 100)
        found = subscription.fetch(100, self.look)
        subscription.close()
        return found

    def _moved(self):
        return [
            (tuple(m.rows("SELECT count(*) FROM inbox")), tuple(m.rows("SELECT count(*) FROM journal")), len(m.heard))
            for m in self.members
        ]

    def _declare(self, topology: Topology):
        self.broker.declare(topology)
        self.declared += topology.queues

    def _join(
        self, name, handlers, queues, hears, copies, service, may_say=lambda department, topic: False, inboxes=()
    ):
        schema = name.replace("-", "_")
        database = Database(self.url, schema, pool_size=2)
        migrate(database, BUS_MIGRATIONS)
        relay = Relay(database, self.broker, look_every=0)
        participant = Participant(
            name, queues, by_type(handlers), service, hears, copies, may_say=may_say, inboxes=lambda: inboxes
        )
        pipeline = Pipeline(participant, database, clock=self.clock, new_id=fresh_id, wake=relay.wake)
        member = Member(self, name, handlers, queues, pipeline, Consumer(pipeline, self.broker), relay)
        self.members.append(member)
        return member

    def close(self):
        """Leave nothing behind on a real broker or server."""
        for member in self.members:
            database = member.pipeline.database
            if database.is_postgresql:
                with database.transaction() as session:
                    session.execute(text(f'DROP SCHEMA "{database.schema}" CASCADE'))
            database.close()
        if self.real:
            with kombu.Connection(self.broker.uri) as connection:
                for queue in self.declared:
                    connection.default_channel.queue_delete(queue.name)


@pytest.fixture(params=["memory-sqlite", "rabbitmq-sqlite", "rabbitmq-postgresql"])
def site(request, tmp_path):
    """The same suite in memory and on the real thing."""
    broker_kind, database_kind = request.param.split("-")
    if broker_kind == "memory":
        clock = Clock()
        broker, look = MemoryBroker(clock), 0.0
    else:
        clock = utc_now
        broker, look = RabbitBroker(request.getfixturevalue("amqp_uri")), 0.05
    url = f"sqlite:///{tmp_path}/" if database_kind == "sqlite" else request.getfixturevalue("postgresql_url")
    made = Site(broker, url, clock, look)
    yield made
    made.close()


_numbers = itertools.count(1)


@pytest.fixture
def an_accepted_appeal():
    """Makes accepted appeals, each with a receipt of its own."""

    def make(**changes):
        facts = {
            "receipt": f"SQ-20261124-{next(_numbers):06d}",
            "at": datetime(2026, 11, 24, 1, 0, tzinfo=UTC),
            "title": "申报成立化工产业园区",
            "text": "希望协调省工信厅给予支持",
            "applicant": Applicant(name="朝阳高新技术产业开发区", kind="park"),
            "channel": "visit",
            "kind": "help",
            "urgency": "normal",
            "complexity": "hard",
            "category": "industry",
        }
        return AppealAccepted(**(facts | changes))

    return make
