"""What the facts of an order come to, and when a month is over."""

from datetime import UTC, datetime, timedelta

import pytest

from appeals.calendar import load_calendar
from appeals.events import Applicant, ContactMade, DeadlineMissed, DeadlineSet, OrderDispatched, SupervisionLowered
from services.evaluation.facts import Led, month_of
from services.evaluation.periods import check_period, freezes_at, last_day, month_before
from services.evaluation.policy import Rules
from services.evaluation.policy_file import load_policy
from services.evaluation.refusals import NoSuchPeriod

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CALENDAR = load_calendar()
ABOUT = {"receipt": "SQ-20261124-A1B2C3", "order": "SQ-20261124-A1B2C3-01", "department": "industry"}


def an_order():
    led = Led.of(
        OrderDispatched(
            **ABOUT,
            at=NOW,
            role="lead",
            title="申报园区",
            text="请协调",
            applicant=Applicant(name="某园区"),
            kind="help",
            urgency="normal",
            complexity="normal",
        ),
        None,
    )
    for step in ("sign", "contact", "reply"):
        hear(led, DeadlineSet(**ABOUT, at=NOW, step=step, due=NOW + timedelta(days=2)))
    return led


def hear(led, *facts):
    for fact in facts:
        led.hear(fact, CALENDAR)


@pytest.mark.parametrize("missed", [False, True])
def test_failed_attempts_stand_for_the_contact_where_supervision_let_them_stand(missed):
    led = an_order()

    hear(led, ContactMade(**ABOUT, at=NOW, how="电话", reached=False))
    if missed:
        hear(led, DeadlineMissed(**ABOUT, at=NOW, step="contact", due=NOW))

    assert led.outcome().contacted == (None if missed else NOW)


def test_the_first_contact_counts_and_a_missed_signature_is_no_missed_contact():
    led = an_order()

    hear(led, DeadlineMissed(**ABOUT, at=NOW, step="sign", due=NOW))
    for hours in (1, 2):
        hear(led, ContactMade(**ABOUT, at=NOW + timedelta(hours=hours), how="电话"))

    assert (led.outcome().contacted, led.contact_missed) == (NOW + timedelta(hours=1), False)


def test_a_letter_to_a_vertical_organ_is_no_card():
    led = an_order()

    hear(led, SupervisionLowered(**ABOUT, at=NOW, was="conference", level="letter", reason="已反馈"))

    assert led.cards == []


@pytest.mark.parametrize(
    ("moment", "month"),
    [("2026-11-30T15:59:59+00:00", "2026-11"), ("2026-11-30T16:00:00+00:00", "2026-12")],
)
def test_a_month_is_beijings(moment, month):
    assert month_of(datetime.fromisoformat(moment)) == month


@pytest.mark.parametrize(("period", "day", "before"), [("2027-01", 31, "2026-12"), ("2028-02", 29, "2028-01")])
def test_months_end_and_follow_one_another(period, day, before):
    assert (last_day(period).day, month_before(period)) == (day, before)


def test_a_month_is_frozen_twenty_days_after_its_end_and_not_on_a_day_without_work():
    rules = Rules(policy=load_policy(), calendar=CALENDAR)

    assert f"{freezes_at('2026-11', rules):%Y-%m-%d %H:%M}" == "2026-12-21 17:00"  # the twentieth is a Sunday


def test_what_is_no_month_is_refused():
    check_period("2026-11")
    with pytest.raises(NoSuchPeriod):
        check_period("2026-11-24")
