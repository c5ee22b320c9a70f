"""The rules of intake, with no set-up."""

from datetime import UTC, datetime, timedelta

import pytest

from appeals.calendar import load_calendar
from appeals.channels import load_channels
from appeals.commands import AcceptAppeal, AskSupplement, ProvideSupplement, RejectAppeal, SubmitAppeal
from appeals.events import Applicant
from appeals.reasons import load_reasons
from appeals.regimes import load_regimes
from services.intake.domain import (
    AlreadyDecided,
    Case,
    IncompleteTooEarly,
    NoSupplementAsked,
    NotLinkable,
    SupplementAlreadyAsked,
    UnknownClassification,
    UnknownComplexity,
    UnknownKind,
    UnknownReason,
    UnknownUrgency,
)
from services.intake.identity import Contact, Identity
from services.intake.policy import load_policy
from services.sealing import Seal

SEAL = Seal(keys={"k1": b"k" * 16}, current="k1", index_key=b"i" * 32)
TUESDAY = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ABOUT = {"receipt": "SQ-20261124-A1B2C3", "at": TUESDAY, "by": "受理员"}
POLICY = load_policy()
CALENDAR = load_calendar()
REASONS = load_reasons()
COMPANY = Applicant(name="北票恒铸特钢有限公司", uscc="91211300MAFGKMEQX7", city="朝阳市", park="凌河高新区")


def submission(**changes):
    facts = {
        "title": "仓库电缆连续被盗请尽快破案",
        "text": "被盗电缆约180米",
        "applicant": COMPANY,
        "channel": "hotline",
        "kind": "report",
        "category": "crime",
    }
    return SubmitAppeal(**(ABOUT | {"by": "company-7"} | facts | changes))


def a_case(**changes):
    return Case.of(submission(**changes), channels=load_channels(), policy=POLICY)


def ask(case, now=TUESDAY, **facts):
    asked = AskSupplement(**ABOUT, missing=("受案回执",), note="请提供受案回执编号", **facts)
    return case.ask_supplement(asked, now, policy=POLICY, calendar=CALENDAR)


def provide(case, now=TUESDAY, **facts):
    provided = ProvideSupplement(**(ABOUT | {"by": "company-7"}), text="受案回执编号123", **facts)
    return case.take_supplement(provided, now, policy=POLICY, calendar=CALENDAR)


def accept(case, linked=None, **facts):
    return case.accept(AcceptAppeal(**ABOUT, **facts), TUESDAY, linked=linked, regimes=load_regimes())


def reject(case, reason="petition", now=TUESDAY, explanation="信访局已受理", **facts):
    return case.reject(RejectAppeal(**ABOUT, reason=reason, explanation=explanation, **facts), now, reasons=REASONS)


def a_supplementing_case():
    case = a_case()
    ask(case)
    return case


def an_accepted_case():
    case = a_case()
    accept(case)
    return case


def a_rejected_case():
    case = a_case()
    reject(case)
    return case


@pytest.mark.parametrize(
    ("field", "refusal"),
    [("kind", UnknownKind), ("urgency", UnknownUrgency), ("classification", UnknownClassification)],
)
def test_what_is_not_on_the_list_is_refused_with_its_field_and_the_list(field, refusal):
    with pytest.raises(refusal) as found:
        a_case(**{field: "whatever"})

    told = found.value.told()
    assert (told["status"], told["field"]) == (422, field)
    assert "可选：" in told["zh"]


@pytest.mark.parametrize(("classification", "name"), [("anonymous", "匿名"), ("confidential", "保密")])
def test_of_a_hidden_applicant_nothing_but_kind_and_city_is_told(classification, name):
    case = a_case(classification=classification)

    submitted = case.submitted(TUESDAY, by="company-7")
    ask(case)
    supplement = provide(case)
    accepted = accept(case)

    assert submitted.applicant == accepted.applicant == Applicant(name=name, city="朝阳市")
    assert submitted.by == supplement.by == "applicant"


def test_who_hides_is_known_to_intake_only():
    identity = Identity.of(submission(classification="anonymous"), SEAL)

    told = identity.opened(SEAL)
    assert (told["applicant"]["uscc"], told["account"]) == (COMPANY.uscc, "company-7")
    assert Identity.of(submission(), SEAL) is None


def test_an_open_applicant_is_told_as_given():
    submitted = a_case(classification="public").submitted(TUESDAY, by="company-7")

    assert (submitted.applicant, submitted.by) == (COMPANY, "company-7")


def test_a_contact_is_kept_when_one_is_named():
    contact = Contact.of(submission(contact_phone="138 1234 1234"), SEAL)

    assert contact.opened(SEAL) == {"name": "", "phone": "138 1234 1234"}
    assert contact.phone_index == SEAL.index("13812341234")
    assert Contact.of(submission(), SEAL) is None


def test_a_supplement_is_due_after_five_working_days():
    requested = ask(a_case())

    assert requested.due.isoformat() == "2026-12-01T17:00:00+08:00"
    assert requested.missing == ("受案回执",)


def test_nothing_more_is_asked_before_the_applicant_has_answered():
    case = a_supplementing_case()

    with pytest.raises(SupplementAlreadyAsked, match="2026-12-01 17:00"):
        ask(case)

    provide(case)
    ask(case, new_matter="补充材料反映的新情况")


def test_a_supplement_that_nobody_asked_for_is_refused():
    with pytest.raises(NoSupplementAsked):
        provide(a_case())


def test_a_late_supplement_counts_as_long_as_nothing_is_decided():
    case = a_supplementing_case()

    provide(case, TUESDAY + timedelta(days=30))

    assert "受案回执编号123" in accept(case).text


def test_what_the_officer_leaves_empty_stays_as_submitted():
    case = a_case(accused=("traffic",), classification="public")

    accepted = accept(case, urgency="urgent", complexity="hard", special_regime="刑事案件受立案程序", task_force=True)

    kept = (accepted.kind, accepted.category, accepted.channel, accepted.classification, accepted.accused)
    assert kept == ("report", "crime", "hotline", "public", ("traffic",))
    named = (accepted.urgency, accepted.complexity, accepted.special_regime, accepted.task_force)
    assert named == ("urgent", "hard", "criminal", True)


def test_what_the_officer_names_takes_the_place_of_what_was_submitted():
    accepted = accept(a_case(), kind="complaint", category="traffic")

    assert (accepted.kind, accepted.category) == ("complaint", "traffic")


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"kind": "wish"}, UnknownKind),
        ({"urgency": "now"}, UnknownUrgency),
        ({"complexity": "odd"}, UnknownComplexity),
    ],
)
def test_an_officer_too_keeps_to_the_lists_and_a_refusal_changes_nothing(facts, refusal):
    case = a_case()

    with pytest.raises(refusal):
        accept(case, **facts)

    assert (case.state, case.kind, case.urgency) == ("submitted", "report", "normal")


def test_an_appeal_is_linked_to_another_that_there_is():
    case, other = a_case(), a_case(receipt="SQ-20261120-Z9Y8X7")

    for linked in (None, case):
        with pytest.raises(NotLinkable):
            accept(case, linked, linked_to="SQ-20261120-Z9Y8X7")

    assert accept(case, other, linked_to=other.receipt).linked_to == other.receipt


def test_what_is_left_empty_with_the_acceptance_stays_as_it_was():
    case = a_case(complexity="hard")
    case.linked_to = "SQ-20261120-Z9Y8X7"

    accepted = accept(case)

    assert (accepted.complexity, accepted.linked_to) == ("hard", "SQ-20261120-Z9Y8X7")
    assert (case.complexity, case.linked_to) == ("hard", "SQ-20261120-Z9Y8X7")


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_text_a_way_to_go_and_a_source(reason):
    lawful = REASONS[reason]

    assert lawful.text and lawful.where_to_go and lawful.source


def test_an_appeal_is_rejected_for_a_lawful_reason_only():
    with pytest.raises(UnknownReason, match="petition"):
        reject(a_case(), "too much work")


def test_a_rejection_says_why_and_where_to_go_even_if_the_officer_adds_nothing():
    by_the_list = reject(a_case(), explanation=" ")
    by_hand = reject(a_case(), explanation="市信访局已受理", where_to_go="市信访局")

    assert (by_the_list.explanation, by_the_list.where_to_go) == (
        "信访机关已经受理，正在办理",
        "请向受理该事项的信访机关查询办理情况",
    )
    assert (by_hand.explanation, by_hand.where_to_go) == ("市信访局已受理", "市信访局")


def test_an_appeal_is_rejected_as_incomplete_only_after_the_time_to_supplement_has_passed():
    case = a_case()

    with pytest.raises(IncompleteTooEarly):
        reject(case, "incomplete")
    ask(case)
    with pytest.raises(IncompleteTooEarly):
        reject(case, "incomplete", TUESDAY + timedelta(days=7))

    assert reject(case, "incomplete", TUESDAY + timedelta(days=8)).reason == "incomplete"


@pytest.mark.parametrize("decided", [an_accepted_case, a_rejected_case])
@pytest.mark.parametrize("action", [ask, provide, accept, reject])
def test_after_the_decision_intake_does_nothing_more(decided, action):
    case = decided()

    with pytest.raises(AlreadyDecided) as refusal:
        action(case)

    assert refusal.value.told()["status"] == 409
    assert "受理" in refusal.value.told()["zh"]


def test_an_officer_may_decide_while_the_applicant_was_asked():
    assert accept(a_supplementing_case()).receipt == ABOUT["receipt"]
    assert reject(a_supplementing_case()).reason == "petition"


def test_the_policy_gives_five_working_days():
    assert str(POLICY.supplement) == "5wd"
