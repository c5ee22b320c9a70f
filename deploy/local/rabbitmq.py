"""A private RabbitMQ node: its own user, ports, cookie and data, below one folder.

python3 -m deploy.local.rabbitmq start|stop|status|uri [--dir .run/rabbitmq]
"""

import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.local.command import serve
from deploy.local.packages import install
from deploy.local.process import (
    HOST,
    Daemon,
    LocalSetupError,
    NodeFolder,
    free_ports,
    port_is_free,
    require_free,
    run_as,
)

LIBRARY = Path("/usr/lib/rabbitmq/lib")
UNITS = ("rabbitmq-server.service", "epmd.service", "epmd.socket")
USER = "appealloop"
START_SECONDS = 90
STOP_SECONDS = 60
LOOPBACK_DISTRIBUTION = "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"

CONFIGURATION = """\
listeners.tcp.local = {host}:{port}
default_user = {user}
default_pass = {password}
default_user_tags.administrator = true
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 1GB
"""


class RabbitNode:
    """One private broker in `folder`; it may or may not run. Nothing happens before start().

    `plugins` names the RabbitMQ plugins to enable at the next start; none by default. A plugin that
    listens itself (management, MQTT...) does so where RabbitMQ's defaults or `configuration`, further
    lines of rabbitmq.conf, say.
    Every method raises LocalSetupError, with a one-line message, when it cannot do its work.
    """

    def __init__(self, folder: str | Path, plugins: Iterable[str] = (), configuration: str = ""):
        self.folder = NodeFolder(folder, account="rabbitmq")
        self.plugins = tuple(plugins)
        self.configuration = configuration
        self._broker = Daemon("rabbitmq", self.folder.path)
        self._epmd = Daemon("epmd", self.folder.path)

    def start(self) -> str:
        """Start the broker unless it runs, installing its package if need be; returns the AMQP URI once it answers.

        Data, ports and password are those of the earlier starts in this folder.
        """
        with self.folder.locked():
            if not self._broker.gets_ready(self._answers, START_SECONDS):
                try:
                    self._launch()
                except LocalSetupError:
                    self._end()
                    raise
        return self.uri

    def stop(self) -> None:
        """Shut the broker down cleanly, then its epmd; returns once both are gone. Fine if they do not run."""
        with self.folder.locked():
            self._end()

    def remove(self) -> None:
        """Stop it and delete all that it has, wherever that lies."""
        self.stop()
        self.folder.remove()

    def kill(self) -> None:
        """Crash the broker: SIGKILL to its own process; start() recovers. Fine if it does not run."""
        with self.folder.locked():
            self._broker.end(signal.SIGKILL, STOP_SECONDS)

    def running(self) -> bool:
        """True if the broker's process runs."""
        return self._broker.running()

    @property
    def uri(self) -> str:
        """amqp://user:password@127.0.0.1:port/%2F, remembered from the first start on."""
        settings = self.folder.settings()
        return f"amqp://{USER}:{settings['password']}@{HOST}:{settings['port']}/%2F"

    def ctl(self, *arguments: str, stdin: str = "") -> str:
        """Run `rabbitmqctl` with these arguments against the running node; returns what it prints."""
        if not self.running():
            raise LocalSetupError(f"the broker in {self.folder.path} does not run")
        result = subprocess.run(
            [_scripts() / "rabbitmqctl", "--quiet", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=self.folder.home,
            env=self._environment(),
            **run_as(self.folder.account),
        )
        if result.returncode != 0:
            reason = " ".join((result.stderr or result.stdout).split())
            raise LocalSetupError(f"rabbitmqctl {' '.join(arguments[:1])} failed: {reason[:300]}")
        return result.stdout

    def import_definitions(self, path: str | Path) -> None:
        """Load exchanges, queues, users, policies... from a definitions file (JSON) into the running node."""
        try:
            definitions = Path(path).read_text()
        except OSError as error:
            raise LocalSetupError(f"cannot read the definitions {path}: {error.strerror}") from error
        self.ctl("import_definitions", stdin=definitions)

    def _launch(self) -> None:
        self._prepare()
        self._start_epmd()
        self._broker.spawn([_scripts() / "rabbitmq-server"], self._environment(), **self._whose())
        self._broker.require_ready(self._answers, START_SECONDS)

    def _end(self) -> None:
        self._broker.end(signal.SIGTERM, STOP_SECONDS)
        self._epmd.end(signal.SIGTERM, STOP_SECONDS)

    def _prepare(self) -> None:
        if not list(LIBRARY.glob("rabbitmq_server-*")):
            install("rabbitmq-server", UNITS)
        for plugin in self.plugins:
            if not list(_scripts().parent.glob(f"plugins/{plugin}-[0-9]*")):
                raise LocalSetupError(f"there is no RabbitMQ plugin {plugin} here")
        self.folder.prepare(_new_settings)
        settings = self.folder.settings()
        require_free(settings["port"], self.folder.path)
        require_free(settings["distribution_port"], self.folder.path)
        self.folder.write_private(".erlang.cookie", settings["cookie"], mode=0o400)
        self.folder.write_private("enabled_plugins", f"[{','.join(self.plugins)}].\n")
        lines = CONFIGURATION.format(host=HOST, port=settings["port"], user=USER, password=settings["password"])
        self.folder.write_private("rabbitmq.conf", lines + self.configuration)

    def _start_epmd(self) -> None:
        """Run an epmd of our own, in sight, so that Erlang does not leave one behind as a daemon."""
        port = self.folder.settings()["epmd_port"]
        if not self._epmd.running():
            require_free(port, self.folder.path)
            self._epmd.spawn(["epmd", "-port", str(port), "-address", HOST], self._environment(), **self._whose())
        self._epmd.require_ready(lambda: not port_is_free(port), START_SECONDS)

    def _whose(self) -> dict[str, Any]:
        return {"cwd": self.folder.home, "account": self.folder.account}

    def _environment(self) -> dict[str, str]:
        settings, home = self.folder.settings(), self.folder.home
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(settings["epmd_port"]),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_CRASH_DUMP": str(home / "erl_crash.dump"),
            "RABBITMQ_NODENAME": settings["node"],
            "RABBITMQ_DIST_PORT": str(settings["distribution_port"]),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),  # absent: keeps the system's one out
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),  # absent too
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_LOG": "info,-color",
            "RABBITMQ_LOG_BASE": str(home),
            "RABBITMQ_ALLOW_INPUT": "true",  # makes the script become the broker, so that its pid is the broker's
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": LOOPBACK_DISTRIBUTION,
            "RABBITMQ_CTL_ERL_ARGS": LOOPBACK_DISTRIBUTION,
        }

    def _answers(self) -> bool:
        """True if the broker opens an AMQP 0-9-1 conversation with a method frame."""
        try:
            with socket.create_connection((HOST, self.folder.settings()["port"]), timeout=5) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


def _new_settings() -> dict[str, str | int]:
    port, distribution_port, epmd_port = free_ports(3)
    return {
        "node": f"appealloop-{secrets.token_hex(4)}@localhost",
        "port": port,
        "distribution_port": distribution_port,
        "epmd_port": epmd_port,
        "password": secrets.token_hex(16),
        "cookie": secrets.token_hex(20),
    }


def _scripts() -> Path:
    """The folder of RabbitMQ's own scripts (Debian's wrappers in /usr/sbin insist on root)."""
    found = LIBRARY.glob("rabbitmq_server-*/sbin")
    newest = max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", path.parent.name)], default=None)
    if newest is None:
        raise LocalSetupError("the package rabbitmq-server is not installed")
    return newest


if __name__ == "__main__":
    sys.exit(serve(__doc__, RabbitNode, address="uri", folder=".run/rabbitmq"))
