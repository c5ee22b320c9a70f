"""A department's developer can try everything that may happen, without a broker."""

from dataclasses import replace

import pytest

from appeals.department import NoSuchOrder
from appeals.events import AppealAccepted, AppealClosed, DeadlineSet, OrderDispatched, OrderSigned
from appeals.samples import RECEIPT
from appeals.settings import WrongSettings
from appeals.testing import Letter, Trial
from tests.departments.conftest import MANIFESTS, ROOT, sign


@pytest.fixture
def trial(industry):
    """A department that signs what it gets; its manifest comes from its file."""
    industry.on(OrderDispatched)(sign)
    with Trial(industry, ROOT / "deploy" / "departments" / "industry.yml") as trial:
        yield trial


def test_a_class_stands_for_its_sample_as_this_department_is_told_it(industry):
    heard = []
    industry.code = "parks"
    industry.on(OrderDispatched, AppealClosed)(lambda event, desk: heard.append(event))
    manifest = MANIFESTS.get("industry")

    with Trial(industry, replace(manifest, code="parks")) as trial:
        trial.advance(hours=1)
        trial.hear(OrderDispatched, AppealClosed, receipt="SQ-20261124-000001")

        order, closed = heard
        assert (order.department, order.order, order.at) == ("parks", "SQ-20261124-000001-01", trial.clock())
        assert (closed.departments, closed.lead, closed.receipt) == (("parks",), "parks", "SQ-20261124-000001")


def test_what_was_said_is_told_as_words_in_order(trial):
    trial.hear(OrderDispatched)
    with trial.clerk(by="李静") as desk:
        desk.progress(desk.order(RECEIPT), note="正在研究")

    signed, reported = trial.said
    assert isinstance(signed, OrderSigned)
    assert (reported.note, reported.by) == ("正在研究", "李静")
    assert trial.words == ["order.signed", "progress.reported"]


def test_changes_to_a_field_that_an_event_does_not_have_are_told(trial):
    with pytest.raises(TypeError, match="titel"):
        trial.hear(OrderDispatched, titel="x")


def test_what_the_platform_would_not_send_is_not_heard(trial):
    with pytest.raises(WrongSettings, match=r"appeal\.accepted is not among the manifest's events"):
        trial.hear(AppealAccepted)


def test_nothing_happens_until_the_department_acts(trial):
    trial.say(OrderDispatched)
    assert trial.words == []

    trial.settle()

    assert trial.words == ["order.signed"]


def test_an_interrupted_attempt_leaves_nothing_and_is_made_again(trial):
    trial.interrupt()

    trial.hear(OrderDispatched)
    assert trial.words == []
    with pytest.raises(NoSuchOrder):
        trial.order()

    trial.advance(seconds=1)
    assert trial.words == ["order.signed"]


def test_dead_letters_tell_why_and_can_be_replayed(trial):
    trial.interrupt(attempts=4)
    trial.hear(OrderDispatched)
    trial.settle_through_retries()
    assert trial.dead == [
        Letter(topic="order.dispatched", reason="Interrupted", error="the trial lets this attempt fail")
    ]

    trial.replay()

    assert trial.dead == []
    assert trial.words == ["order.signed"]


def test_bytes_that_nobody_can_read_are_a_dead_letter_without_a_topic(trial):
    trial.say(OrderDispatched)
    (outgoing,) = trial.take()
    trial.broker.publish(replace(outgoing, body=b"?"))

    trial.settle()

    assert [(letter.topic, letter.reason) for letter in trial.dead] == [("", "malformed")]


def test_after_a_crash_everything_comes_again_and_is_done_once(trial):
    heard = []
    trial.department.on(DeadlineSet)(lambda deadline, desk: heard.append(deadline))
    trial.restart()
    trial.say(OrderDispatched, DeadlineSet)

    trial.crash()
    trial.again()

    assert trial.words == ["order.signed"]
    assert len(heard) == 1


def test_one_trial_knows_nothing_of_another(trial, industry):
    trial.hear(OrderDispatched)

    with Trial(industry, MANIFESTS.get("industry")) as other, pytest.raises(NoSuchOrder):
        other.order()
    with Trial(industry, MANIFESTS.get("industry")) as third:
        third.hear(OrderDispatched)
        assert third.words == ["order.signed"]


def test_a_trial_with_the_manifest_of_another_is_refused(industry):
    with pytest.raises(WrongSettings, match="the manifest of sasac, not of industry"):
        Trial(industry, ROOT / "deploy" / "departments" / "sasac.yml")
