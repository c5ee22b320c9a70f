"""Withdrawing, 撤回: the applicant takes back an appeal that is not closed yet, and says why. It is final.

What the law or an emergency makes a duty goes on, whatever the applicant wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from appeals.commands import WithdrawAppeal
from appeals.errors import Refused
from appeals.events import AppealWithdrawn
from appeals.regimes import Regimes
from services.intake.domain import CONFIRMED, DECIDED, MERGED, OPEN, SPLIT, WITHDRAWN, Case
from services.intake.identity import signature

MAIN_WITHDRAWN = "主诉求已由申请人撤回"


class NotWithdrawable(Refused):
    """Raised when an appeal is withdrawn that is over already."""

    zh = "该诉求{decision}，不能再撤回"
    en = "This appeal is {state} already; it cannot be withdrawn any more"


class PartsGoOn(Refused):
    """Raised when an appeal is withdrawn that was split: each of its parts is an appeal of its own."""

    zh = "该诉求已分拆办理，请逐件撤回：{parts}"
    en = "This appeal was split; withdraw its parts, each by itself: {parts}"


class EmergencyGoesOn(Refused):
    """Raised when an appeal is withdrawn that an officer has confirmed as an emergency."""

    zh = "该诉求已确认为紧急事项并转{where}处置，处置不因申请人意愿停止，不能撤回"
    en = "This appeal is a confirmed emergency and was referred to {where}; it goes on and cannot be withdrawn"


class ProcedureGoesOn(Refused):
    """Raised when an appeal is withdrawn that a procedure by law binds; it ends as the law says."""

    zh = "该诉求已进入法定程序（{regime}），须依法办结，不能撤回"
    en = "A procedure by law binds this appeal ({regime}); it ends as the law says and cannot be withdrawn"


class NoReasonGiven(Refused):
    """Raised when an appeal is withdrawn without saying why."""

    status = 422
    field = "reason"
    zh = "撤回诉求应当说明理由"
    en = "Say why the appeal is withdrawn"


def withdraw(
    case: Case, command: WithdrawAppeal, now: datetime, *, parts: Sequence[Case], regimes: Regimes
) -> AppealWithdrawn:
    """Take an open appeal back, for good; a merged one leaves the one it goes with.

    Raises PartsGoOn, NotWithdrawable, EmergencyGoesOn, ProcedureGoesOn or NoReasonGiven.
    """
    if case.state == SPLIT:
        raise PartsGoOn(parts=", ".join(part.receipt for part in parts))
    if case.state not in (*OPEN, MERGED):
        raise NotWithdrawable(state=case.state, decision=DECIDED[case.state])
    if case.emergency == CONFIRMED:
        raise EmergencyGoesOn(where=case.referred_to)
    if case.special_regime:
        regime = regimes.get(case.special_regime)
        raise ProcedureGoesOn(regime=regime.zh if regime else case.special_regime)
    if not command.reason.strip():
        raise NoReasonGiven()
    case.state, case.merged_into = WITHDRAWN, ""
    case.supplement_due, case.next_at, case.decided_at = None, None, now
    by = signature(command.by, case.classification)
    return AppealWithdrawn(receipt=case.receipt, at=now, by=by, reason=command.reason)
