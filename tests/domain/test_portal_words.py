"""What the applicant reads: every event has a sentence, and a milestone tells its date and its figures."""

import pytest

from appeals.samples import event_classes, sample
from services.portal.words import EN, EVENTS, ZH, sentence

SOLVED = {
    "department": "public-security",
    "name": "案件侦破",
    "state": "done",
    "on": "2023-08-03",
    "figures": {"value_cny": 100000, "suspects": 4},
}
NAMES = {"public-security": "省公安厅"}


def test_a_milestone_tells_its_date_and_its_figures():
    told = "省公安厅：案件侦破（已完成，2023年8月3日，涉及金额100000元，抓获4人）"

    assert sentence("milestone.reached", SOLVED, NAMES, ZH) == told


def test_a_figure_that_nobody_has_named_stands_under_its_code():
    told = sentence("milestone.reached", SOLVED | {"on": None, "figures": {"visits": 3}}, {}, EN)

    assert told == "public-security: 案件侦破 (done, visits 3)"


@pytest.mark.parametrize("language", [ZH, EN])
@pytest.mark.parametrize("event_class", [cls for cls in event_classes() if cls.tells_core], ids=lambda cls: cls.topic)
def test_every_event_has_a_sentence_in_both_languages(event_class, language):
    told = sentence(event_class.topic, sample(event_class).to_data(), NAMES, language)

    assert event_class.topic in EVENTS
    assert told
    assert "{" not in told
