"""A real HTTP or HTTPS server on loopback, such as an agency has to take its events."""

import json
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Delivery:
    """One POST as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict:
        """The envelope in it."""
        return json.loads(self.body)


class Receiver:
    """Keeps every delivery, and answers each as `answer(delivery)` says.

    That is a dict (200 and this JSON), a number (this status and no body), a pair of status and headers, or pieces
    of bytes that are written as they are. `closing` is set once the receiver is to end.
    """

    def __init__(
        self,
        answer: Callable[[Delivery], object] = lambda delivery: 204,
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ):
        self.answer = answer
        self.deliveries: list[Delivery] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}/appeals"

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def ids(self) -> list[str]:
        """The ids of all deliveries, in order."""
        return [delivery.headers["webhook-id"] for delivery in self.deliveries]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                delivery = Delivery(self.path, headers, body)
                receiver.deliveries.append(delivery)
                with suppress(OSError):  # the other side may have gone
                    self._answer(receiver.answer(delivery))

            do_GET = do_POST

            def _answer(self, answer):
                match answer:
                    case dict():
                        self._whole(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())
                    case int():
                        self._whole(answer, {}, b"")
                    case (int() as status, dict() as headers):
                        self._whole(status, headers, b"")
                    case Iterable():
                        for piece in answer:
                            self.wfile.write(piece)

            def _whole(self, status, headers, body):
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Say nothing."""

        return Handler
