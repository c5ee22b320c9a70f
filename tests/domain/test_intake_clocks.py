"""The time that intake has, the round in which an applicant adds what is missing, and emergencies."""

from datetime import timedelta

import pytest

from appeals.commands import ReferAppeal
from appeals.events import AcceptanceMissed, AppealRejected, SupplementReminded
from appeals.regimes import UnknownRegime, load_regimes
from appeals.settings import WrongSettings
from services.intake.domain import (
    AlreadyDecided,
    AskedOnceAlready,
    EmergencyUndecided,
    NoEmergency,
    NothingMoreToAsk,
    ReferredBefore,
    RegimeNeeded,
    SupplementTooLate,
    UnknownNumber,
)
from services.intake.emergency import Emergency, find_emergency
from services.intake.policy import POLICY_FILE, load_emergencies, load_policy
from tests.domain.test_intake import CALENDAR, POLICY, REASONS, TUESDAY, a_case, accept, ask, provide, reject

RULES = {"policy": POLICY, "calendar": CALENDAR, "reasons": REASONS}
EMERGENCIES = load_emergencies()
FIRE = Emergency(where="119", why="正在燃烧或者爆炸", words=("着火了",))


def a_running_case(**changes):
    case = a_case(**changes)
    case.start_clock(TUESDAY, policy=POLICY, calendar=CALENDAR)
    return case


def a_referred_case():
    case = a_case()
    case.refer(FIRE, TUESDAY)
    case.start_clock(TUESDAY, policy=POLICY, calendar=CALENDAR)
    return case


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"urgency": "critical"}, "2026-11-24T09:15:00+08:00"),
        ({"urgency": "urgent"}, "2026-11-24T11:00:00+08:00"),
        ({}, "2026-11-25T17:00:00+08:00"),
        ({"complexity": "hard"}, "2026-11-27T17:00:00+08:00"),
        ({"urgency": "urgent", "complexity": "hard"}, "2026-11-24T11:00:00+08:00"),
    ],
)
def test_urgency_and_complexity_say_by_when_intake_decides(facts, due):
    assert a_running_case(**facts).accept_due.astimezone(CALENDAR.zone).isoformat() == due


def test_an_appeal_that_is_not_decided_in_time_is_told_once():
    case = a_running_case()
    late = case.accept_due

    assert case.come_due(late - timedelta(seconds=1), **RULES) == []
    (missed,) = case.come_due(late, **RULES)

    assert isinstance(missed, AcceptanceMissed)
    assert (missed.due, missed.limit) == (late, "1wd")
    assert case.come_due(late + timedelta(days=9), **RULES) == []


@pytest.mark.parametrize("decide", [accept, reject])
def test_a_decision_ends_the_time_to_decide(decide):
    case = a_running_case()

    decide(case)

    assert case.next_at is None


def test_the_time_to_decide_stands_still_while_the_applicant_is_asked_and_begins_anew():
    case = a_running_case()

    ask(case)
    assert case.accept_due is None
    provide(case, TUESDAY + timedelta(days=2))

    assert case.accept_due.astimezone(CALENDAR.zone).isoformat() == "2026-11-27T17:00:00+08:00"


def test_the_applicant_is_reminded_once_before_the_time_ends_and_then_it_is_closed_as_incomplete():
    case = a_running_case()
    due = ask(case).due

    (reminded,) = case.come_due(case.next_at, **RULES)
    assert isinstance(reminded, SupplementReminded)
    assert (reminded.missing, reminded.due) == (("受案回执",), due)
    assert reminded.at.astimezone(CALENDAR.zone).isoformat() == "2026-11-30T17:00:00+08:00"
    assert case.come_due(due - timedelta(seconds=1), **RULES) == []
    (closed,) = case.come_due(due, **RULES)

    assert isinstance(closed, AppealRejected)
    assert (closed.reason, closed.by, case.state) == ("incomplete", "system", "rejected")
    assert closed.where_to_go == REASONS["incomplete"].where_to_go
    assert case.come_due(due + timedelta(days=99), **RULES) == []


def a_lapsed_case():
    case = a_running_case()
    due = ask(case).due
    case.come_due(due, **RULES)
    return case, due


def test_a_late_supplement_opens_what_was_closed_as_incomplete():
    case, due = a_lapsed_case()

    provide(case, due + timedelta(days=29))

    assert (case.state, case.reason) == ("submitted", "")
    assert case.next_at == case.accept_due
    assert "受案回执编号123" in accept(case).text


def test_a_supplement_that_comes_after_that_time_is_refused_by_name():
    case, due = a_lapsed_case()

    with pytest.raises(SupplementTooLate, match="2026-12-31"):
        provide(case, due + timedelta(days=60))
    assert case.state == "rejected"


def test_the_reason_incomplete_tells_the_time_that_the_policy_gives():
    assert POLICY.reopen.unit == "d"
    assert f"{POLICY.reopen.amount}日内" in REASONS["incomplete"].where_to_go


def test_all_that_is_missing_is_asked_for_at_once():
    case = a_running_case()
    ask(case)
    provide(case)

    with pytest.raises(AskedOnceAlready):
        ask(case, new_matter="  ")
    ask(case, new_matter="补充材料提到另有一处仓库")
    provide(case)
    with pytest.raises(NothingMoreToAsk):
        ask(case, new_matter="还有别的")


def test_a_reminder_that_comes_after_the_end_is_refused_with_its_line(tmp_path):
    path = tmp_path / "policy.yml"
    path.write_text(POLICY_FILE.read_text("utf-8").replace("remind_after: 4wd", "remind_after: 5wd"), "utf-8")

    with pytest.raises(WrongSettings, match="remind_after"):
        load_policy(path)


# Emergencies


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("有人持刀威胁门卫，快来", "110"),
        ("有人 正在 盗窃电缆", "110"),
        ("刚刚被骗转账186万元", "110"),
        ("三号车间着火了", "119"),
        ("三號車間著火了", "119"),
        ("工人被埋，联系不上", "120"),
        ("厂门口刚发生车祸", "122"),
    ],
)
def test_what_goes_on_now_is_an_emergency(text, where):
    assert find_emergency(text, EMERGENCIES).where == where


@pytest.mark.parametrize(
    "text",
    [
        "仓库电缆连续被盗，请尽快破案",
        "去年厂房着火了，至今没有理赔",
        "组织消防演练，模拟车间着火了怎么办",
        "希望对火灾隐患和燃气安全进行培训",
        "如果着火了，消防车进不来",
        "他多次威胁要告我们",
    ],
)
def test_what_is_over_or_only_feared_is_none(text):
    assert find_emergency(text, EMERGENCIES) is None


def test_an_emergency_is_decided_as_fast_as_a_critical_matter():
    assert a_referred_case().accept_due == TUESDAY + timedelta(minutes=15)


def test_an_officer_says_with_the_acceptance_whether_it_is_an_emergency():
    for nothing in ("", "perhaps"):
        with pytest.raises(EmergencyUndecided, match="119"):
            accept(a_referred_case(), emergency=nothing)

    undone = accept(a_referred_case(), emergency="undone")
    confirmed = accept(a_referred_case(), emergency="confirmed", special_regime="public-order")

    assert (undone.emergency, undone.special_regime) == ("undone", "")
    assert (confirmed.emergency, confirmed.special_regime) == ("confirmed", "public-order")


def refer(case, now=TUESDAY, where="110"):
    referred = ReferAppeal(receipt=case.receipt, at=now, by="受理员", where=where, why="有人正在车间打砸")
    return case.refer_by_hand(referred, now, numbers=["110", "119"], policy=POLICY, calendar=CALENDAR)


def test_an_officer_refers_what_the_words_do_not_tell_as_if_they_had():
    case = a_case()

    said = refer(case, TUESDAY + timedelta(hours=1))

    assert (said.topic, said.where, said.by, said.words) == ("appeal.referred", "110", "受理员", ())
    assert case.accept_due == TUESDAY + timedelta(hours=1, minutes=15)
    assert accept(case, emergency="confirmed", special_regime="public-order").emergency == "confirmed"


def test_an_appeal_is_referred_once_before_it_is_decided_and_to_an_emergency_number():
    with pytest.raises(ReferredBefore):
        refer(a_referred_case())
    with pytest.raises(UnknownNumber):
        refer(a_case(), where="12345")
    decided = a_case()
    accept(decided)
    with pytest.raises(AlreadyDecided):
        refer(decided)


def test_a_confirmed_emergency_tracks_a_procedure_by_law():
    with pytest.raises(RegimeNeeded):
        accept(a_referred_case(), emergency="confirmed")


def test_what_was_never_referred_is_neither_confirmed_nor_undone():
    with pytest.raises(NoEmergency):
        accept(a_case(), emergency="undone")


# Procedures by law


@pytest.mark.parametrize("written", ["criminal", "刑事案件受立案程序", "受案立案程序"])
def test_a_crime_report_that_is_not_urgent_is_accepted_with_its_procedure(written):
    assert accept(a_case(), special_regime=written).special_regime == "criminal"


def test_a_procedure_that_is_on_no_list_is_refused_and_changes_nothing():
    case = a_case()

    with pytest.raises(UnknownRegime) as refusal:
        accept(case, special_regime="私了")

    assert (refusal.value.told()["field"], case.state) == ("special_regime", "submitted")


def test_every_procedure_and_every_step_of_it_has_a_source():
    regimes = load_regimes().all

    assert {"criminal", "public-order", "petition", "payment-arrears", "permit"} <= {one.code for one in regimes}
    assert all(one.source for one in regimes)
    assert all(clock.source for one in regimes for clock in one.clocks)
    assert [clock.step for clock in load_regimes().get("criminal").milestones] == ["受案回执"]
