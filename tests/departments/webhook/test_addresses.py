"""Where a delivery may go."""

import pytest

from appeals.webhook.addresses import is_public
from tests.departments.conftest import RECEIPT, reasons
from tests.receiver import Receiver

PRIVATE_IPV4 = ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0")
PRIVATE_IPV6 = ("::1", "::", "fe80::1", "fe80::1%2", "fd00::1", "fec0::1", "2001:db8::1")
MULTICAST = ("224.0.0.1", "ff0e::1")
IPV4_IN_IPV6 = ("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:1::1")


def test_a_private_address_is_refused_unless_the_manifest_allows_it(events, webhook, tls, resolver):
    with Receiver(tls=tls) as agency:
        resolver["agency.test"] = [["127.0.0.1"]]
        trial = webhook(f"https://agency.test:{agency.port}/", allow_private=False)
        trial.hear(events.dispatched())

    assert agency.deliveries == []
    assert reasons(trial) == ["private-address"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(events, webhook, tls, resolver):
    with Receiver(tls=tls) as agency:
        resolver["agency.test"] = [["8.8.8.8", "127.0.0.1"]]
        trial = webhook(f"https://agency.test:{agency.port}/", allow_private=False)
        trial.hear(events.dispatched())

    assert agency.deliveries == []
    assert reasons(trial) == ["private-address"]


@pytest.mark.parametrize(
    "address",
    [*PRIVATE_IPV4, *PRIVATE_IPV6, *MULTICAST, *IPV4_IN_IPV6],
)
def test_what_is_not_plainly_public_is_private(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "2400:3200::1"])
def test_ordinary_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_no_way_of_writing_an_address_gets_round_the_check(events, webhook, name):
    trial = webhook(f"https://{name}/", allow_private=False)
    trial.hear(events.dispatched())

    assert reasons(trial) == ["private-address"]


def test_a_name_that_answers_differently_the_second_time_gains_nothing(events, webhook, resolver):
    with Receiver() as agency, Receiver(host="127.0.0.2", port=agency.port) as trap:
        resolver["agency.test"] = [["127.0.0.1"], ["127.0.0.2"]]
        trial = webhook(f"http://agency.test:{agency.port}/")
        trial.hear(events.dispatched())

    assert len(agency.deliveries) == 1
    assert trap.deliveries == []


def test_the_next_address_is_tried_when_nobody_can_be_reached_at_one(events, webhook, resolver):
    with Receiver(host="127.0.0.2") as agency:
        resolver["agency.test"] = [["127.0.0.1", "127.0.0.2", "127.0.0.3"]]
        trial = webhook(f"http://agency.test:{agency.port}/")
        trial.hear(events.dispatched())

    assert len(agency.deliveries) == 1


def test_a_certificate_must_be_that_of_the_host_name_although_its_address_is_connected_to(
    events, webhook, tls, resolver
):
    resolver["agency.test"] = resolver["another.test"] = [["127.0.0.1"]]
    with Receiver(tls=tls) as agency:
        trial = webhook(f"https://agency.test:{agency.port}/")
        trial.hear(events.dispatched())
        assert agency.deliveries[0].headers["host"] == f"agency.test:{agency.port}"

        trial = webhook(f"https://another.test:{agency.port}/")
        trial.hear(events.dispatched(order=f"{RECEIPT}-02"))

    assert len(agency.deliveries) == 1


def test_a_receiver_that_nobody_vouches_for_gets_nothing(events, webhook, tls, resolver, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    resolver["agency.test"] = [["127.0.0.1"]]
    with Receiver(tls=tls) as agency:
        trial = webhook(f"https://agency.test:{agency.port}/")
        trial.say(events.dispatched())
        trial.settle_through_retries()

    assert agency.deliveries == []
    assert reasons(trial) == ["NotDelivered"]


def test_a_proxy_in_the_environment_is_not_asked(events, webhook, monkeypatch):
    with Receiver() as proxy, Receiver() as agency:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    assert len(agency.deliveries) == 1
    assert proxy.deliveries == []
