"""Intake on the bus in memory, with its real store."""

import dataclasses

import pytest

from appeals.bus.asking import CommandRefused
from appeals.commands import AcceptAppeal, AskSupplement, ProvideSupplement, RejectAppeal, SubmitAppeal, ViewIdentity
from appeals.events import Applicant
from services.intake.identities import find, reseal

RECEIPT = "SQ-20261124-A1B2C3"
COMPANY = Applicant(name="北票恒铸特钢有限公司", uscc="91211300MAFGKMEQX7", city="朝阳市", park="凌河高新区")
CONTACT = {"contact_name": "李建国", "contact_phone": "13812341234"}


def submit(town, receipt=RECEIPT, **changes):
    facts = {
        "title": "仓库电缆连续被盗请尽快破案",
        "text": "被盗电缆约180米",
        "applicant": COMPANY,
        "channel": "hotline",
        "kind": "report",
        "category": "crime",
    }
    return town.ask(SubmitAppeal(receipt=receipt, at=town.clock(), by="company-7", **(facts | changes)))


def ask(town, command, receipt=RECEIPT, **facts):
    return town.ask(command(receipt=receipt, at=town.clock(), by="受理员", **facts))


def test_an_appeal_is_submitted_supplemented_and_accepted(town):
    intake = town.host("intake")

    submit(town)
    ask(town, AskSupplement, missing=("受案回执",))
    ask(town, ProvideSupplement, text="受案回执编号123")
    ask(town, AcceptAppeal, urgency="urgent")

    assert town.facts() == ["appeal.submitted", "supplement.requested", "supplement.provided", "appeal.accepted"]
    accepted = town.said()[-1][1]
    assert accepted["text"] == "被盗电缆约180米\n\n【补充】受案回执编号123"
    assert (accepted["applicant"], accepted["urgency"]) == (vars(COMPANY), "urgent")
    assert intake.rows("SELECT state, urgency FROM cases") == [("accepted", "urgent")]


def test_a_rejected_appeal_is_told_where_to_go(town):
    intake = town.host("intake")
    submit(town)

    ask(town, RejectAppeal, reason="petition", explanation="")

    rejected = town.said()[-1][1]
    assert (rejected["explanation"], rejected["where_to_go"]) == (
        "信访机关已经受理，正在办理",
        "请向受理该事项的信访机关查询办理情况",
    )
    assert intake.rows("SELECT state, reason FROM cases") == [("rejected", "petition")]


def test_a_receipt_is_given_once(town):
    intake = town.host("intake")
    submit(town)

    with pytest.raises(CommandRefused) as refusal:
        submit(town, title="另一件诉求")

    assert (refusal.value.told["code"], refusal.value.told["status"]) == ("receipt-taken", 409)
    assert intake.rows("SELECT title FROM cases") == [("仓库电缆连续被盗请尽快破案",)]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"kind": "wish"}, "unknown-kind", "kind"),
        ({"urgency": "now"}, "unknown-urgency", "urgency"),
        ({"classification": "secret"}, "unknown-classification", "classification"),
    ],
)
def test_what_the_rules_do_not_allow_is_refused_and_leaves_nothing_behind(town, changes, code, field):
    intake = town.host("intake")

    with pytest.raises(CommandRefused) as refusal:
        submit(town, **CONTACT, **changes)

    told = refusal.value.told
    assert (told["code"], told["status"], told["field"]) == (code, 422, field)
    assert town.facts() == []
    assert intake.rows("SELECT receipt FROM cases UNION SELECT receipt FROM contacts") == []


@pytest.mark.parametrize("classification", ["anonymous", "confidential"])
def test_who_hides_and_whom_to_call_leave_intake_in_no_message(town, classification):
    intake = town.host("intake")

    submit(town, classification=classification, **CONTACT)
    ask(town, AskSupplement, missing=("受案回执",))
    town.ask(ProvideSupplement(receipt=RECEIPT, at=town.clock(), by="company-7", text="受案回执编号123"))
    ask(town, AcceptAppeal)

    written = [bytes(body).decode() for (body,) in intake.rows("SELECT body FROM journal")]
    secrets = (COMPANY.name, COMPANY.uscc, COMPANY.park, "company-7", *CONTACT.values())
    assert len(written) == 4
    assert [secret for secret in secrets for body in written if secret in body] == []
    assert {by for (by,) in intake.rows("SELECT by FROM journal")} == {"applicant", "受理员"}


def test_who_hides_and_whom_to_call_are_kept_apart_from_the_appeal_and_sealed(town):
    intake = town.host("intake")

    submit(town, classification="confidential", **CONTACT)
    submit(town, "SQ-20261124-Z9Y8X7")

    kept = str([intake.rows(f"SELECT * FROM {table}") for table in ("contacts", "identities")])  # noqa: S608
    ((shown,),) = [intake.rows(f"SELECT applicant FROM cases WHERE receipt = '{RECEIPT}'")]  # noqa: S608
    secrets = (COMPANY.name, COMPANY.uscc, COMPANY.park, "company-7", *CONTACT.values())
    assert [secret for secret in secrets if secret in kept or secret in str(shown)] == []
    assert [row[0] for row in intake.rows("SELECT receipt FROM identities")] == [RECEIPT]


def view(town, **purpose):
    return town.find_out(ViewIdentity(receipt=RECEIPT, at=town.clock(), by="受理员", **purpose))


def test_an_officer_sees_who_appeals_masked_unless_there_is_a_purpose(town):
    town.host("intake")
    submit(town, classification="confidential", **CONTACT)

    masked = view(town)

    assert masked["contact"] == {"name": "李**", "phone": "138****1234"}
    assert masked["applicant"]["name"] == "北*********"
    assert town.facts() == ["appeal.submitted"]
    clear = view(town, purpose="核实诉求")
    assert clear["contact"] == {"name": "李建国", "phone": "13812341234"}
    assert clear["applicant"]["uscc"] == COMPANY.uscc


def test_seeing_in_clear_is_an_event_with_who_and_why_and_nothing_of_what_was_seen(town):
    intake = town.host("intake")
    submit(town, **CONTACT)

    view(town, purpose="核实诉求")

    event, data = town.said()[-1]
    assert (event, data["by"], data["purpose"]) == ("identity.viewed", "受理员", "核实诉求")
    kept = str(intake.rows("SELECT body FROM journal")) + str(intake.rows("SELECT reply FROM inbox"))
    assert "13812341234" not in kept


def test_what_was_seen_is_told_once_and_not_again_under_the_same_key(town):
    town.host("intake")
    submit(town, **CONTACT)
    asked = ViewIdentity(receipt=RECEIPT, at=town.clock(), by="受理员", purpose="核实诉求")

    town.find_out(asked, key="k")
    with pytest.raises(CommandRefused) as refusal:
        town.find_out(asked, key="k")

    assert refusal.value.told["code"] == "answered-once"
    assert town.facts().count("identity.viewed") == 1


def test_who_appeals_anonymously_nobody_is_told_for_any_purpose(town):
    town.host("intake")
    submit(town, classification="anonymous", **CONTACT)

    for purpose in ("", "核实诉求"):
        with pytest.raises(CommandRefused) as refusal:
            view(town, purpose=purpose)
        assert refusal.value.told["code"] == "stays-anonymous"
    assert town.facts() == ["appeal.submitted"]


def test_after_a_change_of_keys_everything_is_sealed_anew_and_still_found(town):
    intake = town.host("intake")
    submit(town, classification="confidential", **CONTACT)
    seal = intake.config["seal"]
    newer = dataclasses.replace(seal, current="k1")

    assert reseal(intake.database, newer) == ["2 sealed with k1"]

    assert reseal(intake.database, newer) == ["0 sealed with k1"]
    only = dataclasses.replace(newer, keys={"k1": seal.keys["k1"]})
    intake.config["seal"] = only
    assert view(town, purpose="核实诉求")["contact"]["phone"] == "13812341234"
    assert find(intake.database, only, "138-1234-1234", "") == [RECEIPT]
    assert find(intake.database, only, "", COMPANY.uscc) == [RECEIPT]
    assert find(intake.database, only, "", "") == []


def test_an_appeal_is_linked_only_to_another_that_there_is(town):
    town.host("intake")
    submit(town)
    submit(town, "SQ-20261124-Z9Y8X7")

    for nobody in (RECEIPT, "SQ-20261124-000000"):
        with pytest.raises(CommandRefused) as refusal:
            ask(town, AcceptAppeal, linked_to=nobody)
        assert (refusal.value.told["code"], refusal.value.told["field"]) == ("not-linkable", "linked_to")
    ask(town, AcceptAppeal, linked_to="SQ-20261124-Z9Y8X7")

    assert town.said(RECEIPT)[-1][1]["linked_to"] == "SQ-20261124-Z9Y8X7"


def test_an_appeal_is_decided_once(town):
    town.host("intake")
    submit(town)
    ask(town, AcceptAppeal)

    with pytest.raises(CommandRefused) as refusal:
        ask(town, RejectAppeal, reason="market", explanation="")

    told = refusal.value.told
    assert (told["code"], told["status"]) == ("already-decided", 409)
    assert told["zh"] == "该诉求已受理，受理环节已结束，不能再执行该操作"
    assert town.facts()[-1] == "appeal.accepted"


def test_an_unanswered_appeal_may_be_rejected_as_incomplete_when_its_time_has_passed(town):
    town.host("intake")
    submit(town)
    ask(town, AskSupplement, missing=("受案回执",))

    with pytest.raises(CommandRefused, match="Ask the applicant first"):
        ask(town, RejectAppeal, reason="incomplete", explanation="")
    town.clock.advance(days=8)
    ask(town, RejectAppeal, reason="incomplete", explanation="")

    assert town.facts()[-1] == "appeal.rejected"


@pytest.mark.parametrize(
    ("command", "facts"),
    [
        (AskSupplement, {"missing": ("受案回执",)}),
        (ProvideSupplement, {"text": "受案回执编号123"}),
        (AcceptAppeal, {}),
        (RejectAppeal, {"reason": "market", "explanation": ""}),
    ],
)
def test_nothing_happens_to_an_appeal_that_there_is_not(town, command, facts):
    town.host("intake")

    with pytest.raises(CommandRefused) as refusal:
        ask(town, command, **facts)

    assert refusal.value.told["status"] == 404
