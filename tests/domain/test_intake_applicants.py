"""Who may appeal, by which channel, and who may act for them."""

import pytest

from appeals.applicants import CreditCodeNeeded, NoCreditCodeOfPersons, UnknownApplicantKind
from appeals.channels import ChannelNotYours, OutsideReferenceNeeded, UnknownChannel, check_entry, load_channels
from appeals.credit_code import WrongCheckDigit, WrongCreditCode
from appeals.events import Applicant, Attachment
from appeals.settings import WrongSettings
from services.intake.agents import Agent, AgentIncomplete
from services.intake.attachments import AttachmentsTooLarge, TooManyAttachments
from services.portal import words
from services.portal.roles import ANONYMOUS, APPLICANT, ENTERPRISE, STAFF
from tests.domain.test_intake import COMPANY, SEAL, TUESDAY, a_case, provide, submission

CHANNELS = load_channels()
AGENT = {"agent_name": "王律师", "agent_phone": "13900001111", "authorisation": "ab" * 32}


def an_applicant(**facts):
    return Applicant(**{"name": "甲公司", "city": "朝阳市"} | facts)


def test_who_writes_on_the_web_without_an_account_uses_the_portal_and_nothing_else():
    check_entry("portal", [ANONYMOUS], CHANNELS)

    for code in CHANNELS.keys() - {"portal"}:
        with pytest.raises(ChannelNotYours) as refusal:
            check_entry(code, [ANONYMOUS], CHANNELS)
        assert refusal.value.told()["status"] == 403


def test_an_officer_writes_down_a_call_a_visit_and_a_letter():
    for code in ("phone", "visit", "letter", "wechat", "email", "hotline", "hotline-12345"):
        check_entry(code, ["supervisor", "intake-officer"], CHANNELS)
        assert CHANNELS[code].recorded


def test_a_channel_that_is_on_no_list_is_refused_by_name():
    with pytest.raises(UnknownChannel) as refusal:
        a_case(channel="pigeon")

    assert (refusal.value.told()["field"], refusal.value.told()["status"]) == ("channel", 422)
    assert "portal 线上门户" in refusal.value.told()["zh"]


def test_what_another_platform_passes_on_has_its_number_there():
    with pytest.raises(OutsideReferenceNeeded):
        a_case(channel="hotline-12345", outside_reference="  ")

    case = a_case(channel="hotline-12345", outside_reference="FZ20261124-7")
    assert case.submitted(TUESDAY, by="受理员").outside_reference == "FZ20261124-7"
    hidden = a_case(channel="hotline-12345", outside_reference="FZ20261124-7", classification="confidential")
    assert hidden.submitted(TUESDAY, by="受理员").outside_reference == ""


def test_who_wrote_an_open_appeal_down_is_its_recorder():
    submitted = a_case(channel="visit").submitted(TUESDAY, by="officer-3")

    assert (submitted.by, submitted.channel) == ("officer-3", "visit")


def test_every_role_that_channels_name_is_one_and_the_vocabulary_has_their_names():
    assert {role for one in CHANNELS.values() for role in one.who} <= STAFF | {ENTERPRISE, APPLICANT, ANONYMOUS}
    assert {code: word.zh for code, word in words.CODES["channel"].items()} == {
        code: one.zh for code, one in CHANNELS.items()
    }
    names = [name for one in CHANNELS.values() for name in (one.zh, *one.also)]
    assert len(names) == len(set(names))


def test_a_wrong_list_of_channels_is_told_with_its_line(tmp_path):
    path = tmp_path / "channels.yml"
    path.write_text("version: x\nchannels:\n  phone: {zh: 电话, en: Telephone}\n", encoding="utf-8")

    with pytest.raises(WrongSettings, match=r"line 3.*who"):
        load_channels(path)


@pytest.mark.parametrize(
    "written", ["９１２１１３００ＭＡＦＧＫＭＥＱＸ７", "91211300mafgkmeqx7", " 9121 1300 MAFG KMEQ X7 "]
)
def test_a_credit_code_counts_however_it_is_written(written):
    assert a_case(applicant=an_applicant(uscc=written)).applicant["uscc"] == "91211300MAFGKMEQX7"


@pytest.mark.parametrize(
    ("written", "refusal"),
    [("91211300MAFGKMEQX8", WrongCheckDigit), ("9121", WrongCreditCode), ("x" * 18, WrongCreditCode)],
)
def test_a_credit_code_that_is_none_is_refused_with_its_field(written, refusal):
    with pytest.raises(refusal) as found:
        a_case(applicant=an_applicant(uscc=written))

    assert (found.value.told()["field"], found.value.told()["status"]) == ("applicant.uscc", 422)


def test_an_enterprise_that_writes_itself_gives_its_code():
    nameless = an_applicant()

    with pytest.raises(CreditCodeNeeded):
        a_case(applicant=nameless, channel="portal")
    for allowed in (
        {"channel": "phone"},
        {"classification": "anonymous"},
        {"applicant": an_applicant(kind="park")},
        {"applicant": an_applicant(kind="association")},
        {"applicant": an_applicant(kind="person")},
    ):
        a_case(**{"applicant": nameless, "channel": "portal"} | allowed)


def test_a_person_has_no_credit_code_and_nobody_is_of_an_unknown_kind():
    with pytest.raises(NoCreditCodeOfPersons):
        a_case(applicant=an_applicant(kind="person", uscc=COMPANY.uscc))
    with pytest.raises(UnknownApplicantKind):
        a_case(applicant=an_applicant(kind="robot"))


def test_an_agent_acts_with_name_telephone_and_authorisation_and_the_enterprise_stays_the_applicant():
    agent = Agent.of(submission(**AGENT), SEAL)

    assert tuple(agent.opened(SEAL).values()) == tuple(AGENT.values())
    assert not [secret for secret in AGENT.values() if secret in agent.sealed]
    assert a_case(**AGENT).submitted(TUESDAY, by="x").applicant == COMPANY
    assert Agent.of(submission(), SEAL) is None


@pytest.mark.parametrize("left_out", AGENT)
def test_an_agent_without_one_of_them_is_refused_with_its_field(left_out):
    with pytest.raises(AgentIncomplete) as refusal:
        Agent.of(submission(**AGENT | {left_out: ""}), SEAL)

    assert refusal.value.told()["field"] == f"agent.{left_out.removeprefix('agent_')}"


def a_file(number, size=10, name="营业执照.PDF"):
    return Attachment(sha256=f"{number:064x}", name=name, type="pdf", size=size)


def test_a_file_of_a_hidden_applicant_has_a_name_that_tells_nothing_also_in_a_supplement():
    hidden = a_case(classification="confidential", attachments=(a_file(1),))
    hidden.state, hidden.supplement_due = "supplementing", TUESDAY

    supplement = provide(hidden, attachments=(a_file(2),))

    assert [one["name"] for one in hidden.attachments] == ["附件1.pdf", "附件2.pdf"]
    assert [one.name for one in supplement.attachments] == ["附件2.pdf"]
    assert a_case(attachments=(a_file(1),)).submitted(TUESDAY, by="x").attachments == (a_file(1),)


def test_an_appeal_has_so_many_files_and_so_many_bytes_and_no_more():
    with pytest.raises(TooManyAttachments):
        a_case(attachments=tuple(a_file(n) for n in range(21)))
    with pytest.raises(AttachmentsTooLarge):
        a_case(attachments=(a_file(1, 30_000_000), a_file(2, 30_000_000)))
