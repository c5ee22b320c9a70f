"""The tools of a department's developer, on a real broker and with the department's own rights."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appeals.bus.broker import REASON, Delivery, Outgoing
from appeals.bus.database import Database
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import EVENTS, department_queues, department_topology, service_queues, service_topology
from appeals.cli import checks, main
from appeals.cli.dead_letters import Letter
from appeals.department import Department, Office, schema_name
from appeals.errors import Refused
from appeals.events import OrderDispatched, OrderSigned
from appeals.manifest import Directory
from appeals.provision.access import Rabbitmqctl
from appeals.provision.operator import Operator
from appeals.provision.passwords import Passwords
from appeals.samples import SAMPLE, sample, sample_envelope
from appeals.testing import wait_until
from appeals.testing.trial import settle
from deploy.local.rabbitmq import RabbitNode

ROOT = Path(__file__).parents[2]
DIRECTORY = Directory.load(ROOT / "deploy" / "departments")
OWN = department_queues("industry")


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A private node that was given the definitions."""
    folder = tmp_path_factory.mktemp("tools")
    made = RabbitNode(folder / "rabbitmq")
    try:
        made.start()
        made.operator = Operator(DIRECTORY, Passwords(folder / "passwords.yml"), Rabbitmqctl(made.ctl))
        made.operator.apply()
        made.password = Passwords(folder / "passwords.yml")["industry"]
        RabbitBroker(made.uri).declare(service_topology(service_queues("routing"), [], DIRECTORY.codes))
        yield made
    finally:
        made.remove()


@pytest.fixture
def uri(node, monkeypatch):
    """How industry signs in; the tools find it, and its manifest, in the environment."""
    _, _, place = node.uri.rpartition("@")
    uri = f"amqp://industry:{node.password}@{place}"
    monkeypatch.setenv("AMQP_URI", uri)
    monkeypatch.setenv("MANIFEST", str(ROOT / "deploy" / "departments" / "industry.yml"))
    with RabbitBroker(node.uri).channel() as channel:
        for queue in (OWN.events, OWN.dead, OWN.retry(1), "dept.industry.q.tail", "inbox.industry", "routing.dead"):
            channel.queue_purge(queue)
    return uri


@pytest.fixture
def office(uri, tmp_path):
    """Industry at work when the test says so, with a handler that refuses until it is mended."""
    heard = []
    industry = Department("industry")

    @industry.on(OrderDispatched)
    def take(order, desk):
        if not made.mended:
            raise Refused()
        heard.append(order)
        desk.sign(order)

    database = Database(f"sqlite:///{tmp_path}/", schema_name("industry"))
    broker = RabbitBroker(uri)
    made = Office(industry.handlers, DIRECTORY.get("industry"), database, broker)
    made.heard, made.mended, made.broker = heard, False, broker
    made.prepare()
    yield made
    made.close()


def appeals(capsys, *arguments):
    """Run the command; returns its exit status and what it printed."""
    status = main(list(arguments))
    told = capsys.readouterr()
    return status, told.out, told.err


def depth(node, queue):
    return RabbitBroker(node.uri).depths([queue])[queue].waiting


def a_dead_letter(node, office, capsys):
    """Publish a sample that the handler refuses; returns the letter as listed."""
    appeals(capsys, "publish-sample", "order.dispatched")
    wait_until(lambda: depth(node, OWN.events) == 1)
    settle(office.station, office.broker)
    wait_until(lambda: depth(node, OWN.dead) == 1)
    _, out, _ = appeals(capsys, "dlq", "list", "--json")
    return json.loads(out)


def test_a_published_sample_comes_to_the_handler_and_twice_has_one_effect(node, office, capsys):
    office.mended = True
    status, out, _ = appeals(capsys, "publish-sample", "order.dispatched", "--set", "title=试件")
    again = out.splitlines()[1].partition(":")[2].split()
    assert status == 0
    wait_until(lambda: depth(node, OWN.events) == 1)
    settle(office.station, office.broker)
    appeals(capsys, "publish-sample", "order.dispatched", *again)
    wait_until(lambda: depth(node, OWN.events) == 1)
    settle(office.station, office.broker)

    (order,) = office.heard
    assert (order.title, order.department, order.order) == ("试件", "industry", f"{order.receipt}-01")
    assert order.receipt.startswith(SAMPLE)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["appeal.accepted"], "not among the events"),
        (["order.dispatched", "--receipt", "SQ-20261124-A1B2C3"], "begins with SAMPLE-"),
        (["order.dispatched", "--set", "title"], "FIELD=VALUE was expected"),
        (["order.dispatched", "--set", "round=often"], "round: Not a valid integer"),
    ],
)
def test_a_sample_that_cannot_be_is_refused_in_one_line(uri, node, capsys, arguments, problem):
    status, _, err = appeals(capsys, "publish-sample", *arguments)

    assert status in (1, 2)
    assert problem in err
    assert len(err.splitlines()) == 1


def test_dead_letters_are_listed_and_shown_and_looking_takes_nothing(node, office, capsys):
    letter = a_dead_letter(node, office, capsys)

    _, line, _ = appeals(capsys, "dlq", "list")
    status, whole, _ = appeals(capsys, "dlq", "show", letter["id"][:30])

    assert (letter["topic"], letter["reason"], letter["origin"]) == ("order.dispatched", "refused", EVENTS)
    assert line.startswith(letter["id"])
    assert status == 0
    assert "This is not allowed" in whole
    assert "If the rules or the manifest have changed, replay" in whole
    assert depth(node, OWN.dead) == 1


def test_a_replayed_letter_is_handled_and_the_journal_keeps_by_whom(node, office, capsys):
    letter = a_dead_letter(node, office, capsys)
    office.mended = True

    status, _, _ = appeals(capsys, "dlq", "replay", letter["id"], "--by", "李静")
    wait_until(lambda: depth(node, OWN.events) == 1)
    settle(office.station, office.broker)

    assert status == 0
    assert [order.receipt for order in office.heard] == [letter["receipt"]]
    assert depth(node, OWN.dead) == 0
    with office.database.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT by, subject FROM journal WHERE audience = 'replay'").all()
    assert rows == [("李静", letter["receipt"])]


def test_a_letter_that_the_handler_refuses_again_is_a_dead_letter_again(node, office, capsys):
    a_dead_letter(node, office, capsys)

    appeals(capsys, "dlq", "replay", "--all")
    wait_until(lambda: depth(node, OWN.events) == 1)
    settle(office.station, office.broker)

    wait_until(lambda: depth(node, OWN.dead) == 1)
    assert office.heard == []


def test_no_such_letter_is_told(uri, node, capsys):
    assert appeals(capsys, "dlq", "show", "0198")[::2] == (2, "appeals: there is no dead letter 0198\n")
    assert appeals(capsys, "dlq", "replay")[0] == 2


def test_the_operator_replays_a_services_letter_only_from_an_origin_that_is_sure(node, uri, capsys):
    word = sample_envelope(OrderSigned).to_bytes()
    forged = {REASON: "refused", "x-origin": EVENTS}
    publisher = RabbitBroker(node.uri).publisher()
    publisher.publish([Outgoing(id="1", exchange="", routing_key="routing.dead", body=word, headers=forged)])
    platform = ["--service", "routing", "--amqp-uri", node.uri]

    status, _, err = appeals(capsys, "dlq", "replay", "--all", *platform)
    assert status == 2
    assert "prove nothing" in err

    assert appeals(capsys, "dlq", "replay", "--all", "--origin", "inbox.industry", *platform)[0] == 0
    publisher.close()
    wait_until(lambda: depth(node, "routing.events") == 1)
    with RabbitBroker(node.uri).channel() as channel:
        message = channel.basic_get("routing.events", no_ack=True)
    assert message.properties["application_headers"]["x-origin"] == "inbox.industry"


def test_bytes_that_nobody_can_read_are_a_letter_too():
    letter = Letter.of(Delivery(tag=1, queue="q", exchange="", routing_key="", body=b"\xff\x00"))

    assert letter.id.startswith("bytes-")
    assert letter.reason == "delivery-limit"
    assert "2 bytes" in letter.line()


def test_tail_shows_the_departments_own_events_and_takes_nothing_from_it(node, uri, capsys):
    envelope = sample_envelope(OrderDispatched)
    publisher = RabbitBroker(node.uri).publisher()
    key = "industry.order.dispatched.industry.v1"
    publisher.publish([Outgoing(id="1", exchange=EVENTS, routing_key=key, body=envelope.to_bytes())])
    publisher.close()

    status, out, _ = appeals(capsys, "tail", "--once")

    assert status == 0
    assert "order.dispatched" in out
    assert sample(OrderDispatched).receipt in out
    assert depth(node, OWN.events) == 1


def test_the_doctor_finds_a_healthy_department_well(node, uri, capsys):
    status, out, _ = appeals(capsys, "doctor")

    assert status == 0, out
    assert "✗" not in out
    assert "all refused" in out
    assert "a message comes back" in out
    assert "0 s apart" in out or "1 s apart" in out
    assert "! dept.industry.q.events: nobody consumes, 0 messages wait" in out


def test_the_doctor_names_every_right_that_is_too_wide(node, uri, capsys):
    node.ctl("set_permissions", "industry", ".*", ".*", ".*")
    try:
        status, out, _ = appeals(capsys, "doctor")
    finally:
        node.operator.apply()

    assert status == 1
    for what in ("read dept.sasac.q.events", "write to inbox.sasac", "write to appeal.events", "declare a queue"):
        assert f"✗ industry may {what}" in out
    assert depth(node, "dept.sasac.q.events") == 0


def test_the_doctor_tells_a_wrong_password_and_a_missing_queue(node, uri, capsys):
    _, _, place = node.uri.rpartition("@")
    status, out, _ = appeals(capsys, "doctor", "--amqp-uri", f"amqp://industry:wrong@{place}")
    assert status == 1
    assert "✗ the broker does not accept user or password of industry" in out

    with RabbitBroker(node.uri).channel() as channel:
        channel.queue_delete("dept.industry.q.tail")
    try:
        _, out, _ = appeals(capsys, "doctor")
    finally:
        RabbitBroker(node.uri).declare(department_topology("industry"))
    assert "✗ not there: dept.industry.q.tail" in out


@pytest.mark.parametrize(("apart", "severity"), [(1, "well"), (10, "warning"), (3600, "fault")])
def test_the_doctor_compares_the_clocks(apart, severity):
    now = datetime(2026, 11, 24, tzinfo=UTC)

    assert checks.clock(now - timedelta(seconds=apart), now).severity == severity


@pytest.mark.parametrize(
    ("uri", "severity"),
    [("amqps://u:p@mq.example.gov.cn/", "well"), ("amqp://u:p@127.0.0.1/", "well"), ("amqp://u:p@10.0.0.8/", "fault")],
)
def test_the_doctor_wants_tls_beyond_this_machine(uri, severity):
    assert checks.tls(uri).severity == severity
