"""Following: an appeal without orders of its own comes to its end with those it depends on.

A merged one goes as the one it was merged into; a split one is over when all its parts are. Neither is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from appeals.events import AppealAdvanced, AppealArchived, AppealClosed, AppealReopened
from services.intake.domain import ACCEPTED, ARCHIVED, CLOSED, MERGED, REJECTED, SPLIT, WITHDRAWN, Case

End = AppealClosed | AppealReopened | AppealArchived

BY_MERGE, BY_PARTS = "merged", "split"
REOPENED = "reopened"
_OVER, _FOR_GOOD = (CLOSED, ARCHIVED, REJECTED, WITHDRAWN), (ARCHIVED, REJECTED, WITHDRAWN)


def follow(case: Case, event: End) -> None:
    """Note that the rest of the loop has closed, reopened or archived an appeal."""
    match event:
        case AppealClosed():
            case.state = CLOSED
        case AppealReopened():
            case.state = ACCEPTED
        case AppealArchived():
            case.state = ARCHIVED


def tell_merged(main: Case, merged: Iterable[Case], event: End, now: datetime) -> list[AppealAdvanced]:
    """What those that were merged into an appeal are told when it has closed, was reopened or archived.

    The words of the reply go on only to the same enterprise by its credit code; the text and the applicant never do.
    """
    said = []
    for one in merged:
        one.state = MERGED if main.state == ACCEPTED else main.state
        facts = {"stage": REOPENED if one.state == MERGED else one.state}
        if isinstance(event, AppealClosed):
            facts |= {"result": event.result, "summary": event.summary if _have_one_code(main, one) else ""}
        said.append(AppealAdvanced(receipt=one.receipt, at=now, way=BY_MERGE, **facts))
    return said


def tell_parent(parent: Case, parts: Iterable[Case], now: datetime) -> AppealAdvanced | None:
    """What a split appeal is told when a part was rejected or withdrawn, has closed, was reopened or archived.

    It is closed when no part is open, and archived when none can be opened again.
    """
    states = [part.state for part in parts]
    over, for_good = (all(state in wanted for state in states) for wanted in (_OVER, _FOR_GOOD))
    state = ARCHIVED if for_good else CLOSED if over else SPLIT
    if state == parent.state:
        return None
    parent.state = state
    return AppealAdvanced(receipt=parent.receipt, at=now, way=BY_PARTS, stage=REOPENED if state == SPLIT else state)


def _have_one_code(main: Case, merged: Case) -> bool:
    code = main.applicant.get("uscc")
    return bool(code) and code == merged.applicant.get("uscc")
