"""A private PostgreSQL cluster: its own user, port, password and data, below one folder.

python3 -m deploy.local.postgres start|stop|status|url [--dir .run/postgres]
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

from deploy.local.command import serve
from deploy.local.packages import install
from deploy.local.process import HOST, Daemon, LocalSetupError, NodeFolder, free_ports, require_free, run_as, wait_until

INSTALLED = Path("/usr/lib/postgresql")
OLDEST_VERSION = 14
USER = DATABASE = "appealloop"
SECONDS = 60
STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
CONFIGURATION = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
}


class PostgresCluster:
    """One private cluster in `folder`; it may or may not run. Nothing happens before start().

    Every method raises LocalSetupError, with a one-line message, when it cannot do its work.
    """

    def __init__(self, folder: str | Path):
        self.folder = NodeFolder(folder, account="postgres")
        self._server = Daemon("postgres", self.folder.path)

    def start(self) -> str:
        """Start the server unless it runs, installing its package if need be.

        Returns the URL of the database `appealloop` once it answers. Data, port and password
        are those of the earlier starts in this folder.
        """
        with self.folder.locked():
            if not self._server.gets_ready(self._answers, SECONDS):
                try:
                    self._launch()
                except LocalSetupError:
                    self._server.end(STOP_SIGNALS["fast"], SECONDS)
                    raise
        return self.url

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Shut the server down: `fast` cleanly, `immediate` as in a crash. Fine if it does not run."""
        if mode not in STOP_SIGNALS:
            raise LocalSetupError(f"a stop is {' or '.join(STOP_SIGNALS)}, not {mode}")
        with self.folder.locked():
            self._server.end(STOP_SIGNALS[mode], SECONDS)

    def remove(self) -> None:
        """Stop it and delete all that it has, wherever that lies."""
        self.stop()
        self.folder.remove()

    def kill(self) -> None:
        """Crash the server: SIGKILL to its main process; start() recovers. Fine if it does not run."""
        with self.folder.locked():
            self._server.end(signal.SIGKILL, SECONDS)

    def running(self) -> bool:
        """True if the server's process runs."""
        return self._server.running()

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database `appealloop`, remembered from the first start on."""
        return self._url(DATABASE)

    def create_database(self, name: str) -> str:
        """Make sure the running server has a database of this name; returns its SQLAlchemy URL."""
        with self.folder.locked():
            self._create_database(name)
        return self._url(name)

    def _url(self, database: str) -> str:
        settings = self.folder.settings()
        return f"postgresql+psycopg2://{USER}:{settings['password']}@{HOST}:{settings['port']}/{database}"

    @property
    def _data(self) -> Path:
        return self.folder.home / "data"

    def _launch(self) -> None:
        self._prepare()
        self._server.spawn(self._command(), self._environment(), **self._whose())
        self._server.require_ready(self._answers, SECONDS)
        self._create_database(DATABASE)

    def _prepare(self) -> None:
        if not _versions():
            install("postgresql")
        self.folder.prepare(lambda: {"port": free_ports(1)[0], "password": secrets.token_hex(16)})
        if not self._data.exists():
            self._initialise()
        require_free(self.folder.settings()["port"], self.folder.path)
        wait_until(
            lambda: not _processes_in(self._data),
            SECONDS,
            f"the processes of a crashed server in {self.folder.path} did not end",
        )
        # No process uses the data, so a lock left by a crash is stale, even if its pid is a zombie or recycled.
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Make the data folder; under another name until it is complete."""
        draft = self.folder.home / "data.new"
        if draft.exists():
            shutil.rmtree(draft)
        password = self.folder.write_private("password.txt", self.folder.settings()["password"])
        result = subprocess.run(
            [
                _programs(max(_versions())) / "initdb",
                "--pgdata",
                draft,
                "--username",
                USER,
                "--pwfile",
                password,
                "--auth",
                "scram-sha-256",
                "--encoding",
                "UTF8",
                "--locale",
                "C.UTF-8",
            ],
            capture_output=True,
            text=True,
            cwd=self.folder.home,
            env=self._environment(),
            **run_as(self.folder.account),
        )
        password.unlink()
        if result.returncode != 0:
            raise LocalSetupError(f"initdb failed: {' '.join(result.stderr.split())[:300]}")
        draft.rename(self._data)

    def _command(self) -> list[str | Path]:
        configuration = {**CONFIGURATION, "port": str(self.folder.settings()["port"])}
        options = [word for name, value in configuration.items() for word in ("-c", f"{name}={value}")]
        return [self._programs() / "postgres", "-D", self._data, *options]

    def _answers(self) -> bool:
        """True if the server accepts connections (its recovery after a crash is over)."""
        port = str(self.folder.settings()["port"])
        result = subprocess.run([self._programs() / "pg_isready", "-q", "-h", HOST, "-p", port], check=False)
        return result.returncode == 0

    def _create_database(self, name: str) -> None:
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
            raise LocalSetupError(f"not a database name of small letters, digits and _: {name}")
        settings = self.folder.settings()
        statement = (
            f"SELECT 'CREATE DATABASE {name}' WHERE NOT EXISTS "  # noqa: S608 - a name that was checked
            f"(SELECT FROM pg_database WHERE datname = '{name}') \\gexec"
        )
        result = subprocess.run(
            [
                self._programs() / "psql",
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                HOST,
                "-p",
                str(settings["port"]),
                "-U",
                USER,
                "-d",
                "postgres",
            ],
            input=statement,
            capture_output=True,
            text=True,
            env={**self._environment(), "PGPASSWORD": settings["password"]},
        )
        if result.returncode != 0:
            raise LocalSetupError(f"cannot create the database {name}: {' '.join(result.stderr.split())[:300]}")

    def _programs(self) -> Path:
        """The programs of the version that made the data."""
        version = int((self._data / "PG_VERSION").read_text())
        if version not in _versions():
            raise LocalSetupError(f"the data in {self.folder.path} needs the package postgresql-{version}")
        return _programs(version)

    def _whose(self) -> dict[str, Any]:
        return {"cwd": self.folder.home, "account": self.folder.account}

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.folder.home), "LANG": "C.UTF-8"}


def _programs(version: int) -> Path:
    return INSTALLED / str(version) / "bin"


def _versions() -> list[int]:
    """The usable versions of the server that are installed."""
    names = [path.parent.parent.name for path in INSTALLED.glob("*/bin/postgres")]
    return [int(name) for name in names if name.isdecimal() and int(name) >= OLDEST_VERSION]


def _processes_in(folder: Path) -> list[int]:
    """The pids of our processes, or of everybody's if we are root, whose working folder is this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:  # gone since, or somebody else's
            continue
    return found


if __name__ == "__main__":
    sys.exit(serve(__doc__, PostgresCluster, address="url", folder=".run/postgres"))
