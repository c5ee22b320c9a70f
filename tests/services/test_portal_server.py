"""The portal's server with real sockets, in a process of its own: it is made for patched threads."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from appeals.testing import wait_until

ROOT = Path(__file__).parents[2]
SERVER = """
from appeals import green
green.patch()
import eventlet
from services.portal.server import Limits, Server

gone = eventlet.event.Event()

def stream():
    yield b"one"
    gone.wait()
    yield b"two"

def app(environ, start_response):
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [])
        return stream()
    if environ["PATH_INFO"] == "/go":
        gone.send(None)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    most = 500_000 if environ["PATH_INFO"] == "/upload" else 1000
    if length > most or "HTTP_TRANSFER_ENCODING" in environ:
        start_response("413 Too Large", [("Content-Length", "0")])
        return [b""]
    try:
        body = environ["wsgi.input"].read()
    except Exception as error:
        start_response(f"{error.code} {error.name}", [("Content-Length", "0")])
        return [b""]
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

limits = Limits(body_bytes=1000, idle_seconds=1, head_seconds=1, body_seconds=1, linger_seconds=3, drain_seconds=1,
                upload_bytes={"/upload": 500_000}, upload_seconds=1, uploads=1)
server = Server(app, "127.0.0.1", 0, limits)
print(server.listen(), flush=True)
thread = eventlet.spawn(server.run)
import signal
done = eventlet.event.Event()
signal.signal(signal.SIGTERM, lambda *_: done.send(None))
done.wait()
server.stop(thread)
print("stopped", flush=True)
"""
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"


@pytest.fixture
def server():
    """A server that gives back what it gets, with short limits."""
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    process.port = int(process.stdout.readline())
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def web():
    """A client that keeps its connections, and uses no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def url(server):
    return f"http://127.0.0.1:{server.port}/"


def connect(server, first):
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    connection.sendall(first)
    return connection


def answer(connection, dribble=b""):
    """All that comes until the other side closes, while bytes dribble in; and how long it took."""
    began, got = time.monotonic(), b""
    connection.settimeout(0.1)
    with connection:
        while time.monotonic() - began < 10:
            try:
                if dribble:
                    connection.sendall(dribble)
                if not (piece := connection.recv(1000)):
                    break
                got += piece
            except TimeoutError:
                continue
            except OSError:
                break
    return got, time.monotonic() - began


def resident(server):
    """The most memory that the process has had, in MB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def test_bodies_arrive_whole_and_connections_are_kept(server, web):
    for body in (b"", b"x", b"y" * 1000):
        assert web.post(url(server), data=body).content == body


def test_a_body_that_is_far_too_large_is_answered_and_not_kept(server, web):
    web.get(url(server))
    before = resident(server)

    answers = [web.post(url(server), data=b"x" * 50_000_000).status_code for _ in range(3)]

    assert answers == [413, 413, 413]
    assert resident(server) - before < 10


def test_where_files_are_taken_a_body_may_be_larger_and_elsewhere_not(server, web):
    file = b"z" * 400_000

    assert web.post(f"{url(server)}upload", data=file).content == file
    assert web.post(f"{url(server)}upload", data=file + file).status_code == 413
    assert web.post(url(server), data=file).status_code == 413


def test_so_many_files_come_at_once_and_the_next_is_told_to_come_later(server, web):
    stalled = connect(server, HEAD.replace(b"/", b"/upload", 1).replace(b": 10", b": 400000") + b"\r\nabc")
    wait_until(lambda: web.post(f"{url(server)}upload", data=b"z" * 2000).status_code == 503)

    assert answer(stalled)[0].startswith(b"HTTP/1.1 408")
    web.close()  # its own connection has been idle for as long as the server allows
    assert web.post(f"{url(server)}upload", data=b"z" * 2000).status_code == 200


def test_who_sends_a_body_that_is_far_too_large_gets_to_read_why(server):
    connection = connect(server, HEAD.replace(b"10", b"20000000") + b"\r\n")

    connection.sendall(b"x" * 20_000_000)

    assert answer(connection)[0].startswith(b"HTTP/1.1 413")


def test_a_body_that_is_far_too_large_is_not_listened_to_for_ever(server):
    got, took = answer(connect(server, HEAD.replace(b"10", b"20000000") + b"\r\n"), b"x" * 100)

    assert got.startswith(b"HTTP/1.1 413")
    assert took < 6


def problem(got):
    """The status and the problem of an answer that was read from the socket."""
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    told = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {told['status']} ".encode())
    return told["status"], told["type"].removeprefix("/problems/")


@pytest.mark.parametrize(
    ("request_head", "expected"),
    [
        (HEAD.replace(b"10", b"-1"), (400, "invalid-header")),
        (HEAD.replace(b"10", b"1_0"), (400, "invalid-header")),
        (HEAD.replace(b"10", b"ten"), (400, "invalid-header")),
        (HEAD + b"Content-Length: 11\r\n", (400, "invalid-header")),
        (HEAD + b"Transfer-Encoding: chunked\r\n", (400, "invalid-header")),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n", (414, "address-too-long")),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n", (431, "header-too-long")),
        (b"GET / HTTP/1.1\r\n" + b"X: x\r\n" * 200, (431, "header-too-long")),
        (b"nonsense\r\n", (400, "bad-request")),
        (b"GET / HTTP/9.9\r\n", (505, "http-version-not-supported")),
    ],
)
def test_what_is_no_request_is_refused_as_everything_else_is(server, web, request_head, expected):
    assert problem(answer(connect(server, request_head + b"\r\n"))[0]) == expected

    assert web.get(url(server)).status_code == 200


def test_what_is_streamed_goes_out_at_once(server, web):
    connection, got = connect(server, b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), b""
    while b"one" not in got:
        got += connection.recv(1000)

    web.post(f"{url(server)}go")

    assert b"two" not in got
    assert b"two" in answer(connection)[0]


def test_an_upload_of_unknown_length_is_answered(server, web):
    assert web.post(url(server), data=(b"x" * 60_000 for _ in range(50))).status_code == 413


def test_stalled_uploads_do_not_silence_the_server(server, web):
    stalled = [connect(server, HEAD + b"\r\nabc") for _ in range(100)]
    stalled += [connect(server, HEAD) for _ in range(100)]
    stalled += [connect(server, b"") for _ in range(100)]

    began = time.monotonic()
    assert web.post(url(server), data=b"hello").content == b"hello"

    assert time.monotonic() - began < 0.9
    for connection in stalled:
        answer(connection)


@pytest.mark.parametrize("first", [b"", b"POST / HT", HEAD, HEAD + b"X-Long: a"])
def test_a_head_that_does_not_end_is_cut_off(server, first):
    dribble = b"a" if first and not first.endswith(b"\n") else b""

    got, took = answer(connect(server, first), dribble)

    assert got == b""
    assert took < 3


def test_a_body_that_dribbles_in_is_told_that_it_is_late(server):
    got, took = answer(connect(server, HEAD.replace(b"10", b"999") + b"\r\n"), b"a")

    assert got.startswith(b"HTTP/1.1 408")
    assert took < 4


def test_a_stop_ends_it_in_time_even_with_a_stalled_upload(server):
    stalled = connect(server, HEAD + b"\r\nabc")
    time.sleep(0.1)

    began = time.monotonic()
    server.terminate()

    assert server.stdout.readline() == "stopped\n"
    assert time.monotonic() - began < 5
    stalled.close()
