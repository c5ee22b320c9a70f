"""Calling to account: for replies sent back, for flags, again after a lowering, and by the law's own extensions."""

from dataclasses import replace
from datetime import datetime

import pytest

from appeals.calendar import BEIJING, load_calendar
from appeals.events import ExtensionRequested, FeedbackSubmitted
from appeals.testing.clock import TUESDAY_MORNING
from services.supervision import extending, ladder, reviewing, suspending
from services.supervision.deadline import CONTACT, MISSED, REPLY, Deadline, start_clocks
from services.supervision.flagged import Flag, call_to_account
from services.supervision.order import Order
from services.supervision.policy import Rules
from services.supervision.policy_file import load_policy
from services.supervision.suspending import Watched

rules = Rules(policy=load_policy(), calendar=load_calendar())


class Work:
    """An order in hand with its clocks, as time goes by and people decide."""

    def __init__(self, **facts):
        about = {"order": "01", "receipt": "SQ", "department": "industry", "role": "lead", "round": 1}
        about |= {"kind": "help", "urgency": "normal", "complexity": "normal", "signed": True}
        self.order = Order(**(about | facts))
        self.clocks = {one.step: one for one in start_clocks(self.order, TUESDAY_MORNING, rules)}
        self.pauses, self.issued = [], []

    @property
    def reply(self) -> Deadline:
        return self.clocks[REPLY]

    def look(self, at):
        """Supervision looks at the reply's clock whenever something is to be said until then."""
        while self.reply.next_at and self.reply.next_at <= at:
            said = self.reply.come_due(self.order, self.pauses, self.reply.next_at, rules)
            self._note(said)

    def answer(self, at, evidence=()):
        self.look(at)
        said = extending.end_with_reply(self.order, at)
        self.order.take_feedback(
            FeedbackSubmitted(
                receipt="SQ", at=at, order="01", department="industry", text="已办", result="solved", evidence=evidence
            )
        )
        self.reply.meet(at)
        return said

    def send_back(self, at):
        said, review = reviewing.send_back(
            self.order, self.reply, self.pauses, at, rules, reason="缺少佐证", by="督办员"
        )
        self.pauses.append(review)
        self._note(said)

    def lower(self, level, at):
        ladder.lower(self.order, level, "已在整改", at, by="督办员")
        for clock in self.clocks.values():
            clock.come_down(self.order, rules, at)

    def ask(self, days, at):
        asked = ExtensionRequested(
            receipt="SQ", at=at, order="01", department="industry", days=days, reason="案情复杂", plan="下周鉴定"
        )
        return extending.ask(self.order, asked, self.reply, at, rules)

    def approve(self, at):
        return extending.decide(
            self.order, self.reply, self.pauses, at, rules, approve=True, reason="同意", by="督办员"
        )

    def _note(self, said):
        self.issued += [(one.level, f"{one.at.astimezone(BEIJING):%m-%d}") for one in said if hasattr(one, "reply_due")]


def on(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)


# Replies that are sent back


def test_a_reply_that_is_sent_back_for_the_second_time_is_a_yellow_card_though_it_came_in_time():
    work = Work()

    work.answer(on("11-26 10:00"))
    work.send_back(on("11-26 11:00"))
    assert work.issued == []
    work.answer(on("11-26 15:00"))
    work.send_back(on("11-26 16:00"))

    assert work.issued == [("yellow", "11-26")]
    assert work.reply.state != MISSED


def test_a_third_reply_sent_back_issues_no_second_yellow_card():
    work = Work()

    for day in (24, 25, 26):
        work.answer(on(f"11-{day} 10:00"))
        work.send_back(on(f"11-{day} 11:00"))

    assert [level for level, _ in work.issued] == ["yellow"]


def test_a_vertical_organ_whose_reply_is_sent_back_twice_gets_a_letter():
    work = Work(vertical=True)

    for day in (24, 25):
        work.answer(on(f"11-{day} 10:00"))
        work.send_back(on(f"11-{day} 11:00"))

    assert [level for level, _ in work.issued] == ["letter"]


def test_a_rung_that_was_reached_already_is_not_waited_for_again():
    work = Work()
    for day in (24, 25):
        work.answer(on(f"11-{day} 10:00"))
        work.send_back(on(f"11-{day} 11:00"))

    work.look(on("12-31 12:00"))

    assert work.issued == [
        ("yellow", "11-25"),
        ("red", "12-07"),
    ]  # due on the 3rd by the time of two reviews, and two working days more


def test_a_late_reply_that_is_sent_back_twice_goes_on_to_the_red_card():
    work = Work()
    work.look(on("12-02 12:00"))

    for at in ("12-02", "12-03"):
        work.answer(on(f"{at} 14:00"))
        work.send_back(on(f"{at} 15:00"))
    work.look(on("12-31 12:00"))

    assert work.issued == [("ordinary", "12-01"), ("yellow", "12-03"), ("red", "12-07")]


# Flags


def flag(name="repeated"):
    return Flag(receipt="SQ", flag=name, reason="同一事项多次反映", at=TUESDAY_MORNING)


def test_a_flag_that_comes_during_a_suspension_takes_effect_when_the_work_goes_on():
    work, flags = Work(), [flag()]
    watched = Watched(work.order, tuple(work.clocks.values()), ())
    _, new = suspending.suspend(watched, TUESDAY_MORNING, rules, reason="judicial", days=5, basis="通知书", by="督办员")
    assert call_to_account([work.order], flags, on("11-25 10:00"), rules) == []

    suspending.resume(replace(watched, pauses=(new[0],)), on("11-26 10:00"), rules, reason="判决已出")

    (issued,) = call_to_account([work.order], flags, on("11-26 10:00"), rules)
    assert (issued.level, issued.reason) == ("ordinary", "同一事项多次反映")


def test_a_flag_calls_an_order_to_account_once_also_after_the_level_was_lowered():
    work = Work()
    assert len(call_to_account([work.order], [flag()], on("11-25 10:00"), rules)) == 1
    work.lower("", on("11-25 11:00"))

    assert call_to_account([work.order], [flag()], on("11-25 12:00"), rules) == []
    assert len(call_to_account([work.order], [flag(), flag("collective")], on("11-25 12:00"), rules)) == 1


# After a lowering


def test_after_a_lowering_the_next_rung_is_so_long_after_it():
    work = Work()
    work.look(on("12-08 12:00"))
    assert work.issued == [("ordinary", "12-01"), ("yellow", "12-04")]

    work.lower("ordinary", on("12-08 13:00"))
    work.look(on("12-31 12:00"))

    assert work.issued[2:] == [("yellow", "12-11"), ("red", "12-15")]


def test_a_level_that_was_taken_back_altogether_is_climbed_again_after_the_time_of_the_policy():
    work = Work()
    work.look(on("12-02 12:00"))
    work.lower("", on("12-02 13:00"))

    work.look(on("12-31 12:00"))

    assert work.issued[1:] == [("ordinary", "12-07"), ("yellow", "12-10"), ("red", "12-14")]


def test_lowering_starts_no_ladder_for_a_step_that_is_done_or_not_due():
    work = Work()
    work.look(on("11-25 12:00"))
    ladder.issue(work.order, "yellow", "领导批示", on("11-25 12:00"), rules, by="督办员")
    before = work.clocks[CONTACT].next_at, work.reply.next_at

    work.lower("", on("11-25 13:00"))

    assert (work.clocks[CONTACT].next_at, work.reply.next_at) == before


# Extensions by law, and after the reply


@pytest.mark.parametrize(
    ("regime", "role", "given", "too_much", "due"),
    [
        ("public-order", "lead", 30, 31, "2027-01-25"),
        ("petition", "lead", 30, 31, "2027-02-24"),
        ("payment-arrears", "lead", 60, 61, "2027-02-22"),
        ("permit", "lead", 10, 11, "2027-01-06"),
        ("public-order", "assist", 15, 16, "2026-12-24"),
        ("permit", "assist", 5, 6, "2026-12-15"),
    ],
)
def test_under_a_lawful_procedure_the_reply_is_put_off_once_and_as_the_law_says(regime, role, given, too_much, due):
    work = Work(special_regime=regime, role=role, urgency="critical")

    assert "本次最多" in work.ask(too_much, TUESDAY_MORNING).reason
    assert work.ask(given, TUESDAY_MORNING) is None
    approved = work.approve(TUESDAY_MORNING)

    assert f"{approved.due.astimezone(BEIJING):%Y-%m-%d}" == due
    assert work.ask(1, TUESDAY_MORNING).reason.startswith("已延期 1 次")


def test_a_lawful_procedure_that_allows_no_extension_is_named_in_the_refusal():
    work = Work(special_regime="criminal")

    assert work.ask(1, TUESDAY_MORNING).reason == "“刑事案件受立案程序”的法定期限不得延长"


def test_a_procedure_without_a_time_of_its_own_is_put_off_as_any_other():
    assert Work(special_regime="wage-arrears").ask(10, TUESDAY_MORNING) is None


def test_an_extension_that_is_not_decided_before_the_reply_does_not_make_a_late_one_in_time():
    work = Work()
    work.ask(5, on("11-26 10:00"))
    due = work.reply.due

    (denied,) = work.answer(on("12-02 10:00"))
    with pytest.raises(extending.NoExtensionAsked):
        work.approve(on("12-02 11:00"))
    work.send_back(on("12-02 12:00"))
    with pytest.raises(extending.NoExtensionAsked):
        work.approve(on("12-02 13:00"))

    assert denied.reason == "已反馈，延期申请终止"
    assert (work.reply.state, work.reply.due) == (MISSED, due)
