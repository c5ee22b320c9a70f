"""What RabbitMQ is given for the departments: exchanges, queues, bindings, users, rights and limits.

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

from appeals.bus.topology import GATES, department_queues, department_topology, echo, inbox_exchange, merged
from appeals.manifest import Directory, Manifest
from appeals.settings import WrongSettings

SALT_BYTES = 4
NOTHING = "^$"
POLICY_PRIORITY = 10


def definitions(
    directory: Directory,
    passwords: Mapping[str, str],
    vhost: str = "/",
    *,
    salts: Mapping[str, bytes] | None = None,
) -> dict:
    """The definitions for all departments, as JSON values; the same for the same `salts`.

    `passwords` and `salts` are by department code; a user without a salt gets a fresh one. Raises
    WrongSettings when a department has no password.
    """
    codes, salts = sorted(directory.codes), salts or {}
    if without := [code for code in codes if not passwords.get(code)]:
        raise WrongSettings(f"no password for {', '.join(without)}")
    users = [user(code, passwords[code], salts.get(code)) for code in codes]
    return {"users": users} | without_users(directory, vhost)


def without_users(directory: Directory, vhost: str = "/") -> dict:
    """The definitions for all departments, but for their users: what can be rendered without a password."""
    codes = sorted(directory.codes)
    topology = merged(*(department_topology(code, gate=GATES[directory.get(code).kind]) for code in codes))
    return {
        "vhosts": [{"name": vhost}],
        "permissions": [permission(code, vhost) for code in codes],
        "policies": [policy(directory.get(code), vhost) for code in codes],
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


def user(code: str, password: str, salt: bytes | None = None) -> dict:
    """A department's user, named by its code. Only the hash of its password is kept; the salt is fresh by default."""
    return {
        "name": code,
        "password_hash": password_hash(password, os.urandom(SALT_BYTES) if salt is None else salt),
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


def policy(manifest: Manifest, vhost: str = "/") -> dict:
    """The limit of a department's queues, and of its words for us: a full queue refuses what would be too much.

    Together with `x-overflow: reject-publish`, which the queues are declared with, nothing that waits is dropped.
    """
    code = re.escape(manifest.code)
    return {
        "vhost": vhost,
        "name": policy_name(manifest.code),
        "pattern": rf"^(dept\.{code}\..*|inbox\.{code})$",
        "apply-to": "queues",
        "definition": {"max-length": manifest.queue_limit},
        "priority": POLICY_PRIORITY,
    }


def policy_name(code: str) -> str:
    """What a department's policy is called."""
    return f"dept-{code}"


def password_variable(code: str) -> str:
    """The environment variable with a department's password, as the compose file reads it."""
    return code.upper().replace("-", "_") + "_PASSWORD"


def salt_of(hashed: str) -> bytes:
    """The salt of a hash that `password_hash` or RabbitMQ made."""
    return base64.b64decode(hashed)[:SALT_BYTES]


def password_hash(password: str, salt: bytes) -> str:
    """RabbitMQ's salted hash: base64 of the salt and the SHA-256 of salt and password."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt has {len(salt)} bytes instead of {SALT_BYTES}")
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


_KEPT = {"durable": True, "auto_delete": False}
