"""When a matter is flagged: brought up again and again, or by many enterprises at once."""

import pytest

from services.intake.flags import collective, repeated
from tests.domain.intake_cases import COMPANY, LIKENESS, NOW, ONE, OTHER, THIRD, THREE, TWO, case_of, traits


def alike(receipt, applicant=COMPANY, state="submitted", **more):
    case = case_of(receipt, classification=more.pop("classification", "ordinary"), accused=more.pop("accused", ()))
    case.state = state
    return traits(case, applicant, **more)[0], case


def flagged(rule, *others):
    case = case_of()
    return rule(case, traits(case)[0], others, LIKENESS, NOW)


def test_the_third_appeal_of_an_enterprise_about_one_matter_flags_all_that_are_open():
    said = flagged(repeated, alike(TWO), alike(THREE, state="accepted"))

    assert [(one.receipt, one.flag, one.count, one.days) for one in said] == [
        (receipt, "repeated", 3, 90) for receipt in (ONE, TWO, THREE)
    ]
    assert said[0].reason == "同一企业就同一事项类别 90 天内已提出 3 次诉求"


def test_two_appeals_are_not_yet_repeated():
    assert flagged(repeated, alike(TWO)) == []


@pytest.mark.parametrize("state", ["rejected", "merged", "split", "closed", "archived"])
def test_what_is_over_or_goes_with_another_counts_but_is_not_flagged(state):
    said = flagged(repeated, alike(TWO, state=state), alike(THREE))

    assert [one.receipt for one in said] == [ONE, THREE]


def test_the_parts_of_one_appeal_count_as_one():
    parts = (alike(TWO, submission="whole"), alike(THREE, submission="whole"))

    assert flagged(repeated, *parts) == []


def test_three_enterprises_at_once_are_a_collective_matter():
    said = flagged(collective, alike(TWO, OTHER), alike(THREE, THIRD))

    assert [(one.receipt, one.flag, one.count, one.days) for one in said] == [
        (receipt, "collective", 3, 30) for receipt in (ONE, TWO, THREE)
    ]


def test_one_enterprise_three_times_is_not_collective():
    assert flagged(collective, alike(TWO), alike(THREE)) == []


@pytest.mark.parametrize("rule", [repeated, collective])
def test_appeals_about_other_units_are_another_matter(rule):
    assert flagged(rule, alike(TWO, OTHER, accused=("sasac",)), alike(THREE, THIRD)) == []


def test_who_hides_neither_counts_nor_is_flagged():
    hiding = (alike(TWO, classification="confidential"), alike(THREE, classification="confidential"))

    assert flagged(repeated, *hiding) == []
