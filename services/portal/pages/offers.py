"""Offers: which actions a page offers to whom, and when. What is done in the end, the service that owns it decides."""

from __future__ import annotations

from sqlalchemy import Row

from services.portal.actions import ACTIONS, Action
from services.portal.rights import Principal, may
from services.portal.words import EN

TITLES = {
    "accept": ("受理", "Accept"),
    "reject": ("不予受理", "Do not accept"),
    "merge": ("并案", "Merge into another"),
    "unmerge": ("解除并案", "Take the merge back"),
    "link": ("关联", "Link to another"),
    "refer": ("转紧急电话", "Refer as an emergency"),
    "ask-supplement": ("告知补正", "Ask for a supplement"),
    "provide-supplement": ("补充材料", "Add what is missing"),
    "dispatch": ("转办", "Dispatch"),
    "designate": ("联席会议指定", "Designate by the joint conference"),
    "correct-accused": ("核实被反映单位", "Settle whom it is about"),
    "decide-return": ("审核退单", "Decide on the return"),
    "sign": ("签收", "Sign for it"),
    "record-contact": ("登记联系", "Record a contact"),
    "report-progress": ("报告进展", "Report progress"),
    "report-milestone": ("登记节点", "Record a milestone"),
    "request-extension": ("申请延期", "Ask for more time"),
    "submit-feedback": ("提交反馈", "Reply"),
    "return": ("退单", "Return"),
    "approve-feedback": ("审核通过", "Let the reply stand"),
    "refuse-feedback": ("退回重办", "Send the reply back"),
    "decide-extension": ("审批延期", "Decide on the extension"),
    "suspend": ("挂起", "Suspend"),
    "resume": ("恢复办理", "Resume"),
    "issue-supervision": ("督办", "Supervise"),
    "lower-supervision": ("降级或取消督办", "Lower the supervision"),
    "urge": ("催办", "Urge"),
    "withdraw": ("撤回诉求", "Withdraw"),
    "rate": ("评价", "Say how it went"),
    "record-callback": ("登记回访", "Record a callback"),
    "decide-review": ("上级复核决定", "Decide the superior's review"),
    "request-unreasonable": ("申请认定不合理诉求", "Ask that the demand be held unreasonable"),
    "review-unreasonable": ("法制审查", "Legal review"),
    "decide-unreasonable": ("审批不合理诉求", "Decide whether the demand is unreasonable"),
}
# The states of an appeal, or of an order, in which each is offered; whatever is not here is offered always.
ONGOING = "ongoing"  # of an order: its reply stands, and the matter goes on
AT_WORK = ("dispatched", "handling", "replied", "following", "reopened")
AFTER_CLOSE = ("closed", "evaluating", "reviewing")
OF_APPEAL = {
    "accept": ("submitted", "supplementing"),
    "reject": ("submitted", "supplementing"),
    "merge": ("submitted", "supplementing"),
    "unmerge": ("merged",),
    "refer": ("submitted", "supplementing"),
    "ask-supplement": ("submitted",),
    "provide-supplement": ("supplementing",),
    "dispatch": ("held",),
    "designate": ("held", "dispatched"),
    "correct-accused": ("held",),
    "urge": ("dispatched", "handling", "following", "reopened"),
    "withdraw": ("submitted", "supplementing", "accepted", "held", "merged", *AT_WORK),
    "rate": ("evaluating",),
    "record-callback": (*AFTER_CLOSE, *AT_WORK, "archived"),
    "decide-review": ("reviewing",),
    "request-unreasonable": (*AT_WORK, *AFTER_CLOSE),
    "review-unreasonable": (*AT_WORK, *AFTER_CLOSE, "archived"),
    "decide-unreasonable": (*AT_WORK, *AFTER_CLOSE, "archived"),
}
# How far it has to be decided whether a demand is unreasonable, for each to be offered.
OF_DEMAND = {"request-unreasonable": "", "review-unreasonable": "requested", "decide-unreasonable": "reviewed"}
IN_HAND = ("signed", "suspended", "replied", "approved", ONGOING)
OF_ORDER = {
    "sign": ("dispatched",),
    "record-contact": IN_HAND,
    "report-progress": IN_HAND,
    "report-milestone": IN_HAND,
    "request-extension": ("signed",),
    "submit-feedback": ("signed", "suspended", ONGOING),
    "return": ("dispatched", "signed"),
    "decide-return": ("dispatched", "signed"),
    "approve-feedback": ("replied",),
    "refuse-feedback": ("replied",),
    "decide-extension": ("dispatched", "signed"),
    "suspend": ("dispatched", "signed"),
    "resume": ("suspended",),
    "issue-supervision": ("dispatched", "signed"),
    "lower-supervision": ("dispatched", "signed", "suspended"),
}


def for_appeal(principal: Principal, appeal: Row) -> list[Action]:
    """What this principal is offered to do to an appeal, as it stands."""
    return [
        one
        for one in ACTIONS
        if not one.about_order
        and _offered(one, principal, OF_APPEAL, appeal.state)
        and OF_DEMAND.get(one.right, appeal.unreasonable) == appeal.unreasonable
    ]


def for_order(principal: Principal, order: Row) -> list[Action]:
    """What this principal is offered to do to an order; people of a department, to one of their own."""
    state = ONGOING if (order.state, order.result) == ("approved", ONGOING) else order.state
    return [
        one
        for one in ACTIONS
        if one.about_order
        and _offered(one, principal, OF_ORDER, state)
        and not (one.is_departments and order.department != principal.department)
    ]


def title(right: str, language: str) -> str:
    """What an action is called on a button."""
    return TITLES[right][language == EN]


def _offered(action: Action, principal: Principal, states: dict[str, tuple[str, ...]], state: str) -> bool:
    return may(principal, action.right) and state in states.get(action.right, (state,))
