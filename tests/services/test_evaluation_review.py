"""What follows when rework is used up, 上级复核, and when a demand is held unreasonable, 不合理诉求."""

from datetime import datetime

import pytest

from appeals.bus.asking import CommandRefused
from appeals.commands import DecideReview, DecideUnreasonable, RequestUnreasonable, ReviewUnreasonable
from appeals.events import FeedbackApproved
from tests.services.evaluating import about, accepted, ask, close, closed, lead, rate, told

REMEDIES = "可自收到告知之日起 30 日内申请复核"


@pytest.fixture
def under_review(town):
    """A town in which an applicant was dissatisfied in three rounds."""
    town.host("evaluation")
    lead(town)
    approved = FeedbackApproved(**about(town) | {"by": "督办员"}, result="solved", text="已协调")
    town.say("supervision", approved)
    for number in (1, 2, 3):
        town.say("supervision", closed(town, number=number))
        rate(town, "dissatisfied", "solved", comment="态度不好")
    return town


@pytest.fixture
def at_work(town):
    """A town in which an appeal has its lead."""
    town.host("evaluation")
    lead(town)
    return town


def refused(act, *arguments, **facts):
    with pytest.raises(CommandRefused) as refusal:
        act(*arguments, **facts)
    return refusal.value.told["code"]


def request(town, by="申请人员", **facts):
    facts = {"basis": "信访工作条例第三十二条", "reason": "诉求已由生效判决处理"} | facts
    return ask(town, RequestUnreasonable, by=by, **facts)


def review(town, by="法制人员", supported=True, opinion="符合规定"):
    return ask(town, ReviewUnreasonable, by=by, supported=supported, opinion=opinion)


def decide(town, by="审批人员", approve=True, reason="诉求缺乏法律依据", remedies=REMEDIES):
    return ask(town, DecideUnreasonable, by=by, approve=approve, reason=reason, remedies=remedies)


# The superior's review


def test_nobody_who_is_solved_but_dissatisfied_is_lost(under_review):
    facts = [one.partition(" ")[0] for one in under_review.facts()]

    assert facts.count("appeal.reopened") == 2
    assert facts[-1] == "review.requested"
    assert "appeal.archived" not in facts
    (requested,) = told(under_review, "review.requested")
    assert (datetime.fromisoformat(requested["due"]) - under_review.clock()).days == 30
    assert requested["reason"] == "申请人评价为不满意、已解决：态度不好"


@pytest.mark.parametrize("decision", ["upheld", "changed"])
def test_the_superiors_decision_is_final_and_archived_with_it(under_review, decision):
    ask(under_review, DecideReview, by="上级", decision=decision, reason="经复核")

    assert under_review.facts()[-2:] == ["review.decided", "appeal.archived"]
    archived = under_review.said()[-1][1]
    assert (archived["outcome"], archived["review"]) == ("final review", decision)
    assert refused(ask, under_review, DecideReview, by="上级", decision="upheld", reason="再次") == "no-review-open"
    assert refused(rate, under_review, "satisfied") == "rated-already"


@pytest.mark.parametrize(
    ("by", "decision", "reason", "code"),
    [
        ("上级", "perhaps", "经复核", "unknown-decision"),
        ("上级", "upheld", " ", "nothing-written"),
        ("督办员", "upheld", "经复核", "reviews-own-approval"),
    ],
)
def test_a_review_needs_a_decision_its_reasons_and_somebody_else(under_review, by, decision, reason, code):
    assert refused(ask, under_review, DecideReview, by=by, decision=decision, reason=reason) == code


def test_an_overdue_review_is_told_once_and_may_still_be_decided(under_review):
    evaluation = under_review.hosts["evaluation"]
    under_review.clock.advance(days=29)
    evaluation.tick()
    assert told(under_review, "review.overdue") == []

    under_review.clock.advance(days=2)
    evaluation.tick()
    evaluation.tick()
    ask(under_review, DecideReview, by="上级", decision="upheld", reason="经复核")

    assert len(told(under_review, "review.overdue")) == 1
    assert under_review.facts()[-1] == "appeal.archived"


def test_an_appeal_that_is_not_under_review_is_not_decided(at_work):
    assert refused(ask, at_work, DecideReview, decision="upheld", reason="经复核") == "no-review-open"


# Unreasonable demands


def test_a_demand_is_held_unreasonable_by_three_people_and_the_appellant_reads_why_and_what_remedies_there_are(at_work):
    request(at_work)
    review(at_work)
    decide(at_work)

    assert at_work.facts() == ["unreasonable.requested", "unreasonable.reviewed", "unreasonable.decided"]
    decided = at_work.said()[-1][1]
    assert (decided["approved"], decided["reason"], decided["remedies"]) == (True, "诉求缺乏法律依据", REMEDIES)
    assert (decided["basis"], decided["departments"]) == ("信访工作条例第三十二条", ["securities"])


@pytest.mark.parametrize(("applies", "reviews", "decides"), [("甲", "甲", ""), ("甲", "乙", "甲"), ("甲", "乙", "乙")])
def test_one_account_does_not_apply_review_and_decide(at_work, applies, reviews, decides):
    request(at_work, by=applies)

    if not decides:
        assert refused(review, at_work, by=reviews) == "same-account"
    else:
        review(at_work, by=reviews)
        assert refused(decide, at_work, by=decides) == "same-account"


def test_nothing_is_held_unreasonable_without_an_opinion_that_supports_it(at_work):
    request(at_work)
    assert refused(decide, at_work) == "not-reviewed-yet"

    review(at_work, supported=False, opinion="依据不足")

    assert refused(decide, at_work) == "opinion-against"
    decide(at_work, approve=False, reason="法制审查未支持", remedies="")
    assert at_work.said()[-1][1]["approved"] is False


def test_time_alone_never_decides(at_work):
    request(at_work)
    review(at_work)

    at_work.clock.advance(days=400)
    at_work.hosts["evaluation"].tick()

    assert told(at_work, "unreasonable.decided") == []


@pytest.mark.parametrize(
    ("act", "facts", "code"),
    [
        (request, {"basis": " "}, "nothing-written"),
        (request, {"reason": ""}, "nothing-written"),
        (review, {"opinion": ""}, "nothing-requested"),
        (decide, {}, "nothing-requested"),
    ],
)
def test_what_has_to_be_written_or_come_first_is_asked_for(at_work, act, facts, code):
    assert refused(act, at_work, **facts) == code


@pytest.mark.parametrize("missing", ["reason", "remedies"])
def test_an_approval_without_written_reasons_and_remedies_is_refused(at_work, missing):
    request(at_work)
    review(at_work)

    assert refused(decide, at_work, **{missing: " "}) == "nothing-written"


def test_it_is_decided_once_and_not_after_the_archive(at_work):
    request(at_work)
    assert refused(request, at_work) == "requested-already"
    review(at_work)
    decide(at_work)
    assert refused(decide, at_work, by="别人") == "nothing-requested"

    at_work.say("intake", accepted(at_work, "SQ-20261124-000002"))
    at_work.say("supervision", closed(at_work, "SQ-20261124-000002"))
    rate(at_work, of="SQ-20261124-000002")

    late = {"of": "SQ-20261124-000002", "basis": "依据", "reason": "理由"}
    assert refused(ask, at_work, RequestUnreasonable, **late) == "archived-already"
    assert refused(ask, at_work, RequestUnreasonable, **late | {"of": "SQ-20261124-000003"}) == "not-accepted"


def test_after_an_approval_nobody_has_to_work_on_it_once_more(at_work):
    request(at_work)
    review(at_work)
    decide(at_work)
    close(at_work)

    rate(at_work, "very_dissatisfied", "unsolved")

    assert at_work.facts()[-2:] == ["appeal.evaluated to securities", "appeal.archived"]
    assert at_work.said()[-1][1]["outcome"] == "evaluated"


def test_a_denied_request_changes_nothing(at_work):
    request(at_work)
    review(at_work)
    decide(at_work, approve=False)
    close(at_work)

    rate(at_work, "very_dissatisfied", "unsolved")

    assert at_work.facts()[-1] == "appeal.reopened"
