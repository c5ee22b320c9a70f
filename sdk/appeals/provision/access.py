"""Two ways to an administrator's work at RabbitMQ: the management API, and `rabbitmqctl`."""

from __future__ import annotations

import base64
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from appeals.bus.broker import BrokerGone
from appeals.settings import WrongSettings

SECONDS = 30


class Access(Protocol):
    """What provisioning needs. Everything raises BrokerGone, with the broker's own words, when it is not done."""

    def export(self) -> dict:
        """The broker's definitions."""

    def load(self, definitions: dict) -> None:
        """Import definitions; what they do not name stays as it is."""

    def revoke(self, user: str, vhost: str) -> None:
        """Take a user's rights in one virtual host away."""

    def delete_user(self, user: str) -> None:
        """Delete a user with all its rights; the broker then closes its connections."""

    def clear_policy(self, name: str, vhost: str) -> None:
        """Delete a policy."""

    def close_connections(self, user: str) -> None:
        """Close every connection that a user has."""


class Management:
    """By the management API at `url`, http(s)://user:password@host:port.

    Raises WrongSettings when it is no such URL.
    """

    def __init__(self, url: str):
        try:
            parts = urlsplit(url)
            place = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        except ValueError:
            parts = place = None
        if not place or parts.scheme not in ("http", "https") or not parts.username:
            raise WrongSettings("the management API is given as http://user:password@host:15672")
        self._api = f"{parts.scheme}://{place}{parts.path.rstrip('/')}/api"
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        self._headers = {
            "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
            "Content-Type": "application/json",
        }
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def export(self) -> dict:
        return json.loads(self._ask("GET", "definitions"))

    def load(self, definitions: dict) -> None:
        self._ask("POST", "definitions", body=json.dumps(definitions).encode())

    def revoke(self, user: str, vhost: str) -> None:
        self._ask("DELETE", "permissions", vhost, user)

    def delete_user(self, user: str) -> None:
        self._ask("DELETE", "users", user)

    def clear_policy(self, name: str, vhost: str) -> None:
        self._ask("DELETE", "policies", vhost, name)

    def close_connections(self, user: str) -> None:
        self._ask("DELETE", "connections", "username", user)

    def _ask(self, method: str, *path: str, body: bytes | None = None) -> bytes:
        url = "/".join([self._api, *(quote(part, safe="") for part in path)])
        request = urllib.request.Request(url, data=body, headers=self._headers, method=method)
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            said = " ".join(error.read().decode(errors="replace").split())[:300]
            raise BrokerGone(f"{method} {url}: {error.code} {said}") from None
        except (OSError, HTTPException) as error:
            raise BrokerGone(f"{method} {url}: {getattr(error, 'reason', error)}") from None


class Rabbitmqctl:
    """By `rabbitmqctl`: `run(*arguments, stdin)` returns what it prints."""

    def __init__(self, run: Callable[..., str]):
        self._run = run

    def export(self) -> dict:
        return json.loads(self._run("export_definitions", "-"))

    def load(self, definitions: dict) -> None:
        self._run("import_definitions", stdin=json.dumps(definitions))

    def revoke(self, user: str, vhost: str) -> None:
        self._run("clear_permissions", "-p", vhost, user)

    def delete_user(self, user: str) -> None:
        self._run("delete_user", user)

    def clear_policy(self, name: str, vhost: str) -> None:
        self._run("clear_policy", "-p", vhost, name)

    def close_connections(self, user: str) -> None:
        self._run("close_all_user_connections", user, "the password was changed")


def command(words: Sequence[str]) -> Callable[..., str]:
    """Runs a command such as `docker compose exec -T rabbitmq rabbitmqctl` with further arguments.

    Raises BrokerGone with what it said when it fails.
    """

    def run(*arguments: str, stdin: str = "") -> str:
        try:
            done = subprocess.run([*words, "--quiet", *arguments], input=stdin, capture_output=True, text=True)
        except OSError as error:
            raise BrokerGone(f"{words[0]}: {error.strerror}") from None
        if done.returncode != 0:
            said = " ".join((done.stderr or done.stdout).split())
            raise BrokerGone(f"{' '.join([*words, *arguments[:1]])} failed: {said[:300]}")
        return done.stdout

    return run
