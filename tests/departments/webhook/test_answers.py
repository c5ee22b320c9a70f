"""What a receiver may say in its answer, and what becomes of answers that are none."""

import pytest

from tests.departments.conftest import ORDER, RECEIPT, reasons
from tests.departments.webhook.conftest import an_answer
from tests.receiver import Receiver


def test_words_in_the_answer_are_said_by_the_department(events, webhook):
    with Receiver(lambda delivery: {"words": [{"type": "order.signed", "order": ORDER}]}) as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    (signed,) = trial.arrived
    assert signed.type == "cn.appealloop.order.signed.v1"
    assert signed.causation == agency.ids[0]
    assert signed.data == {
        "receipt": RECEIPT, "order": ORDER, "department": "industry", "by": "industry",
        "at": trial.clock().isoformat(),
    }  # fmt: skip
    assert trial.rows("SELECT state FROM work_orders") == [("signed",)]


@pytest.mark.parametrize("answer", [{"status": "ok"}, {"words": []}, 200, [b"HTTP/1.0 200 OK\r\n\r\nthank you"]])
def test_an_answer_without_words_is_enough(events, webhook, answer):
    with Receiver(lambda delivery: answer) as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    assert (trial.words, reasons(trial)) == ([], [])


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
def test_wrong_words_are_set_aside_with_their_reason_and_none_of_them_is_said(events, webhook, words, reason):
    right = [{"type": "order.signed", "order": ORDER}]
    with Receiver(lambda delivery: {"words": right + words if isinstance(words, list) else words}) as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    assert (trial.words, reasons(trial)) == ([], [reason])


def test_an_answer_that_never_ends_is_cut_off_in_time(events, webhook):
    def dripping():
        yield an_answer("")
        while not agency.closing.wait(0.02):
            yield b" "

    with Receiver(lambda delivery: dripping()) as agency:
        trial = webhook(agency.url, timeout=0.3)
        trial.say(events.dispatched())
        trial.settle_through_retries()

    assert reasons(trial) == ["NotDelivered"]


def test_headers_that_never_end_are_cut_off_in_time(events, webhook):
    def dripping():
        yield b"HTTP/1.1 200 OK\r\nX-Long: "
        while not agency.closing.wait(0.02):
            yield b"a"

    with Receiver(lambda delivery: dripping()) as agency:
        trial = webhook(agency.url, timeout=0.3)
        trial.say(events.dispatched())
        trial.settle_through_retries()

    assert reasons(trial) == ["NotDelivered"]


@pytest.mark.parametrize(
    "answer",
    [[b"nonsense\r\n\r\n"], [], [an_answer("{}", headers="Content-Length: 9\r\n")]],
    ids=["nonsense", "nothing", "cut off"],
)
def test_an_answer_that_breaks_off_counts_as_none(events, webhook, answer):
    with Receiver(lambda delivery: answer) as agency:
        trial = webhook(agency.url)
        trial.say(events.dispatched())
        trial.settle_through_retries()

    assert reasons(trial) == ["NotDelivered"]


@pytest.mark.parametrize("body", ['{"words": [', "[" * 60_000, " " * 64_001], ids=["no JSON", "too deep", "too large"])
def test_an_answer_that_cannot_be_read_is_set_aside_for_a_person(events, webhook, body):
    with Receiver(lambda delivery: [an_answer(body)]) as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    assert reasons(trial) == ["malformed"]


def test_of_an_answer_without_end_only_so_much_is_read(events, webhook):
    def endless():
        yield an_answer("")
        while not agency.closing.is_set():
            yield b" " * 100_000

    with Receiver(lambda delivery: endless()) as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())

    assert reasons(trial) == ["malformed"]
