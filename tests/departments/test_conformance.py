"""The conformance suite passes good departments, and finds what is wrong with bad ones."""

from dataclasses import replace

import pytest
from marshmallow import RAISE

from appeals import message
from appeals.department import Department
from appeals.events import AppealClosed, DeadlineSet, OrderDispatched, OrderSigned
from appeals.settings import WrongSettings
from appeals.testing import conformance
from appeals.testing.candidate import Fault
from departments.desk.consumer import desk_of
from departments.industry.consumer import industry as good
from departments.sasac.consumer import sasac
from departments.securities.consumer import securities
from tests.departments.conftest import MANIFESTS, sign, without

MANIFEST = replace(MANIFESTS.get("industry"), events=("order.dispatched", "deadline.set", "appeal.closed"))

test_industry = conformance.of(good, MANIFESTS.get("industry"))


@pytest.mark.parametrize("department", [sasac, securities, desk_of("public-security")], ids=lambda one: one.code)
def test_the_departments_of_this_repository_conform(department):
    handled = tuple(event.topic for event in department.handlers)
    looked_at = conformance.candidate(department, replace(MANIFESTS.get(department.code), events=handled))

    for rule in conformance.RULES:
        rule(looked_at)


def faults(department, manifest=MANIFEST):
    """The rules that a department breaks, with what was seen."""
    looked_at, found = conformance.candidate(department, manifest), {}
    for rule in conformance.RULES:
        try:
            rule(looked_at)
        except Fault as fault:
            found[rule.__name__] = str(fault)
    return found


def test_handlers_with_everything_declared_conform(industry):
    @industry.on(OrderDispatched, retries=1, refuse=(Exception,))
    async def take(order, desk):
        desk.sign(order)

    industry.on(DeadlineSet, retries=0, ordered=False)(lambda deadline, desk: None)

    assert faults(industry) == {}


def test_a_handler_that_cannot_take_the_sample_is_found(industry):
    @industry.on(OrderDispatched)
    def take(order, desk):
        return {}["朝阳市"]

    assert faults(industry) == {
        "every_event_of_the_manifest_is_handled_or_refused": "order.dispatched was set aside (KeyError: '朝阳市')"
    }


def test_a_handler_that_refuses_the_sample_is_not_at_fault(industry):
    @industry.on(OrderDispatched, refuse=(LookupError,))
    def take(order, desk):
        return {}["朝阳市"]

    assert faults(industry) == {}


def test_a_word_outside_the_manifest_is_found(industry):
    industry.on(OrderDispatched)(sign)

    found = faults(industry, replace(MANIFEST, words=without("order.signed").words))

    assert list(found) == ["only_words_of_the_manifest_are_said"]
    assert "does not let it say order.signed" in found["only_words_of_the_manifest_are_said"]


def test_a_word_in_anothers_name_is_found(industry):
    @industry.on(OrderDispatched)
    def take(order, desk):
        return OrderSigned(receipt=order.receipt, at=order.at, order=order.order, department="sasac")

    assert list(faults(industry)) == ["only_words_of_the_manifest_are_said"]


def test_a_word_about_an_order_that_is_over_is_found(industry):
    industry.on(OrderDispatched)(sign)

    @industry.on(AppealClosed)
    def thank(closed, desk):
        desk.progress(desk.order(closed.receipt), note="感谢")

    assert faults(industry) == {
        "nothing_is_said_about_an_order_that_is_over": (
            "at appeal.closed the order is over, yet it says progress.reported"
        )
    }


def test_a_handler_that_remembers_a_failed_attempt_is_found(industry):
    done = set()

    @industry.on(OrderDispatched)
    def take(order, desk):
        if order.receipt not in done:
            done.add(order.receipt)
            desk.sign(order)

    assert "an_attempt_that_failed_is_made_again_in_full" in faults(industry)


def test_a_handler_that_counts_deliveries_outside_its_transaction_is_found(industry, tmp_path):
    """The kit absorbs what comes twice; a handler that goes behind its back shows in the words."""
    log = tmp_path / "attempts"

    @industry.on(OrderDispatched)
    def take(order, desk):
        log.write_text(f"{log.read_text() if log.exists() else ''}x")
        for _ in log.read_text():
            desk.progress(order, note="x")

    assert "an_attempt_that_failed_is_made_again_in_full" in faults(industry)


def test_a_reader_that_breaks_on_an_unknown_field_is_found(industry, monkeypatch):
    industry.on(OrderDispatched)(sign)
    monkeypatch.setattr(message, "_reader", lambda cls: message.schema_of(cls)(unknown=RAISE))

    assert "unknown_field: Unknown field" in faults(industry)["unknown_fields_are_ignored"]


def test_an_event_that_needs_an_earlier_one_and_declares_otherwise_is_found(industry):
    @industry.on(DeadlineSet, ordered=False)
    def note(deadline, desk):
        desk.progress(desk.order(deadline.order), note="已知晓时限")

    assert "events_that_come_out_of_order_are_applied_in_order" in faults(industry)


def test_a_handler_for_what_the_manifest_does_not_list_is_found(industry):
    industry.on(OrderDispatched)(sign)

    with pytest.raises(WrongSettings, match=r"handles order\.dispatched, which is not among"):
        conformance.candidate(industry, replace(MANIFEST, events=("deadline.set",)))


def test_a_process_that_does_not_come_to_its_end_is_found(industry, monkeypatch):
    told = []
    monkeypatch.setattr("appeals.bus.station.DRAIN_SECONDS", 0)
    monkeypatch.setattr("appeals.bus.consumer.Consumer.stop", lambda consumer: told.append(consumer))
    industry.on(OrderDispatched)(sign)

    looked_at = conformance.candidate(industry, MANIFEST)

    with pytest.raises(Fault, match="a thread of the process goes on"):
        conformance.a_process_told_to_stop_finishes_and_publishes(looked_at)
    monkeypatch.undo()
    for consumer in told:
        consumer.stop()


def test_a_manifest_without_events_is_no_department():
    looked_at = conformance.candidate(Department("industry"), replace(MANIFEST, events=()))

    with pytest.raises(Fault, match="lists no event"):
        conformance.every_event_of_the_manifest_is_handled_or_refused(looked_at)
