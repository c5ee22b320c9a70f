"""Problems, as RFC 9457 tells them."""

import re

import pytest
from marshmallow import ValidationError

from services.portal import problems
from services.portal.fields import Fault
from services.portal.problems import FAULTS, TITLES, Problem
from services.portal.schemas import NewAppeal

CHINESE = re.compile("[一-鿿]")
CONSTANTS = [value for value in vars(problems).values() if isinstance(value, Problem)]


def wrong(body):
    with pytest.raises(ValidationError) as raised:
        NewAppeal({}).load(body)
    return problems.invalid(raised.value)


def test_every_fault_names_its_field_and_says_what_would_be_right_in_both_languages():
    body = {"title": "长" * 4001, "text": "x", "applicant": {"name": "甲", "uscc": "91211300MAFWGHKP9A"}, "kind": "?"}
    problem = wrong(body | {"nonsense": 1})

    for language in ("zh", "en"):
        told = problem.told(language)
        assert {one["field"] for one in told["errors"]} == {"title", "applicant.uscc", "kind", "nonsense"}
        for one in told["errors"]:
            assert one["message"] and one["expected"]
            assert bool(CHINESE.search(one["message"])) == (language == "zh")


def test_no_word_of_marshmallow_is_left():
    told = wrong({"title": None, "text": [], "applicant": [], "accused": {}, "contact": 3})

    assert all(str(fault) in FAULTS for _, fault in told.errors)


def test_a_refusal_is_told_with_its_code_status_and_field():
    told = {
        "code": "answered-by-another",
        "status": 409,
        "field": "order",
        "zh": "转办单不属于本单位",
        "en": "Not yours",
    }

    problem = problems.refused(told)

    assert problem.told("zh") == {
        "type": "/problems/answered-by-another",
        "title": "与当前状态冲突",
        "status": 409,
        "detail": "转办单不属于本单位",
        "errors": [{"field": "order", "message": "转办单不属于本单位", "expected": "转办单不属于本单位"}],
    }
    assert problem.told("en")["detail"] == "Not yours"


def test_what_the_owner_does_not_find_sounds_like_anything_unknown():
    told = {"code": "no-such-order", "status": 404, "field": None, "zh": "有这个编号", "en": "secret"}

    assert problems.refused(told) == problems.NOT_FOUND


def test_a_field_name_that_cannot_be_written_is_told_readably():
    ((name, _),) = wrong(
        {"title": "x", "text": "x", "applicant": {"name": "x", "kind": "park"}, "\ud800\0" + "n" * 500: 1}
    ).errors

    assert name.startswith("\\ud800\\0")
    assert len(name) < 200
    name.encode()


def test_an_unanswered_command_says_how_to_repeat_it():
    problem = problems.unanswered("key-1")

    assert problem.headers == {"Retry-After": "5"}
    assert problem.told("zh")["idempotency_key"] == "key-1"


@pytest.mark.parametrize("problem", CONSTANTS, ids=lambda problem: problem.code)
def test_every_problem_speaks_both_languages(problem):
    assert CHINESE.search(problem.told("zh")["detail"])
    assert not CHINESE.search(problem.told("en")["detail"])
    assert problem.status in TITLES


def test_an_unforeseen_status_is_told_all_the_same():
    assert problems.of_http(418).told("zh")["status"] == 418
    assert Fault("x").expected == ("", "")
