"""What supervision says as time goes by: each thing once, whatever happens to the process meanwhile."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import String, cast, event, func, join, literal, select, text, true

from appeals.bus.database import Moment
from appeals.bus.ledger import Ledger
from appeals.commands import ApproveFeedback, RefuseFeedback, ResumeOrder, SuspendOrder
from appeals.events import MilestoneReached, OrderSigned
from appeals.testing import wait_until
from services.supervision.store import SupervisionStore, deadlines
from tests.services.supervising import RECEIPT, about, ask, dispatched, in_hand, replied, told

BEIJING = ZoneInfo("Asia/Shanghai")


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def travel(town, service, until):
    """Look at the clocks whenever something is to be said until then."""
    while True:
        with service.database.reading() as session:
            ahead = session.scalar(select(func.min(deadlines.c.next_at)))
        if ahead is None or ahead > local(until):
            break
        town.clock.now = max(town.clock.now, ahead)
        service.tick()
    town.clock.now = local(until)


def revised(service, **changes):
    """The service has started anew with another version of the calendar."""
    rules = service.config["rules"]
    service.config["rules"] = replace(rules, calendar=replace(rules.calendar, version="revised", **changes))


def test_each_reminder_is_said_once_at_half_and_at_four_fifths_of_the_time(town):
    supervision = town.host("supervision")
    in_hand(town)

    travel(town, supervision, "2026-12-01 16:59")

    reply = [(one["share"], one["light"]) for one in told(town, "deadline.warned") if one["step"] == "reply"]
    assert reply == [(50, "blue"), (80, "yellow")]


def test_after_48_hours_of_down_time_only_what_still_makes_sense_is_said(town):
    supervision = town.host("supervision")
    in_hand(town, kind="consult")
    town.clock.advance(hours=6)
    supervision.tick()

    town.clock.advance(hours=48)
    for _ in range(3):
        supervision.tick()

    assert [(one["step"], one["share"]) for one in told(town, "deadline.warned")] == [("reply", 80)]
    assert [one["step"] for one in told(town, "deadline.missed")] == ["contact"]


def test_two_replicas_say_each_reminder_and_each_miss_once(town):
    replicas = [town.host("supervision"), town.host("supervision")]
    receipts = [f"SQ-20261124-{number:06d}" for number in range(40)]
    town.say("routing", *(dispatched(town, receipt=one, order=f"{one}-01") for one in receipts))

    for days in (4, 4):
        town.clock.advance(days=days)
        at_once(replicas)

    assert sorted(one["receipt"] for one in told(town, "deadline.warned") if one["step"] == "reply") == receipts
    missed = [(one["receipt"], one["step"]) for one in told(town, "deadline.missed")]
    assert sorted(missed) == sorted((one, step) for one in receipts for step in ("sign", "contact", "reply"))
    replicas[0].database.close()


def at_once(replicas):
    """All replicas look at the clocks at the same time."""
    ticks = [Thread(target=replica.tick) for replica in replicas]
    for tick in ticks:
        tick.start()
    for tick in ticks:
        tick.join()


def test_two_replicas_that_come_back_at_once_after_48_hours_say_only_what_still_makes_sense_and_each_thing_once(town):
    replicas = [town.host("supervision"), town.host("supervision")]
    receipts = [f"SQ-20261124-{number:06d}" for number in range(20)]
    town.say("routing", *(dispatched(town, receipt=one, order=f"{one}-01", kind="consult") for one in receipts))
    town.clock.advance(hours=6)
    at_once(replicas)

    town.clock.advance(hours=48)
    for _ in range(2):
        at_once(replicas)

    warned = [(one["receipt"], one["step"], one["share"]) for one in told(town, "deadline.warned")]
    missed = [(one["receipt"], one["step"]) for one in told(town, "deadline.missed")]
    assert sorted(warned) == [(one, "reply", 80) for one in receipts]
    assert sorted(missed) == sorted((one, step) for one in receipts for step in ("sign", "contact"))
    replicas[0].database.close()


def test_an_order_that_cannot_be_worked_on_stops_no_other(town, caplog):
    supervision = town.host("supervision")
    receipts = [f"SQ-20261124-{number:06d}" for number in range(5)]
    town.say("routing", *(dispatched(town, receipt=one, order=f"{one}-01") for one in receipts))
    with supervision.database.transaction() as session:
        session.execute(text("UPDATE deadlines SET \"limit\" = 'spoiled' WHERE receipt = :one"), {"one": receipts[2]})

    town.clock.advance(days=3)
    supervision.tick()

    missed = {one["receipt"] for one in told(town, "deadline.missed")}
    assert missed == set(receipts) - {receipts[2]}
    assert [record.receipt for record in caplog.records if record.name == "appeals.bus"] == [receipts[2]]


def test_a_look_at_the_clocks_waits_for_its_turn_and_locks_nothing_before(town):
    supervision = town.host("supervision")
    if not supervision.database.is_postgresql:
        pytest.skip("SQLite has one writer at a time")
    town.say("routing", dispatched(town))
    town.clock.advance(days=1)

    with supervision.database.transaction() as session:
        Ledger(session, town.clock).take_turns([RECEIPT])  # as a message about the appeal does
        tick = Thread(target=supervision.tick)
        tick.start()
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
        wait_until(lambda: supervision.rows(waiting))
        session.execute(text("UPDATE deadlines SET warned = warned"))
    tick.join()

    assert [one["step"] for one in told(town, "deadline.missed")] == ["sign"]


def test_what_is_due_is_found_in_one_indexed_scan_however_many_orders_are_open(town):
    supervision = town.host("supervision")
    town.say("routing", dispatched(town))
    later = literal(town.clock() + timedelta(days=40), Moment)
    numbers = select(literal(1).label("number")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < 100_000))
    values = {one.name: one for one in deadlines.c}
    values |= {"key": cast(numbers.c.number, String), "due": later, "next_at": later}
    many = select(*values.values()).select_from(join(deadlines, numbers, true())).where(deadlines.c.step == "reply")
    with supervision.database.transaction() as session:
        session.execute(deadlines.insert().from_select(list(values), many))
        session.execute(text("ANALYZE"))
    town.clock.advance(days=1)

    plan, found = explained(supervision, lambda store: store.due_at(town.clock(), 500))

    assert set(found) == {RECEIPT}
    assert "deadlines_next" in plan
    assert "Seq Scan" not in plan
    assert "SCAN deadlines" not in plan


def explained(service, question):
    """How the database answers a question of the store, and the answer."""
    plans = []
    explain = "EXPLAIN " if service.database.is_postgresql else "EXPLAIN QUERY PLAN "

    def look(connection, cursor, statement, parameters, context, many):
        cursor.execute(explain + statement, parameters)
        plans.append("\n".join(str(row) for row in cursor.fetchall()))

    with service.database.reading() as session:
        event.listen(session.get_bind(), "before_cursor_execute", look)
        try:
            found = question(SupervisionStore(session))
        finally:
            event.remove(session.get_bind(), "before_cursor_execute", look)
    return "\n".join(plans), found


def test_a_revised_calendar_moves_running_deadlines_and_the_department_is_told_why(town):
    supervision = town.host("supervision")
    in_hand(town)

    revised(supervision, overrides={date(2026, 11, 26): False})
    supervision.tick()
    supervision.tick()

    changed = [one for one in told(town, "deadline.set") if one["reason"]]
    assert [(one["step"], one["due"], one["reason"]) for one in changed] == [
        ("reply", "2026-12-02T17:00:00+08:00", "工作日历修订")
    ]
    assert changed[0]["calendar_version"] == "revised"


def test_a_revised_calendar_never_moves_a_deadline_earlier_without_notice(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.clock.advance(days=3)

    worked = {date(2026, 11, day): True for day in (28, 29)}
    revised(supervision, overrides=worked)
    supervision.tick()
    town.clock.advance(minutes=1)
    revised(supervision, overrides=worked | {date(2026, 11, 25): False}, makeup_days=frozenset())
    supervision.tick()

    moved = [one for one in told(town, "deadline.set") if one["reason"]]
    assert [one["due"] for one in moved] == ["2026-11-29T17:00:00+08:00"]


def test_a_revised_calendar_changes_nothing_that_is_over(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", replied(town))
    before = supervision.rows("SELECT key, due, state FROM deadlines ORDER BY key")

    revised(supervision, overrides={date(2026, 11, 26): False})
    town.clock.advance(days=20)
    supervision.tick()

    assert supervision.rows("SELECT key, due, state FROM deadlines ORDER BY key") == before
    assert not [one for one in told(town, "deadline.set") if one["reason"]]


def test_a_deadline_in_a_year_without_its_notice_is_told_as_provisional(town):
    town.host("supervision")

    town.say("routing", dispatched(town, kind="report", complexity="hard"))

    assert [(one["step"], one["provisional"]) for one in told(town, "deadline.set")] == [
        ("sign", False),
        ("contact", False),
        ("reply", True),
    ]


def milestone(town, state, on=None, name="按程序验收"):
    return MilestoneReached(**about(town), name=name, state=state, on=on)


def test_a_planned_milestone_that_passes_is_noticed_once(town):
    supervision = town.host("supervision")
    in_hand(town, complexity="hard")
    town.say("routing", milestone(town, "planned", date(2026, 11, 27)), milestone(town, "planned", name="无日期"))

    town.clock.advance(days=6)
    supervision.tick()
    supervision.tick()

    assert [(one["name"], one["on"]) for one in told(town, "milestone.missed")] == [("按程序验收", "2026-11-27")]


def test_a_planned_milestone_that_is_done_or_planned_anew_is_not_missed(town):
    supervision = town.host("supervision")
    in_hand(town, complexity="hard")
    town.say("routing", milestone(town, "planned", date(2026, 11, 27)))
    town.say("routing", milestone(town, "planned", date(2026, 11, 27), name="专家评审"))

    town.say("routing", milestone(town, "done"), milestone(town, "planned", date(2026, 12, 9), name="专家评审"))
    town.clock.advance(days=6)
    supervision.tick()
    assert told(town, "milestone.missed") == []

    town.clock.advance(days=10)
    supervision.tick()
    assert [one["on"] for one in told(town, "milestone.missed")] == ["2026-12-09"]


def closed(town, **facts):
    in_hand(town, **facts)
    town.say("routing", replied(town))
    ask(town, ApproveFeedback)


def test_a_hard_matter_is_looked_at_again_30_and_90_days_after_its_close(town):
    supervision = town.host("supervision")
    closed(town, complexity="hard")

    travel(town, supervision, "2027-03-30 12:00")

    assert [one["after"] for one in told(town, "followup.reached")] == ["30d", "90d"]


def test_an_ordinary_matter_that_was_solved_is_not_looked_at_again(town):
    supervision = town.host("supervision")
    closed(town)

    town.clock.advance(days=120)
    supervision.tick()

    assert told(town, "followup.reached") == []


def test_a_second_round_ends_the_follow_ups_of_the_first(town):
    supervision = town.host("supervision")
    closed(town, complexity="hard")
    order = dispatched(town, number="02", round=2, complexity="hard")
    town.say("routing", order, OrderSigned(**about(town, number="02")), replied(town, number="02"))

    town.clock.advance(days=120)
    supervision.tick()

    assert told(town, "followup.reached") == []


def test_a_matter_that_goes_on_is_looked_at_again_every_month_until_its_close(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", replied(town, result="ongoing"))
    ask(town, ApproveFeedback)

    travel(town, supervision, "2027-01-30 12:00")
    assert len(told(town, "followup.reached")) == 2

    town.say("routing", replied(town))
    ask(town, ApproveFeedback)
    town.clock.advance(days=120)
    supervision.tick()
    assert len(told(town, "followup.reached")) == 2


def test_a_review_stops_the_clock_of_the_reply_and_no_other(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.clock.advance(hours=1)
    town.say("industry", replied(town, contact=""))
    town.clock.now = local("2026-11-25 15:30")
    ask(town, RefuseFeedback, reason="未说明办理结果")

    supervision.tick()

    warned = [(data["step"], data["share"], data["light"]) for data in told(town, "deadline.warned")]
    assert ("contact", 80, "orange") in warned  # 13 of 14.5 hours are used, 12 of them by the review


def test_a_reply_that_came_with_its_suspension_can_be_sent_back(town):
    town.host("supervision")
    in_hand(town)
    ask(town, SuspendOrder, reason="judicial", days=1, basis="法院通知书")
    town.say("industry", replied(town))
    town.clock.advance(hours=2)

    ask(town, RefuseFeedback, reason="未说明办理结果")

    assert told(town, "deadline.set")[-1]["due"] == "2026-12-02T17:00:00+08:00"


def test_a_reply_out_of_a_suspension_counts_by_a_deadline_that_was_told(town):
    town.host("supervision")
    in_hand(town)
    ask(town, SuspendOrder, reason="judicial", days=5, basis="法院通知书")
    town.clock.advance(days=2)

    town.say("industry", replied(town))

    assert told(town, "deadline.set")[-1]["due"] == "2026-12-03T17:00:00+08:00"


def test_an_order_can_be_suspended_again_at_the_moment_at_which_it_was_resumed(town):
    town.host("supervision")
    in_hand(town)
    facts = {"reason": "judicial", "days": 1, "basis": "法院通知书"}
    ask(town, SuspendOrder, **facts)
    ask(town, ResumeOrder, reason="通知书有误")

    ask(town, SuspendOrder, **facts)

    assert told(town, "order.suspended")[-1]["until"] == "2026-11-25T17:00:00+08:00"
