"""The server in front of the application: sockets, time-outs and limits. The only module here that knows eventlet.

However many uploads stall or are far too large, others are served, and memory stays where it is: a body is
read before the application sees it, up to a limit and within a time; the rest of a body that is too large is
passed over, so that its sender gets to read why.
"""

from __future__ import annotations

import logging
import resource
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from tempfile import SpooledTemporaryFile

from appeals import green  # noqa: F401 - before eventlet, which it keeps quiet

# isort: split
import eventlet
from eventlet import tpool, wsgi
from eventlet.semaphore import Semaphore
from werkzeug.exceptions import BadRequest, RequestTimeout, ServiceUnavailable

from services.portal.protocol import refusal, refusal_of_length

log = logging.getLogger("services.portal.server")

FILES_FOR_OTHERS = 200
BACKLOG = 512
PIECE = 64 * 1024
ASIDE = 4  # hashes at the same time, of 64 MiB each

_aside = Semaphore(ASIDE)


def aside(work: Callable, *arguments):
    """Do what keeps a processor busy for long in a thread of its own, so that others are served meanwhile."""
    with _aside:
        return tpool.execute(work, *arguments)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one connection may cost: bytes of a body, and seconds for each part of a request.

    `upload_bytes` are the paths at which a body may be larger; they go to the disk, and only so many at once.
    `linger_*` is how long, and how much of, a body that is too large is passed over after the answer.
    """

    body_bytes: int
    idle_seconds: float = 30
    head_seconds: float = 10
    body_seconds: float = 20
    linger_seconds: float = 5
    linger_bytes: int = 64 * 1024 * 1024
    drain_seconds: float = 10
    connections: int = 4000
    upload_bytes: Mapping[str, int] = field(default_factory=dict)
    upload_seconds: float = 120
    uploads: int = 32

    def most(self, environ: Mapping) -> int:
        """How many bytes the body of this request may have."""
        return self.upload_bytes.get(environ["PATH_INFO"], self.body_bytes)


class Server:
    """Serves one WSGI application."""

    def __init__(self, app: Callable, host: str, port: int, limits: Limits):
        self._app = app
        self._address = (host, port)
        self._limits = limits
        self._stopping = False
        self._uploading = 0
        self._socket: socket.socket | None = None

    def listen(self) -> int:
        """Take the port; returns its number. Raises OSError when it is taken."""
        self._socket = eventlet.listen(self._address, backlog=BACKLOG)
        host, port = self._socket.getsockname()[:2]
        log.info("listening on http://%s:%d", host, port)
        return port

    def run(self) -> None:
        """Serve until stopped."""
        wsgi.server(
            self._socket,
            self._with_body,
            protocol=_protocol(self._limits),
            max_size=_room(self._limits.connections),
            keepalive=self._limits.idle_seconds,
            minimum_chunk_size=1,  # what is streamed goes out at once
            socket_timeout=self._limits.head_seconds,
            log_output=False,
            debug=False,
        )
        if not self._stopping:
            raise RuntimeError("the server has stopped by itself")

    def stop(self, thread) -> None:
        """Take no more requests, and finish those in hand; `thread` is the green thread that runs."""
        self._stopping = True
        with eventlet.Timeout(self._limits.drain_seconds, False):
            thread.kill(SystemExit)
            thread.wait()

    def _with_body(self, environ: dict, start_response: Callable):
        """Give the application the whole body, or a stream that says why not."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if environ["PATH_INFO"] in self._limits.upload_bytes and length > self._limits.body_bytes:
            return self._with_upload(environ, start_response, length)
        if length <= self._limits.body_bytes:
            environ["wsgi.input"] = _read(environ["wsgi.input"], length, self._limits.body_seconds, BytesIO())
        return self._app(environ, start_response)

    def _with_upload(self, environ: dict, start_response: Callable, length: int):
        if self._uploading >= self._limits.uploads:
            environ["wsgi.input"] = _Unreadable(ServiceUnavailable())
            return self._app(environ, start_response)
        self._uploading += 1
        try:
            with SpooledTemporaryFile(max_size=PIECE) as spool:
                if length <= self._limits.most(environ):
                    environ["wsgi.input"] = _read(environ["wsgi.input"], length, self._limits.upload_seconds, spool)
                return self._app(environ, start_response)
        finally:
            self._uploading -= 1


def _read(stream, length: int, seconds: float, into):
    """What the stream gives, in a file of the caller's."""
    try:
        with eventlet.Timeout(seconds, TimeoutError()):
            while length and (piece := stream.read(min(length, PIECE))):
                into.write(piece)
                length -= len(piece)
            into.seek(0)
            return into
    except TimeoutError:
        return _Unreadable(RequestTimeout())
    except (OSError, ValueError):
        return _Unreadable(BadRequest())


class _Unreadable:
    """A body that did not come; who reads it is told why."""

    def __init__(self, error: Exception):
        self._error = error

    def read(self, size: int = -1) -> bytes:
        raise self._error

    readline = read


def _room(connections: int) -> int:
    """How many connections may be open at once, given how many files this process may have open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, min(connections, files - FILES_FOR_OTHERS))


def _protocol(limits: Limits) -> type[wsgi.HttpProtocol]:
    class Protocol(wsgi.HttpProtocol):
        """HTTP/1.1 with a time for the whole head of a request, and none for bodies that will not be read.

        A head that is too long, or not one, is answered as the application answers what it refuses.
        """

        unread = False

        def _read_request_line(self):
            with eventlet.Timeout(limits.idle_seconds, TimeoutError()):
                line = super()._read_request_line()
            if len(line) < self.server.url_length_limit:
                return line
            self._refuse(refusal(HTTPStatus.REQUEST_URI_TOO_LONG))
            return b""

        def parse_request(self):
            try:
                with eventlet.Timeout(limits.head_seconds, TimeoutError()):
                    understood = super().parse_request()
            except (wsgi.HeaderLineTooLong, wsgi.HeadersTooLarge):
                self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return False
            wrong = refusal_of_length(self.headers) if understood else None
            if wrong:
                self._refuse(wrong)
            return understood and not wrong

        def send_error(self, code, message=None, explain=None):
            self._refuse(refusal(code))

        def _refuse(self, answer: bytes) -> None:
            self.close_connection = self.unread = True
            self.wfile.write(answer)

        def get_environ(self):
            environ = super().get_environ()
            chunked = "HTTP_TRANSFER_ENCODING" in environ
            if chunked or int(environ.get("CONTENT_LENGTH") or 0) > limits.most(environ):
                self.close_connection = self.unread = True
            return environ

        def finish(self):
            if self.unread:
                self._pass_over()
            super().finish()

        def _pass_over(self) -> None:
            """Read on for a while without keeping anything; a reset would take the answer with it."""
            try:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_WR)
                with eventlet.Timeout(limits.linger_seconds, False):
                    left = limits.linger_bytes
                    while left > 0 and (piece := self.connection.recv(PIECE)):
                        left -= len(piece)
            except OSError as error:
                log.debug("while closing: %s", error)

    return Protocol
