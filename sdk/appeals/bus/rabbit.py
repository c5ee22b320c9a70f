"""RabbitMQ by kombu: subscriptions that take what has arrived, and publishing in pipelines of confirms."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import amqp
import kombu
from amqp import serialization
from kombu.exceptions import OperationalError

from appeals.bus.broker import UNREADABLE, BrokerGone, Delivery, Depth, Outgoing
from appeals.bus.topology import Topology

log = logging.getLogger("appeals.rabbit")

HEARTBEAT = 60
CONNECT_SECONDS = 10
CONFIRM_SECONDS = 30
JUST_LOOK = 0.0005


class RabbitBroker:
    """Connections to a RabbitMQ at `uri` (amqp:// or amqps://)."""

    def __init__(self, uri: str, *, confirm_seconds: float = CONFIRM_SECONDS):
        self.uri = uri
        self._confirm_seconds = confirm_seconds

    def declare(self, topology: Topology) -> None:
        """Declare what is not there yet. Raises BrokerGone; a difference to what is there is an error too."""
        with trouble(), self._connect() as connection:
            channel = connection.default_channel
            for exchange in topology.exchanges:
                channel.exchange_declare(exchange.name, exchange.type, durable=True, auto_delete=False)
            for queue in topology.queues:
                channel.queue_declare(queue.name, durable=True, auto_delete=False, arguments=queue.arguments)
            for binding in topology.bindings:
                bind = channel.exchange_bind if binding.to_exchange else channel.queue_bind
                bind(binding.destination, binding.source, binding.key)

    def subscribe(self, queues: Sequence[str], prefetch: int) -> RabbitSubscription:
        """Consume these queues, with at most `prefetch` messages in hand."""
        with trouble():
            connection = self._connect()
            try:
                return RabbitSubscription(connection, queues, prefetch)
            except Exception:
                _release(connection)
                raise

    def publisher(self) -> RabbitPublisher:
        """A channel in confirm mode on a connection of its own."""
        with trouble():
            return RabbitPublisher(self._connect(), self._confirm_seconds)

    def answer_line(self) -> RabbitAnswerLine:
        """A queue for answers, and a connection for commands."""
        with trouble():
            return RabbitAnswerLine(self._connect(), self._connect())

    def depths(self, queues: Sequence[str]) -> dict[str, Depth | None]:
        """How deep these queues are, asked one by one on a connection of its own; None for one that there is not."""
        with trouble(), self._connect() as connection:
            channel, found = connection.channel(), {}
            for queue in queues:
                try:
                    _, waiting, consumers = channel.queue_declare(queue, passive=True)
                    found[queue] = Depth(waiting, consumers)
                except amqp.NotFound:  # which closes the channel
                    found[queue] = None
                    channel = connection.channel()
        return found

    @contextmanager
    def channel(self) -> Iterator[amqp.Channel]:
        """A channel on a connection of its own, which leaves messages as the bytes they are. Raises BrokerGone."""
        with trouble():
            connection = self._connect()
        try:
            channel = connection.default_channel
            channel.auto_decode = False
            yield channel
        finally:
            _release(connection)

    def _connect(self) -> kombu.Connection:
        connection = kombu.Connection(
            self.uri, heartbeat=HEARTBEAT, connect_timeout=CONNECT_SECONDS, ssl=_tls(self.uri)
        )
        connection.ensure_connection(max_retries=1, interval_start=0)
        return connection


class RabbitSubscription:
    """Queues being consumed on one channel."""

    def __init__(self, connection: kombu.Connection, queues: Sequence[str], prefetch: int, no_ack: bool = False):
        self._connection = connection
        self._channel = connection.default_channel
        self._arrived: deque[Delivery] = deque()
        self._channel.auto_decode = False  # the bytes as they came, whatever they claim to be
        self._channel.basic_qos(0, prefetch, False)
        for queue in queues:
            self._channel.basic_consume(queue, no_ack=no_ack, callback=self._receiver(queue))

    def _receiver(self, queue: str):
        return lambda message: self._arrived.append(delivery_of(message, queue))

    def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """What has already arrived, at most `limit`; waits up to `timeout` seconds for a first message."""
        with trouble():
            self._connection.heartbeat_check()
            wait = timeout
            while len(self._arrived) < limit:
                try:
                    self._connection.drain_events(timeout=JUST_LOOK if self._arrived else wait)
                except TimeoutError:
                    break
        return [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]

    def beat(self) -> None:
        """Keep the connection alive while a batch is in hand for long."""
        with trouble():
            _beat(self._connection)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge all up to the last of these at once."""
        with trouble():
            self._channel.basic_ack(max(delivery.tag for delivery in deliveries), multiple=True)

    def answer(self, outgoing: Sequence[Outgoing]) -> None:
        """Publish passing messages without confirms."""
        with trouble():
            for one in outgoing:
                self._channel.basic_publish(_message(one), one.exchange, one.routing_key)

    def close(self) -> None:
        """Close the connection; what was not acknowledged comes again."""
        _release(self._connection)


class RabbitAnswerLine:
    """Two connections, because one thread reads answers while others send commands."""

    def __init__(self, reading: kombu.Connection, sending: kombu.Connection):
        self.reply_to, _, _ = reading.default_channel.queue_declare("", exclusive=True, auto_delete=True)
        self._answers = RabbitSubscription(reading, [self.reply_to], prefetch=0, no_ack=True)
        self._sending = sending
        self._channel = sending.default_channel  # of this connection; asked for later, a new one would be made
        self._lock = threading.Lock()

    def send(self, outgoing: Outgoing) -> None:
        """Publish a command without a confirm; its answer is the confirm."""
        with self._lock, trouble():
            self._channel.basic_publish(_message(outgoing), outgoing.exchange, outgoing.routing_key)

    def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """The answers that have arrived."""
        with self._lock, trouble():
            _beat(self._sending)
        return self._answers.fetch(limit, timeout)

    def close(self) -> None:
        """Close both connections."""
        self._answers.close()
        _release(self._sending)


class RabbitPublisher:
    """A channel in confirm mode; a whole batch is published before the confirms are read."""

    def __init__(self, connection: kombu.Connection, confirm_seconds: float):
        self._connection = connection
        self._confirm_seconds = confirm_seconds
        self._channel = connection.default_channel
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirmed)
        self._channel.events["basic_nack"].add(self._refused_by_queue)
        self._channel.events["basic_return"].add(self._returned)
        self._published = 0
        self._open: dict[int, str] = {}
        self._refused: dict[str, str] = {}

    def publish(self, batch: Sequence[Outgoing]) -> dict[str, str]:
        """Publish all, then wait for every confirm; returns the ids that no queue took, with reasons."""
        self._refused = {}
        with trouble():
            for one in batch:
                self._published += 1
                self._open[self._published] = one.id
                self._channel.basic_publish(_message(one), one.exchange, one.routing_key, mandatory=True)
            latest = time.monotonic() + self._confirm_seconds
            while self._open:
                left = latest - time.monotonic()
                if left <= 0:
                    raise BrokerGone(f"{len(self._open)} messages were not confirmed in {self._confirm_seconds} s")
                self._connection.drain_events(timeout=left)
        return self._refused

    def beat(self) -> None:
        """Answer the broker's heartbeats, and send ours."""
        with trouble():
            _beat(self._connection)

    def close(self) -> None:
        """Close the connection."""
        _release(self._connection)

    def _confirmed(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _refused_by_queue(self, tag: int, multiple: bool) -> None:
        for id_ in self._settle(tag, multiple):
            self._refused[id_] = "refused by a queue"

    def _returned(self, error, exchange: str, routing_key: str, message: amqp.Message) -> None:
        self._refused[message.properties["message_id"]] = f"no queue for {exchange}/{routing_key}"

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        tags = [known for known in self._open if known <= tag] if multiple else [tag]
        return [self._open.pop(known) for known in tags if known in self._open]


def delivery_of(message: amqp.Message, queue: str) -> Delivery:
    """A message that came from a queue, as the bus sees it."""
    about, properties = message.delivery_info, message.properties
    return Delivery(
        tag=about["delivery_tag"],
        queue=queue,
        exchange=about["exchange"],
        routing_key=about["routing_key"],
        body=bytes(message.body or b""),  # an empty one comes as text
        headers=properties.get("application_headers") or {},
        content_type=properties.get("content_type", ""),
        redelivered=about["redelivered"],
        reply_to=properties.get("reply_to", ""),
        correlation_id=properties.get("correlation_id", ""),
    )


def _message(one: Outgoing) -> amqp.Message:
    properties: dict = {
        "message_id": one.id,
        "content_type": one.content_type,
        "delivery_mode": 2 if one.persistent else 1,
        "application_headers": one.headers,
    }
    if one.reply_to:
        properties["reply_to"] = one.reply_to
    if one.correlation_id:
        properties["correlation_id"] = one.correlation_id
    if one.expires_in is not None:
        properties["expiration"] = str(int(one.expires_in * 1000))
    return amqp.Message(one.body, **properties)


def _tls(uri: str) -> dict | bool:
    """For amqps the broker's certificate and host name are checked; `SSL_CERT_FILE` may name an authority."""
    parts = urlsplit(uri)
    if parts.scheme != "amqps":
        return False
    return {"context": {"check_hostname": True}, "server_hostname": parts.hostname}


@contextmanager
def trouble() -> Iterator[None]:
    """Whatever a connection can die of, as BrokerGone; so is an answer that does not come in time."""
    try:
        yield
    except (OperationalError, amqp.AMQPError, OSError) as error:
        raise BrokerGone(f"{type(error).__name__}: {error}") from error


def _read_properties(buffer: memoryview, offset: int) -> tuple[dict, int]:
    """A message's properties. The client library would drop the connection over what it cannot decode."""
    try:
        return serialization.decode_properties_basic(buffer, offset)
    except Exception as error:  # noqa: BLE001 - a sender may have written anything there
        return {"application_headers": {UNREADABLE: f"{type(error).__name__}: {error}"[:200]}}, offset


serialization.PROPERTY_CLASSES[amqp.spec.Basic.CLASS_ID] = _read_properties


def _beat(connection: kombu.Connection) -> None:
    """Send a heartbeat if one is due, and read those of the broker."""
    connection.heartbeat_check()
    with suppress(TimeoutError):  # nothing to read is the usual case
        connection.drain_events(timeout=JUST_LOOK)


def _release(connection: kombu.Connection) -> None:
    try:
        connection.release()
    except (OperationalError, amqp.AMQPError, OSError) as error:
        log.debug("while closing: %s", error)
