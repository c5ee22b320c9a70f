"""What the fields of events mean, which codes they may hold, and who says and hears each event.

Only the documents and the contract tell it; readers accept any code. Tests compare the codes and the services
with what the services do.
"""

from __future__ import annotations

from appeals.events import Event
from appeals.manifest import CLASSIFICATIONS

# By the field's name, since a name mostly means the same everywhere; `topic.name` or `Class.name` where it does not.
MEANINGS = {
    "receipt": "the appeal's number, from its submission to its archive",
    "at": "when it happened, with the zone",
    "by": "who did it: an account, a service or a department; `applicant` when the name is hidden",
    "order": "the work order's number: the receipt and a count",
    "title": "the appeal in one line",
    "text": "the appeal in the applicant's words, and what was added since",
    "supplement.provided.text": "what the applicant adds",
    "identity.viewed.purpose": "what the officer needed to know it for",
    "feedback.submitted.text": "the reply",
    "feedback.approved.text": "the reply that stands",
    "applicant": "who appeals",
    "Applicant.name": "its name; `保密` or `匿名` when the classification hides it",
    "Applicant.kind": "such as enterprise, park, association or person",
    "Applicant.uscc": "its unified social credit code 统一社会信用代码",
    "Applicant.city": "its city",
    "Applicant.park": "the park it is in",
    "channel": "the way it came in, such as portal, visit or hotline",
    "kind": "what is asked for",
    "urgency": "how soon it has to be answered",
    "complexity": "whether the matter is difficult; a hard one has more time",
    "category": "the matter, such as industry, land or payments",
    "classification": "who may be told; a department is told up to the ceiling in its manifest",
    "accused": "codes of the departments it is about; they neither lead, assist nor read",
    "special_regime": "the procedure that binds the department, such as that of a criminal case",
    "task_force": "whether the departments work on it as a task force",
    "linked_to": "the receipt of an appeal that it belongs with",
    "split_from": "the receipt of the appeal that this is a part of",
    "candidates": "the receipts of those that it may repeat, the likest first",
    "flag": "repeated by one enterprise, or collective by many",
    "count": "how many appeals, or how many enterprises",
    "appeal.flagged.days": "within so many calendar days",
    "into": "the receipt of the appeal that it goes with",
    "appeal.unmerged.into": "the receipt of the appeal that it went with",
    "parts": "their receipts",
    "way": "whether it was merged into another, or split into parts",
    "stage": "how far: closed, reopened or archived",
    "appeal.advanced.result": "what became of the matter; empty for a split appeal, whose parts tell it",
    "appeal.advanced.summary": "the reply, when the enterprise is the same by its credit code",
    "form": "`order` 转办单, or `letter` 商请函 for a vertical organ",
    "order.dispatched.explanation": "what spoke for the decision, and what came close",
    "appeal.held.explanation": "what spoke for the proposal, and what came close",
    "rules_version": "the version of the dispatch catalogue that decided",
    "consult": "units that should assist but are not plugged in",
    "designated": "whether the joint conference has designated the department, so that it cannot return the order",
    "minutes": "where the joint conference has decided it",
    "proposed": "the unit whose duty it is by the catalogue",
    "decided_by": "the dispatcher who let the order go, or system",
    "decide_by": "by when the dispatcher has to decide",
    "missing": "what is missing, one thing each",
    "note": "in the words of who says it",
    "due": "by when",
    "explanation": "why, for the applicant to read",
    "where_to_go": "who will take it instead",
    "reason": "why",
    "appeal.rejected.reason": "the lawful reason, by its name in the list of reasons",
    "department": "the department's code",
    "appeal.evaluated.department": "the code of the department that led",
    "departments": "the codes of the departments that worked on it in this round",
    "appeal.reopened.departments": "the codes of the departments that work on it again",
    "lead": "the code of the department that led",
    "role": "whether the department leads or assists",
    "feedback.submitted.role": "lead or assist; routing puts in what the order says",
    "round": "1, and one more each time the appeal is reopened",
    "requirement": "what the department is asked to do",
    "why": "the dispatch rule that fitted, the dispatcher who decided, or `reopened`",
    "considered": "codes of the departments that returned it",
    "suggested": "the code of the department that it may be for",
    "how": "by telephone, visit or otherwise",
    "name": "what the step is called",
    "state": "done, in-progress or planned",
    "on": "the day",
    "figures": "counts and amounts by name, such as count or value_cny",
    "word": "the topic of what it said",
    "code": "the refusal's name for machines",
    "zh": "why, in Chinese",
    "en": "why, in English",
    "days": "working days, 1 to 60",
    "plan": "what will be done in that time",
    "result": "what became of the matter",
    "evidence": "what proves it, one thing each",
    "contact": "how the applicant was spoken with",
    "step": "what is due",
    "limit": "the time that the step was given, such as 4wh (office hours), 5wd (working days) or 30d",
    "calendar_version": "the version of the working calendar that it was worked out by",
    "provisional": "whether it lies in a year whose holidays may still change",
    "share": "how much of the time is used, in percent",
    "light": "how that is shown: green, blue, yellow or orange",
    "level": "the rung: reminder, urged, ordinary, yellow or red; for a vertical organ letter, conference",
    "supervision.lowered.level": "the rung from now on; empty when it was taken back",
    "was": "the rung before",
    "order.suspended.reason": "why, by its code: supplement, statutory, superior, judicial or force-majeure",
    "order.suspended.until": "when the clocks run on by themselves",
    "basis": "the document that says why",
    "conference": "the minutes of the joint conference 联席会议, if it has decided",
    "reached": "whether the applicant was spoken to; false for an attempt that failed",
    "checked": "what the check list asked for, and found",
    "after": "how long after the close, such as 30d; empty while the matter goes on",
    "reply_due": "by when the department has to account for itself",
    "review_on": "the day it is looked at again",
    "summary": "the lead's reply",
    "until": "the last moment for an answer",
    "rating": "the applicant's rating, in the five levels of 好差评",
    "solved": "whether the matter is solved, says the applicant",
    "comment": "in the applicant's words",
    "outcome": "how the loop ended",
}

# Codes that whoever says the event keeps to; none where any text will do.
CODES = {
    "kind": ("consult", "help", "complaint", "report", "suggestion"),
    "Applicant.kind": (),
    "urgency": ("normal", "urgent", "critical"),
    "complexity": ("normal", "hard"),
    "classification": CLASSIFICATIONS,
    "order.dispatched.role": ("lead", "assist"),
    "result": ("solved", "partly", "unsolvable", "ongoing"),
    "step": ("sign", "contact", "reply"),
    "flag": ("repeated", "collective"),
    "way": ("merged", "split"),
    "stage": ("closed", "reopened", "archived"),
    "rating": ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied"),
    "solved": ("solved", "partly", "unsolved"),
    "outcome": ("evaluated", "not evaluated", "final review"),
}

# Which service says an event; what a department says becomes a fact when routing says it.
SAID_BY = {
    "intake": (
        "appeal.submitted",
        "supplement.requested",
        "supplement.provided",
        "identity.viewed",
        "appeal.accepted",
        "appeal.rejected",
        "appeal.resembled",
        "appeal.flagged",
        "appeal.merged",
        "appeal.unmerged",
        "appeal.linked",
        "appeal.split",
        "appeal.advanced",
    ),
    "routing": (
        "order.dispatched",
        "appeal.held",
        "return.requested",
        "return.denied",
        "order.signed",
        "order.returned",
        "contact.made",
        "progress.reported",
        "milestone.reached",
        "extension.requested",
        "feedback.submitted",
        "word.refused",
    ),
    "supervision": (
        "deadline.set",
        "deadline.warned",
        "deadline.missed",
        "appeal.urged",
        "supervision.issued",
        "supervision.lowered",
        "order.suspended",
        "order.resumed",
        "milestone.missed",
        "extension.approved",
        "extension.denied",
        "feedback.approved",
        "feedback.refused",
        "followup.planned",
        "followup.reached",
        "appeal.closed",
    ),
    "evaluation": ("evaluation.requested", "appeal.evaluated", "appeal.reopened", "appeal.archived"),
}

# Which services hear an event besides the portal, which hears all that the platform is told.
HEARD_BY = {
    "intake": ("appeal.closed", "appeal.reopened", "appeal.archived"),
    "routing": ("appeal.accepted", "feedback.refused", "feedback.approved", "appeal.closed", "appeal.reopened"),
    "supervision": (
        "appeal.flagged",
        "order.dispatched",
        "order.signed",
        "contact.made",
        "order.returned",
        "milestone.reached",
        "extension.requested",
        "feedback.submitted",
    ),
    "evaluation": ("appeal.closed",),
}


def meaning(owner: str, name: str) -> str:
    """What a field means; `owner` is the event's topic or the nested class. Empty when nobody wrote it down."""
    return MEANINGS.get(f"{owner}.{name}", MEANINGS.get(name, ""))


def codes(owner: str, name: str) -> tuple[str, ...]:
    """The codes that a field may hold; empty when any text will do."""
    return CODES.get(f"{owner}.{name}", CODES.get(name, ()))


def said_by(event: type[Event]) -> list[str]:
    """The services that say an event."""
    return [service for service, topics in SAID_BY.items() if event.topic in topics]


def heard_by(event: type[Event]) -> list[str]:
    """The services that hear an event."""
    hear = [service for service, topics in HEARD_BY.items() if event.topic in topics]
    return [*hear, "portal"] if event.tells_core else hear
