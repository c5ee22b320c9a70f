"""Merging, linking, splitting, and how appeals without orders of their own end."""

import pytest

from appeals.calendar import load_calendar
from appeals.commands import AppealPart, LinkAppeal, SplitAppeal, UnmergeAppeal
from appeals.events import AppealArchived, AppealClosed, AppealRejected, AppealReopened, Applicant
from services.intake.agents import Agent
from services.intake.domain import AlreadyDecided, NotLinkable, UnknownKind
from services.intake.following import follow, tell_merged, tell_parent
from services.intake.identity import Contact, Identity
from services.intake.linking import LinkedAlready, NotEarlierOfTheSame, link, telling_of_earlier
from services.intake.merging import (
    AccusesOthers,
    HasMerged,
    HiddenApplicant,
    MainNotOpen,
    NotMergeable,
    NotMerged,
    NotTheSameMatter,
    unmerge,
)
from services.intake.splitting import PartOfAnother, TooFewParts, kept_apart, split, submitted
from tests.domain.intake_cases import NOW, ONE, OTHER, POLICY, SEAL, THREE, TWO, case_of, merge, traits

RULES = {"policy": POLICY, "calendar": load_calendar()}
ABOUT = {"at": NOW, "by": "受理员"}
CLOSED = AppealClosed(
    receipt=TWO, at=NOW, lead="industry", departments=("industry",), round=1, result="solved", summary="已追回"
)
REOPENED = AppealReopened(receipt=TWO, at=NOW, departments=("industry",), round=2, reason="未解决")
ARCHIVED = AppealArchived(receipt=TWO, at=NOW, departments=("industry",), outcome="evaluated")


def in_state(state, receipt=TWO, **changes):
    case = case_of(receipt, **changes)
    case.state = state
    return case


def take_back(case):
    return unmerge(case, UnmergeAppeal(receipt=case.receipt, reason="不是同一事项", **ABOUT), NOW, **RULES)


def split_up(case, *parts, merged=()):
    command = SplitAppeal(receipt=case.receipt, parts=parts, **ABOUT)
    return split(case, command, NOW, merged=merged, **RULES)


def part(receipt, **changes):
    return AppealPart(**({"receipt": receipt, "title": "其中一事", "text": "一件事"} | changes))


# Merging


@pytest.mark.parametrize("main", ["submitted", "supplementing", "accepted"])
def test_an_undecided_appeal_is_merged_into_an_open_one(main):
    case = case_of()

    said = merge(case, in_state(main))

    assert (said.receipt, said.into, said.by) == (ONE, TWO, "受理员")
    assert (case.state, case.merged_into) == ("merged", TWO)


def test_an_appeal_is_not_merged_into_itself_nor_into_one_that_there_is_not():
    case = case_of()

    for main in (case, None):
        with pytest.raises(NotMergeable):
            merge(case, main)


@pytest.mark.parametrize("state", ["merged", "split", "rejected", "closed", "archived"])
def test_an_appeal_is_not_merged_into_one_that_is_merged_itself_or_over(state):
    with pytest.raises(MainNotOpen):
        merge(case_of(), in_state(state))


def test_an_appeal_into_which_others_were_merged_is_not_merged_itself():
    with pytest.raises(HasMerged):
        merge(case_of(), case_of(TWO), merged=[case_of(THREE)])


@pytest.mark.parametrize("state", ["accepted", "rejected", "merged", "split"])
def test_an_appeal_that_may_be_dispatched_is_not_merged(state):
    with pytest.raises(AlreadyDecided):
        merge(in_state(state, ONE), case_of(TWO))


def test_appeals_about_other_units_are_not_merged():
    for one, other in ((("sasac",), ()), ((), ("sasac",)), (("sasac",), ("sasac", "industry"))):
        with pytest.raises(AccusesOthers):
            merge(case_of(accused=one), case_of(TWO, accused=other))


def test_only_appeals_of_one_block_are_merged():
    case, main = case_of(), case_of(TWO)

    for others in (traits(main, OTHER), traits(main, days_ago=91), []):
        with pytest.raises(NotTheSameMatter):
            merge(case, main, mains=others)


@pytest.mark.parametrize("classification", ["confidential", "anonymous"])
def test_who_hides_is_not_merged_since_that_would_tell_who_they_are(classification):
    with pytest.raises(HiddenApplicant):
        merge(case_of(classification=classification), case_of(TWO))
    with pytest.raises(HiddenApplicant):
        merge(case_of(), case_of(TWO, classification=classification))


def test_a_merge_is_taken_back_and_the_desk_decides_anew():
    case = case_of()
    merge(case, case_of(TWO))

    said = take_back(case)

    assert (said.into, said.reason) == (TWO, "不是同一事项")
    assert (case.state, case.merged_into) == ("submitted", "")
    case.check_undecided()


@pytest.mark.parametrize("state", ["submitted", "accepted", "closed", "archived"])
def test_only_a_merge_into_an_open_appeal_is_taken_back(state):
    with pytest.raises(NotMerged):
        take_back(in_state(state, ONE))


def test_what_is_merged_is_told_when_the_main_one_closes_reopens_and_is_archived():
    case, main = case_of(), case_of(TWO)
    merge(case, main)

    said = []
    for event in (CLOSED, REOPENED, ARCHIVED):
        follow(main, event)
        said += tell_merged(main, [case], event, NOW)

    assert [(one.receipt, one.way, one.stage) for one in said] == [
        (ONE, "merged", "closed"),
        (ONE, "merged", "reopened"),
        (ONE, "merged", "archived"),
    ]
    assert case.state == "archived"


def test_the_words_of_the_reply_go_on_only_by_the_same_credit_code():
    main = in_state("closed")
    nameless = case_of(applicant=Applicant(name="北票恒铸特钢有限公司", city="朝阳市"))

    with_code, without = tell_merged(main, [case_of(), nameless], CLOSED, NOW)
    (neither,) = tell_merged(in_state("closed", applicant=Applicant(name="甲公司")), [nameless], CLOSED, NOW)

    assert (with_code.result, with_code.summary) == ("solved", "已追回")
    assert (without.result, without.summary) == (neither.result, neither.summary) == ("solved", "")


# Linking, and rejecting what tells nothing new


def test_an_appeal_is_linked_at_any_time_and_keeps_its_own_clock():
    case = in_state("accepted", ONE)

    said = link(case, case_of(TWO), LinkAppeal(receipt=ONE, linked_to=TWO, reason="新证据", **ABOUT), NOW)

    assert (said.linked_to, said.reason, case.linked_to, case.state) == (TWO, "新证据", TWO, "accepted")


def test_an_appeal_is_linked_once_to_another_that_there_is():
    case, command = case_of(), LinkAppeal(receipt=ONE, linked_to=TWO, reason="新证据", **ABOUT)

    for other in (case, None):
        with pytest.raises(NotLinkable):
            link(case, other, command, NOW)
    link(case, case_of(TWO), command, NOW)
    with pytest.raises(LinkedAlready):
        link(case, case_of(TWO), command, NOW)


def rejected_for(case, earlier, own=None, earliers=None):
    said = AppealRejected(receipt=ONE, at=NOW, reason="no-new-facts", explanation="没有新的事实和理由")
    own = traits(case) if own is None else own
    earliers = (traits(earlier) if earlier else []) if earliers is None else earliers
    return telling_of_earlier(said, case, earlier, TWO, traits=own, earlier_traits=earliers)


def test_who_tells_nothing_new_is_told_how_the_earlier_appeal_stands():
    told = rejected_for(case_of(), in_state("closed")).explanation

    assert told == f"没有新的事实和理由；原诉求 {TWO} 办理状态：已办结"


def test_how_another_enterprises_appeal_stands_is_told_to_nobody():
    case = case_of()

    for earlier, theirs in ((case_of(TWO), traits(case_of(TWO), OTHER)), (None, []), (case, traits(case))):
        with pytest.raises(NotEarlierOfTheSame):
            rejected_for(case, earlier, earliers=theirs)


def test_a_unit_does_not_read_of_an_appeal_about_it_in_a_rejection():
    with pytest.raises(AccusesOthers):
        rejected_for(case_of(), case_of(TWO, accused=("sasac",)))


def test_a_rejection_does_not_tell_whose_hidden_appeal_it_is():
    with pytest.raises(HiddenApplicant):
        rejected_for(case_of(classification="confidential"), case_of(TWO))


# Splitting


def test_the_parts_inherit_everything_that_they_do_not_say_themselves():
    case = case_of(accused=("sasac",), classification="confidential")
    said_parts = (part(TWO, category="land", kind="help"), part(THREE))

    (first, second), said = split_up(case, *said_parts)

    assert (case.state, said.parts) == ("split", (TWO, THREE))
    assert (first.category, first.kind, second.category, second.kind) == ("land", "help", "crime", "report")
    for one in (first, second):
        inherited = (one.accused, one.applicant, one.channel, one.urgency, one.classification, one.split_from)
        assert inherited == (["sasac"], case.applicant, "hotline", "normal", "confidential", ONE)


def test_a_part_is_told_as_any_appeal_and_which_one_it_is_a_part_of():
    (first, _), _ = split_up(case_of(), part(TWO), part(THREE))

    said = submitted(first, NOW, by="受理员")

    assert (said.receipt, said.split_from, said.by, said.text) == (TWO, ONE, "受理员", "一件事")


def test_whom_to_call_and_who_hides_and_who_acts_for_them_goes_with_each_part():
    contact = Contact(receipt=ONE, sealed="", phone_index="")
    contact.close({"name": "李建国", "phone": "138"}, SEAL)
    identity = Identity(receipt=ONE, sealed="", uscc_index="")
    identity.close({"applicant": {"name": "某公司", "uscc": "9121"}, "account": "company-7"}, SEAL)

    agent = Agent(receipt=ONE, sealed="")
    agent.close({"name": "王律师", "phone": "139", "authorisation": "ab" * 32}, SEAL)

    whom, who, acts = kept_apart(case_of(TWO), contact, identity, agent, SEAL)

    assert whom.receipt == who.receipt == acts.receipt == TWO
    assert (whom.opened(SEAL), who.opened(SEAL)) == (contact.opened(SEAL), identity.opened(SEAL))
    assert acts.opened(SEAL) == agent.opened(SEAL)
    assert (whom.phone_index, who.uscc_index) == (contact.phone_index, identity.uscc_index)
    assert kept_apart(case_of(TWO), None, None, None, SEAL) == []


def test_an_appeal_is_split_into_two_parts_or_more():
    for parts in ((), (part(TWO),), (part(TWO), part(TWO))):
        with pytest.raises(TooFewParts):
            split_up(case_of(), *parts)


@pytest.mark.parametrize("state", ["accepted", "rejected", "merged", "split", "closed"])
def test_what_was_decided_is_not_split(state):
    with pytest.raises(AlreadyDecided):
        split_up(in_state(state, ONE), part(TWO), part(THREE))


def test_the_parts_of_a_difficult_appeal_are_difficult():
    parts, _ = split_up(case_of(complexity="hard"), part(TWO), part(THREE))

    assert [one.complexity for one in parts] == ["hard", "hard"]


def test_a_part_is_not_split_again_nor_is_what_others_were_merged_into():
    (first, _), _ = split_up(case_of(), part(TWO), part(THREE))

    with pytest.raises(PartOfAnother):
        split_up(first, part("x"), part("y"))
    with pytest.raises(HasMerged):
        split_up(case_of(), part("x"), part("y"), merged=[case_of(TWO)])


def test_a_part_of_no_known_kind_is_refused_and_nothing_is_split():
    case = case_of()

    with pytest.raises(UnknownKind):
        split_up(case, part(TWO, kind="wish"), part(THREE))

    assert case.state == "submitted"


@pytest.mark.parametrize(
    ("states", "parent"),
    [
        (("closed", "accepted"), None),
        (("merged", "closed"), None),
        (("rejected", "submitted"), None),
        (("closed", "rejected"), "closed"),
        (("closed", "archived"), "closed"),
        (("archived", "rejected"), "archived"),
    ],
)
def test_a_split_appeal_is_closed_when_no_part_is_open_and_archived_when_none_can_be_opened(states, parent):
    case = in_state("split", ONE)
    parts = [in_state(state, receipt) for state, receipt in zip(states, (TWO, THREE), strict=True)]

    said = tell_parent(case, parts, NOW)

    assert (said.stage if said else None) == parent
    assert case.state == (parent or "split")
    assert tell_parent(case, parts, NOW) is None


def test_a_split_appeal_is_opened_again_with_its_part():
    case = in_state("closed", ONE)

    said = tell_parent(case, [in_state("closed"), in_state("accepted", THREE)], NOW)

    assert (said.way, said.stage, case.state) == ("split", "reopened", "split")
