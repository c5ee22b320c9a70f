"""Take a department out of the broker: its user at once, its queues once nobody needs what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import amqp
import kombu
from kombu.exceptions import OperationalError

from appeals.bus.broker import BrokerGone
from appeals.bus.topology import EVENTS, department_queues, department_topology, echo, tail_queue
from appeals.errors import NotFound, Refused
from appeals.manifest import Directory
from appeals.provision.access import Access
from appeals.provision.difference import departments_at
from appeals.provision.operator import require_own_name
from appeals.provision.rendering import policy_name
from appeals.settings import WrongSettings

CONNECT_SECONDS = 10


class StillPluggedIn(Refused):
    """Raised when a department is to be retired whose manifest is still there: the services still write to it."""

    zh = "{code} 的接入清单仍在，请先移走清单文件再撤销"
    en = "The manifest of {code} is still there; take the file away first, and the services stop writing to it"


class NotAtTheBroker(NotFound):
    """Raised when a department is to be retired of which the broker has nothing."""

    zh = "消息服务器上没有单位 {code}"
    en = "The broker has nothing of a department {code}"


def retire(
    code: str, directory: Directory, access: Access, amqp_uri: str, vhost: str = "/", *, delete_queues: bool = False
) -> Iterator[str]:
    """Take a department out; yields what was done, line by line. Fine if much of it is gone already.

    Its user goes first, so that nothing more comes from it; a queue that holds messages is kept, unless
    `delete_queues`. `amqp_uri` is an administrator's, in the same virtual host. Raises StillPluggedIn,
    NotAtTheBroker, NameTaken, WrongSettings or BrokerGone.
    """
    if directory.get(code):
        raise StillPluggedIn(code=code)
    with _administrator(amqp_uri, vhost) as connection:
        there = access.export()
        if code not in departments_at(there, vhost):
            raise NotAtTheBroker(code=code)
        users = {one["name"]: one for one in there["users"]}
        require_own_name(code, users)
        if code in users:
            access.delete_user(code)
            yield f"user {code} is deleted, with its rights; its connections are closed"
        if any((one["name"], one["vhost"]) == (policy_name(code), vhost) for one in there["policies"]):
            access.clear_policy(policy_name(code), vhost)
            yield f"policy {policy_name(code)} is deleted"
        queues = {one["name"] for one in there["queues"] if one["vhost"] == vhost}
        exchanges = {one["name"] for one in there["exchanges"] if one["vhost"] == vhost}
        yield from _take_down(code, connection, queues, exchanges, delete_queues)


def _take_down(
    code: str, connection: kombu.Connection, queues: set[str], exchanges: set[str], delete_queues: bool
) -> Iterator[str]:
    """Exchanges first, with all their bindings, so that nothing more comes into the queues."""
    channel = connection.default_channel
    topology, names = department_topology(code), department_queues(code)
    own = [one.name for one in topology.exchanges if one.name != EVENTS and one.name in exchanges]
    for name in own:
        channel.exchange_delete(name)
    if own:
        yield f"exchanges {', '.join(own)} are deleted, with their bindings"
    passing = {tail_queue(code), *echo(code)}
    retries = [names.retry(seconds) for seconds in names.retry_seconds]
    order = [*retries, *(one.name for one in topology.queues if one.name not in retries)]
    kept: list[str] = []
    for name in order:
        if name not in queues:
            continue
        depth = channel.queue_declare(name, passive=True).message_count
        needed = name == names.events and any(retry in kept for retry in retries)
        if (depth or needed) and name not in passing and not delete_queues:
            kept.append(name)
            yield f"queue {name} is kept: it holds {depth} messages"
        else:
            channel.queue_delete(name)
            yield f"queue {name} is deleted" + (f", with {depth} messages" if depth else "")


@contextmanager
def _administrator(amqp_uri: str, vhost: str) -> Iterator[kombu.Connection]:
    """A connection, whose troubles are told as BrokerGone."""
    connection = kombu.Connection(amqp_uri, connect_timeout=CONNECT_SECONDS)
    if (connection.virtual_host or "/") != vhost:
        raise WrongSettings(f"the AMQP URI leads to the virtual host {connection.virtual_host}, not to {vhost}")
    try:
        with connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            yield connection
    except (OperationalError, amqp.AMQPError, OSError) as error:
        raise BrokerGone(f"{type(error).__name__}: {error}") from error
