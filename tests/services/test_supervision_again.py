"""Called to account again on the real store: replies sent back, flags that wait, lowered levels, extensions by law."""

import pytest

from appeals.bus.asking import CommandRefused
from appeals.commands import DecideExtension, LowerSupervision, RefuseFeedback, ResumeOrder, SuspendOrder
from appeals.events import AppealFlagged, ContactMade, ExtensionRequested
from tests.services.supervising import RECEIPT, about, ask, in_hand, replied, told
from tests.services.test_supervision_time import travel

WAITING = {"reason": "judicial", "basis": "法院通知书"}


def issued(town):
    return [(one["level"], one["at"][:10]) for one in told(town, "supervision.issued")]


def flagged(town):
    reason = "同一企业 90 日内第 3 次反映"
    return AppealFlagged(receipt=RECEIPT, at=town.clock(), flag="repeated", reason=reason, count=3, days=90)


def asking(town, days):
    return ExtensionRequested(**about(town), days=days, reason="案情复杂", plan="下周鉴定")


def test_the_second_reply_that_is_sent_back_is_a_yellow_card(town):
    town.host("supervision")
    in_hand(town)

    for expected in ([], [("yellow", "2026-11-24")]):
        town.say("industry", replied(town, evidence=()))
        ask(town, RefuseFeedback, reason="未附佐证")
        assert issued(town) == expected

    assert told(town, "supervision.issued")[0]["reason"] == "反馈已第 2 次被退回"


@pytest.mark.parametrize("by_itself", [False, True])
def test_a_flag_raised_during_a_suspension_takes_effect_once_when_the_order_is_resumed(town, by_itself):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", ContactMade(**about(town), how="电话"))
    ask(town, SuspendOrder, days=2, **WAITING)
    town.say("intake", flagged(town))
    assert issued(town) == []

    if by_itself:
        travel(town, supervision, "2026-11-27 09:00")
    else:
        ask(town, ResumeOrder, reason="判决已出")

    assert [level for level, _ in issued(town)] == ["ordinary"]
    ask(town, LowerSupervision, reason="误发")
    ask(town, SuspendOrder, days=1, **WAITING)
    ask(town, ResumeOrder, reason="判决已出")
    assert [level for level, _ in issued(town)] == ["ordinary"]


def test_a_flag_raised_while_a_reply_is_reviewed_takes_effect_when_it_is_sent_back(town):
    town.host("supervision")
    in_hand(town)
    town.say("industry", replied(town))
    town.say("intake", flagged(town))
    assert issued(town) == []

    ask(town, RefuseFeedback, reason="未附佐证")

    assert [level for level, _ in issued(town)] == ["ordinary"]


def test_a_lowered_level_is_climbed_again_only_so_long_after_the_lowering(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("routing", ContactMade(**about(town), how="电话"))
    travel(town, supervision, "2026-12-07 16:00")
    ask(town, LowerSupervision, level="ordinary", reason="已在整改")

    travel(town, supervision, "2026-12-31 12:00")

    assert issued(town) == [
        ("ordinary", "2026-12-01"),
        ("yellow", "2026-12-04"),
        ("yellow", "2026-12-10"),
        ("red", "2026-12-14"),
    ]


def test_a_public_order_case_is_put_off_by_30_calendar_days_once(town):
    town.host("supervision")
    in_hand(town, special_regime="public-order")
    town.say("industry", asking(town, 30))

    ask(town, DecideExtension, approve=True, reason="同意")
    town.say("industry", asking(town, 1))

    assert [one["due"] for one in told(town, "extension.approved")] == ["2027-01-25T17:00:00+08:00"]
    assert [one["reason"] for one in told(town, "extension.denied")] == ["已延期 1 次，不得再次延期"]


def test_an_extension_that_is_approved_after_a_late_reply_is_refused_and_the_reply_stays_late(town):
    supervision = town.host("supervision")
    in_hand(town)
    town.say("industry", asking(town, 5))
    travel(town, supervision, "2026-12-02 10:00")
    town.say("industry", replied(town))

    with pytest.raises(CommandRefused, match="Nobody asked for more time"):
        ask(town, DecideExtension, approve=True, reason="同意")

    assert told(town, "extension.approved") == []
    assert [one["step"] for one in told(town, "deadline.missed")].count("reply") == 1
    assert supervision.rows("SELECT state, extra_days FROM deadlines WHERE step = 'reply'") == [("missed", 0)]
