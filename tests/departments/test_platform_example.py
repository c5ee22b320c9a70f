"""The example of another platform, on trial: it needs no concept of the kit's but a manifest of its kind."""

import runpy
from pathlib import Path

import pytest

from appeals.department.desk import NotOurWord
from appeals.events import Applicant, HandoverRefused, HandoverTaken, HandoverUpdated
from appeals.testing import Trial

FOLDER = Path(__file__).parents[2] / "examples" / "platform"
APPLICANT = {"name": "朝阳某科技有限公司"}


@pytest.fixture
def hotline():
    """The platform of the example."""
    return runpy.run_path(str(FOLDER / "consumer.py"))["hotline"]


@pytest.fixture
def trial(hotline):
    with Trial(hotline, FOLDER / "hotline-12345.yml") as trial:
        yield trial


def hand_over(trial, number="GD-1"):
    with trial.clerk(by="坐席") as desk:
        desk.hand_over(number, title="用电不稳", text="多次停电", applicant=Applicant(**APPLICANT))


def test_a_clerk_hands_over_under_the_platforms_own_reference_and_by_its_own_channel(trial):
    hand_over(trial)

    (word,) = trial.said
    assert (word.receipt, word.reference, word.channel) == ("hotline-12345:GD-1", "GD-1", "hotline-12345")
    assert (word.platform, word.by) == ("hotline-12345", "坐席")


def test_what_it_is_told_reaches_its_handlers_in_order(trial, capsys):
    about = {"platform": "hotline-12345", "reference": "GD-1"}
    trial.hear(HandoverTaken, **about)
    trial.hear(HandoverUpdated, **about, state="closed", note="已恢复供电")
    trial.hear(HandoverRefused, platform="hotline-12345", reference="GD-2", zh="编号已使用")

    assert [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()] == ["GD-1", "GD-1", "GD-2"]
    assert trial.dead == []


def test_a_platform_has_no_word_of_a_department_at_its_desk(trial):
    with pytest.raises(NotOurWord), trial.clerk() as desk:
        desk.sign(type("Order", (), {"receipt": "SQ-20261124-A1B2C3", "order": "SQ-20261124-A1B2C3-01"}))
