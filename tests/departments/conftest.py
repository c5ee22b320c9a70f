"""A department on the bus in memory, with its real database and manifest; the platform is a voice and an ear."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from appeals.bus.broker import Outgoing
from appeals.bus.database import Database, migrate
from appeals.bus.participant import Participant
from appeals.bus.pipeline import Pipeline
from appeals.bus.relay import Relay
from appeals.bus.station import BUS_MIGRATIONS, fresh_id
from appeals.bus.topology import EVENTS, department_queues, department_topology, inbox_exchange, service_queues
from appeals.department import Department, Office, schema_name
from appeals.events import (
    DEPARTMENT_WORDS,
    AppealClosed,
    AppealReopened,
    Applicant,
    DeadlineMissed,
    DeadlineSet,
    FeedbackApproved,
    FeedbackRefused,
    OrderDispatched,
)
from appeals.manifest import Directory
from appeals.testing import Clock, MemoryBroker

ROOT = Path(__file__).parents[2]
RECEIPT = "SQ-20261124-A1B2C3"
ORDER = f"{RECEIPT}-01"
MANIFESTS = Directory.load(ROOT / "deploy" / "departments")


class Town:
    """A broker in memory, one department at work, and the platform around it."""

    def __init__(self, url):
        self.url = url
        self.clock = Clock()
        self.broker = MemoryBroker(self.clock)
        self.databases = []
        self.office = None
        self._platform = {}

    def open(self, department, manifest=None):
        """Put a department to work; `settle` and `hear` then concern it."""
        manifest = manifest or MANIFESTS.get(department.code)
        self.broker.declare(department_topology(department.code))
        self.office = Office(
            department.handlers,
            manifest,
            self.database(schema_name(department.code)),
            self.broker,
            clock=self.clock,
            batch=department.batch,
        )
        self.office.prepare()
        return self.office

    def clerks_office(self, manifest=None):
        """The same department in a clerk's process: another connection to its database, and no broker."""
        manifest = manifest or self.office.manifest
        return Office({}, manifest, self.database(schema_name(manifest.code)), clock=self.clock)

    def database(self, schema):
        """A database of its own for each participant."""
        self.databases.append(Database(self.url, schema, pool_size=2))
        return self.databases[-1]

    def say(self, *events, source="routing"):
        """Have a platform service say these to the department."""
        if source not in self._platform:
            database = self.database(f"platform_{source}")
            migrate(database, BUS_MIGRATIONS)
            relay = Relay(database, self.broker)
            code = self.office.manifest.code
            member = Participant(
                source, service_queues(source), {}, lambda session: None, lambda *_: False, lambda *_: [(code, EVENTS)]
            )
            pipeline = Pipeline(member, database, clock=self.clock, new_id=fresh_id, wake=relay.wake)
            self._platform[source] = (pipeline, relay)
        pipeline, relay = self._platform[source]
        pipeline.act(lambda _: events)
        relay.publish_once(self.broker.publisher())

    def tell(self, *events, source="routing"):
        """Say these and let the department act on them."""
        self.say(*events, source=source)
        self.office.settle()

    def settle_through_retries(self):
        """Let the department try until there is no retry tier left."""
        for seconds in (0, *department_queues(self.office.manifest.code).retry_seconds):
            self.clock.advance(seconds=seconds)
            self.office.settle()

    def arrived(self):
        """The envelopes that the department's inbox has given to routing, in order."""
        queue = inbox_exchange(self.office.manifest.code)
        return [json.loads(outgoing.body) for outgoing in self.broker.peek(queue)]

    def words(self):
        """What the department has said, in short: `order.signed`, ..."""
        return [one["type"].removeprefix("cn.appealloop.").removesuffix(".v1") for one in self.arrived()]

    def dead(self):
        """Why the department's messages were set aside."""
        queue = department_queues(self.office.manifest.code).dead
        return [letter.headers["x-reason"] for letter in self.broker.peek(queue)]

    def again(self):
        """Have the broker deliver everything that the platform said once more."""
        publisher = self.broker.publisher()
        for pipeline, _ in self._platform.values():
            rows = _rows(pipeline.database, "SELECT id, exchange, routing_key, body FROM journal ORDER BY id")
            publisher.publish(
                [Outgoing(id=id_, exchange=exchange, routing_key=key, body=bytes(b)) for id_, exchange, key, b in rows]
            )

    def rows(self, sql):
        """What a query finds in the department's tables."""
        return _rows(self.office.database, sql)

    def close(self):
        """Leave nothing behind on a server."""
        for database in self.databases:
            if database.is_postgresql:
                with database.transaction() as session:
                    session.execute(text(f'DROP SCHEMA IF EXISTS "{database.schema}" CASCADE'))
            database.close()


def _rows(database, sql):
    with database.reading() as session:
        return session.execute(text(sql)).all()


@pytest.fixture(scope="session")
def own_postgresql_url(postgresql_url):
    """A database that no other run of the tests works in."""
    name = f"departments_{uuid.uuid4().hex[:12]}"
    server = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request, tmp_path):
    """The department's database is a SQLite file, or a schema on PostgreSQL."""
    url = f"sqlite:///{tmp_path}/" if request.param == "sqlite" else request.getfixturevalue("own_postgresql_url")
    made = Town(url)
    yield made
    made.close()


@pytest.fixture
def industry():
    """A department without handlers yet."""
    return Department("industry")


def sign(order, desk):
    """The least that a handler does."""
    desk.sign(order)


def without(*words):
    """The manifest of industry, but for these words."""
    manifest = MANIFESTS.get("industry")
    return replace(manifest, words=tuple(word for word in manifest.words if word not in words))


class Events:
    """Makes the platform's events about one appeal."""

    def __init__(self, town):
        self._town = town

    def dispatched(self, department="industry", **changes):
        """A work order."""
        facts = {
            "order": ORDER,
            "role": "lead",
            "title": "申报成立化工产业园区,请协调省工信厅支持",
            "text": "为引进产业链,需要申报成立化工产业园区",
            "applicant": Applicant(name="朝阳高新技术产业开发区", kind="park"),
            "kind": "help",
            "urgency": "normal",
            "complexity": "hard",
        }
        return self._make(OrderDispatched, department=department, **(facts | changes))

    def deadline(self, step, *, days, cls=DeadlineSet, **changes):
        """A deadline in so many days, set or missed."""
        due = self._town.clock() + timedelta(days=days)
        return self._about_order(cls, step=step, due=due, **changes)

    def missed(self, step, **changes):
        """A deadline that passed yesterday."""
        return self.deadline(step, days=-1, cls=DeadlineMissed, **changes)

    def refused(self, reason, **changes):
        """A reply that was sent back."""
        return self._about_order(FeedbackRefused, reason=reason, **changes)

    def approved(self, **changes):
        """A reply that stands."""
        return self._about_order(FeedbackApproved, result="solved", text="已办结", **changes)

    def closed(self):
        """The end of the appeal."""
        facts = {"lead": "industry", "departments": ("industry",), "result": "solved", "summary": "已办结"}
        return self._make(AppealClosed, round=1, **facts)

    def reopened(self, reason):
        """A new round."""
        return self._make(AppealReopened, departments=("industry",), round=2, reason=reason)

    def _about_order(self, cls, **facts):
        return self._make(cls, **({"order": ORDER, "department": "industry"} | facts))

    def _make(self, cls, **facts):
        return cls(receipt=RECEIPT, at=self._town.clock(), **facts)


@pytest.fixture
def events(town):
    """Makes events."""
    return Events(town)


ALL_WORDS = [word.topic for word in DEPARTMENT_WORDS]
