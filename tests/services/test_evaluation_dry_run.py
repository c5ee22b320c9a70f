"""Other weights are tried on the months that are open before anybody is scored by them."""

from datetime import timedelta

import pytest

from services.evaluation import dry_run
from services.evaluation.policy_file import POLICY
from tests.services.evaluating import call, close, lead, receipt

# On PostgreSQL a test has schemas with names of their own, which the tool does not know.
pytestmark = pytest.mark.parametrize("town", ["sqlite"], indirect=True)

SAID = "1 units in open months, {} would have other figures; {} frozen months stay as they are"


@pytest.fixture
def trial(town, tmp_path, monkeypatch, capsys):
    """Try the policy with this text changed; returns the exit status, and what was said."""
    town.host("evaluation")
    for number in range(2):
        lead(town, receipt(number))
        close(town, receipt(number))
        call(town, receipt(number), contact_confirmed=number == 0, rating="satisfied", solved="solved")

    def attempt(was="", now=""):
        path = tmp_path / "policy.yml"
        path.write_text(POLICY.read_text(encoding="utf-8").replace(was, now), encoding="utf-8")
        url = town.hosts["evaluation"].database.engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setattr(dry_run, "utc_now", town.clock)
        status = dry_run.main([str(path)])
        said = capsys.readouterr()
        return status, (said.out + said.err).splitlines()

    return attempt


RESPONSE = "response: 0.30, solution: 0.35, satisfaction: 0.35"


def test_the_weights_in_force_change_nothing(town, trial):
    assert trial() == (0, [SAID.format(0, 0)])


def test_other_weights_are_shown_by_unit_and_nothing_is_written(town, trial):
    before = town.hosts["evaluation"].rows("SELECT * FROM led")

    status, said = trial(RESPONSE, "response: 0.50, solution: 0.25, satisfaction: 0.25")

    assert status == 1
    assert said == [
        "2026-11 securities: S 88.0, S3 85.0, K 0.0, rank 样本不足 → S 80.0, S3 75.0, K 0.0, rank 样本不足",
        SAID.format(1, 0),
    ]
    assert town.hosts["evaluation"].rows("SELECT * FROM led") == before


def test_a_frozen_month_is_not_tried(town, trial):
    town.clock.advance(days=30)
    town.hosts["evaluation"].tick()
    lead(town, receipt(9), reply_in=timedelta(days=-25))  # due in the frozen month, and heard of too late for it

    status, said = trial(RESPONSE, "response: 0.50, solution: 0.25, satisfaction: 0.25")

    assert (status, said) == (0, ["0" + SAID.format(0, 1)[1:]])


def test_a_wrong_policy_is_told_in_one_line(town, trial):
    status, said = trial("most_bonus: 5", "most_bonus: much")

    assert (status, len(said)) == (2, 1)
    assert "scoring.index.most_bonus" in said[0]
