"""The simulated year, short: three weeks around the National Day. `make year` is the long one.

The check has to be able to fail: with a defect put into the product it says what is wrong.
"""

from datetime import date

import pytest

from appeals.calendar import Calendar, Limit
from services.evaluation import scoring
from services.supervision.deadline import Deadline
from tests.simulation.run import Year

AROUND_THE_NATIONAL_DAY = date(2026, 9, 21), date(2026, 10, 11)


def run(folder, appeals, seed=7110, every=1800):
    return Year(folder, seed=seed, appeals=appeals, every=every, season=AROUND_THE_NATIONAL_DAY).run()


def test_every_deadline_reminder_card_and_score_is_as_a_second_computation_has_it(tmp_path):
    outcome = run(tmp_path, 100)

    assert outcome.differences == []
    assert outcome.appeals == 100
    assert outcome.said["appeal.archived"] > 80
    assert outcome.checked > 1000 and outcome.scored > 20


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        ("naive days", "deadline.set"),
        ("one reminder twice", "deadline.warned"),
        ("the whole for the half", "deadline.set"),
        ("a late reply counts as in time", "on_time"),
    ],
)
def test_a_defect_in_the_product_is_told(tmp_path, monkeypatch, defect, told):
    said_once = Deadline.come_due
    defects = {
        "naive days": (Calendar, "is_workday", lambda self, day: day.weekday() < 5),
        "one reminder twice": (Deadline, "come_due", lambda *about: said_once(*about) * 2),
        "the whole for the half": (Limit, "half", lambda self, at_least=1: self),
        "a late reply counts as in time": (scoring, "_share", _all_in_time),
    }
    monkeypatch.setattr(*defects[defect])

    outcome = run(tmp_path, 10)

    assert any(told in difference for difference in outcome.differences)


def _all_in_time(counts, n):
    return scoring.Share(count=n, n=n)
