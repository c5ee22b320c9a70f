# ruff: noqa: F811
"""Withdrawals, 撤回, through the services, and what the pages show of them."""

import pytest

from appeals.bus.asking import CommandRefused
from appeals.commands import AcceptAppeal, AskScores, IssueSupervision, MergeAppeal, WithdrawAppeal
from appeals.events import AppealClosed, AppealWithdrawn, FeedbackSubmitted, OrderCancelled
from services.evaluation.periods import receipt_of
from tests.services import evaluating, supervising
from tests.services.test_intake_duplicates import ONE, TWO, refused, submit
from tests.services.test_intake_duplicates import ask as ask_intake
from tests.services.test_pages import hand_in
from tests.services.test_portal import API, RECEIPT, _no_settings, loop, portal  # noqa: F401 - fixtures


def withdraw(town, receipt=ONE, reason="已自行解决"):
    return town.ask(WithdrawAppeal(receipt=receipt, at=town.clock(), by="applicant", reason=reason))


def withdrawn(town, receipt=RECEIPT):
    return AppealWithdrawn(receipt=receipt, at=town.clock(), by="applicant", reason="已自行解决")


# Intake


def test_what_was_merged_into_a_withdrawn_appeal_is_let_go_and_decided_by_itself(town):
    intake = town.host("intake")
    submit(town)
    submit(town, TWO)
    ask_intake(town, MergeAppeal, TWO, into=ONE)

    withdraw(town)

    event, data = town.said(TWO)[-1]
    assert (event, data["into"], data["reason"]) == ("appeal.unmerged", ONE, "主诉求已由申请人撤回")
    assert intake.rows("SELECT state FROM cases ORDER BY receipt") == [("withdrawn",), ("submitted",)]


def test_a_merged_appeal_that_is_withdrawn_leaves_the_main_one_alone(town):
    intake = town.host("intake")
    submit(town)
    submit(town, TWO)
    ask_intake(town, MergeAppeal, TWO, into=ONE)

    withdraw(town, TWO)
    about = {"receipt": ONE, "at": town.clock(), "lead": "industry", "departments": ("industry",), "round": 1}
    town.say("supervision", AppealClosed(result="solved", summary="", **about))

    assert intake.rows("SELECT state FROM cases ORDER BY receipt") == [("closed",), ("withdrawn",)]
    assert "appeal.advanced" not in town.facts(TWO)


def test_a_close_that_crosses_a_withdrawal_leaves_the_appeal_withdrawn(town):
    intake = town.host("intake")
    submit(town)
    withdraw(town)

    about = {"receipt": ONE, "at": town.clock(), "lead": "industry", "departments": ("industry",), "round": 1}
    town.say("supervision", AppealClosed(result="solved", summary="", **about))

    assert intake.rows("SELECT state FROM cases") == [("withdrawn",)]


def test_nobody_withdraws_from_a_procedure_by_law_that_a_dispatch_rule_has_begun(town):
    town.host("intake")
    submit(town)
    ask_intake(town, AcceptAppeal)
    order = supervising.dispatched(town, receipt=ONE, order=f"{ONE}-01", special_regime="criminal")
    town.say("routing", order)

    assert refused(town, WithdrawAppeal, reason="不想追究") == "procedure-goes-on"


# Supervision


def test_a_withdrawal_stops_every_clock_and_no_card_follows(town):
    supervision = town.host("supervision")
    supervising.in_hand(town)
    town.say("routing", OrderCancelled(reason="已自行解决", **supervising.about(town)))
    said = len(town.facts())

    town.clock.advance(days=60)
    supervision.tick()

    assert town.facts()[said:] == []
    with pytest.raises(CommandRefused) as no_card:
        supervising.ask(town, IssueSupervision, level="ordinary", reason="超期")
    assert no_card.value.told["code"] == "not-open"


def test_a_reply_that_waits_for_review_is_not_reviewed_after_a_withdrawal(town):
    supervision = town.host("supervision")
    supervising.in_hand(town)
    town.say("routing", supervising.replied(town), OrderCancelled(reason="已自行解决", **supervising.about(town)))

    assert supervision.rows("SELECT state FROM orders") == [("cancelled",)]


# Evaluation


def exempt(town):
    """How many led orders count in this month."""
    question = AskScores(receipt=receipt_of(evaluating.PERIOD), at=town.clock(), period=evaluating.PERIOD)
    return sum(one["orders"] for one in town.find_out(question)["units"])


def test_an_order_of_a_withdrawn_appeal_does_not_count_and_nobody_is_asked(town):
    town.host("evaluation")
    evaluating.lead(town)
    town.say("routing", OrderCancelled(reason="已自行解决", **evaluating.about(town)))
    town.say("intake", withdrawn(town))
    town.say("supervision", evaluating.closed(town))

    town.clock.advance(days=4)

    assert exempt(town) == 0
    assert town.facts() == []


def test_who_withdraws_while_the_appeal_is_closed_is_asked_no_longer(town):
    evaluation = town.host("evaluation")
    evaluating.lead(town)
    evaluating.close(town)
    assert exempt(town) == 1

    town.say("routing", OrderCancelled(reason="已自行解决", **evaluating.about(town)))
    town.say("intake", withdrawn(town))

    assert exempt(town) == 0
    for ask in (evaluating.rate, evaluating.call):
        with pytest.raises(CommandRefused) as refusal:
            ask(town)
        assert refusal.value.told["code"] == "withdrawn-before"
    said = len(town.facts())
    town.clock.advance(days=60)
    evaluation.tick()
    assert [fact for fact in town.facts()[said:] if fact.startswith("appeal.")] == []


@pytest.mark.parametrize(("emergency", "counted"), [("confirmed", 0), ("undone", 1), ("", 1)])
def test_an_appeal_that_was_confirmed_as_an_emergency_does_not_count(town, emergency, counted):
    town.host("evaluation")
    evaluating.lead(town, emergency=emergency)
    evaluating.close(town)

    assert exempt(town) == counted


# The whole loop, on the pages


def test_an_applicant_withdraws_on_the_page_and_department_and_supervisor_see_it(town, loop):
    receipt = hand_in(loop)
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    page = f"/appeals/{receipt}"
    assert f'action="{page}/withdrawal"' in loop.client.get(page).text

    without = loop.client.post(f"{page}/withdrawal", data={"reason": ""})
    answer = loop.client.post(f"{page}/withdrawal", data={"reason": "已自行解决"})

    assert (without.status_code, answer.status_code) == (422, 303)
    shown = loop.client.get(page).text
    assert "已撤回" in shown
    assert f'action="{page}/urge"' not in shown
    told = loop.get(f"{API}/{receipt}", key="industry").json
    assert (told["state"]["code"], {one["state"]["code"] for one in told["orders"]}) == ("withdrawn", {"cancelled"})
    assert loop.client.post(f"{page}/withdrawal", data={"reason": "再次撤回"}).status_code == 409


def test_what_crosses_a_withdrawal_leaves_the_picture_withdrawn(town, portal):
    order = supervising.dispatched(town)
    town.say("routing", order, OrderCancelled(reason="已自行解决", **supervising.about(town)))
    town.say("intake", withdrawn(town))

    town.say("routing", FeedbackSubmitted(text="已办", result="solved", **supervising.about(town)))
    town.say("supervision", evaluating.closed(town, RECEIPT))

    assert portal.host.rows("SELECT state FROM appeals") == [("withdrawn",)]
    assert portal.host.rows("SELECT state FROM orders") == [("cancelled",)]
