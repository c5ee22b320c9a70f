"""Dispatching: who of those whose duty it is can be sent an order, by hand and by the joint conference too."""

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals.manifest import Directory
from services.routing.refusals import (
    Accused,
    AccusedUnclear,
    CannotBeTold,
    DesignationNeeded,
    NoSuchDepartment,
    NotHeld,
)
from tests.domain.routing_rules import NOW, UNITS, a_case, book, catalogue, sent

BOOK = book()
WORDS = [word.written.split("|")[0].replace("…", "") for rule in catalogue().rules for word in rule.keywords[:2]]
CODES = [unit.code for unit in UNITS]


def by_hand(case, lead="sasac", assist=(), rules=BOOK):
    return case.dispatch_by_hand(lead, assist, rules, NOW, by="王明", requirement="")


def settled(case, accused):
    return case.correct_accused(accused, BOOK, NOW, by="王明", reason="电话核实")


def with_local_police():
    """The departments that come along, and two local police that are plugged in, one of them in no list of units."""
    manifests = [BOOK.directory.get(code) for code in BOOK.directory.codes]
    police = BOOK.directory.get("public-security")
    local = [("shenyang-police", "沈阳市公安局"), ("tiexi-police", "铁西公安分局")]
    return Directory([*manifests, *(replace(police, code=code, name=name) for code, name in local)])


def a_held_case(**changes):
    case = a_case(title="反映情况", text="请协调", **changes)
    case.dispatch(BOOK, NOW)
    return case


def test_the_lead_is_told_whom_to_consult_that_is_not_plugged_in():
    said = a_case().dispatch(BOOK, NOW)

    assert sent(said) == ["lead industry", "assist natural-resources"]
    assert said[0].consult == ("省生态环境厅", "省应急厅", "省住建厅", "省交通运输厅")


def test_an_order_tells_the_rule_the_reasons_and_the_version_that_decided():
    (order, _) = a_case().dispatch(BOOK, NOW)

    assert order.why == "化工园区、产业园区认定由工信部门牵头"
    assert "标题" in order.explanation
    assert order.rules_version == catalogue().version


def test_an_appeal_whose_unit_is_not_plugged_in_is_held_with_its_name_and_goes_to_no_other():
    (held,) = a_case(title="消防验收拖延").dispatch(BOOK, NOW)

    assert (held.reason, held.proposed) == ("its unit is not plugged in", "housing")
    assert held.explanation.startswith("应由省住建厅主办，该单位尚未接入")


def test_an_appeal_that_its_unit_may_not_be_told_of_is_held():
    manifests = [replace(BOOK.directory.get(code), ceiling="public") for code in BOOK.directory.codes]

    (held,) = a_case().dispatch(book(directory=Directory(manifests)), NOW)

    assert (held.reason, held.proposed) == ("its unit may not be told of it", "industry")


def test_a_vertical_organ_gets_a_letter_and_the_others_an_order():
    listing = a_case(title="企业上市辅导备案", text="国资确权").dispatch(BOOK, NOW)

    assert [(one.department, one.form) for one in listing] == [("securities", "letter"), ("sasac", "order")]


def test_a_regime_by_law_goes_out_with_the_order_unless_intake_named_one():
    arrears = {"title": "大型企业拖欠货款", "text": ""}

    assert a_case(**arrears).dispatch(BOOK, NOW)[0].special_regime == "payment-arrears"
    assert a_case(**arrears, special_regime="petition").dispatch(BOOK, NOW)[0].special_regime == "petition"


def test_an_appeal_about_somebody_whom_nobody_knows_is_held_for_a_person():
    (held,) = a_case(accused=["管片的人"]).dispatch(BOOK, NOW)

    assert held.reason == "it is not clear whom it is about"


def test_nobody_sends_it_out_before_it_is_settled_whom_it_is_about():
    case = a_case(accused=["管片的人"])
    case.dispatch(BOOK, NOW)

    with pytest.raises(AccusedUnclear, match="管片的人"):
        by_hand(case, "sasac")
    with pytest.raises(AccusedUnclear):
        case.designate("sasac", (), BOOK, NOW, by="赵刚", requirement="", minutes="纪要")


def test_once_an_officer_has_settled_whom_it_is_about_the_rules_are_tried_again():
    case = a_case(accused=["管片的人", "sasac"])
    case.dispatch(BOOK, NOW)

    corrected, *said = settled(case, ["朝阳市公安局"])

    assert (corrected.topic, corrected.accused) == ("accused.corrected", ("sasac", "朝阳市公安局"))
    assert sent(said)[0] == "lead industry"


def test_whom_it_is_about_is_not_settled_by_another_name_that_nobody_knows():
    case = a_case(accused=["管片的人"])
    case.dispatch(BOOK, NOW)

    with pytest.raises(AccusedUnclear, match="那些人"):
        settled(case, ["那些人"])


def test_nobody_settles_whom_an_appeal_is_about_that_is_already_out():
    case = a_case()
    case.dispatch(BOOK, NOW)

    with pytest.raises(NotHeld):
        settled(case, ["省国资委"])


def test_an_accused_unit_that_no_list_knows_is_known_by_its_line():
    case = a_case(title="仓库被盗", text="报案以后没有立案", accused=["铁西区公安分局"])

    assert sent(case.dispatch(BOOK, NOW))[0] == "lead public-security"


def test_where_one_local_unit_is_accused_no_local_unit_of_its_line_takes_part():
    case = a_case(title="反映情况", text="", accused=["铁西区公安分局"], held=True)
    rules = book(directory=with_local_police())

    for code in ("shenyang-police", "tiexi-police"):
        with pytest.raises(Accused):
            case.dispatch_by_hand(code, (), rules, NOW, by="王明", requirement="")
    assert sent(case.dispatch_by_hand("public-security", (), rules, NOW, by="王明", requirement="")) == [
        "lead public-security"
    ]


@pytest.mark.parametrize("accused", ["public-security", "省公安厅", "辽宁省公安厅治安总队", "辽宁省人民政府"])
def test_an_accused_unit_and_all_below_it_do_not_lead(accused):
    said = a_case(title="仓库被盗", accused=[accused]).dispatch(BOOK, NOW)

    assert sent(said) == []


def test_the_superior_of_an_accused_unit_may_lead():
    said = a_case(title="仓库被盗", text="派出所没有回音", accused=["朝阳市公安局"]).dispatch(BOOK, NOW)

    assert sent(said) == ["lead public-security"]


def test_what_is_said_of_a_held_appeal_does_not_tell_whom_it_is_about():
    (held,) = a_case(title="仓库被盗", accused=["省公安厅"]).dispatch(BOOK, NOW)

    assert "公安厅" not in held.explanation + "".join(held.considered)


def test_a_dispatcher_sends_a_held_appeal_out_and_each_department_gets_one_order():
    assert sent(by_hand(a_held_case(), "sasac", ["industry", "sasac", "industry"])) == ["lead sasac", "assist industry"]


def test_an_appeal_that_is_not_held_cannot_be_sent_out_by_hand():
    with pytest.raises(NotHeld):
        by_hand(a_case())


def test_nobody_can_send_an_appeal_to_a_unit_that_is_not_plugged_in():
    with pytest.raises(NoSuchDepartment):
        by_hand(a_held_case(), "housing")


@pytest.mark.parametrize(
    "send", [by_hand, lambda case, *who: case.designate(*who, (), BOOK, NOW, by="", requirement="", minutes="纪要")]
)
def test_neither_by_hand_nor_by_designation_does_an_appeal_go_to_whom_it_is_about(send):
    with pytest.raises(Accused):
        send(a_held_case(accused=["省政府"]), "sasac")


def test_nobody_can_send_an_appeal_to_a_unit_whose_manifest_does_not_admit_it():
    manifests = [replace(BOOK.directory.get(code), ceiling="public") for code in BOOK.directory.codes]

    with pytest.raises(CannotBeTold):
        by_hand(a_held_case(), rules=book(directory=Directory(manifests)))


def test_after_two_returns_only_the_joint_conference_sends_an_appeal_out():
    case = a_held_case()
    case.returns = 2

    with pytest.raises(DesignationNeeded):
        by_hand(case)
    said = case.designate("sasac", (), BOOK, NOW, by="赵刚", requirement="", minutes="〔2026〕3号纪要")

    assert sent(said) == ["lead sasac"]
    assert (said[0].designated, said[0].minutes, said[0].why) == (
        True,
        "〔2026〕3号纪要",
        "联席会议指定（〔2026〕3号纪要）",
    )


appeals = st.builds(
    a_case,
    title=st.lists(st.sampled_from(WORDS), max_size=3).map("".join),
    text=st.lists(st.sampled_from([*WORDS, "一是", "二是", ";", ",", "不是"]), max_size=12).map("".join),
    city=st.sampled_from(["", "沈阳市", "大连市", "营口市"]),
    category=st.sampled_from(["other", "fire", "crime", "industry", "customs"]),
    accused=st.lists(st.sampled_from(CODES), max_size=3),
    refused_by=st.lists(st.sampled_from(CODES), max_size=2),
)


@given(appeals)
def test_an_accused_unit_neither_leads_nor_assists_whatever_the_appeal(case):
    barred = UNITS.below(case.accused)

    found = case.decide(BOOK)
    said = case.dispatch(BOOK, NOW)

    assert not barred & {found.lead, *found.assist, *found.considered}
    assert not barred & {one.department for one in said if one.topic == "order.dispatched"}


@given(appeals)
def test_an_appeal_has_exactly_one_lead_or_is_held(case):
    said = case.dispatch(BOOK, NOW)

    leads = [one for one in sent(said) if one.startswith("lead")]
    assert len(leads) == (0 if case.held else 1)
    assert len(set(sent(said))) == len(sent(said))


@given(appeals)
def test_the_same_appeal_and_catalogue_give_the_same_decision(case):
    before = dataclasses.asdict(case)

    assert case.decide(BOOK) == case.decide(book())
    assert dataclasses.asdict(case) == before
