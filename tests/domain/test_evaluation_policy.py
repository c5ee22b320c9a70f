"""The policy of evaluation: its numbers are checked when it is loaded, and what is wrong is told with its place."""

import pytest

from appeals.settings import WrongSettings
from services.evaluation.policy_file import POLICY, load_policy


@pytest.mark.parametrize(
    ("was", "now", "line", "told"),
    [
        ("response: 0.30", "response: 0.40", 19, "are 1.1 together, not 1"),
        ("rates: 0.8", "rates: 0.9", 20, "together, not 100"),
        ("yellow_card: 5", "yellow_card: -5", 22, "scoring.deductions.yellow_card"),
        ("critical: same-day", "critical: soon", 12, "callback.due.critical"),
        ("attempts: 3", "attempts: 0", 13, "callback.attempts"),
        ("another: half-day", "another: hour", 14, "callback.another"),
        ("after: 20d", "after: 20", 25, "scoring.freeze.after"),
        ("kinds: [report]", "kinds: [rumour]", 24, "scoring.not_rated.kinds"),
        ('limit: 30d, source: "信访', 'limit: 30d, reason: "信访', 9, "review"),
        ("least: 3", "least: 1", 28, "common_problems.least"),
    ],
)
def test_a_wrong_number_is_told_with_file_line_and_field(tmp_path, was, now, line, told):
    path = tmp_path / "policy.yml"
    written = POLICY.read_text(encoding="utf-8")
    assert was in written
    path.write_text(written.replace(was, now, 1), encoding="utf-8")

    with pytest.raises(WrongSettings) as wrong:
        load_policy(path)

    assert str(path) in str(wrong.value)
    assert f"line {line}:" in str(wrong.value)
    assert told in str(wrong.value)


def test_every_group_of_numbers_names_its_source():
    groups = [line for line in POLICY.read_text(encoding="utf-8").splitlines() if "{" in line or "source" in line]

    assert sum("source:" in line for line in groups) == 11
