"""The whole product as processes on this machine: every service and department, each with its own log.

Used by `make demo`, `make up` and the journey tests. A process is only ever signalled by its own pid.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kombu
import yaml

from appeals.bus.database import Database, is_unavailable
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import GATES, department_queues, department_topology, service_queues
from appeals.manifest import Directory
from appeals.provision.access import Rabbitmqctl
from appeals.provision.operator import Operator
from appeals.provision.passwords import Passwords
from deploy.accounts import make_accounts
from deploy.local.process import Daemon, LocalSetupError, free_ports, port_is_free
from deploy.local.rabbitmq import RabbitNode
from services import SERVICES
from services.sealing import make_keys

ROOT = Path(__file__).parent.parent
MANIFESTS = ROOT / "deploy" / "departments"
OWN_SYSTEMS = ("industry", "sasac", "securities")
STOP_SECONDS = 30
ROLES = ("intake-officer", "dispatcher", "supervisor", "auditor")


class Member:
    """One process: what it runs and with which settings; known by its pid file, so that a later run finds it."""

    def __init__(self, name: str, command: Iterable[str], environment: dict, folder: Path):
        self.name = name
        self._command = [sys.executable, "-m", *command]
        self._environment = environment
        self._daemon = Daemon(name, folder)

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self._daemon.log

    def start(self) -> None:
        """Start it, unless it runs."""
        if not self.running():
            self._daemon.spawn(self._command, os.environ | self._environment, cwd=ROOT)

    def running(self) -> bool:
        """Whether it runs."""
        return self._daemon.running()

    def stop(self) -> None:
        """Have it finish what it has in hand, and wait for its end."""
        self._daemon.end(signal.SIGTERM, STOP_SECONDS)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._daemon.end(signal.SIGKILL, STOP_SECONDS)


class Fleet:
    """All processes below one folder.

    `amqp_uri` and `database_url` name a broker and a database to use; what is not given is a private
    RabbitMQ node and SQLite files. `directory` are the departments that run here; `manifests` is a folder of
    the fleet's own where further departments may be plugged in. People of those `at_portal` sign at the portal. With
    `accounts`, the portal has demo accounts, for private data only.
    """

    def __init__(
        self,
        folder: Path,
        *,
        amqp_uri: str = "",
        database_url: str = "",
        port: int = 0,
        at_portal: Collection[str] = (),
        accounts: bool = False,
    ):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.directory = Directory.load(MANIFESTS)
        self.manifests = folder / "manifests"
        self.node = None if amqp_uri else RabbitNode(folder / "rabbitmq")
        self.amqp_uri = self.node.uri if self.node and self.node.running() else amqp_uri
        self.database_url = database_url or f"sqlite:///{folder / 'data'}/"
        self.accounts = folder / "accounts.yml" if accounts and not database_url else None
        self.passwords = Passwords(folder / "passwords.yml")
        self._at_portal = at_portal
        self._logs = folder / "log"
        self._given = self._kept("secrets.json", self._new_secrets)
        self.metrics_ports = self._kept("metrics_ports.json", self._new_metrics_ports)
        self.port = port or self._given["port"]
        self.members = self._crew()

    @property
    def address(self) -> str:
        """Where the portal answers."""
        return f"http://127.0.0.1:{self.port}"

    def key(self, role: str) -> str:
        """The API key of a role, for `Authorization: Bearer`."""
        return self._given["keys"][role]

    def start(self, say: Callable[[str], None] = lambda line: None) -> None:
        """Start broker, services and departments, and wait until the portal answers. Raises LocalSetupError."""
        self._require_ports()
        self._require_database()
        say("starting the broker" if self.node else "using the broker that was given")
        if self.node:
            self.amqp_uri = self.node.start()
        self.manifests.mkdir(exist_ok=True)
        for path in MANIFESTS.glob("*.yml"):
            shutil.copy(path, self.manifests)
        self.provide()
        self._write_keys()
        make_keys(self.folder / "sealing.yml")
        if self.accounts:
            say("making the demo accounts")
            names = {code: self.directory.get(code).name for code in self.directory.codes}
            make_accounts(self.accounts, self.database_url, self.folder / "sealing.yml", names)
        self.members = self._crew()
        for member in self.members.values():
            member.start()
        say(f"starting {len(self.members)} processes")
        self.wait_until_ready()

    def stop(self) -> None:
        """Stop all processes cleanly, at the same time, then the broker if it is ours."""
        with ThreadPoolExecutor(len(self.members)) as pool:
            list(pool.map(Member.stop, self.members.values()))
        if self.node:
            self.node.stop()

    def kill_broker(self) -> None:
        """End our own broker at once, as a crash would, and start it again."""
        self.node.kill()
        self.node.start()

    def database_of(self, department: str) -> str:
        """The database URL of one department; its clerks write there too."""
        return f"sqlite:///{self.folder / 'departments'}/"

    def amqp_of(self, department: str) -> str:
        """How a department reaches the broker: with its own name and password, where we could make one."""
        if not self.node or department not in self.passwords:
            return self.amqp_uri
        _, _, place = self.amqp_uri.rpartition("@")
        return f"amqp://{department}:{self.passwords[department]}@{place}"

    def _crew(self) -> dict[str, Member]:
        self._logs.mkdir(exist_ok=True)
        common = {
            "AMQP_URI": self.amqp_uri,
            "DATABASE_URL": self.database_url,
            "MANIFESTS": str(self.manifests),
            "LOG_LEVEL": "INFO",
        }
        sealing = {"SEALING_KEYS": str(self.folder / "sealing.yml")}
        more = {
            "intake": sealing,
            "portal": sealing
            | {
                "COOKIES": "plain",
                "DEMO_ACCOUNTS": str(self.accounts or ""),
                "REQUESTS_PER_ADDRESS": "600000",  # everybody comes from this machine
                "REQUESTS_PER_PRINCIPAL": "600000",
                "HOST": "127.0.0.1",
                "PORT": str(self.port),
                "KEYS_FILE": str(self.folder / "keys.yml"),
                "QUERY_CODE_SECRET": self._given["query_code_secret"],
            },
        }
        crew = [
            Member(name, ("services.run", name), common | self._metrics_of(name) | more.get(name, {}), self._logs)
            for name in SERVICES
        ]
        for code in self.directory.codes:
            own = {"AMQP_URI": self.amqp_of(code), "DATABASE_URL": self.database_of(code)} | self._metrics_of(code)
            command = (f"departments.{code}",) if code in OWN_SYSTEMS else ("departments.desk", code)
            command += ("--at-portal",) if code in self._at_portal else ()
            crew.append(Member(code, command, common | own, self._logs))
        return {member.name: member for member in crew}

    def _metrics_of(self, name: str) -> dict[str, str]:
        return {"METRICS_PORT": str(self.metrics_ports[name])}

    def provide(self) -> None:
        """Queues for every department and, on our own broker, a user with exactly its rights.

        Raises LocalSetupError, and what `Operator.apply` raises.
        """
        directory = Directory.load(self.manifests)
        if self.node:
            self.passwords.make([code for code in directory.codes if code not in self.passwords])
            found = Operator(directory, self.passwords, Rabbitmqctl(self.node.ctl)).apply()
            if stuck := [one.text for one in found if one.text.startswith("!")]:
                raise LocalSetupError(f"{stuck[0]} (or stop, and delete {self.folder})")
        else:
            broker = RabbitBroker(self.amqp_uri)
            for code in directory.codes:
                broker.declare(department_topology(code, gate=GATES[directory.get(code).kind]))

    def _require_ports(self) -> None:
        for name, port in (("portal", self.port), *self.metrics_ports.items()):
            if not self.members[name].running() and not port_is_free(port):
                raise LocalSetupError(f"port {port}, where {name} is to answer, is taken by another program")

    def _require_database(self) -> None:
        database = Database(self.database_url, "portal")
        try:
            with database.engine.connect():
                pass
        except Exception as error:
            if not is_unavailable(error):
                raise
            raise LocalSetupError(f"the database cannot be reached: {' '.join(str(error.orig).split())}") from None
        finally:
            database.close()

    def _kept(self, name: str, make: Callable[[], dict]) -> dict:
        """What is made once for each folder, and kept there for its owner only."""
        path = self.folder / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(json.dumps(make()))
        return json.loads(path.read_text())

    def _new_secrets(self) -> dict:
        return {
            "port": free_ports(1)[0],
            "query_code_secret": secrets.token_hex(16),
            "keys": {role: secrets.token_urlsafe(24) for role in ROLES},
        }

    def _new_metrics_ports(self) -> dict:
        names = [*SERVICES, *self.directory.codes]
        return dict(zip(names, free_ports(len(names)), strict=True))

    def _write_keys(self) -> None:
        entries = [
            {"name": role, "role": role, "key_sha256": hashlib.sha256(key.encode()).hexdigest()}
            for role, key in self._given["keys"].items()
        ]
        (self.folder / "keys.yml").write_text(yaml.safe_dump({"keys": entries}, allow_unicode=True))

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Return once every process listens to its queue and the portal answers. Raises LocalSetupError."""
        latest = time.monotonic() + seconds
        while waiting := self._not_ready():
            for member in self.members.values():
                if not member.running():
                    raise LocalSetupError(f"{member.name} ended at its start; see {member.log}")
            if time.monotonic() > latest:
                raise LocalSetupError(f"{', '.join(waiting)} did not get ready in {seconds:g} s; see {self._logs}")
            time.sleep(0.1)

    def _not_ready(self) -> list[str]:
        """The members that do not listen yet."""
        queues = {name: service_queues(name).events for name in SERVICES}
        queues |= {code: department_queues(code).events for code in self.directory.codes}
        with kombu.Connection(self.amqp_uri) as connection:
            waiting = [name for name, queue in queues.items() if not has_consumer(connection, queue)]
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", self.port)) != 0:
                waiting.append("portal")
        return waiting


def has_consumer(connection: kombu.Connection, queue: str) -> bool:
    """Whether anybody listens to a queue."""
    with connection.channel() as channel:
        try:
            return channel.queue_declare(queue, passive=True).consumer_count > 0
        except connection.channel_errors:
            return False
