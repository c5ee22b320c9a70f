"""Review, 审核反馈: what a reply must have before it may stand, and what becomes of one that is sent back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from appeals.events import Event, FeedbackApproved, FeedbackRefused
from services.supervision.deadline import MISSED, PAUSED, Deadline
from services.supervision.ladder import climb
from services.supervision.order import APPROVED, OPEN, REPLIED, UNDER_REVIEW, Order, Pause
from services.supervision.policy import Rules
from services.supervision.refusals import FeedbackIncomplete, NothingToReview

# The check list: each item with its names, and the question it asks.
CHECKS = {
    "text": (("text", "反馈内容"), lambda order, review: bool(order.text.strip())),
    "evidence": (("evidence", "办理佐证"), lambda order, review: any(one.strip() for one in order.evidence)),
    "contact": (
        ("a record of the contact", "联系企业记录"),
        lambda order, review: order.has_contact_record(review),
    ),
}


def approve(order: Order, now: datetime, rules: Rules, *, by: str) -> FeedbackApproved:
    """Let the reply stand. Raises NothingToReview, or FeedbackIncomplete naming what the check list lacks."""
    _check_replied(order)
    review = rules.policy.review
    wanted = review.checks[order.role]
    lacking = [CHECKS[check][0] for check in wanted if not CHECKS[check][1](order, review)]
    if lacking:
        english, chinese = zip(*lacking, strict=True)
        raise FeedbackIncomplete(missing=", ".join(english), missing_zh="、".join(chinese))
    order.state = APPROVED
    return FeedbackApproved(result=order.result, text=order.text, checked=wanted, **order.about(now, by))


def send_back(
    order: Order, reply: Deadline, pauses: Sequence[Pause], now: datetime, rules: Rules, *, reason: str, by: str
) -> tuple[list[Event], Pause]:
    """Have the reply done again: the rest of the time runs on, or a new short limit when that is longer.

    A reply that came late gets no new time: the miss stays, and the ladder goes on. Who is sent back again and again is
    called to account. The time of the review is not the department's; it is returned as a pause, to be kept.
    Raises NothingToReview.
    """
    _check_replied(order)
    order.state, order.sent_back = OPEN, order.sent_back + 1
    issued = _call_to_account(order, now, rules)
    review = Pause(order=order.order, start=reply.done_at, end=now, until=None, reason=UNDER_REVIEW, by=by)
    review = review.in_place_among(pauses)
    pauses = [*(pause for pause in pauses if pause is not review), review]
    least = rules.policy.sent_back_at_least
    clock = reply.clock(pauses)
    if reply.state == MISSED:
        reply.done_at = None
        reply.go_on(order, rules, pauses, now)
    elif clock is None or clock.due(rules.calendar) < rules.calendar.due(now, least):
        reply.begin(least, now, rules)
    else:
        reply.state, reply.done_at = PAUSED, None
        reply.go_on(order, rules, pauses, now)
    refused = FeedbackRefused(reason=reason, **order.about(now, by))
    return [refused, reply.tell(now, rules.calendar, reason), *issued], review


def _call_to_account(order: Order, now: datetime, rules: Rules) -> list[Event]:
    again = rules.policy.ladder.sent_back
    if order.sent_back < again.times:
        return []
    issued = climb(order, again.level, f"反馈已第 {order.sent_back} 次被退回", now, rules)
    return [issued] if issued else []


def _check_replied(order: Order) -> None:
    if order.state != REPLIED:
        raise NothingToReview(order=order.order)
