"""What the portal takes as an appeal, and what it says of each field that is wrong."""

import pytest
from marshmallow import ValidationError

from services.portal import words
from services.portal.problems import invalid
from services.portal.schemas import Acceptance, Dispatch, ListQuery, NewAppeal, Rating

NAMES = {"industry": "省工业和信息化厅", "sasac": "省国资委"}
USCC = "91211300MAFWGHKP9F"


def appeal(**changes):
    body = {
        "title": "企业上市辅导及国资确权协调",
        "text": "请予协调",
        "applicant": {"name": "辽西远通橡胶股份有限公司", "kind": "enterprise", "uscc": USCC},
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


def faults(body, schema=NewAppeal):
    with pytest.raises(ValidationError) as raised:
        schema(NAMES).load(body)
    return {name: str(fault) for name, fault in invalid(raised.value).errors}


def test_an_appeal_is_read_into_the_facts_of_its_command():
    contact = {"name": "李婷", "phone": "024-1"}

    facts = NewAppeal(NAMES).load(appeal(accused=["sasac"], contact=contact))

    assert facts["applicant"].uscc == USCC
    assert facts["accused"] == ("sasac",)
    assert (facts["contact_name"], facts["contact_phone"]) == ("李婷", "024-1")
    assert (facts["kind"], facts["urgency"], facts["category"]) == ("help", "normal", "other")


def test_chinese_labels_do_as_well_as_codes():
    park = {"name": "高新区", "kind": "园区", "uscc": None, "park": None}
    facts = NewAppeal(NAMES).load(
        appeal(kind="举报", urgency="特急", category="环保", channel="实地走访", applicant=park, accused=["省国资委"])
    )

    assert (facts["kind"], facts["urgency"], facts["category"]) == ("report", "critical", "environment")
    assert (facts["channel"], facts["applicant"].kind, facts["accused"]) == ("visit", "park", ("sasac",))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title": ...}, "title", "required"),
        ({"title": None}, "title", "null"),
        ({"title": "  \n "}, "title", "empty"),
        ({"title": "长" * 4001}, "title", "too-long"),
        ({"title": 7}, "title", "invalid"),
        ({"title": "a\0b"}, "title", "bad-characters"),
        ({"text": "a\ud800b"}, "text", "bad-characters"),
        ({"text": "长" * 5001}, "text", "too-long"),
        ({"applicant": ...}, "applicant", "required"),
        ({"applicant": "somebody"}, "applicant", "not-an-object"),
        ({"applicant": {"kind": "park"}}, "applicant.name", "required"),
        ({"applicant": {"name": "甲", "uscc": USCC[:-1] + "A"}}, "applicant.uscc", "wrong-check-digit"),
        ({"applicant": {"name": "甲", "uscc": "9121"}}, "applicant.uscc", "invalid"),
        ({"applicant": {"name": "甲", "uscc": USCC, "age": 3}}, "applicant.age", "unknown-field"),
        ({"category": "weather"}, "category", "not-listed"),
        ({"category": ["industry"]}, "category", "not-listed"),
        ({"kind": ""}, "kind", "not-listed"),
        ({"accused": ["sasac", "长" * 61]}, "accused.1", "too-long"),
        ({"accused": "sasac"}, "accused", "invalid"),
        ({"accused": ["sasac"] * 11}, "accused", "too-long"),
        ({"contact": {"phone": "1" * 31}}, "contact.phone", "too-long"),
        ({"rating": "满意"}, "rating", "unknown-field"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_wrong(changes, field, code):
    assert faults(appeal(**changes)) == {field: code}


def test_all_wrong_fields_are_named_at_once():
    assert faults({"titel": "x", "kind": "?"}) == {
        "title": "required",
        "text": "required",
        "applicant": "required",
        "kind": "not-listed",
        "titel": "unknown-field",
    }


@pytest.mark.parametrize("body", [[], "text", 7, None, [{}]])
def test_what_is_not_an_object_is_refused(body):
    assert faults(body) == {"": "not-an-object"}


def test_yes_and_no_are_not_words():
    assert faults({"task_force": "yes"}, Acceptance) == {"task_force": "invalid"}


def test_an_acceptance_leaves_as_submitted_what_it_does_not_say():
    facts = Acceptance(NAMES).load({"complexity": "疑难"})

    assert (facts["kind"], facts["urgency"], facts["category"], facts["complexity"]) == ("", "", "", "hard")


def test_ratings_are_read_as_people_say_them():
    facts = Rating(NAMES).load({"rating": "非常满意", "solved": "解决"})

    assert (facts["rating"], facts["solved"]) == ("very_satisfied", "solved")


def test_a_dispatch_names_departments_that_there_are():
    assert faults({"lead": "nobody"}, Dispatch) == {"lead": "not-listed"}
    assert Dispatch(NAMES).load({"lead": "省国资委"})["lead"] == "sasac"


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "१", "9" * 400])
def test_a_page_has_a_sensible_size(limit):
    assert faults({"limit": limit}, ListQuery) == {"limit": "invalid"}


@pytest.mark.parametrize("cursor", ["x", "====", "5pmu6YCa", "MjAyNi0xMS0yNCBB", "长"])
def test_a_cursor_is_one_of_ours(cursor):
    assert faults({"cursor": cursor}, ListQuery) == {"cursor": "invalid"}


def test_every_code_has_a_label_in_both_languages():
    assert all(word.zh and word.en for codes in words.CODES.values() for word in codes.values())


def test_labels_of_one_list_differ():
    for name, codes in words.CODES.items():
        written = [text for word in codes.values() for text in (word.zh, *word.also)]
        assert len(written) == len(set(written)), name
