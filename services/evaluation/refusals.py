"""What evaluation refuses, in words that an officer can sign."""

from __future__ import annotations

from appeals.errors import NotOnTheList, Refused


class NotClosedYet(Refused):
    """Raised when somebody rates an appeal that was not closed."""

    zh = "该诉求尚未办结，暂不能评价"
    en = "This appeal is not closed yet; it can be rated then"


class WithdrawnBefore(Refused):
    """Raised when somebody rates an appeal, or calls its applicant back, that the applicant has withdrawn."""

    zh = "该诉求已由申请人撤回，不再评价和回访"
    en = "The applicant has withdrawn this appeal; it is neither rated nor called back about"


class RatedAlready(Refused):
    """Raised when an appeal is rated twice in one round."""

    zh = "该诉求本轮（第 {round} 轮）已评价，不能重复评价"
    en = "This appeal was rated already in round {round}"


class RatedTooLate(Refused):
    """Raised when an appeal is rated after the time for that has passed."""

    zh = "评价期限已过，不能再评价"
    en = "The time for rating this appeal has passed"


class UnknownRating(NotOnTheList):
    """Raised when a rating is none of the five levels."""

    field = "rating"


class UnknownAnswer(NotOnTheList):
    """Raised when `solved` is none of the three answers."""

    field = "solved"


class UnknownDecision(NotOnTheList):
    """Raised when a superior neither upholds nor changes."""

    field = "decision"


class NothingWritten(Refused):
    """Raised when a decision lacks what has to be written down: its basis, its reason, the remedies."""

    status = 422
    zh = "请填写{what_zh}"
    en = "Write down {what}"


# 回访


class NoCallback(Refused):
    """Raised when a callback is recorded that was never planned: before the close, or of an anonymous appeal."""

    zh = "该诉求没有待完成的回访任务（未办结，或者为匿名诉求）"
    en = "No callback is planned for this appeal: it is not closed, or anonymous"


class CallbackOver(Refused):
    """Raised when a callback is recorded whose applicant was reached, or that has ended without."""

    zh = "第 {round} 轮的回访已结束"
    en = "The callback of round {round} is over"


class AttemptTooSoon(Refused):
    """Raised when an attempt is too close to the former one to count as one at a different time."""

    zh = "上次回访时间为 {last}，再次回访应在{another_zh}，且间隔不少于 {apart.zh}"
    en = "The last attempt was at {last}; the next one is made on another {another}, and at least {apart.en} later"


class NobodyAnswered(Refused):
    """Raised when an answer is recorded although nobody was reached."""

    status = 422
    field = "reached"
    zh = "未接通的回访不能填写评价"
    en = "An attempt that reached nobody has no answer"


class AnswerIncomplete(Refused):
    """Raised when a callback has a rating without whether the matter is solved, or the other way round."""

    status = 422
    zh = "评价等级和是否解决应同时填写，未作答的均不填写"
    en = "An answer has both a rating and whether the matter is solved; leave both out when there is none"


class NoProof(Refused):
    """Raised when a contact is confirmed without an applicant who says so, or a record that proves it."""

    status = 422
    field = "record"
    zh = "未接通时确认承办单位已联系的，应注明通话或者短信记录"
    en = "When nobody was reached, name the record of the call or message that proves the contact"


# 上级复核


class NoReviewOpen(Refused):
    """Raised when a superior decides an appeal that is not under review."""

    zh = "该诉求没有待决定的上级复核"
    en = "No review of this appeal is open"


class ReviewsOwnApproval(Refused):
    """Raised when whoever let the reply stand also reviews it."""

    zh = "复核人员不得为审核通过该反馈的人员"
    en = "Whoever approved the reply may not review it"


# 不合理诉求


class NotAccepted(Refused):
    """Raised when a demand is to be held unreasonable that was never accepted."""

    zh = "该诉求尚未受理，不能申请认定为不合理诉求"
    en = "This appeal was not accepted yet"


class ArchivedAlready(Refused):
    """Raised when a demand is to be held unreasonable after its archive."""

    zh = "该诉求已归档，不能再申请认定为不合理诉求"
    en = "This appeal is archived already"


class RequestedAlready(Refused):
    """Raised when a demand is once more to be held unreasonable; that is decided once."""

    zh = "该诉求已申请认定为不合理诉求，不得重复申请"
    en = "It was asked already to hold this demand unreasonable; that is decided once"


class NothingRequested(Refused):
    """Raised when legal review or a supervisor speaks of a request that is not there, or is over."""

    zh = "该诉求没有待审查的不合理诉求认定申请"
    en = "No request to hold this demand unreasonable waits for that"


class NotReviewedYet(Refused):
    """Raised when a supervisor decides before legal review has given its opinion."""

    zh = "法制审查意见尚未作出，不能审批"
    en = "Legal review has not given its opinion yet"


class OpinionAgainst(Refused):
    """Raised when a supervisor approves what legal review does not support."""

    zh = "法制审查未支持该申请，不能认定为不合理诉求"
    en = "Legal review does not support it, so the demand cannot be held unreasonable"


class SameAccount(Refused):
    """Raised when one account does two of these: apply, review, decide."""

    status = 403
    zh = "申请、法制审查、审批应由不同人员办理，{by} 已办理过其中一项"
    en = "Applying, legal review and the decision are for three different people; {by} has done one of them"


# 考核


class NoSuchPeriod(Refused):
    """Raised when a period is not a month."""

    status = 422
    field = "period"
    zh = "“{value}”不是月份，应为 2026-11 这样的格式"
    en = "{value!r} is not a month such as 2026-11"
