"""A policy is tried on past orders before anybody works by it."""

import pytest

from appeals.commands import DecideExtension, RefuseFeedback, SuspendOrder
from appeals.events import ExtensionRequested
from services.supervision.dry_run import main
from services.supervision.policy_file import POLICY
from tests.services.supervising import RECEIPT, about, ask, in_hand, replied

# On PostgreSQL a test has schemas with names of their own, which the tool does not know.
pytestmark = pytest.mark.parametrize("town", ["sqlite"], indirect=True)


@pytest.fixture
def trial(tmp_path, monkeypatch, capsys):
    """Try the policy with this text changed; returns the exit status, and what was said."""

    def attempt(town, was="", now=""):
        path = tmp_path / "policy.yml"
        path.write_text(POLICY.read_text(encoding="utf-8").replace(was, now), encoding="utf-8")
        url = town.hosts["supervision"].database.engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv("DATABASE_URL", url)
        status = main([str(path)])
        said = capsys.readouterr()
        return status, (said.out + said.err).splitlines()

    return attempt


def test_the_policy_in_force_changes_nothing_whatever_happened_to_the_orders(town, trial):
    town.host("supervision")
    asked = ExtensionRequested(**about(town), days=5, reason="专家评审", plan="下周评审")
    in_hand(town)
    town.say("routing", asked)
    ask(town, DecideExtension, approve=True, reason="同意")
    ask(town, SuspendOrder, reason="statutory", days=3, basis="公示通知")
    in_hand(town, number="02")
    town.clock.advance(days=7, hours=7)
    town.say("routing", replied(town), replied(town, number="02"))
    ask(town, RefuseFeedback, number="02", reason="未附佐证")

    assert trial(town) == (0, ["5 steps, 0 would have another due date; missed 1 → 1"])


def test_what_a_shorter_limit_would_have_meant_is_shown_step_by_step(town, trial):
    town.host("supervision")
    in_hand(town)
    town.clock.advance(days=4)
    town.say("routing", replied(town))
    before = town.hosts["supervision"].rows("SELECT * FROM deadlines ORDER BY key")

    status, said = trial(town, 'normal: 5wd, hard: 15wd, source: "济南', 'normal: 2wd, hard: 15wd, source: "济南')

    assert status == 1
    assert said == [
        f"{RECEIPT}-01 reply: 5wd → 2wd, 2026-12-01 17:00 → 2026-11-26 17:00",
        "3 steps, 1 would have another due date; missed 1 → 2",
    ]
    assert town.hosts["supervision"].rows("SELECT * FROM deadlines ORDER BY key") == before


def test_a_wrong_policy_is_told_in_one_line(town, trial):
    town.host("supervision")

    status, said = trial(town, "review_every: 10", "review_every: soon")

    assert status == 2
    assert len(said) == 1
    assert "suspension.review_every" in said[0]
