"""What the private broker and the private database have in common: their folder, their account, their processes.

Standard library only: this runs before anything is installed with pip. Linux only (it reads /proc).
"""

import contextlib
import fcntl
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"

# Outside Linux's default range for outgoing connections (32768 and up), so that none of those
# can sit on a remembered port while its node is stopped.
PORTS = range(20000, 32000)

# Starts a command in the background as nobody's child: it outlives us and never becomes our zombie.
SPAWN_SCRIPT = 'exec "$@" < /dev/null >&2 & echo $!'


class LocalSetupError(Exception):
    """A private node cannot do what was asked; the message is one line for the user."""


def port_is_free(port: int) -> bool:
    """True if a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """`count` different ports of the loopback address that are free now."""
    candidates = random.sample(PORTS, len(PORTS))
    ports = [port for port, _ in zip(filter(port_is_free, candidates), range(count), strict=False)]
    if len(ports) < count:
        raise LocalSetupError(f"no free port left between {PORTS.start} and {PORTS.stop}")
    return ports


def require_free(port: int, folder: Path) -> None:
    """LocalSetupError if another program sits on this port, which the node in `folder` remembers as its own."""
    if not port_is_free(port):
        raise LocalSetupError(f"port {port} of the node in {folder} is taken by another program")


def wait_until(condition: Callable[[], bool], seconds: float, failure: str) -> None:
    """Return as soon as condition() is true; LocalSetupError(failure) if it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LocalSetupError(f"{failure} within {seconds:g} s")
        time.sleep(0.02)


def run_as(account: str) -> dict[str, Any]:
    """Keyword arguments that make `subprocess` run a command as an ordinary user.

    That user is `account` if we are root, else whoever we are; so it is when `account` is empty.
    LocalSetupError if there is no such account.
    """
    if os.geteuid() != 0 or not account:
        return {}
    try:
        entry = pwd.getpwnam(account)
    except KeyError:
        raise LocalSetupError(f"there is no account named {account} to run the node as") from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class NodeFolder:
    """The folder of one private node: its remembered settings, its lock, and the home of its processes.

    `home` is a folder which the node's ordinary user owns: `<folder>/node`, or, where that user
    cannot get there (a checkout below /root), a folder under /var/tmp that the settings remember.
    """

    def __init__(self, folder: str | Path, account: str):
        self.path = Path(folder).absolute()
        self.account = account

    @property
    def settings_file(self) -> Path:
        return self.path / "settings.json"

    def settings(self) -> dict[str, Any]:
        """The remembered settings; LocalSetupError if the node was never started or is another user's."""
        try:
            return json.loads(self.settings_file.read_text())
        except FileNotFoundError:
            raise LocalSetupError(f"no node was ever started in {self.path}") from None
        except PermissionError:
            raise LocalSetupError(f"the node in {self.path} belongs to another user") from None

    def prepare(self, make_settings: Callable[[], dict[str, Any]]) -> None:
        """Make and remember settings (file mode 0600) and a home, unless an earlier start has."""
        first_time = not self.settings_file.exists()
        if not first_time and self.home.exists():
            return
        settings = make_settings() if first_time else self.settings()
        settings["home"] = str(self._make_home())
        draft = self.settings_file.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(settings, file, indent=2)
        draft.rename(self.settings_file)

    @property
    def home(self) -> Path:
        """The folder that belongs to the node's ordinary user."""
        return self.path / self.settings()["home"]

    def remove(self) -> None:
        """Delete the folder, and the home where that lies elsewhere. Fine if the node was never started."""
        if self.settings_file.exists():
            shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def write_private(self, name: str, text: str, mode: int = 0o600) -> Path:
        """Write a file in the home that only the node's user can read; returns its path."""
        path = self.home / name
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(text)
            self._give(path)
        return path

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one start or stop at a time, across processes."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("w")
        except PermissionError:
            raise LocalSetupError(f"{self.path} belongs to another user") from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_home(self) -> Path:
        home = self.path / "node"
        home.mkdir(mode=0o700, exist_ok=True)
        self._give(home)
        if subprocess.run(["test", "-w", home], cwd="/", **run_as(self.account)).returncode == 0:
            return Path("node")
        home.rmdir()
        home = Path(tempfile.mkdtemp(prefix=f"appealloop-{self.account}-", dir="/var/tmp"))
        self._give(home)
        return home

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, self.account, run_as(self.account)["group"])


class Daemon:
    """One background process known by a file that holds its pid and its kernel start time.

    Because of the start time a pid that was recycled for another process is never taken for it.
    """

    def __init__(self, name: str, folder: Path):
        self.name = name
        self.pid_file = folder / f"{name}.pid"
        self.log = folder / f"{name}.log"

    @property
    def pid(self) -> int | None:
        """The pid of the process, or None if it does not run."""
        try:
            pid, started = map(int, self.pid_file.read_text().split())
        except (FileNotFoundError, ValueError):  # never started, or the machine died while the file was written
            return None
        return pid if _start_time(pid) == started else None

    def running(self) -> bool:
        return self.pid is not None

    def spawn(self, command: list[str | Path], environment: dict[str, str], *, cwd: Path, account: str = "") -> None:
        """Start `command` in `cwd`, as `account` if we are root; its output goes to the log."""
        with self.log.open("ab") as log:
            shell = subprocess.run(
                ["sh", "-c", SPAWN_SCRIPT, "sh", *command],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=cwd,
                env=environment,
                start_new_session=True,
                check=True,
                text=True,
                **run_as(account),
            )
        pid = int(shell.stdout)
        self.pid_file.write_text(f"{pid} {_start_time(pid) or 0}\n")

    def gets_ready(self, ready: Callable[[], bool], seconds: float) -> bool:
        """True as soon as the process runs and ready() is true; False if it does not run, or ends first."""
        is_ready = False

        def settled() -> bool:
            nonlocal is_ready
            is_ready = self.running() and ready()
            return is_ready or not self.running()

        wait_until(settled, seconds, f"{self.name} was not ready (see {self.log})")
        return is_ready

    def require_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return as soon as ready() is true; LocalSetupError with the log's last line if the process ends first."""
        if not self.gets_ready(ready, seconds):
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
            last = lines[-1].strip() if lines else "no word"
            raise LocalSetupError(f"{self.name} ended while starting: {last} (see {self.log})")

    def end(self, how: signal.Signals, seconds: float) -> None:
        """Send the signal to this one process, if it runs, and wait until it is gone."""
        pid = self.pid
        if pid is not None:
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                pass  # it has just ended by itself
            except PermissionError:
                raise LocalSetupError(f"{self.name} (pid {pid}) belongs to another user") from None
            wait_until(lambda: not self.running(), seconds, f"{self.name} (pid {pid}) did not end")
        self.pid_file.unlink(missing_ok=True)


def _start_time(pid: int) -> int | None:
    """When the kernel started this process, in ticks since boot; None if it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    state, threads, started = fields[0], int(fields[17]), int(fields[19])
    is_gone = state in "ZX" and threads <= 1  # with more, a killed process is still letting go of its ports
    return None if is_gone else started
