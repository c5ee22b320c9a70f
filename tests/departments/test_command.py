"""From `appeals init` to a department at work, as its developer types it."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import department_topology, inbox_exchange
from appeals.cli import main
from appeals.department.finding import find_department
from appeals.department.kit import read_manifest
from appeals.events import DEPARTMENT_WORDS
from appeals.manifest import EVERY
from appeals.samples import event_classes, sample_for
from appeals.settings import WrongSettings
from appeals.testing import wait_until
from appeals.testing.platform import Platform

PLAIN = {name: value for name, value in os.environ.items() if name not in ("AMQP_URI", "DATABASE_URL", "MANIFEST")}


@pytest.fixture
def parks(tmp_path, monkeypatch):
    """The folder that `appeals init parks` writes, and we are in it."""
    monkeypatch.chdir(tmp_path)
    assert main(["init", "parks", "--name", "省园区办"]) == 0
    monkeypatch.chdir("parks")
    return tmp_path / "parks"


def appeals(*arguments, **options):
    """The command in a process of its own."""
    command = [sys.executable, "-m", "appeals.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=PLAIN, timeout=60, **options)


def told(capsys):
    """What was written to standard error: one line."""
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_new_departments_tests_pass_without_a_broker(parks):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:pytest_nameko", "-p", "no:cacheprovider"]

    done = subprocess.run(command, capture_output=True, text=True, env=PLAIN, cwd=parks, timeout=170)

    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


OWN = ("department", "departments")  # the fields by which an event is told to departments; platforms are told others


def test_a_new_departments_manifest_hears_all_that_a_department_is_told_and_says_all_it_may(parks):
    manifest = read_manifest("parks", parks / "parks.yml")

    told = {event.topic for event in event_classes() if event.tells in OWN and event not in DEPARTMENT_WORDS}
    assert set(manifest.events) == told
    assert list(manifest.words) == [word.topic for word in DEPARTMENT_WORDS]
    assert (manifest.name, manifest.categories, manifest.ceiling) == ("省园区办", (EVERY,), "ordinary")


def test_nothing_is_left_to_be_filled_in(parks):
    assert sorted(path.name for path in parks.iterdir()) == [
        "Dockerfile", "README.md", "consumer.py", "parks.yml", "requirements.txt", "test_consumer.py",
    ]  # fmt: skip
    assert not [path for path in parks.iterdir() if "$" in path.read_text(encoding="utf-8")]


def test_nothing_is_overwritten(parks, capsys):
    (parks / "Dockerfile").unlink()
    (parks / "consumer.py").write_text("# mine")
    capsys.readouterr()

    assert main(["init", "parks", "--into", str(parks)]) == 1

    assert told(capsys) == f"appeals: {parks / 'README.md'} is there already; nothing was written"
    assert (parks / "consumer.py").read_text() == "# mine"
    assert not (parks / "Dockerfile").exists()


@pytest.mark.parametrize("code", ["Parks", "p", "1parks", "parks\n", "a/b", "../x", "园区", "p" * 32])
def test_a_code_that_cannot_name_queues_is_refused(tmp_path, monkeypatch, capsys, code):
    monkeypatch.chdir(tmp_path)

    assert main(["init", code]) == 2

    assert "cannot be a code: 2 to 31 small letters, digits and hyphens, a letter first" in told(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ['"""', "a\nb", "x" * 61, "a: b", "\\", "$code"])
def test_a_name_that_would_break_the_files_is_refused(tmp_path, capsys, name):
    assert main(["init", "parks", "--name", name, "--into", str(tmp_path)]) == 2

    assert "cannot be a name" in told(capsys)


def test_a_folder_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "file").touch()

    assert main(["init", "parks", "--into", str(tmp_path / "file" / "parks")]) == 2

    assert told(capsys) == f"appeals: {tmp_path / 'file' / 'parks'}: Not a directory"


def test_every_event_is_shown_with_a_sample(capsys):
    assert main(["events"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * len(event_classes())
    for event, heading, sample in zip(event_classes(), lines[::2], lines[1::2], strict=True):
        assert heading.startswith(f"{event.topic} v{event.version}, ")
        assert json.loads(sample)["receipt"]


def test_one_event_is_shown_as_it_travels(capsys):
    assert main(["events", "order.dispatched"]) == 0

    envelope = json.loads(capsys.readouterr().out)
    assert (envelope["specversion"], envelope["type"]) == ("1.0", "cn.appealloop.order.dispatched.v1")


def test_an_event_that_does_not_exist_is_told_in_one_line(capsys):
    assert main(["events", "order.lost"]) == 1

    assert told(capsys) == "appeals: Unknown message type: order.lost"


def test_a_reader_who_has_read_enough_disturbs_nobody():
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "appeals.cli", "events"], stdout=writing, stderr=subprocess.PIPE, env=PLAIN, timeout=60
    )

    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("1 / 0\n", "consumer.py:1: ZeroDivisionError: division by zero"),
        ("x = 1\n)\n", r"consumer\.py:2: unmatched '\)'"),
        ("import nothing_like_it\n", "consumer.py:1: ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("x = 1\n", "consumer.py has no departments; there should be one"),
        (
            "from appeals.department import Department\na, b = Department('a1'), Department('b1')\n",
            "consumer.py has 2 departments; there should be one",
        ),
    ],
    ids=["fails", "is no Python", "imports what is not there", "none", "two"],
)
def test_a_consumer_that_cannot_be_loaded_is_told_with_its_line(tmp_path, monkeypatch, code, wanted):
    monkeypatch.setattr(sys, "path", [*sys.path])
    path = tmp_path / "consumer.py"
    path.write_text(code)

    with pytest.raises(WrongSettings, match=wanted):
        find_department(str(path))


def test_a_department_is_found_in_a_file_in_a_module_and_by_its_name(parks, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])

    assert find_department("consumer.py").code == "parks"
    assert find_department("departments.sasac.consumer").code == "sasac"
    assert find_department("departments.sasac.consumer:sasac").code == "sasac"
    with pytest.raises(WrongSettings, match=r"departments\.sasac\.consumer has no Department called log"):
        find_department("departments.sasac.consumer:log")
    with pytest.raises(WrongSettings, match=r"nowhere\.py: no such file"):
        find_department("nowhere.py")


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["run"], "parks: AMQP_URI is not set: the broker, as amqp://user:password@host:port/vhost"),
        (["run", "--amqp-uri", "amqp://x", "--manifest", "no.yml"], "parks: no.yml: No such file or directory"),
        (["run", "--amqp-uri", "amqp://x", "--database-url", "x"], "parks: DATABASE_URL cannot be used: Could not"),
    ],
    ids=["no broker", "no manifest", "no database"],
)
def test_what_a_department_cannot_be_run_with_is_told_in_one_line(parks, arguments, wanted):
    done = appeals(*arguments, cwd=parks)

    assert done.returncode == 2
    assert done.stderr.startswith(wanted)
    assert len(done.stderr.splitlines()) == 1


def test_a_department_runs_on_rabbitmq_and_stops_when_told_to(parks, amqp_uri):
    code = f"parks-{uuid.uuid4().hex[:8]}"
    for path in (parks / "consumer.py", parks / "parks.yml"):
        path.write_text(path.read_text().replace('"parks"', f'"{code}"').replace("code: parks", f"code: {code}"))
    (parks / "parks.yml").rename(parks / f"{code}.yml")
    broker = RabbitBroker(amqp_uri)
    broker.declare(department_topology(code))
    department = find_department(str(parks / "consumer.py"))
    platform = Platform(code, lambda: str(uuid.uuid4()))
    (event,) = department.handlers
    with (parks / "log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "appeals.cli", "run", "--amqp-uri", amqp_uri], cwd=parks, env=PLAIN, stderr=log
        )
    inbox, publisher = broker.subscribe([inbox_exchange(code)], 1), broker.publisher()
    try:
        publisher.publish([platform.say(sample_for(code, event))])
        (word,) = wait_until(lambda: inbox.fetch(1, 1.0), 60)
        running.send_signal(signal.SIGTERM)
        status = running.wait(60)
    finally:
        running.kill()
        publisher.close()
        inbox.close()

    assert json.loads(word.body)["type"] == "cn.appealloop.order.signed.v1"
    assert status == 0
    lines = (parks / "log").read_text()
    assert f"manifest {code}.yml, database sqlite:///dept_{code.replace('-', '_')}.sqlite3" in lines
    assert (parks / f"dept_{code.replace('-', '_')}.sqlite3").exists()
    assert "Traceback" not in lines


def test_what_a_department_needs_asks_for_no_framework_and_no_database_server():
    question = (
        "import sys, appeals.cli, appeals.department, appeals.testing, appeals.testing.conformance;"
        "print({'nameko', 'eventlet', 'psycopg2', 'pytest', 'flask'} & set(sys.modules))"
    )

    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, cwd=Path("/"))

    assert answer.stdout == "set()\n"
