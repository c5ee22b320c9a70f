"""The promises of the kit to a department's clerks and operators: the desk, and the process."""

import os
import signal
import threading
from datetime import date

import pytest

from appeals.department import NoSuchOrder, NotOurWord
from appeals.events import OrderDispatched
from appeals.testing import wait_until
from tests.departments.conftest import ALL_WORDS, ORDER, RECEIPT, sign, without


def test_each_word_of_a_department_is_one_call(try_out, events, industry):
    trial = try_out(industry)
    trial.hear(events.dispatched())

    with trial.office.clerk(by="wang") as desk:
        order = desk.order(RECEIPT)
        desk.sign(order)
        desk.return_order(order, reason="不属于本单位职责", suggested="sasac")
        desk.contact(order, how="visit", note="已上门")
        desk.progress(order, note="正在研究")
        desk.milestone(order, "9份相关报告编制", "in-progress", on="2026-11-20", figures={"count": 9})
        desk.request_extension(order, days=5, reason="环评未完", plan="补充材料")
        desk.feedback(order, text="已协调", result="solved", evidence=["批复.pdf"], contact="电话")
    trial.settle()

    assert trial.words == ALL_WORDS
    assert [word.sequence for word in trial.arrived] == [1, 2, 3, 4, 5, 6, 7]
    assert {word.by for word in trial.said} == {"wang"}
    milestone, feedback = trial.said[4], trial.said[6]
    assert (milestone.on, milestone.figures, milestone.state) == (date(2026, 11, 20), {"count": 9}, "in-progress")
    assert (feedback.role, feedback.evidence) == ("lead", ("批复.pdf",))


def test_what_a_clerk_says_in_another_process_is_published_by_the_running_one(
    try_out, another_process, events, industry
):
    industry.on(OrderDispatched)(sign)
    trial = try_out(industry)
    trial.hear(events.dispatched())

    with another_process(trial).clerk() as desk:
        desk.milestone(desk.order(RECEIPT), "总体规划公示")
    trial.settle()

    assert trial.words == ["order.signed", "milestone.reached"]
    assert [word.sequence for word in trial.arrived] == [1, 2]


def test_a_clerk_at_a_department_needs_only_its_settings(try_out, database_url, events, industry, monkeypatch):
    trial = try_out(industry)
    trial.hear(events.dispatched())
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("AMQP_URI", raising=False)

    with industry.clerk() as desk:
        desk.sign(desk.order(ORDER))
    trial.settle()

    assert trial.words == ["order.signed"]


def test_nothing_is_said_when_a_clerks_work_raises(try_out, events, industry):
    trial = try_out(industry)
    trial.hear(events.dispatched())

    with pytest.raises(NoSuchOrder), trial.office.clerk() as desk:
        desk.sign(desk.order(RECEIPT))
        desk.order("SQ-20261124-ZZZZZZ")
    trial.settle()

    assert trial.words == []
    assert trial.rows("SELECT state FROM work_orders") == [("dispatched",)]


def test_a_word_that_the_manifest_does_not_list_is_refused_at_the_department(try_out, events, industry):
    trial = try_out(industry, without("order.signed"))
    trial.hear(events.dispatched())

    with pytest.raises(NotOurWord, match=r"let it say order.signed"), trial.office.clerk() as desk:
        desk.sign(desk.order(RECEIPT))
    trial.settle()

    assert trial.words == []


def test_told_to_stop_it_finishes_what_is_in_hand_and_publishes_it(try_out, events, industry):
    in_hand, may_go_on = threading.Event(), threading.Event()

    @industry.on(OrderDispatched)
    def slow(order, desk):
        in_hand.set()
        may_go_on.wait(10)
        desk.sign(order)

    def stop_while_in_hand():
        in_hand.wait(10)
        os.kill(os.getpid(), signal.SIGTERM)
        may_go_on.set()

    trial = try_out(industry)
    trial.say(events.dispatched())
    before = signal.getsignal(signal.SIGTERM)
    threading.Thread(target=stop_while_in_hand).start()

    assert trial.office.serve() == 0

    assert trial.words == ["order.signed"]
    assert trial.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_running_department_finds_by_itself_what_a_clerk_elsewhere_has_said(
    try_out, another_process, events, industry
):
    trial = try_out(industry)
    said = []

    def clerk_then_stop():
        wait_until(lambda: trial.rows("SELECT * FROM work_orders"))
        with another_process(trial).clerk() as desk:
            desk.sign(desk.order(RECEIPT))
        wait_until(lambda: trial.arrived, seconds=3)
        said.extend(trial.words)
        os.kill(os.getpid(), signal.SIGTERM)

    trial.say(events.dispatched())
    threading.Thread(target=clerk_then_stop).start()
    trial.office.serve()

    assert said == ["order.signed"]


def test_missing_settings_are_told_in_one_line(industry, monkeypatch, capsys):
    monkeypatch.delenv("AMQP_URI", raising=False)

    assert industry.run() == 2

    assert capsys.readouterr().err == (
        "industry: AMQP_URI is not set: the broker, as amqp://user:password@host:port/vhost\n"
    )
