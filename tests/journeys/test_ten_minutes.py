"""docs/departments.md, as a new developer follows it: from an empty folder to a department at work on the running
platform, with nothing but what an outside department has. The numbers are those of the document.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import venv
from contextlib import closing

import pytest

from appeals.testing import wait_until
from deploy.fleet import ROOT
from deploy.plugging import plug_in, unplug
from tests.journeys.test_without_the_kit import listens

PLAIN = {
    name: value
    for name, value in os.environ.items()
    if name not in ("AMQP_URI", "DATABASE_URL", "MANIFEST", "MANIFESTS", "PYTHONPATH", "VIRTUAL_ENV")
}
CONSUMER = """\
from pathlib import Path

from appeals.department import Department
from appeals.events import OrderDispatched

department = Department("parks")


@department.on(OrderDispatched, retries=1)
async def take(order, desk):
    if "坏" in order.title and not Path("mended").exists():
        raise RuntimeError("our own system does not answer")
    desk.sign(order)
"""
CLERK = """\
import sys

from consumer import department

with department.clerk(by="李静") as desk:
    order = desk.order(sys.argv[1])
    desk.contact(order, how="电话")
    desk.progress(order, "已与企业联系，正在会商")
    desk.request_extension(order, days=3, reason="需要专家评审", plan="三日内完成评审")
    desk.feedback(order, text="已协调解决", result="solved", evidence=["会议纪要"], contact="电话")
"""


class Developer:
    """Somebody in a folder of their own with a clean Python environment, who types commands."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = folder / "venv" / "bin"
        self.environment = dict(PLAIN)
        self._running = None

    def install(self, *packages):
        """`pip install` into the clean environment."""
        venv.create(self.folder / "venv", with_pip=True)
        command = [self.bin / "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run([*command, "-c", ROOT / "constraints.txt"], check=True, env=self.environment, timeout=170)

    def types(self, *command, cwd="parks", status=0):
        """Run a command of the environment; returns what it printed."""
        done = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.folder / cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == status, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self):
        """Start `appeals run`, and leave it running."""
        with (self.folder / "run.log").open("a") as log:
            self._running = subprocess.Popen(
                [self.bin / "appeals", "run"], cwd=self.folder / "parks", env=self.environment, stderr=log
            )

    def stop(self):
        """Ctrl-C, and wait for a clean end; returns the exit status."""
        self._running.send_signal(signal.SIGTERM)
        return self._running.wait(30)

    @property
    def log(self):
        return (self.folder / "run.log").read_text()

    def rows(self, query, *values):
        """What is in the department's own database."""
        with closing(sqlite3.connect(self.folder / "parks" / "dept_parks.sqlite3")) as database:
            return database.execute(query, values).fetchall()


@pytest.fixture
def developer(tmp_path):
    made = Developer(tmp_path)
    yield made
    if made._running and made._running.poll() is None:
        made._running.kill()
        made._running.wait(10)


@pytest.mark.timeout(400)
def test_a_department_is_plugged_in_as_the_document_says(fleet, people, developer):
    # 1. Install
    developer.install(a_copy_of_the_sdk(developer.folder), "pytest")
    installed = developer.types("pip", "list", "--format=freeze", cwd=".").lower()
    assert not [name for name in ("nameko", "eventlet", "psycopg2", "flask") if name in installed]

    # 2. Make it, and try it without a broker
    developer.types("appeals", "init", "parks", "--name", "省园区办", cwd=".")
    assert "passed" in developer.types("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "order.dispatched" in developer.types("appeals", "events")

    # 3. The operator plugs it in
    plug_in(fleet, developer.folder / "parks" / "parks.yml")
    try:
        developer.environment |= {"AMQP_URI": fleet.amqp_of("parks")}

        # 4. Ask the doctor, run, and send a sample
        assert "all refused" in developer.types("appeals", "doctor")
        (developer.folder / "parks" / "consumer.py").write_text(CONSUMER)
        developer.run()
        wait_until(lambda: listens(fleet, "parks"))
        told = developer.types("appeals", "publish-sample", "order.dispatched")
        again = told.splitlines()[1].partition(":")[2].split()
        receipt = again[-1]
        state = "SELECT state FROM work_orders WHERE receipt = ?"
        wait_until(lambda: developer.rows(state, receipt) == [("signed",)])

        # the same event twice has one effect
        developer.types("appeals", "publish-sample", "order.dispatched", *again)
        told = developer.types("appeals", "publish-sample", "order.dispatched", "--set", "title=又一件")
        later = told.splitlines()[1].split()[-1]
        wait_until(lambda: developer.rows(state, later) == [("signed",)])
        assert developer.rows("SELECT count(*) FROM inbox WHERE subject = ?", receipt) == [(1,)]

        # 5. A failing handler: retries, then the dead letter, then the replay
        told = developer.types("appeals", "publish-sample", "order.dispatched", "--set", "title=坏")
        broken = told.splitlines()[1].split()[-1]
        wait_until(lambda: broken in developer.types("appeals", "dlq", "list"))
        (letter,) = map(json.loads, developer.types("appeals", "dlq", "list", "--json").splitlines())
        assert (letter["reason"], letter["retries"]) == ("RuntimeError", 1)
        assert "our own system does not answer" in developer.types("appeals", "dlq", "show", letter["id"])
        assert "tried again" in developer.log
        (developer.folder / "parks" / "mended").touch()
        developer.types("appeals", "dlq", "replay", letter["id"], "--by", "李静")
        wait_until(lambda: developer.rows(state, broken) == [("signed",)])
        assert "no dead letters" not in developer.types("appeals", "dlq", "list")

        # 6. A real appeal
        number = an_appeal_for_parks(people)
        receipt = number.rpartition("-")[0]
        people.wait_for(receipt, lambda found: found["orders"][0]["state"]["code"] == "signed", "signed by parks")
        (developer.folder / "parks" / "clerk.py").write_text(CLERK)
        developer.environment |= {"MANIFEST": "parks.yml", "DATABASE_URL": "sqlite:///./"}
        developer.types("python", "clerk.py", receipt)
        wanted = {"order.signed", "contact.made", "progress.reported", "extension.requested", "feedback.submitted"}
        wait_until(lambda: wanted <= {entry["event"] for entry in people.timeline(receipt)["timeline"]})

        # 7. Follow, and stop
        followed = developer.types("appeals", "tail", "--once")
        assert f"order.dispatched     {receipt}" in followed
        assert developer.stop() == 0
    finally:
        fleet_says = list(unplug(fleet, "parks"))
    assert fleet_says


def a_copy_of_the_sdk(folder):
    """As it stands in the repository: building where it lies would leave old modules there for the next build."""
    return shutil.copytree(ROOT / "sdk", folder / "sdk", ignore=shutil.ignore_patterns("build", "*.egg-info"))


def an_appeal_for_parks(people):
    """An appeal that a dispatcher sends to parks by hand; returns the number of the order."""
    applicant = {"kind": "park", "name": "朝阳高新技术产业开发区"}
    body = {"title": "请协调解决", "text": "请给予协调支持", "category": "other", "applicant": applicant}
    receipt = people.post("/appeals", body, key="ten-minutes")["receipt"]
    people.post(f"/appeals/{receipt}/acceptance", {}, role="intake-officer")
    people.wait_for(receipt, lambda found: found["state"]["code"] == "held", "held")
    people.post(f"/appeals/{receipt}/dispatch", {"lead": "parks"}, role="dispatcher")
    return people.wait_for(receipt, lambda found: found["orders"], "dispatched")["orders"][0]["order"]
