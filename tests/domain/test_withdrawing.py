"""Withdrawing: what the applicant may take back, and what routing, supervision and the kit make of it."""

from dataclasses import replace

import pytest

from appeals.commands import AcceptAppeal, WithdrawAppeal
from appeals.events import AppealWithdrawn, FeedbackSubmitted, OrderDispatched, OrderSigned
from appeals.regimes import load_regimes
from appeals.samples import sample
from services.intake.domain import AlreadyDecided
from services.intake.emergency import Emergency
from services.intake.following import tell_parent
from services.intake.withdrawing import (
    EmergencyGoesOn,
    NoReasonGiven,
    NotWithdrawable,
    PartsGoOn,
    ProcedureGoesOn,
    withdraw,
)
from services.routing.domain import Case, Order
from services.routing.refusals import NoSuchOrder, WithdrawnByApplicant
from services.routing.speaking import take_word
from services.routing.withdrawal import cancel
from tests.domain.intake_cases import NOW, ONE, THREE, TWO, case_of

REGIMES = load_regimes()
EMERGENCY = Emergency(where="110", why="暴力侵害", words=("正在行凶",))


def take_back(case, reason="已自行解决", parts=(), by="company-7"):
    command = WithdrawAppeal(receipt=case.receipt, at=NOW, by=by, reason=reason)
    return withdraw(case, command, NOW, parts=parts, regimes=REGIMES)


def in_state(state, receipt=ONE, **changes):
    case = case_of(receipt, **changes)
    case.state = state
    return case


def accept(case, **facts):
    command = AcceptAppeal(receipt=case.receipt, at=NOW, by="受理员", **facts)
    return case.accept(command, NOW, linked=None, regimes=REGIMES)


@pytest.mark.parametrize("state", ["submitted", "supplementing", "accepted", "merged"])
def test_an_appeal_that_is_not_closed_yet_is_withdrawn_with_its_reason(state):
    case = in_state(state)
    case.next_at = NOW

    said = take_back(case)

    assert said == AppealWithdrawn(receipt=ONE, at=NOW, by="company-7", reason="已自行解决")
    assert (case.state, case.next_at, case.merged_into) == ("withdrawn", None, "")


@pytest.mark.parametrize(
    ("state", "told"),
    [("rejected", "已不予受理"), ("closed", "已办结"), ("archived", "已归档"), ("withdrawn", "已撤回")],
)
def test_what_is_over_cannot_be_withdrawn_and_the_refusal_says_how_it_ended(state, told):
    with pytest.raises(NotWithdrawable) as refused:
        take_back(in_state(state))

    assert refused.value.told()["zh"] == f"该诉求{told}，不能再撤回"


def test_of_a_split_appeal_the_parts_are_withdrawn():
    with pytest.raises(PartsGoOn, match=f"{TWO}, {THREE}"):
        take_back(in_state("split"), parts=[case_of(TWO), case_of(THREE)])


def test_a_confirmed_emergency_is_not_withdrawn_and_the_refusal_says_where_it_went():
    case = case_of()
    case.refer(EMERGENCY, NOW)
    accept(case, emergency="confirmed", special_regime="criminal")

    with pytest.raises(EmergencyGoesOn) as refused:
        take_back(case)

    assert "110" in refused.value.told()["zh"]


def test_nobody_withdraws_from_a_procedure_by_law_and_the_refusal_names_it():
    case = case_of()
    accept(case, special_regime="criminal")

    with pytest.raises(ProcedureGoesOn, match="刑事案件受立案程序"):
        take_back(case)


def test_an_emergency_that_was_undone_is_withdrawn_like_any_other():
    case = case_of()
    case.refer(EMERGENCY, NOW)
    accept(case, emergency="undone")

    assert take_back(case).topic == "appeal.withdrawn"


def test_a_withdrawal_says_why():
    with pytest.raises(NoReasonGiven):
        take_back(case_of(), reason="  ")


def test_who_withdraws_a_confidential_appeal_stays_hidden():
    assert take_back(case_of(classification="confidential")).by == "applicant"


def test_intake_is_done_with_what_was_withdrawn():
    case = case_of()
    take_back(case)

    with pytest.raises(AlreadyDecided, match="withdrawn"):
        accept(case)


@pytest.mark.parametrize(("other", "stage"), [("accepted", None), ("closed", "closed"), ("rejected", "archived")])
def test_a_split_appeal_comes_to_its_end_when_the_last_open_part_is_withdrawn(other, stage):
    parts = [in_state("withdrawn", TWO), in_state(other, THREE)]

    said = tell_parent(in_state("split"), parts, NOW)

    assert (said and said.stage) == stage


# Routing

DISPATCHED = sample(OrderDispatched)
SIGN = replace(sample(OrderSigned), order=DISPATCHED.order)
WITHDRAWN = AppealWithdrawn(receipt=DISPATCHED.receipt, at=NOW, by="applicant", reason="已自行解决")


def a_case():
    names = ("receipt", "title", "text", "kind", "urgency", "complexity")
    facts = {name: getattr(DISPATCHED, name) for name in names}
    return Case(**facts, category="industry", applicant={"name": "某园区"}, held=True)


@pytest.mark.parametrize("state", ["dispatched", "signed", "replied", "followed", "done"])
def test_every_order_of_the_round_is_cancelled_with_the_reason(state):
    order, case = Order.of(DISPATCHED, NOW), a_case()
    order.state, order.decide_by = state, NOW

    (said,) = cancel(case, [order], WITHDRAWN, NOW)

    assert (said.department, said.order, said.reason) == (order.department, order.order, "已自行解决")
    assert (order.state, order.decide_by, case.held) == ("cancelled", None, False)


def test_an_order_that_was_returned_is_over_anyway():
    order = Order.of(DISPATCHED, NOW)
    order.state = "returned"

    assert cancel(a_case(), [order], WITHDRAWN, NOW) == []


@pytest.mark.parametrize("word", [SIGN, replace(sample(FeedbackSubmitted), order=SIGN.order)])
def test_a_word_about_a_withdrawn_appeal_is_refused_by_that_name(word):
    order, case = Order.of(DISPATCHED, NOW), a_case()
    cancel(case, [order], WITHDRAWN, NOW)

    with pytest.raises(WithdrawnByApplicant) as refused:
        take_word(word, order, case, NOW)

    assert refused.value.told()["code"] == "withdrawn-by-applicant"


def test_that_an_appeal_was_withdrawn_another_department_does_not_learn_by_a_word():
    order, case = Order.of(DISPATCHED, NOW), a_case()
    cancel(case, [order], WITHDRAWN, NOW)

    with pytest.raises(NoSuchOrder):
        take_word(replace(SIGN, department="sasac"), order, case, NOW)
