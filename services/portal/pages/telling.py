"""Telling what happened: the sentence of each entry, and beside it what somebody has written, with its heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from services.portal import words
from services.portal.pages.forms import LABELS, Label
from services.portal.words import EN

HEADINGS = {
    "text": Label(zh="内容", en="Text"),
    "contact": LABELS["Feedback.contact"],
    "explanation": Label(zh="说明", en="Explanation"),
    "summary": Label(zh="办理结果", en="Reply"),
    "how": LABELS["ContactRecord.how"],
    "why": Label(zh="依据", en="Why"),
}
WRITTEN = (
    "missing", "text", "evidence", "contact", "summary", "how", "requirement", "why", "reason", "explanation",
    "where_to_go", "note", "plan", "basis", "minutes", "conference", "comment", "record", "opinion", "remedies",
    "purpose",
)  # fmt: skip
OF_THE_REPLY = ("feedback.submitted", "feedback.approved")
CODED = {  # reasons that come from a list; what the sentence does not say of them is told by their words
    "appeal.held": "",
    "appeal.rejected": "rejection_reason",
    "order.suspended": "suspension_reason",
}
NOBODY = {
    "system": ("系统", "the system"),
    "anonymous": ("申请人", "the applicant"),
    "applicant": ("申请人", "the applicant"),
}


def told(entries: Iterable[Mapping], names: Mapping[str, str], language: str) -> list[dict]:
    """Entries of a timeline as a page shows them, newest first; `written` are pairs of a heading and a text."""
    return [
        {**entry, "who": _who(entry.get("by", ""), names, language), "written": list(_written(entry, language))}
        for entry in reversed(list(entries))
    ]


def _written(entry: Mapping, language: str) -> Iterator[tuple[str, str]]:
    """What the sentence does not say already."""
    for name in WRITTEN:
        value = entry["details"].get(name)
        text = _joined(value, language)
        if name == "reason" and entry["event"] in CODED:
            text = words.label(CODED[entry["event"]], text, language) if CODED[entry["event"]] else ""
        if text and text not in entry["label"]:
            yield _heading(name, entry["event"], language), text


def _joined(value: object, language: str) -> str:
    if isinstance(value, list):
        return words.in_a_row(map(str, value), language)
    return value if isinstance(value, str) else ""


def _heading(name: str, event: str, language: str) -> str:
    label = LABELS["Feedback.text"] if name == "text" and event in OF_THE_REPLY else HEADINGS.get(name) or LABELS[name]
    return label.en if language == EN else label.zh


def _who(by: str, names: Mapping[str, str], language: str) -> str:
    """Who did it, as people say it; an account by its name."""
    if by in NOBODY:
        return NOBODY[by][language == EN]
    return names.get(by) or words.label("account_role", by, language)
