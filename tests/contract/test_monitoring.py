"""What a process tells of itself: its counters, its gauges, its health; and that the alerts ask for what there is."""

import re
import socket
from pathlib import Path

import pytest
import requests
import yaml
from sqlalchemy import text

from appeals.bus.broker import Outgoing
from appeals.bus.database import Database, migrate
from appeals.bus.envelope import Envelope
from appeals.bus.measured import CONSUMING, DATABASE, PUBLISHING, Pulse
from appeals.bus.metrics import PARKED_SINCE, Metrics, Tables
from appeals.bus.monitoring import Monitoring
from appeals.bus.participant import Participant
from appeals.bus.station import BUS_MIGRATIONS, Station, fresh_id
from appeals.bus.topology import EVENTS, inbox_exchange, service_queues, service_topology
from appeals.events import AppealAccepted
from appeals.manifest import Directory
from appeals.settings import MonitoringSettings, WrongSettings
from appeals.testing import MemoryBroker, wait_until
from appeals.watch import QueueWatch
from appeals.watch_metrics import WatchMetrics
from deploy.local.process import free_ports
from tests.contract.parts import NotOurs, dispatched

ROOT = Path(__file__).parents[2]


class Process:
    """A routing that sends every appeal to sasac, for which there is no queue; at work on a broker in memory."""

    def __init__(self, folder):
        self.broker = MemoryBroker()
        self.database = Database(f"sqlite:///{folder}/", "routing")
        queues = service_queues("routing")
        self.broker.declare(service_topology(queues, [AppealAccepted.topic], ["sasac"]))
        self.participant = Participant(
            "routing",
            queues,
            {AppealAccepted.type(): self.hear},
            lambda session: session,
            lambda audience, topic: True,
            lambda event, category, classification: [("sasac", EVENTS)],
            inboxes=lambda: ["sasac"],
        )
        self.port = free_ports(1)[0]
        self.monitoring = Monitoring(MonitoringSettings(metrics_port=self.port))
        self.station = Station(self.participant, self.database, self.broker, ticks=((0.05, lambda _: None, None),))

    def hear(self, _, accepted):
        if accepted.title == "坏":
            raise NotOurs()
        if accepted.title == "再试":
            raise RuntimeError("not yet")
        return dispatched(accepted, "sasac")

    def start(self):
        self.monitoring.watch(self.station)
        self.station.start()

    def get(self, path):
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def value(self, name, **labels):
        """One value among the metrics; 0 before there is one."""
        told = ",".join(f'{label}="{value}"' for label, value in sorted({"participant": "routing", **labels}.items()))
        found = re.search(rf"^{name}\{{{re.escape(told)}\}} (\S+)$", self.get("/metrics").text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def put(self, accepted):
        """Put an appeal on the broker, as intake would."""
        envelope = Envelope(
            id=fresh_id(),
            source="intake",
            type=accepted.type(),
            subject=accepted.receipt,
            time=accepted.at,
            data=accepted.to_data(),
            audience="core",
            sequence=1,
            after={},
            category="industry",
        )
        self._publish(EVENTS, envelope.routing_key, envelope.to_bytes())

    def put_word(self, body):
        """Put these bytes into the inbox of sasac."""
        self._publish(inbox_exchange("sasac"), "", body)

    def _publish(self, exchange, key, body):
        self.broker.publish(Outgoing(id=fresh_id(), exchange=exchange, routing_key=key, body=body))

    def close(self):
        self.station.stop()
        self.monitoring.close()


@pytest.fixture
def process(tmp_path):
    made = Process(tmp_path)
    yield made
    made.close()


def test_what_a_process_does_is_counted(process, an_accepted_appeal):
    process.start()
    for title in ("好", "坏", "再试"):
        process.put(an_accepted_appeal(title=title))
    process.put_word(b"{")

    wait_until(lambda: process.value("appeals_messages_handled_total") == 4)
    wait_until(lambda: process.value("appeals_messages_published_total") == 3)
    aside = "appeals_messages_set_aside_total"
    assert process.value(aside, department="", reason="not-ours") == 1
    assert process.value(aside, department="sasac", reason="malformed") == 1
    assert process.value("appeals_messages_retried_total") == 1
    assert process.value("appeals_relay_refused_total", audience="sasac") == 1
    assert process.value("appeals_batch_size_sum") == 4
    assert process.value("appeals_batch_seconds_count") == process.value("appeals_batch_size_count") > 0
    wait_until(lambda: process.value("appeals_ticks_total") > 1)


def test_what_stands_in_the_tables_is_read_when_it_is_scraped(process, an_accepted_appeal):
    process.start()
    process.put(an_accepted_appeal())

    wait_until(lambda: process.value("appeals_outbox_held", audience="sasac") == 1)
    assert process.value("appeals_outbox_unsent") == 0
    assert process.value("appeals_database_up") == 1


def test_labels_of_set_aside_words_are_taken_from_what_is_known(process):
    metrics = Metrics(process.participant, process.database)
    for origin, reason in (("inbox.nobody", "malformed"), ("inbox.sasac", "whatever-it-says"), ("", "ValueError")):
        headers = {"x-origin": origin, "x-reason": reason}
        metrics.published(Outgoing(id="1", exchange="routing.dead", routing_key="", body=b"", headers=headers))

    samples = [one for family in metrics.registry.collect() for one in family.samples]
    told = {(s.labels["department"], s.labels["reason"]) for s in samples if s.name.endswith("set_aside_total")}
    assert told == {("", "malformed"), ("sasac", "defect"), ("", "defect")}


def test_health_is_well_once_all_was_reached_and_tells_what_is_not(process):
    before = process.get("/health")
    process.start()
    wait_until(lambda: process.get("/health").status_code == 200)
    process.station.stop()
    after = process.get("/health")

    assert (before.status_code, before.text) == (503, "waiting for broker and database\n")
    assert (after.status_code, after.text) == (503, "stopping\n")


def test_a_dead_thread_is_told(process):
    process.start()
    wait_until(lambda: process.get("/health").status_code == 200)
    process.station._threads[0].is_alive = lambda: False

    assert process.get("/health").text == "a thread of the bus has died\n"


def test_health_names_what_was_not_reached_lately_or_has_been_in_hand_for_too_long(tmp_path):
    now = [0.0]
    database = Database(f"sqlite:///{tmp_path}/", "one")
    pulse = Pulse(database, clock=lambda: now[0])
    for what in (CONSUMING, PUBLISHING):
        pulse.reach(what)
    assert pulse.trouble(60) == f"{DATABASE} not reached yet"

    with database.reading() as session:
        session.execute(text("SELECT 1"))
    pulse.take("a batch")
    assert pulse.trouble(60) == ""

    now[0] = 61
    for what in (CONSUMING, DATABASE):
        pulse.reach(what)
    assert pulse.trouble(60) == f"{PUBLISHING} not reached for 61 s"

    pulse.reach(PUBLISHING)
    assert pulse.trouble(60) == "a batch has been in hand for 61 s"

    assert pulse.put_down("a batch") == 61
    assert pulse.trouble(60) == ""
    database.close()


def test_a_lost_broker_is_counted(process):
    process.start()
    wait_until(lambda: process.get("/health").status_code == 200)
    process.broker.reachable = False

    wait_until(lambda: process.value("appeals_broker_lost_total") > 1)


def test_a_database_that_is_gone_is_told_and_not_an_error(tmp_path):
    gone = Database(f"sqlite:///{tmp_path}/nowhere/one.sqlite3", "one")

    assert [(one.name, one.samples[0].value) for one in Tables("one", gone).collect()] == [("appeals_database_up", 0)]


def test_clients_that_stall_do_not_silence_it(process):
    stalled = [socket.create_connection(("127.0.0.1", process.port)) for _ in range(50)]

    assert process.get("/metrics").status_code == 200

    for one in stalled:
        one.close()


def test_a_port_that_is_taken_is_a_wrong_setting(process):
    with pytest.raises(WrongSettings, match=f"METRICS_PORT={process.port} cannot be had"):
        Monitoring(MonitoringSettings(metrics_port=process.port))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_parked_messages_are_counted_by_their_index(kind, request, tmp_path):
    url = f"sqlite:///{tmp_path}/" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    database = Database(url, "counted")
    migrate(database, BUS_MIGRATIONS)
    question = str(PARKED_SINCE.compile(database.engine))
    with database.transaction() as session:
        if database.is_postgresql:
            session.execute(text("SET LOCAL enable_seqscan = off"))  # tables in a test are too small for an index
        explain = "EXPLAIN " if database.is_postgresql else "EXPLAIN QUERY PLAN "
        plan = str(session.execute(text(explain + question)).all())
    if database.is_postgresql:
        with database.transaction() as session:
            session.execute(text('DROP SCHEMA "counted" CASCADE'))
    database.close()

    assert "inbox_parked" in plan


def test_every_metric_in_the_alerts_and_the_documents_is_one_that_there_is(process):
    watch = QueueWatch(Directory.load(ROOT / "deploy" / "departments"), process.broker.depths, ("routing",))
    process.monitoring.registry.register(WatchMetrics(watch))
    process.start()
    families = re.findall(r"^# TYPE (\S+)", process.get("/metrics").text, re.MULTILINE)
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    asked = set(re.findall(r"appeals_\w+", " ".join(rule["expr"] for rule in rules)))
    page = (ROOT / "docs" / "operating.md").read_text()
    for stem, names in re.findall(r"`(appeals_(?:department|service)_)\{([\w,]+)\}`", page):
        asked |= {stem + name for name in names.split(",")}
    asked |= {name for name in re.findall(r"appeals_\w+", page) if not name.endswith("_")}

    assert len(rules) == 5
    assert len(asked) > 20
    assert asked <= set(families)
