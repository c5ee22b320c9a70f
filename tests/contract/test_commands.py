"""A command is answered after the commit, and has its effect once."""

import json

import pytest

from appeals.bus.asking import Asker, CommandRefused, as_outgoing
from appeals.bus.consumer import Consumer
from appeals.bus.relay import run_in_thread
from appeals.bus.station import fresh_id
from appeals.commands import AcceptAppeal
from appeals.events import AppealAccepted
from appeals.testing import wait_until
from tests.contract.parts import NotOurs, dispatched


def ask(site, member, command, key, body=b"{}"):
    """Ask as the portal does: one thread reads answers, another serves the command."""
    asker = Asker(site.broker, "portal", new_id=fresh_id, queue_of=lambda service: member.queues.commands)
    reading = run_in_thread(asker.run, "answers")
    consumer = Consumer(member.pipeline, site.broker)
    serving = run_in_thread(consumer.run, "consumer")
    try:
        wait_until(lambda: asker.connected)
        return asker.ask(command, key=key, body=body)
    finally:
        asker.stop()
        consumer.stop()
        for thread in (reading, serving):
            thread.join(10)


def test_a_command_is_answered_after_the_commit_and_has_its_effect_once(site, an_accepted_appeal):
    accepted = an_accepted_appeal()
    intake = site.service("intake", {AcceptAppeal: lambda _, command: accepted})
    command = AcceptAppeal(receipt=accepted.receipt, at=accepted.at)

    first = ask(site, intake, command, "key-1")
    again = ask(site, intake, command, "key-1")
    with pytest.raises(CommandRefused) as other_body:
        ask(site, intake, command, "key-1", body=b"[]")

    assert first == again
    assert first[0]["type"] == AppealAccepted.type()
    assert other_body.value.told["code"] == "key-used-before"
    assert intake.rows("SELECT count(*) FROM journal") == [(1,)]


def test_a_refused_command_changes_nothing_and_says_why(site, an_accepted_appeal):
    def refuse(_, command):
        raise NotOurs()

    accepted = an_accepted_appeal()
    intake = site.service("intake", {AcceptAppeal: refuse})

    with pytest.raises(CommandRefused) as refusal:
        ask(site, intake, AcceptAppeal(receipt=accepted.receipt, at=accepted.at), "key-2")

    assert refusal.value.told["zh"] == "不属于本单位职责"
    for table in ("inbox", "journal", "turns"):
        assert intake.rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


def test_what_is_confidential_stays_so_through_commands(site, an_accepted_appeal):
    accepted = an_accepted_appeal(classification="confidential", category="discipline")
    intake = site.service("intake", {AcceptAppeal: lambda _, command: dispatched(accepted, department="nobody")})
    intake.pipeline.act(lambda _: accepted)

    ask(site, intake, AcceptAppeal(receipt=accepted.receipt, at=accepted.at), "key-3")

    bodies = [json.loads(bytes(body)) for (body,) in intake.rows("SELECT body FROM journal ORDER BY id")]
    assert {(body["category"], body["dataclassification"]) for body in bodies} == {("discipline", "confidential")}


def test_a_command_that_comes_twice_in_one_batch_is_answered_twice_and_done_once(site, an_accepted_appeal):
    accepted = an_accepted_appeal()
    intake = site.service("intake", {AcceptAppeal: lambda _, command: accepted})
    command = AcceptAppeal(receipt=accepted.receipt, at=accepted.at)
    line = site.broker.answer_line()
    about = {"source": "portal", "key": "key-4", "queue": intake.queues.commands, "reply_to": line.reply_to}
    for number, body in enumerate((b"{}", b"{}", b"[]")):
        line.send(as_outgoing(command, body=body, correlation=str(number), **about))

    intake.consume()
    site.wait(0.1)
    answers = {answer.correlation_id: json.loads(answer.body) for answer in line.fetch(10, 2.0)}
    line.close()

    assert answers["0"] == answers["1"]
    assert answers["2"]["refused"]["code"] == "key-used-before"
    assert intake.rows("SELECT count(*) FROM journal") == [(1,)]
