"""The promises to an agency that takes its events by HTTP."""

import base64
import hashlib
import hmac
import socket
import ssl
from dataclasses import replace

import pytest
import trustme
import yaml

from appeals.manifest import ManifestSchema
from appeals.settings import WrongSettings, from_yaml
from appeals.webhook.addresses import is_public
from appeals.webhook.forwarding import run, webhook_of
from appeals.webhook.signing import Signer
from tests.departments.conftest import ORDER, RECEIPT, ROOT, Town
from tests.receiver import Receiver

OLD, NEW = (f"whsec_{base64.b64encode(letter * 32).decode()}" for letter in (b"a", b"b"))
PRIVATE_IPV4 = ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0")
PRIVATE_IPV6 = ("::1", "::", "fe80::1", "fe80::1%2", "fd00::1", "fec0::1", "2001:db8::1", "ff0e::1")
IPV4_IN_IPV6 = ("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:1::1")
OTHER_RECEIPT = "SQ-20261124-Z9Y8X7"


@pytest.fixture
def town(tmp_path):
    """On SQLite only: no delivery depends on the database."""
    made = Town(f"sqlite:///{tmp_path}/")
    yield made
    made.close()


@pytest.fixture
def webhook(town, tmp_path, monkeypatch):
    """Has industry's events delivered to a URL."""

    def open_(url, *, allow_private=True, secret=NEW, **block):
        manifest = yaml.safe_load((ROOT / "deploy" / "departments" / "industry.yml").read_text(encoding="utf-8"))
        manifest["webhook"] = {"url": url, "allow_private": allow_private, **block}
        path = tmp_path / "manifest.yml"
        path.write_text(yaml.safe_dump(manifest), encoding="utf-8")
        monkeypatch.setenv("MANIFEST", str(path))
        monkeypatch.setenv("WEBHOOK_SECRET", secret)
        department = webhook_of("industry")
        return town.open(department, department.manifest())

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


# What arrives


def test_an_event_arrives_as_it_came_from_the_broker_under_its_own_id(town, events, webhook):
    with Receiver() as agency:
        webhook(agency.url)
        town.say(events.dispatched())
        (message,) = town.broker.peek("dept.industry.q.events")
        town.office.settle()

    (delivery,) = agency.deliveries
    assert delivery.body == message.body
    assert delivery.path == "/appeals"
    assert delivery.headers["content-type"] == "application/cloudevents+json"
    assert delivery.headers["webhook-id"] == delivery.event["id"]
    assert delivery.headers["webhook-timestamp"] == str(int(town.clock().timestamp()))
    assert town.dead() == []


def test_a_delivery_is_signed_so_that_the_receiver_can_tell_a_changed_one(town, events, webhook):
    with Receiver() as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    (delivery,) = agency.deliveries
    assert delivery.headers["webhook-signature"] == signature(NEW, delivery)
    assert delivery.headers["webhook-signature"] != signature(NEW, replace(delivery, body=delivery.body + b" "))


def test_signatures_are_those_of_the_standard_webhooks_specification(town):
    body = b'{"test": 2432232314}'
    at = town.clock().fromtimestamp(1614265330, town.clock().tzinfo)

    headers = Signer("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_the_secret_is_changed_a_receiver_may_check_with_the_old_one_or_the_new_one(town, events, webhook):
    with Receiver() as agency:
        webhook(agency.url, secret=f"{NEW} {OLD}")
        town.tell(events.dispatched())

    (delivery,) = agency.deliveries
    assert delivery.headers["webhook-signature"].split() == [signature(NEW, delivery), signature(OLD, delivery)]


def test_an_event_that_comes_twice_is_delivered_once(town, events, webhook):
    with Receiver() as agency:
        webhook(agency.url)
        town.tell(events.dispatched())
        town.again()
        town.office.settle()

    assert len(agency.deliveries) == 1


# What the receiver answers


@pytest.mark.parametrize("status", [408, 429, 500, 503, 302])
def test_an_event_that_is_not_taken_is_tried_on_every_tier_under_the_same_id_and_then_set_aside(
    town, events, webhook, status
):
    with Receiver(lambda delivery: status) as agency:
        webhook(agency.url)
        town.say(events.dispatched())
        town.settle_through_retries()

    assert len(agency.ids) == 4
    assert len(set(agency.ids)) == 1
    assert town.dead() == ["NotDelivered"]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_an_event_that_the_receiver_will_never_take_is_set_aside_at_once(town, events, webhook, status):
    with Receiver(lambda delivery: status) as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    assert len(agency.deliveries) == 1
    assert town.dead() == ["not-wanted"]


def test_a_redirect_is_not_followed(town, events, webhook):
    with Receiver() as elsewhere, Receiver(lambda delivery: (307, {"Location": elsewhere.url})) as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    assert len(agency.deliveries) == 1
    assert elsewhere.deliveries == []


def test_events_of_one_appeal_keep_their_order_while_one_is_tried_again_and_other_appeals_go_on(town, events, webhook):
    def refuse_once(delivery):
        return 503 if delivery.event["subject"] == RECEIPT and len(agency.deliveries) == 1 else 204

    with Receiver(refuse_once) as agency:
        webhook(agency.url)
        town.tell(
            events.dispatched(),
            events.deadline("sign", days=1),
            replace(events.dispatched(), receipt=OTHER_RECEIPT, order=f"{OTHER_RECEIPT}-01"),
        )
        town.settle_through_retries()

    told = [(delivery.event["subject"], delivery.event["type"].split(".")[2]) for delivery in agency.deliveries]
    assert told == [(RECEIPT, "order"), (OTHER_RECEIPT, "order"), (RECEIPT, "order"), (RECEIPT, "deadline")]


def test_an_event_that_fails_has_no_other_delivered_again(town, events, webhook):
    others = [
        replace(events.dispatched(), receipt=f"SQ-20261124-A{n}A{n}A{n}", order=f"SQ-20261124-A{n}A{n}A{n}-01")
        for n in range(2, 9)
    ]
    with Receiver(lambda delivery: 410 if delivery.event["subject"] == RECEIPT else 204) as agency:
        webhook(agency.url)
        town.tell(*others[:4], events.dispatched(), *others[4:])

    assert len(agency.ids) == len(set(agency.ids)) == 8


# What the receiver says


def test_words_in_the_answer_are_said_by_the_department(town, events, webhook):
    with Receiver(lambda delivery: {"words": [{"type": "order.signed", "order": ORDER}]}) as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    (signed,) = town.arrived()
    assert signed["type"] == "cn.appealloop.order.signed.v1"
    assert signed["causationid"] == agency.ids[0]
    assert signed["data"] == {
        "receipt": RECEIPT, "order": ORDER, "department": "industry", "by": "industry",
        "at": town.clock().isoformat(),
    }  # fmt: skip
    assert town.rows("SELECT state FROM work_orders") == [("signed",)]


@pytest.mark.parametrize("answer", [{"status": "ok"}, {"words": []}, 200, [b"HTTP/1.0 200 OK\r\n\r\nthank you"]])
def test_an_answer_without_words_is_enough(town, events, webhook, answer):
    with Receiver(lambda delivery: answer) as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    assert (town.words(), town.dead()) == ([], [])


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([{"type": "order.signed"}], "malformed"),
        ([{"type": "order.signed", "order": 7}], "malformed"),
        ("order.signed", "malformed"),
        ([{"type": "appeal.closed"}], "unknown-type"),
        ([{"type": ["order.signed"]}], "unknown-type"),
        ([{"type": "order.signed", "order": ORDER, "department": "sasac"}], "forged-source"),
        ([{"type": "progress.reported", "order": ORDER, "note": "\0"}], "malformed"),
    ],
)
def test_wrong_words_are_set_aside_with_their_reason_and_none_of_them_is_said(town, events, webhook, words, reason):
    right = [{"type": "order.signed", "order": ORDER}]
    with Receiver(lambda delivery: {"words": right + words if isinstance(words, list) else words}) as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    assert (town.words(), town.dead()) == ([], [reason])


# Answers that are none


def test_an_answer_that_never_ends_is_cut_off_in_time(town, events, webhook):
    def dripping():
        yield an_answer("")
        while not agency.closing.wait(0.02):
            yield b" "

    with Receiver(lambda delivery: dripping()) as agency:
        webhook(agency.url, timeout=0.3)
        town.say(events.dispatched())
        town.settle_through_retries()

    assert town.dead() == ["NotDelivered"]


def test_headers_that_never_end_are_cut_off_in_time(town, events, webhook):
    def dripping():
        yield b"HTTP/1.1 200 OK\r\nX-Long: "
        while not agency.closing.wait(0.02):
            yield b"a"

    with Receiver(lambda delivery: dripping()) as agency:
        webhook(agency.url, timeout=0.3)
        town.say(events.dispatched())
        town.settle_through_retries()

    assert town.dead() == ["NotDelivered"]


@pytest.mark.parametrize(
    "answer",
    [[b"nonsense\r\n\r\n"], [], [an_answer("{}", headers="Content-Length: 9\r\n")]],
    ids=["nonsense", "nothing", "cut off"],
)
def test_an_answer_that_breaks_off_counts_as_none(town, events, webhook, answer):
    with Receiver(lambda delivery: answer) as agency:
        webhook(agency.url)
        town.say(events.dispatched())
        town.settle_through_retries()

    assert town.dead() == ["NotDelivered"]


@pytest.mark.parametrize("body", ['{"words": [', "[" * 60_000, " " * 64_001], ids=["no JSON", "too deep", "too large"])
def test_an_answer_that_cannot_be_read_is_set_aside_for_a_person(town, events, webhook, body):
    with Receiver(lambda delivery: [an_answer(body)]) as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    assert town.dead() == ["malformed"]


def test_of_an_answer_without_end_only_so_much_is_read(town, events, webhook):
    def endless():
        yield an_answer("")
        while not agency.closing.is_set():
            yield b" " * 100_000

    with Receiver(lambda delivery: endless()) as agency:
        webhook(agency.url)
        town.tell(events.dispatched())

    assert town.dead() == ["malformed"]


# Where it may go


def test_a_private_address_is_refused_unless_the_manifest_allows_it(town, events, webhook, tls, resolver):
    with Receiver(tls=tls) as agency:
        resolver["agency.test"] = [["127.0.0.1"]]
        webhook(f"https://agency.test:{agency.port}/", allow_private=False)
        town.tell(events.dispatched())

    assert agency.deliveries == []
    assert town.dead() == ["private-address"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(town, events, webhook, tls, resolver):
    with Receiver(tls=tls) as agency:
        resolver["agency.test"] = [["8.8.8.8", "127.0.0.1"]]
        webhook(f"https://agency.test:{agency.port}/", allow_private=False)
        town.tell(events.dispatched())

    assert agency.deliveries == []
    assert town.dead() == ["private-address"]


@pytest.mark.parametrize(
    "address",
    [*PRIVATE_IPV4, *PRIVATE_IPV6, *IPV4_IN_IPV6],
)
def test_what_is_not_plainly_public_is_private(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "2400:3200::1"])
def test_ordinary_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_no_way_of_writing_an_address_gets_round_the_check(town, events, webhook, name):
    webhook(f"https://{name}/", allow_private=False)
    town.tell(events.dispatched())

    assert town.dead() == ["private-address"]


def test_a_name_that_answers_differently_the_second_time_gains_nothing(town, events, webhook, resolver):
    with Receiver() as agency, Receiver(host="127.0.0.2", port=agency.port) as trap:
        resolver["agency.test"] = [["127.0.0.1"], ["127.0.0.2"]]
        webhook(f"http://agency.test:{agency.port}/")
        town.tell(events.dispatched())

    assert len(agency.deliveries) == 1
    assert trap.deliveries == []


def test_the_next_address_is_tried_when_nobody_can_be_reached_at_one(town, events, webhook, resolver):
    with Receiver(host="127.0.0.2") as agency:
        resolver["agency.test"] = [["127.0.0.1", "127.0.0.2", "127.0.0.3"]]
        webhook(f"http://agency.test:{agency.port}/")
        town.tell(events.dispatched())

    assert len(agency.deliveries) == 1


def test_a_certificate_must_be_that_of_the_host_name_although_its_address_is_connected_to(
    town, events, webhook, tls, resolver
):
    resolver["agency.test"] = resolver["another.test"] = [["127.0.0.1"]]
    with Receiver(tls=tls) as agency:
        webhook(f"https://agency.test:{agency.port}/")
        town.tell(events.dispatched())
        assert agency.deliveries[0].headers["host"] == f"agency.test:{agency.port}"

        webhook(f"https://another.test:{agency.port}/")
        town.tell(events.dispatched(order=f"{RECEIPT}-02"))

    assert len(agency.deliveries) == 1


def test_a_receiver_that_nobody_vouches_for_gets_nothing(town, events, webhook, tls, resolver, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    resolver["agency.test"] = [["127.0.0.1"]]
    with Receiver(tls=tls) as agency:
        webhook(f"https://agency.test:{agency.port}/")
        town.say(events.dispatched())
        town.settle_through_retries()

    assert agency.deliveries == []
    assert town.dead() == ["NotDelivered"]


def test_a_proxy_in_the_environment_is_not_asked(town, events, webhook, monkeypatch):
    with Receiver() as proxy, Receiver() as agency:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        webhook(agency.url)
        town.tell(events.dispatched())

    assert len(agency.deliveries) == 1
    assert proxy.deliveries == []


# Settings


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"url": "http://agency.example/"}, "https was expected"),
        ({"url": "ftp://agency.example/"}, "a URL such as"),
        ({"url": "https:///appeals"}, "a URL such as"),
        ({"url": "https://agency.example:99999/"}, "a URL such as"),
        ({"url": "https://me:secret@agency.example/"}, "no user, password or fragment"),
        ({"url": "https://agency.example/ a"}, "ASCII without spaces"),
        ({"url": "https://agency.example/", "timeout": 0}, "timeout"),
        ({"url": "https://agency.example/", "timeout": 60}, "timeout"),
        ({"url": "https://agency.example/", "retries": 3}, "retries"),
        ({}, "webhook.url"),
    ],
)
def test_a_wrong_block_in_the_manifest_is_told_with_its_place(tmp_path, block, told):
    path = tmp_path / "parks.yml"
    manifest = {"code": "parks", "name": "省园区办", "events": [], "words": [], "webhook": block}
    path.write_text(yaml.safe_dump(manifest), encoding="utf-8")

    with pytest.raises(WrongSettings, match=told) as wrong:
        from_yaml(path, ManifestSchema)

    assert "secret" not in str(wrong.value)


def test_a_manifest_without_a_webhook_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("MANIFEST", str(ROOT / "deploy" / "departments"))
    monkeypatch.setenv("WEBHOOK_SECRET", NEW)

    assert run("industry") == 2
    assert capsys.readouterr().err == "industry: the manifest has no block webhook\n"


@pytest.mark.parametrize("secret", ["", "letmein", "whsec_!", f"whsec_{base64.b64encode(b'short').decode()}"])
def test_without_a_strong_secret_nothing_is_delivered_and_the_secret_is_not_told(webhook, secret):
    with pytest.raises(WrongSettings, match="webhook secret") as wrong:
        webhook("https://agency.example/", secret=secret)

    assert not secret or secret not in str(wrong.value)


def test_the_secret_may_be_in_a_file(town, events, webhook, tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text(f"{OLD}\n{NEW}\n", encoding="ascii")
    monkeypatch.setenv("WEBHOOK_SECRET_FILE", str(file))
    with Receiver() as agency:
        webhook(agency.url, secret="")
        town.tell(events.dispatched())

    (delivery,) = agency.deliveries
    assert delivery.headers["webhook-signature"].split() == [signature(OLD, delivery), signature(NEW, delivery)]


def test_a_clerk_of_such_a_department_needs_no_webhook(town, events, webhook):
    with Receiver() as agency:
        webhook(agency.url)
        town.tell(events.dispatched())
    with town.clerks_office().clerk(by="李静") as desk:
        desk.sign(desk.order(RECEIPT))
    town.office.settle()

    assert town.words() == ["order.signed"]
