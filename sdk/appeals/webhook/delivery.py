"""One delivery: a POST to a checked address, within its time, and what its answer means.

Made of the standard library's HTTP: it follows no redirect, asks no proxy and keeps no cookie.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from appeals.errors import Malformed, Refused
from appeals.webhook.addresses import addresses_of
from appeals.webhook.target import Webhook

LARGEST_ANSWER = 64_000
TRY_AGAIN = (408, 429)


class NotDelivered(Exception):
    """Raised when the receiver did not take an event this time; the bus tries again, and then sets it aside."""


class NotWanted(Refused):
    """Raised when the receiver says that it will never take an event (4xx); it is set aside at once."""

    status = 502
    zh = "接收方拒收：HTTP {answered}"
    en = "The receiver will not take it: HTTP {answered}"


class Receiver:
    """An agency's door. Every delivery has a connection of its own.

    `SSL_CERT_FILE` names other authorities to trust than the system's.
    """

    def __init__(self, webhook: Webhook):
        self._webhook = webhook
        self._tls = ssl.create_default_context() if webhook.is_https else None

    def deliver(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """POST; returns the JSON of the answer, or nothing when it holds none.

        Raises NotDelivered, NotWanted, PrivateAddress, or Malformed when the answer's JSON is too large.
        """
        latest = time.monotonic() + self._webhook.timeout
        try:
            with self._connected(lambda: _left(latest)) as connection:
                headers = {"Host": self._webhook.authority, "User-Agent": "appealloop", **headers}
                connection.request("POST", self._webhook.path, body, headers)
                answer = _judged(connection.getresponse())
                _left(latest)  # or else the answer may have been cut
                return answer
        except (OSError, http.client.HTTPException) as error:
            told = "not in time" if time.monotonic() >= latest else f"{type(error).__name__}: {error}"
            raise NotDelivered(f"{self._webhook.host}: {told}") from error

    @contextmanager
    def _connected(self, left: Callable[[], float]) -> Iterator[http.client.HTTPConnection]:
        """A connection that is cut when no time is left, however busy the other side keeps it."""
        hook = self._webhook
        addresses = addresses_of(hook.host, hook.port, allow_private=hook.allow_private)
        with _first(addresses, hook.port, left) as plain:
            plain.settimeout(left())
            line = self._tls.wrap_socket(plain, server_hostname=hook.host) if self._tls else plain
            with line:
                timer = threading.Timer(left(), _cut, [line])
                timer.daemon = True
                timer.start()
                try:
                    connection = http.client.HTTPConnection(hook.host, hook.port)
                    connection.sock = line
                    yield connection
                finally:
                    timer.cancel()


def _first(addresses: list[str], port: int, left: Callable[[], float]) -> socket.socket:
    """A connection to the first address that takes one."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), left())
    return socket.create_connection((addresses[-1], port), left())


def _left(latest: float) -> float:
    """The seconds until then. Raises TimeoutError when there are none."""
    left = latest - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # not TLS's own, which would wait for the other side


def _judged(answer: http.client.HTTPResponse) -> bytes:
    status = answer.status
    if 400 <= status < 500 and status not in TRY_AGAIN:
        raise NotWanted(answered=status)
    if not 200 <= status < 300:
        raise NotDelivered(f"HTTP {status}")
    if answer.headers.get_content_type() != "application/json":
        return b""
    body = answer.read(LARGEST_ANSWER + 1)
    if len(body) > LARGEST_ANSWER:
        raise Malformed(problems=f"an answer of more than {LARGEST_ANSWER} bytes")
    if answer.length:
        raise http.client.IncompleteRead(body, answer.length)
    return body
