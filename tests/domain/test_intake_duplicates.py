"""Which appeals are found alike, in which order, and why an officer might think so."""

import dataclasses

import pytest

from services.intake.duplicates import candidates, resembled, told
from services.intake.likeness import in_common, similarity
from services.intake.traits import in_one_block
from tests.domain.intake_cases import COMPANY, LIKENESS, NOW, ONE, OTHER, THREE, TWO, case_of, traits

FIRST = "沈抚示范区内道路施工已3个月，厂区货车无法通行，每天损失2万元"
REWORDED = "我公司位于沈抚示范区，门前修路 3 个月了，物流停摆"
UNRELATED = "希望了解高新技术企业所得税优惠政策"


def in_block(one, other):
    return in_one_block(one, other, LIKENESS.window)


def block(*others):
    return [(traits(case, days_ago=days)[0], case) for case, days in others]


def find(case, *others, names=None):
    return candidates(case, traits(case)[0], block(*others), names or {})


def test_a_block_is_one_enterprise_one_category_and_ninety_days():
    own = traits(case_of())

    assert in_block(own, traits(case_of(TWO), days_ago=90))
    assert not in_block(own, traits(case_of(TWO), days_ago=91))
    assert not in_block(own, traits(case_of(TWO, category="land")))
    assert not in_block(own, traits(case_of(TWO), OTHER))


def test_without_a_credit_code_the_name_and_the_city_tell_who_it_is():
    nameless = dataclasses.replace(COMPANY, uscc=None, name="北票恒铸特钢 有限公司", city="朝阳")
    elsewhere = dataclasses.replace(nameless, city="沈阳市")

    assert in_block(traits(case_of()), traits(case_of(TWO), nameless))
    assert not in_block(traits(case_of()), traits(case_of(TWO), elsewhere))


def test_two_credit_codes_are_two_enterprises_whatever_they_are_called():
    namesake = dataclasses.replace(COMPANY, uscc=OTHER.uscc)

    assert not in_block(traits(case_of()), traits(case_of(TWO), namesake))


def test_a_person_and_who_is_anonymous_are_compared_with_nobody():
    assert traits(case_of(classification="anonymous")) == []
    assert traits(case_of(), dataclasses.replace(COMPANY, kind="person")) == []


def test_of_a_confidential_appeal_only_the_enterprise_is_kept():
    kept = traits(case_of(classification="confidential", accused=("sasac",)))

    assert {trait.kind for trait in kept} == {"enterprise"}
    assert all(trait.hidden for trait in kept)


def test_what_an_appeal_is_found_by_tells_nobody_whose_it_is():
    for kept in traits(case_of(classification="confidential")):
        assert COMPANY.uscc not in kept.value + kept.enterprise
        assert COMPANY.name not in kept.value + kept.enterprise


def test_the_likest_comes_first_and_none_is_left_out_for_being_unlike():
    found = find(
        case_of(text=FIRST), (case_of(TWO, title="政策", text=UNRELATED), 3), (case_of(THREE, text=REWORDED), 30)
    )

    assert [one.case.receipt for one in found] == [THREE, TWO]


def test_an_officer_reads_why_two_appeals_may_be_one():
    case = case_of(title="道路", text=FIRST, accused=("sasac",))
    other = case_of(TWO, title="物流", text=REWORDED, accused=("sasac",))
    (found,) = find(case, (other, 12), names={"sasac": "省国资委"})

    answer = found.told(mergeable=True)

    assert answer["zh"] == "同一企业、同一事项类别，12 天前；都提到 省国资委、沈抚示范区、3个月"
    assert answer["en"] == "Same enterprise, same category, 12 days earlier; both mention 省国资委, 沈抚示范区, 3个月"


def test_the_reason_tells_when_only_name_and_city_are_the_same():
    case, other = case_of(), case_of(TWO, title="别的", text="别的")
    nameless = traits(other, dataclasses.replace(COMPANY, uscc=None))[0]

    (found,) = candidates(case, traits(case)[0], [(nameless, other)], {})

    assert found.told(mergeable=True)["zh"] == "企业名称和城市相同、同一事项类别，同日"


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("欠款32万元未付", "拖欠 32万元", ("32万元",)),
        ("2026年3月5日停电", "自2026年3月5日起", ("2026年3月5日",)),
        ("仓库电缆连续被盗", "本月仓库电缆连续被盗两次", ("仓库电缆连续被盗",)),
        ("完全不同", "没有关系", ()),
    ],
)
def test_what_stands_in_both_texts_is_named(one, other, shared):
    assert in_common(one, other) == shared


def test_the_similarity_of_texts_is_between_none_and_the_same():
    assert similarity(FIRST, FIRST) == 1.0
    assert similarity("", FIRST) == 0.0
    assert 0.0 <= similarity(FIRST, UNRELATED) < similarity(FIRST, REWORDED) < 1.0


def test_officers_are_told_of_candidates_and_of_none_that_hides():
    hiding = case_of(THREE, classification="confidential")
    pairs = [*block((case_of(TWO), 3)), (traits(hiding)[0], hiding)]

    (said,) = resembled(case_of(), pairs, NOW)

    assert said.candidates == (TWO,)
    assert resembled(case_of(classification="confidential"), pairs, NOW) == []
    assert resembled(case_of(), [], NOW) == []


def test_the_answer_tells_which_may_be_merged():
    case, closed = case_of(), case_of(TWO)
    closed.state = "closed"
    hiding = case_of(THREE, classification="confidential")
    found = candidates(case, traits(case)[0], [*block((closed, 1)), (traits(hiding)[0], hiding)], {})

    answer = told(case, found, days=90, version="test")

    assert {one["receipt"]: one["mergeable"] for one in answer["candidates"]} == {TWO: False, THREE: False}
    assert (answer["receipt"], answer["days"]) == (ONE, 90)
