"""The operator's work on a real broker, by the management API and by rabbitmqctl: compare, apply, rotate, retire."""

import itertools
import json
import sys
from pathlib import Path

import amqp
import kombu
import pytest
import yaml

from appeals.bus.broker import BrokerGone, Outgoing
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import EVENTS, department_queues, department_topology, inbox_exchange, tail_queue
from appeals.cli import main
from appeals.manifest import Directory, Manifest
from appeals.provision.access import Management, Rabbitmqctl
from appeals.provision.operator import NameTaken, Operator
from appeals.provision.passwords import Passwords
from appeals.provision.retiring import NotAtTheBroker, StillPluggedIn, retire
from appeals.testing import wait_until
from deploy.local.process import free_ports
from deploy.local.rabbitmq import RabbitNode

ROOT = Path(__file__).parents[2]
LIMIT = 5
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def management_port():
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def node(tmp_path_factory, management_port):
    """A private node with the management API."""
    made = RabbitNode(
        tmp_path_factory.mktemp("operator") / "rabbitmq",
        plugins=["rabbitmq_management"],
        configuration=f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management_port}\n",
    )
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture
def management_url(node, management_port):
    login = node.uri.removeprefix("amqp://").partition("@")[0]
    return f"http://{login}@127.0.0.1:{management_port}"


@pytest.fixture
def access(request, node, management_url):
    """The way to the broker: the management API, or what a test says."""
    if getattr(request, "param", "") == "rabbitmqctl":
        return Rabbitmqctl(node.ctl)
    return Management(management_url)


in_both_ways = pytest.mark.parametrize("access", ["management", "rabbitmqctl"], indirect=True)


class Site:
    """One department of its own for each test, and the operator who looks after it."""

    def __init__(self, node, access, folder):
        self.node = node
        self.access = access
        self.passwords = Passwords(folder / "secrets.yml")
        self.code = f"parks-{next(_numbers)}"
        self.directory = self.directory_of(self.code)
        self.operator = Operator(self.directory, self.passwords, access)
        self.queues = department_queues(self.code)

    @staticmethod
    def directory_of(code):
        return Directory([Manifest(code=code, name="省园区办", events=(), words=(), queue_limit=LIMIT)])

    def differences(self):
        """What concerns this department."""
        return [one.text for one in self.operator.differences() if self.code in one.text]

    def uri(self, password=None):
        place = self.node.uri.rpartition("@")[2]
        return f"amqp://{self.code}:{password or self.passwords[self.code]}@{place}"

    def connected(self, password=None):
        connection = kombu.Connection(self.uri(password))
        connection.connect()
        return connection

    def publish(self, count, exchange, key="", *, uri=""):
        """How many of these messages the broker refuses."""
        publisher = RabbitBroker(uri or self.uri()).publisher()
        refused = 0
        for number in range(count):  # one by one: a full queue notices within a pipeline only late
            refused += len(
                publisher.publish([Outgoing(id=str(number), exchange=exchange, routing_key=key, body=b"{}")])
            )
        publisher.close()
        return refused

    def depth(self, queue):
        """How many messages a queue holds; None if there is no such queue."""
        with kombu.Connection(self.node.uri) as connection:
            try:
                return connection.default_channel.queue_declare(queue, passive=True).message_count
            except amqp.NotFound:
                return None


@pytest.fixture
def site(node, access, tmp_path):
    made = Site(node, access, tmp_path)
    made.operator.apply()
    return made


def is_closed(connection):
    """Whether the broker has closed a connection."""
    try:
        connection.drain_events(timeout=0.01)
    except TimeoutError:
        return False
    except (amqp.ConnectionForced, OSError):
        return True
    return False


@in_both_ways
def test_a_broker_that_was_applied_differs_in_nothing_and_applying_again_changes_nothing(site):
    before = site.access.export()

    site.operator.apply()

    assert site.differences() == []
    assert site.access.export() == before  # the hashes of the passwords too
    RabbitBroker(site.node.uri).declare(department_topology(site.code))  # what the bus expects; else it would raise


def test_what_is_new_is_told_in_words_before_it_is_made(node, access, tmp_path):
    site = Site(node, access, tmp_path)

    told = site.differences()

    assert f"+ user {site.code}, with a new password" in told
    assert f"+ policy dept-{site.code}: at most {LIMIT} messages in each queue" in told
    assert f"+ queue {site.queues.events}" in told
    assert f"+ binding {EVENTS} → dept.{site.code} for {site.code}.#" in told
    assert [line for line in told if line.startswith(f"+ rights of {site.code}: write ^(inbox")]
    assert not site.passwords.path.exists()


def change_rights(site):
    site.node.ctl("set_permissions", site.code, "", ".*", ".*")
    return [f"~ rights of {site.code}: configure  → ^$, write .* → ", "read .* → "]


def change_password(site):
    site.node.ctl("change_password", site.code, "another")
    return [f"~ user {site.code}: another password than in the file"]


def clear_policy(site):
    site.node.ctl("clear_policy", f"dept-{site.code}")
    return [f"+ policy dept-{site.code}"]


def raise_limit(site):
    pattern, limit = "^dept", json.dumps({"max-length": 10**6})
    site.node.ctl("set_policy", "--apply-to", "queues", f"dept-{site.code}", pattern, limit)
    return [f"~ policy dept-{site.code}: pattern ^dept → ", "'max-length': 1000000} → {'max-length': 5}"]


def delete_queue(site):
    site.node.ctl("delete_queue", site.queues.events)
    return [f"+ queue {site.queues.events}", f"+ binding dept.{site.code} → {site.queues.events}"]


def give_rights_elsewhere(site):
    if "elsewhere" not in site.node.ctl("list_vhosts"):
        site.node.ctl("add_vhost", "elsewhere")
    site.node.ctl("set_permissions", "-p", "elsewhere", site.code, ".*", ".*", ".*")
    return [f"- rights of {site.code} in the virtual host elsewhere"]


DRIFTS = [change_rights, change_password, clear_policy, raise_limit, delete_queue, give_rights_elsewhere]


@pytest.mark.parametrize(
    ("drift", "access"),
    [*((drift, "management") for drift in DRIFTS), (give_rights_elsewhere, "rabbitmqctl")],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
    indirect=["access"],
)
def test_what_was_changed_by_hand_is_told_and_mended(site, drift):
    expected = drift(site)

    told = site.differences()
    site.operator.apply()

    assert all(any(words in line for line in told) for words in expected), told
    assert site.differences() == []
    site.connected().release()


def test_what_an_import_cannot_mend_is_told_and_left_as_it_is(site):
    spy = f"dept.{site.code}"
    with kombu.Connection(site.node.uri) as connection:
        channel = connection.default_channel
        channel.exchange_bind(spy, EVENTS, "sasac.#")
        channel.queue_delete(tail_queue(site.code))
        channel.queue_declare(tail_queue(site.code), durable=True, auto_delete=False, arguments={"x-max-length": 7})
        channel.queue_bind(tail_queue(site.code), spy)

    site.operator.apply()

    binding, queue = sorted(site.differences())
    assert (
        binding == f"! binding {EVENTS} → {spy} for sasac.# stands in no manifest; find out who made it, and unbind it"
    )
    assert queue.startswith(
        f"! queue {tail_queue(site.code)} exists with other arguments (x-max-length 7 instead of 1000"
    )
    assert "x-message-ttl not set instead of 600000" in queue


def test_what_carries_no_departments_name_is_left_alone(site, node):
    node.ctl("add_user", f"monitor-of-{site.code}", "secret")
    node.ctl("set_policy", f"ours-{site.code}", "^ours", json.dumps({"max-length": 1}))
    before = site.access.export()

    site.operator.apply()
    with pytest.raises(NotAtTheBroker):
        list(retire(f"monitor-of-{site.code}", site.directory, site.access, node.uri))

    assert site.access.export() == before


def test_a_department_gets_no_name_that_an_administrator_has(node, access, tmp_path):
    before = access.export()

    with pytest.raises(NameTaken):
        Operator(Site.directory_of("appealloop"), Passwords(tmp_path / "secrets.yml"), access).apply()

    assert access.export() == before


def test_a_password_that_the_file_does_not_know_stays_as_it_is(site, tmp_path):
    known = site.passwords[site.code]
    elsewhere = Operator(site.directory, Passwords(tmp_path / "other.yml"), site.access)

    elsewhere.apply()

    assert elsewhere.unknown_passwords() == [site.code]
    site.connected(known).release()


@in_both_ways
def test_a_rotated_password_makes_the_old_one_void_and_closes_what_was_opened_with_it(site):
    old, connection = site.passwords[site.code], site.connected()

    site.operator.rotate(site.code)

    wait_until(lambda: is_closed(connection))
    with pytest.raises(amqp.AccessRefused):
        site.connected(old)
    site.connected().release()
    assert Passwords(site.passwords.path)[site.code] == site.passwords[site.code] != old
    assert site.differences() == []


@in_both_ways
def test_a_department_is_retired_once_its_manifest_is_gone_and_what_waits_is_kept(site, node):
    others = Site.directory_of("others")
    connection = site.connected()
    site.publish(2, EVENTS, f"{site.code}.order.dispatched.other.v1", uri=node.uri)

    with pytest.raises(StillPluggedIn):
        list(retire(site.code, site.directory, site.access, node.uri))
    said = list(retire(site.code, others, site.access, node.uri))

    wait_until(lambda: is_closed(connection))
    with pytest.raises(amqp.AccessRefused):
        site.connected()
    assert site.depth(site.queues.events) == 2
    assert site.depth(site.queues.dead) is site.depth(inbox_exchange(site.code)) is None
    assert f"queue {site.queues.events} is kept: it holds 2 messages" in said
    assert site.publish(1, EVENTS, f"{site.code}.order.dispatched.other.v1", uri=node.uri) == 1  # nobody takes it
    left = [one.text for one in Operator(others, site.passwords, site.access).differences() if site.code in one.text]
    assert left == [
        f"- department {site.code}, which has no manifest (retired? appeals provision --retire {site.code})"
    ]


def test_a_department_that_comes_back_finds_what_was_kept(site, node):
    site.publish(2, EVENTS, f"{site.code}.order.dispatched.other.v1", uri=node.uri)
    list(retire(site.code, Site.directory_of("others"), site.access, node.uri))

    site.passwords.forget(site.code)
    site.operator.apply()

    with site.connected() as connection:
        assert connection.default_channel.basic_get(site.queues.events)
    assert site.differences() == []


def test_queues_are_deleted_with_what_is_in_them_when_that_is_asked_for(site, node):
    site.publish(2, EVENTS, f"{site.code}.order.dispatched.other.v1", uri=node.uri)

    list(retire(site.code, Site.directory_of("others"), site.access, node.uri, delete_queues=True))

    names = json.dumps(site.access.export())
    assert f"dept.{site.code}" not in names
    assert f"inbox.{site.code}" not in names


def test_a_department_that_floods_or_never_reads_fills_its_own_queues_up_to_its_limit(site, node):
    for exchange in (inbox_exchange(site.code), site.queues.dead_exchange, site.queues.retry(60)):
        assert site.publish(LIMIT + 20, exchange) >= 18
    assert site.publish(LIMIT + 20, EVENTS, f"{site.code}.order.dispatched.other.v1", uri=node.uri) >= 18

    for queue in (inbox_exchange(site.code), site.queues.dead, site.queues.retry(60), site.queues.events):
        assert LIMIT <= site.depth(queue) <= LIMIT + 2


def test_a_departments_password_opens_no_management(node, tmp_path, management_url):
    site = Site(node, Management(management_url), tmp_path)
    site.operator.apply()
    place = management_url.rpartition("@")[2]

    with pytest.raises(BrokerGone, match="401"):
        Management(f"http://{site.code}:{site.passwords[site.code]}@{place}").export()


@pytest.fixture
def by_command(node, tmp_path, management_url):
    """Runs `appeals provision` with a folder of manifests; `rabbitmqctl` is a program that knows the private node."""
    (tmp_path / "departments").mkdir()
    code = f"parks-{next(_numbers)}"
    manifest = tmp_path / "departments" / f"{code}.yml"
    manifest.write_text(yaml.safe_dump({"code": code, "name": "省园区办", "events": [], "words": []}))
    program = tmp_path / "rabbitmqctl.py"
    program.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from deploy.local.rabbitmq import RabbitNode\n"
        "given = sys.stdin.read() if 'import_definitions' in sys.argv else ''\n"
        f"sys.stdout.write(RabbitNode({str(node.folder.path)!r}).ctl(*sys.argv[2:], stdin=given))\n"
    )

    def run(*arguments, way=("--management", management_url)):
        folder = ("--manifests", str(tmp_path / "departments"), "--secrets", str(tmp_path / "secrets.yml"))
        return main(["provision", *folder, *way, "--amqp-uri", node.uri, *arguments])

    run.rabbitmqctl = ("--rabbitmqctl", f"{sys.executable} {program}")
    run.code, run.manifest, run.secrets = code, manifest, tmp_path / "secrets.yml"
    run.other = tmp_path / "departments" / "others.yml"
    run.other.write_text(yaml.safe_dump({"code": "others", "name": "其他", "events": [], "words": []}))
    return run


def test_the_command_shows_applies_and_then_finds_nothing_left_and_prints_no_password(by_command, capsys):
    first = by_command("--diff")
    by_command("--apply", way=by_command.rabbitmqctl)
    told = capsys.readouterr().out

    by_command("--diff")
    again = [line for line in capsys.readouterr().out.splitlines() if by_command.code in line]

    assert first == 1
    assert f"+ user {by_command.code}, with a new password" in told
    assert again == []
    assert by_command.secrets.stat().st_mode & 0o777 == 0o600
    assert not any(password in told for password in Passwords(by_command.secrets).values())


def test_the_command_prints_the_passwords_alone_and_only_when_asked(by_command, capsys, tmp_path):
    status = by_command("--export", str(tmp_path / "definitions.json"), "--show")

    printed = capsys.readouterr().out
    known = Passwords(by_command.secrets)
    variable = by_command.code.upper().replace("-", "_")
    assert status == 0
    assert printed == f"OTHERS_PASSWORD={known['others']}\n{variable}_PASSWORD={known[by_command.code]}\n"
    exported = json.loads((tmp_path / "definitions.json").read_text())
    assert [one["name"] for one in exported["users"]] == ["others", by_command.code]


def test_the_command_retires_only_after_the_manifest_is_gone(by_command, capsys):
    by_command("--apply")

    refused = by_command("--retire", by_command.code)
    why = capsys.readouterr().err
    by_command.manifest.unlink()
    done = by_command("--retire", by_command.code)

    assert (refused, done) == (1, 0)
    assert why.count("\n") == 1
    assert "take the file away first" in why
    assert by_command.code not in Passwords(by_command.secrets)


def test_a_broker_that_cannot_be_reached_is_told_in_one_line(by_command, capsys):
    port = free_ports(1)[0]

    unreachable = main(["provision", "--management", f"http://a:secret@127.0.0.1:{port}"])
    no_program = main(["provision", "--rabbitmqctl", "no-such-program"])
    no_way = main(["provision"])

    told = capsys.readouterr().err
    assert (unreachable, no_program, no_way) == (2, 2, 2)
    assert told.count("\n") == 3
    assert "secret" not in told
