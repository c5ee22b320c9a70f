"""Over amqps the broker has to prove who it is: an authority that is trusted, and its own host name."""

import socket
import ssl
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import trustme

from appeals.bus.broker import BrokerGone
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import Topology


@contextmanager
def tls_in_front_of(port, certificate):
    """Takes TLS connections on a port of its own, and passes them on to a plain one; gives that port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                client = context.wrap_socket(plain, server_side=True)
            except (ssl.SSLError, OSError):
                plain.close()
                continue
            server = socket.create_connection(("127.0.0.1", port))
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=pass_on, args=(one, other), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def pass_on(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    finally:
        one.close()
        other.close()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def connect(amqp_uri, authority):
    """Connects over TLS to a broker that shows a certificate for this name."""
    parts = urlsplit(amqp_uri)

    def try_it(name):
        with tls_in_front_of(parts.port, authority.issue_cert(name)) as port:
            uri = f"amqps://{parts.username}:{parts.password}@localhost:{port}{parts.path}"
            RabbitBroker(uri).declare(Topology())

    return try_it


def test_a_broker_with_a_trusted_certificate_is_spoken_to(connect, authority, monkeypatch, tmp_path):
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

    connect("localhost")


def test_an_authority_that_nobody_trusts_is_refused(connect):
    with pytest.raises(BrokerGone, match=r"(?i)certificate"):
        connect("localhost")


def test_another_hosts_certificate_is_refused(connect, authority, monkeypatch, tmp_path):
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

    with pytest.raises(BrokerGone, match=r"(?i)hostname|certificate"):
        connect("mq.example.gov.cn")
