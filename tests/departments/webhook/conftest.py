"""Industry taking its events by HTTP, at real servers on loopback."""

import base64
import hashlib
import hmac
import socket
import ssl

import pytest
import trustme
import yaml

from appeals.webhook.forwarding import webhook_of
from tests.departments.conftest import ROOT

OLD, NEW = (f"whsec_{base64.b64encode(letter * 32).decode()}" for letter in (b"a", b"b"))
OTHER_RECEIPT = "SQ-20261124-Z9Y8X7"


@pytest.fixture
def database_url(tmp_path):
    """SQLite only: no delivery depends on the database."""
    return f"sqlite:///{tmp_path}/"


@pytest.fixture
def webhook(try_out, tmp_path, monkeypatch):
    """Has industry's events delivered to a URL; gives the department on trial."""

    def open_(url, *, allow_private=True, secret=NEW, **block):
        manifest = yaml.safe_load((ROOT / "deploy" / "departments" / "industry.yml").read_text(encoding="utf-8"))
        manifest["webhook"] = {"url": url, "allow_private": allow_private, **block}
        path = tmp_path / "manifest.yml"
        path.write_text(yaml.safe_dump(manifest), encoding="utf-8")
        monkeypatch.setenv("MANIFEST", str(path))
        monkeypatch.setenv("WEBHOOK_SECRET", secret)
        department = webhook_of("industry")
        return try_out(department, department.manifest())

    return open_


@pytest.fixture
def resolver(monkeypatch):
    """A name server that answers for some names, each time with the next list of addresses."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def resolve(host, port, *rest, **options):
        if host not in answers:
            return real(host, port, *rest, **options)
        addresses = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [found for address in addresses for found in real(address, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.fixture(scope="module")
def authority():
    """Signs certificates."""
    return trustme.CA()


@pytest.fixture
def tls(authority, tmp_path, monkeypatch):
    """What a server needs to be `agency.test`; its authority is trusted."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("agency.test").configure_cert(context)
    return context


def an_answer(body, *, headers=""):
    """A 200 with JSON, as bytes."""
    return f"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n{body}".encode()


def signature(secret, delivery):
    """What the specification says the signature is, worked out once more."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
