"""Where an appeal stands, as a parcel's way is told: the stations, and who has to do what next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Row

from services.portal.words import EN

DONE, NOW, AHEAD, ENDED = "done", "now", "ahead", "ended"
STATIONS = (
    ("提交", "Submitted"),
    ("受理", "Accepted"),
    ("转办", "Dispatched"),
    ("办理", "Handled"),
    ("反馈", "Replied"),
    ("办结", "Closed"),
    ("评价", "Evaluated"),
)
# The station that is next while the appeal is in this state.
NEXT = {
    "submitted": 1,
    "supplementing": 1,
    "rejected": 1,
    "withdrawn": 1,
    "merged": 2,
    "split": 2,
    "accepted": 2,
    "held": 2,
    "dispatched": 3,
    "handling": 3,
    "following": 3,
    "reopened": 3,
    "replied": 4,
    "closed": 6,
    "evaluating": 6,
    "reviewing": 6,
    "archived": 7,
}
STEPS = {
    "submitted": ("等待受理人员审核", "An intake officer will look at it"),
    "supplementing": ("请您补充材料", "Please add what is missing"),
    "rejected": ("本诉求不予受理，理由和去向见下", "It was not accepted; the reason and where to go are below"),
    "withdrawn": (
        "诉求已撤回，不再办理；如仍需办理，请重新提交",
        "It was withdrawn and is not worked on any more",
    ),
    "merged": ("与同一事项的在办诉求一并办理", "It is handled with an open appeal about the same matter"),
    "split": ("分为下列事项分别办理", "Each of the matters below is handled by itself"),
    "accepted": ("等待转办到承办单位", "It will be dispatched to a department"),
    "held": ("等待转办人员确定承办单位", "A dispatcher will decide which department it is for"),
    "dispatched": ("等待{lead}签收", "{lead} has to sign for it"),
    "handling": ("{lead}正在办理", "{lead} is working on it"),
    "following": ("{lead}正在持续跟踪办理", "{lead} is following it up"),
    "reopened": ("正在按您的评价重新办理", "It is worked on once more, as you were not satisfied"),
    "replied": ("承办单位已答复，等待审核", "There is a reply, which is under review"),
    "closed": ("已办结，请您评价", "It is closed; please say how it went"),
    "evaluating": ("已办结，请您评价", "It is closed; please say how it went"),
    "reviewing": ("重办后您仍不满意，上级正在复核", "You were still not satisfied; the superior reviews it"),
    "archived": ("已归档，感谢您的参与", "It is archived; thank you"),
}


@dataclass(frozen=True)
class Station:
    """One station on the way, and whether it is behind, next or ahead."""

    name: str
    where: str


def stations(state: str, language: str) -> list[Station]:
    """The way of an appeal in this state,."""
    following = NEXT.get(state, 1)
    passed = following
    return [
        Station(pair[language == EN], DONE if number < passed else _rest(number, passed, state))
        for number, pair in enumerate(STATIONS)
    ]


def _rest(number: int, passed: int, state: str) -> str:
    if number != passed:
        return AHEAD
    return ENDED if state in ("rejected", "withdrawn") else NOW


def next_step(appeal: Row, language: str, names: Mapping[str, str]) -> str:
    """Who has to do what next."""
    pair = STEPS.get(appeal.state)
    lead = names.get(appeal.lead, appeal.lead) or ("the department" if language == EN else "承办单位")
    return pair[language == EN].format(lead=lead) if pair else ""
