"""Services on the bus in memory: the real store and pipeline, SQLite and PostgreSQL, no threads.

`hosted(Routing, module)` puts a service on the bus; `bus.settle()` lets everything said be heard.
"""

import importlib
import json
import uuid
from pathlib import Path

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR
from sqlalchemy import text

from appeals.bus.asking import CommandRefused, as_outgoing
from appeals.bus.broker import Delivery
from appeals.bus.consumer import Consumer
from appeals.bus.database import Database, migrate
from appeals.bus.on_nameko import Every, Keeps, Known, Now, On, participant, speakers
from appeals.bus.participant import Participant, by_type
from appeals.bus.pipeline import Pipeline
from appeals.bus.relay import Relay
from appeals.bus.station import BUS_MIGRATIONS, fresh_id
from appeals.bus.topology import EVENTS, inbox_exchange, service_queues
from appeals.events import Event
from appeals.manifest import WORDS_OF, Directory
from appeals.settings import Settings
from appeals.testing import Clock, MemoryBroker

ROOT = Path(__file__).parents[2]
SEALING_KEYS = ROOT / "tests" / "fixtures" / "sealing.yml"


class Hosted:
    """One service whose pipeline runs when the test says so."""

    def __init__(self, name, url, schema, broker, clock, directory):
        module = importlib.import_module(f"services.{name}.service")
        self.service_class = module.SERVICE
        self.clock = clock
        settings = Settings(amqp_uri="memory", database_url=url)
        if name == "intake":
            settings = module.Settings(amqp_uri="memory", database_url=url, sealing_keys=str(SEALING_KEYS))
        self.config = {"directory": directory, "settings": settings} | module.configuration(settings)
        self.database = Database(url, schema)
        migrate(self.database, BUS_MIGRATIONS)
        migrate(self.database, Path(module.__file__).parent / "migrations")
        self.ticks, methods = [], {}
        for method in vars(self.service_class).values():
            for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
                if isinstance(entrypoint, On):
                    methods[entrypoint.message_class] = method
                elif isinstance(entrypoint, Every):
                    self.ticks.append((method, getattr(self.service_class, entrypoint.about or "", None)))
        heard = {cls for cls in methods if issubclass(cls, Event)}
        kind = speakers(self.service_class)
        words = heard & set(WORDS_OF.get(kind, ()))
        facts = {cls.topic for cls in heard - words}
        self.queues = service_queues(name)
        member = participant(
            name,
            by_type(methods),
            self._service,
            facts=facts,
            words={cls.topic for cls in words},
            speakers=kind,
            directory=directory,
        )
        broker.declare(member.topology())
        self.relay = Relay(self.database, broker)
        self.pipeline = Pipeline(member, self.database, clock=clock, new_id=fresh_id, wake=self.wake)
        self.consumer = Consumer(self.pipeline, broker)
        self._broker = broker

    def _service(self, session):
        service = self.service_class()
        for name, dependency in vars(self.service_class).items():
            if isinstance(dependency, Keeps):
                setattr(service, name, dependency._store_class(session))
            elif isinstance(dependency, Now):
                setattr(service, name, self.clock)
            elif isinstance(dependency, Known):
                setattr(service, name, self.config[dependency._name])
        return service

    def wake(self):
        """There is something to publish."""
        self.relay.wake()

    def step(self):
        """Publish what was said, and handle what has arrived; returns whether anything moved."""
        published = self.relay.publish_once(self._broker.publisher())
        subscription = self._broker.subscribe(self.pipeline.participant.heard(), 400)
        handled = self.consumer.consume_once(subscription, wait=0)
        subscription.close()
        return published + handled

    def tick(self):
        """Do the service's own work once."""
        for work, about in self.ticks:
            self.pipeline.act(work, about)

    def rows(self, sql):
        """What a query finds in the service's tables."""
        with self.database.reading() as session:
            return session.execute(text(sql)).all()


class Voice:
    """Somebody outside who says events: another service, or (with `inbox`) a department."""

    def __init__(self, name, url, schema, broker, clock, directory, *, inbox=False):
        exchange = inbox_exchange(name)

        def copies(event, category, classification):
            if inbox:
                return [(exchange, exchange)]
            return [(audience, EVENTS) for audience in directory.admitted(event, category, classification)]

        self.database = Database(url, schema)
        migrate(self.database, BUS_MIGRATIONS)
        self.relay = Relay(self.database, broker)
        member = Participant(
            name, service_queues(name), {}, lambda session: None, lambda audience, topic: False, copies
        )
        self.pipeline = Pipeline(member, self.database, clock=clock, new_id=fresh_id, wake=self.relay.wake)
        self._broker = broker

    def say(self, *events):
        """Say these."""
        self.pipeline.act(lambda _: events)

    def step(self):
        """Publish what was said."""
        return self.relay.publish_once(self._broker.publisher())


class Town:
    """Hosted services, and voices from outside, on one bus in memory."""

    def __init__(self, url):
        self.clock = Clock()
        self.broker = MemoryBroker(self.clock)
        self.directory = Directory.load(ROOT / "deploy" / "departments")
        self.url = url
        self._mark = f"test_{uuid.uuid4().hex[:8]}"
        self.hosts = {}
        self.voices = {}

    def host(self, name):
        """Put a service on the bus; returns it hosted."""
        self.hosts[name] = Hosted(name, self.url, self._schema(name), self.broker, self.clock, self.directory)
        return self.hosts[name]

    def say(self, source, *events, inbox=False):
        """Have another service (or, with `inbox`, a department) say these, and let them be heard."""
        if source not in self.voices:
            place = (self.url, self._schema(f"voice_{source}"), self.broker, self.clock, self.directory)
            self.voices[source] = Voice(source, *place, inbox=inbox)
        self.voices[source].say(*events)
        self.settle()

    def ask(self, command, key="", body=b""):
        """Ask a hosted service, as the portal does; returns what was said. Raises CommandRefused."""
        return self._exchange(command, key, body)["said"]

    def find_out(self, question, key="", body=b""):
        """Ask a hosted service a question, as the portal does; returns its answer. Raises CommandRefused."""
        return self._exchange(question, key, body)["answer"]

    def _exchange(self, command, key, body):
        host = self.hosts[command.to]
        outgoing = as_outgoing(
            command, source="portal", key=key or uuid.uuid4().hex, body=body, queue=host.queues.commands
        )
        delivery = Delivery(
            tag=0,
            queue=host.queues.commands,
            exchange="",
            routing_key=host.queues.commands,
            body=outgoing.body,
            headers=outgoing.headers,
        )
        (answer,) = host.pipeline.handle([delivery])
        value = json.loads(answer.body)
        if "refused" in value:
            raise CommandRefused(value["refused"])
        self.settle()
        return value

    def _schema(self, name):
        """A schema for this test only, on a database that others may use."""
        return f"{self._mark}_{name.replace('-', '_')}"

    def settle(self):
        """Let everything be published and heard until nothing moves."""
        while sum(one.step() for one in (*self.hosts.values(), *self.voices.values())):
            pass

    def facts(self, receipt=None):
        """The events that hosted services said for the platform, in order: `order.dispatched`, ...

        With the department where there is one, as in `order.dispatched to industry`.
        """
        return [event for event, _ in self.said(receipt)]

    def said(self, receipt=None):
        """As `facts`, each with its data."""
        found = []
        for host in self.hosts.values():
            for id_, type_, subject, body in host.rows(
                "SELECT id, type, subject, body FROM journal WHERE audience = 'core'"
            ):
                if receipt in (None, subject):
                    data = json.loads(bytes(body))["data"]
                    topic = type_.removeprefix("cn.appealloop.").rpartition(".v")[0]
                    to = f" to {data['department']}" if data.get("department") else ""
                    found.append((id_, topic + to, data))
        return [(event, data) for _, event, data in sorted(found, key=lambda one: one[0])]

    def dead(self, service):
        """The dead letters of a service."""
        return self.broker.peek(f"{service}.dead")

    def close(self):
        """Give everything back."""
        for one in (*self.hosts.values(), *self.voices.values()):
            if one.database.is_postgresql:
                with one.database.transaction() as session:
                    session.execute(text(f'DROP SCHEMA "{one.database.schema}" CASCADE'))
            one.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request, tmp_path):
    """Services on a bus in memory, with the real store on both databases."""
    url = f"sqlite:///{tmp_path}/" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    made = Town(url)
    yield made
    made.close()
