"""$name on trial: its handlers on the real bus, with a broker in memory."""

from pathlib import Path

import pytest
from consumer import department

from appeals.events import OrderDispatched
from appeals.testing import Trial, conformance

MANIFEST = Path(__file__).with_name("$code.yml")

# What every department has to keep: one effect for each event, order, retries, dead letters, a clean stop, ...
test_conformance = conformance.of(department, MANIFEST)


@pytest.fixture
def trial():
    """The department at work, knowing nothing; its clock stands still until `trial.advance(seconds=10)`."""
    with Trial(department, MANIFEST) as trial:
        yield trial


def test_an_order_is_signed(trial):
    trial.hear(OrderDispatched)

    assert trial.words == ["order.signed"]
    assert trial.order().state == "signed"


def test_an_order_about_fire_safety_is_returned_with_a_reason(trial):
    trial.hear(OrderDispatched, title="厂区消防验收")

    (returned,) = trial.said
    assert returned.reason == "消防事项不属于本单位职责"
