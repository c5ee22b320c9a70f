"""What supervision refuses, in words that an officer can sign."""

from __future__ import annotations

from appeals.errors import Refused


class NothingToReview(Refused):
    """Raised when a supervisor reviews an order that has no reply waiting."""

    zh = "转办单 {order} 没有待审核的反馈"
    en = "Work order {order} has no reply waiting for review"


class FeedbackIncomplete(Refused):
    """Raised when a reply lacks what it must have before it may stand: text, evidence, a record of the contact.

    After the rule that every reply is audited (济南市12345条例, art. 27).
    """

    zh = "反馈不完整，缺少：{missing_zh}；请退回重办，由承办单位补齐"
    en = "The reply is not complete; it lacks {missing}; send it back, for the department to add it"


class NoExtensionAsked(Refused):
    """Raised when a supervisor decides on an extension that nobody asked for."""

    zh = "转办单 {order} 没有待审批的延期申请"
    en = "Nobody asked for more time on work order {order}"


class NoExtensionHere(Refused):
    """Raised when more time is asked for an order that may have none, such as a critical one."""

    zh = "该紧急程度的诉求不得延期"
    en = "An appeal of this urgency may not be put off"


class NoExtensionByLaw(Refused):
    """Raised when more time is asked for than the lawful procedure gives, and it allows no extension."""

    zh = "“{regime_zh}”的法定期限不得延长"
    en = "The time that the law gives may not be put off: {regime}"


class ExtendedAlready(Refused):
    """Raised when the reply was put off as often as it may be."""

    zh = "已延期 {times} 次，不得再次延期"
    en = "The reply was put off {times} time(s) already, and may not be again"


class ExtensionTooLong(Refused):
    """Raised when an extension goes beyond what the policy allows."""

    zh = "延期天数超出规定：本次最多 {most.zh}"
    en = "At most {most.en} this time"


class AskedTooLate(Refused):
    """Raised when more time is asked for shortly before the deadline, or after it."""

    zh = "延期应至少在到期前 {before.zh}提出，办理期限为 {due}"
    en = "More time has to be asked for at least {before.en} before the deadline, which is {due}"


class NoReasonOrPlan(Refused):
    """Raised when more time is asked for without a reason or a plan."""

    zh = "延期申请应写明理由和办理计划"
    en = "More time is given for a reason and with a plan only; say both"


class ConferenceNeeded(Refused):
    """Raised when a supervisor alone gives the extension that only the joint conference may give."""

    field = "conference"
    zh = "再次延期须经联席会议同意，请填写会议纪要文号"
    en = "Only the joint conference may put it off again; name its minutes"


class NoReason(Refused):
    """Raised when a supervisor raises or lowers a level, suspends or resumes without saying why."""

    status = 422
    field = "reason"
    zh = "请填写理由"
    en = "Say why"


class NotInHand(Refused):
    """Raised when an order is to be suspended that nobody has signed, or that is answered or over."""

    zh = "转办单 {order} 不在办理中，不能挂起"
    en = "Work order {order} is not being worked on, so it cannot be suspended"


class NotSuspended(Refused):
    """Raised when an order is to be resumed that is not suspended."""

    zh = "转办单 {order} 未挂起"
    en = "Work order {order} is not suspended"


class SuspensionReasonNotAllowed(Refused):
    """Raised when an order is to be suspended for a reason that the policy does not allow."""

    status = 422
    field = "reason"
    zh = "“{reason}”不在允许挂起的事由之内"
    en = "{reason!r} is no reason for which an order may be suspended"


class SuspendedTooLong(Refused):
    """Raised when a suspension would be longer than one may be, or than all of an order's together may be."""

    field = "days"
    zh = "本次最多可挂起 {most} 个工作日"
    en = "At most {most} working days this time"


class SuspendedNow(Refused):
    """Raised when a suspended order is to be called to account."""

    zh = "转办单 {order} 已挂起，挂起期间不发督办"
    en = "Work order {order} is suspended; until it is resumed, nobody is called to account for it"


class NotOpen(Refused):
    """Raised when an order is to be called to account that is answered or over."""

    zh = "转办单 {order} 已反馈或已结束，不再督办"
    en = "Work order {order} is answered or over"


class NotHigher(Refused):
    """Raised when the ladder is to be climbed to a level that was reached already."""

    field = "level"
    zh = "当前督办等级不低于所选等级"
    en = "The level is as high already"


class NotLower(Refused):
    """Raised when a level is to be lowered to one that is not lower."""

    field = "level"
    zh = "所选等级不低于当前督办等级"
    en = "This is not lower than the level now"


class NoCardForVertical(Refused):
    """Raised when a vertical organ is to get a card; a department of the province has no authority over it."""

    field = "level"
    zh = "垂直管理单位不适用督办牌，请使用商请函或提请联席会议"
    en = "A vertical organ gets no card; send a letter, or bring it before the joint conference"


class NothingToUrge(Refused):
    """Raised when an applicant urges an appeal on which no department is working."""

    zh = "该诉求目前没有办理中的转办单，无需催办"
    en = "No department is working on this appeal at the moment"


class UrgedAlready(Refused):
    """Raised when an applicant urges again too soon."""

    zh = "已于 {last} 催办，{every.zh}后可再次催办"
    en = "You have urged at {last}; you may again after {every.en}"
