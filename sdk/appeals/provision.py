"""What the operator gives RabbitMQ for the departments: exchanges, queues, bindings, users and rights.

Rendered from the manifests as RabbitMQ's definitions, to be imported by `rabbitmqctl` or the management API.
A department's user may declare nothing, write to its own inbox and its own retry tiers and dead letters, and
read its own queues.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping

from appeals.bus.topology import department_queues, department_topology, echo, inbox_exchange, merged
from appeals.manifest import Directory
from appeals.settings import WrongSettings

SALT_BYTES = 4
NOTHING = "^$"


def definitions(
    directory: Directory,
    passwords: Mapping[str, str],
    vhost: str = "/",
    *,
    salts: Mapping[str, bytes] | None = None,
) -> dict:
    """The definitions for all departments, as JSON values; the same for the same `salts`.

    `passwords` and `salts` are by department code; without salts each user gets a fresh one. Raises
    WrongSettings when a department has no password.
    """
    codes = sorted(directory.codes)
    if without := [code for code in codes if not passwords.get(code)]:
        raise WrongSettings(f"no password for {', '.join(without)}")
    salts = salts or {code: os.urandom(SALT_BYTES) for code in codes}
    topology = merged(*(department_topology(code) for code in codes))
    return {
        "vhosts": [{"name": vhost}],
        "users": [user(code, passwords[code], salts[code]) for code in codes],
        "permissions": [permission(code, vhost) for code in codes],
        "exchanges": [
            {"vhost": vhost, "name": one.name, "type": one.type, **_KEPT, "internal": False, "arguments": {}}
            for one in topology.exchanges
        ],
        "queues": [{"vhost": vhost, "name": one.name, **_KEPT, "arguments": one.arguments} for one in topology.queues],
        "bindings": [
            {
                "vhost": vhost,
                "source": one.source,
                "destination": one.destination,
                "destination_type": "exchange" if one.to_exchange else "queue",
                "routing_key": one.key,
                "arguments": {},
            }
            for one in topology.bindings
        ],
    }


def user(code: str, password: str, salt: bytes) -> dict:
    """A department's user, named by its code; only the hash of its password is kept."""
    return {
        "name": code,
        "password_hash": password_hash(password, salt),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }


def permission(code: str, vhost: str = "/") -> dict:
    """A department's rights: declare nothing, write to and read from what carries its code, and no more.

    What it reads it cannot write, nor the other way round: who may do both may bind the one to the other.
    """
    names = department_queues(code)
    exchanges = (inbox_exchange(code), names.dead_exchange, echo(code)[0])
    own = [*map(re.escape, exchanges), re.escape(names.retry_prefix) + r"\..*"]
    return {
        "user": code,
        "vhost": vhost,
        "configure": NOTHING,
        "write": f"^({'|'.join(own)})$",
        "read": rf"^dept\.{re.escape(code)}\.q\..*$",
    }


def password_hash(password: str, salt: bytes) -> str:
    """RabbitMQ's salted hash: base64 of the salt and the SHA-256 of salt and password."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt has {len(salt)} bytes instead of {SALT_BYTES}")
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


_KEPT = {"durable": True, "auto_delete": False}
