"""What the doctor looks at. Each check gives findings, and each finding that is not well says how it is mended.

No check changes anything, also where a right is too wide: it asks for what cannot be done, and looks for
which reason the broker gives.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import amqp
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from appeals.bus.broker import BrokerGone, Outgoing
from appeals.bus.database import Database
from appeals.bus.pipeline import NO_HANDLER
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.shelf import shelf
from appeals.bus.station import fresh_id
from appeals.bus.tables import held, inbox, outbox
from appeals.bus.topology import EVENTS, department_queues, echo, inbox_exchange, service_queues, tail_queue
from appeals.department import schema_name
from appeals.manifest import Manifest
from appeals.samples import event_classes

WELL, WARNING, FAULT = "well", "warning", "fault"
SIGNS = {WELL: "✓", WARNING: "!", FAULT: "✗"}
OLDEST_BROKER = (3, 10)
LOCAL = ("127.0.0.1", "localhost", "::1")
ECHO_WAIT = 5.0
CLOCK_WARNING, CLOCK_FAULT = timedelta(seconds=3), timedelta(seconds=60)

ASK = "ask the operator to provision the department again: appeals provision --apply"


@dataclass(frozen=True)
class Finding:
    """What was seen, how bad it is, and how it is mended."""

    severity: str
    what: str
    mend: str = ""


NO_ECHO = Finding(FAULT, "no message comes back on the department's echo", ASK)


def manifest(found: Manifest) -> Finding:
    """Whether this version of the software knows every event of the manifest."""
    known = {cls.topic for cls in event_classes()}
    unknown = sorted(set(found.events) - known)
    if unknown:
        mend = "correct the manifest, or upgrade the package appeals"
        return Finding(FAULT, f"the manifest of {found.code} names unknown events: {', '.join(unknown)}", mend)
    return Finding(WELL, f"manifest of {found.code} {found.name}: hears {len(found.events)}, says {len(found.words)}")


def tls(uri: str) -> Finding:
    """Whether the way to the broker is encrypted."""
    parts = urlsplit(uri)
    if parts.scheme == "amqps":
        return Finding(WELL, "TLS: the broker's certificate and host name are checked")
    if parts.hostname in LOCAL:
        return Finding(WELL, "no TLS, on this machine only")
    return Finding(FAULT, f"no TLS on the way to {parts.hostname}: passwords and appeals can be read", "use amqps://")


def unreachable(error: BrokerGone, code: str) -> Finding:
    """The broker does not answer, or does not let us in."""
    if "ACCESS_REFUSED" in str(error) or "AccessRefused" in str(error):
        return Finding(
            FAULT, f"the broker does not accept user or password of {code}", "ask the operator for a new password"
        )
    if "certificate" in str(error).lower():
        return Finding(FAULT, f"the broker's certificate is not trusted: {error}", "name its authority: SSL_CERT_FILE")
    return Finding(FAULT, f"the broker cannot be reached: {error}", "check AMQP_URI, the network and the firewall")


def credentials(uri: str, code: str) -> Finding:
    """Whether the user that the broker has let in is the department's own."""
    user = urlsplit(uri).username or ""
    if user != code:
        return Finding(WARNING, f"the broker lets in {user}, not {code}", f"use the user {code}, which has its rights")
    return Finding(WELL, f"the broker accepts the user {user}")


def version(channel) -> Finding:
    """Whether the broker is new enough."""
    found = channel.connection.server_properties.get("version", "0")
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_BROKER:
        return Finding(FAULT, f"RabbitMQ {found} is too old", "RabbitMQ 3.10 or newer is needed")
    return Finding(WELL, f"RabbitMQ {found}")


def queues(broker: RabbitBroker, code: str) -> Iterator[Finding]:
    """Whether the department's queues are there, who listens, and what waits."""
    names = department_queues(code)
    wanted = (names.events, names.dead, tail_queue(code), echo(code)[1])
    depths = broker.depths(wanted)
    missing = [name for name in wanted if depths[name] is None]
    if missing:
        yield Finding(FAULT, f"not there: {', '.join(missing)}", ASK)
    if events := depths[names.events]:
        severity, mend = (WELL, "") if events.consumers else (WARNING, "start it: appeals run")
        running = f"{events.consumers} consumers" if events.consumers else "nobody consumes"
        yield Finding(severity, f"{names.events}: {running}, {events.waiting} messages wait", mend)
    if (dead := depths[names.dead]) and dead.waiting:
        yield Finding(WARNING, f"{names.dead}: {dead.waiting} dead letters", "appeals dlq list")


def rights(broker: RabbitBroker, code: str, other: str) -> Iterator[Finding]:
    """Whether another department and the platform are out of reach, and nothing can be declared or bound."""
    own, nowhere = department_queues(code), f"dept.{code}.q.doctor"
    others, platform = department_queues(other), service_queues("routing")
    probes: dict[str, Callable] = {}
    for queue in (others.events, others.dead, tail_queue(other), inbox_exchange(code), platform.events, platform.dead):
        probes[f"read {queue}"] = lambda c, q=queue: c.basic_get(q, no_ack=False)
    for exchange in (inbox_exchange(other), others.dead_exchange, f"dept.{other}", EVENTS, platform.dead):
        probes[f"write to {exchange}"] = lambda c, e=exchange: c.exchange_bind(e, nowhere, "")
    probes["write to any queue"] = lambda c: _publish_nowhere(c)
    probes["declare a queue"] = lambda c: c.queue_declare(nowhere, exclusive=True, auto_delete=True)
    probes[f"bind {own.events}"] = lambda c: c.queue_bind(own.events, nowhere, "")
    allowed = [name for name, probe in probes.items() if not _is_refused(broker, probe)]
    for name in allowed:
        yield Finding(FAULT, f"{code} may {name}, which it must not", ASK)
    if not allowed:
        yield Finding(WELL, f"{len(probes)} things of {other} and of the platform were tried, and all refused")


def round_trip(broker: RabbitBroker, code: str) -> Iterator[Finding]:
    """Whether a message that we write comes back, and how far our clock is from the broker's. Raises BrokerGone."""
    there, back = echo(code)
    sent = Outgoing(id=fresh_id(), exchange=there, routing_key="", body=fresh_id().encode())
    begun = time.monotonic()
    publisher = broker.publisher()
    try:
        refused = publisher.publish([sent])
    finally:
        publisher.close()
    returned = None if refused else _wait_for(broker, back, sent.body, begun + ECHO_WAIT)
    if returned is None:
        yield NO_ECHO
        return
    yield Finding(WELL, f"a message comes back after {time.monotonic() - begun:.2f} s")
    yield clock(_time_of_death(returned.headers), datetime.now(UTC))


def clock(theirs: datetime | None, ours: datetime) -> Finding:
    """How far our clock is from the broker's, which tells whole seconds."""
    if theirs is None:
        return Finding(WARNING, "the broker does not tell its time", "compare the clocks by hand")
    apart = abs(ours - theirs)
    severity = FAULT if apart > CLOCK_FAULT else WARNING if apart > CLOCK_WARNING else WELL
    mend = "" if severity == WELL else "have both machines keep their time by NTP"
    return Finding(severity, f"our clock and the broker's are {apart.total_seconds():.0f} s apart", mend)


def database(url: str, code: str) -> Iterator[Finding]:
    """Whether the database answers, and what waits there."""
    own = Database(url, schema_name(code))
    try:
        with own.reading() as session:
            unknown = select(inbox.c.waits_for).where(
                inbox.c.state == "parked", inbox.c.waits_for.like(f"{NO_HANDLER}%")
            )
            types = sorted({one.removeprefix(NO_HANDLER) for one in session.scalars(unknown)})
            unsent = session.scalar(select(func.count()).select_from(outbox))
            refused = session.scalar(select(func.count()).select_from(held))
    except SQLAlchemyError as error:
        first = str(error).splitlines()[0]
        yield Finding(
            WARNING, f"the database cannot be read: {first}", "check DATABASE_URL; appeals run makes the tables"
        )
        return
    finally:
        own.close()
    yield Finding(WELL, f"database: {unsent} words wait to be published")
    if refused:
        yield Finding(WARNING, f"{refused} words found no queue", ASK)
    if types:
        mend = "upgrade the package appeals; they are handled then"
        yield Finding(WARNING, f"events that this version does not know wait: {', '.join(types)}", mend)


def _is_refused(broker: RabbitBroker, probe: Callable) -> bool:
    """Whether the broker says no for want of rights, and for no other reason."""
    try:
        with broker.channel() as channel:
            probe(channel)
    except amqp.AccessRefused:
        return True
    except amqp.AMQPError:
        return False
    return False


def _publish_nowhere(channel) -> None:
    """A message for a queue that there is not: where it may be sent, it is dropped."""
    channel.confirm_select()
    channel.basic_publish(amqp.Message(b""), "", "doctor.nowhere")
    channel.connection.drain_events(timeout=ECHO_WAIT)


def _wait_for(broker: RabbitBroker, queue: str, body: bytes, latest: float):
    """The message with this body, once it has come; nothing when it does not come in time."""
    while time.monotonic() < latest:
        with shelf(broker, queue) as kept:
            for delivery in kept.letters(limit=100):
                if delivery.body == body:
                    kept.take_off(delivery)
                    return delivery
        time.sleep(0.1)
    return None


def _time_of_death(headers: dict) -> datetime | None:
    """When the broker let the message expire, by its own clock."""
    deaths = headers.get("x-death") or [{}]
    moment = deaths[0].get("time")
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None
