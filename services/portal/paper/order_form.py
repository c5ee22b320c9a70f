"""转办单: the work order as a table, with room for what is written and signed by hand."""

from __future__ import annotations

from services.portal.paper.matter import DISPATCHED, Matter, place_of
from services.portal.paper.structure import Cell, Heading, Paper, Table, label, paragraphs, written
from services.portal.paper.texts import Texts
from services.portal.words import label as called

WIDTHS = (15, 37, 15, 33)
LONGEST_SUMMARY = 160


def order_form(matter: Matter, texts: Texts, *, link: str, printed: str) -> Paper:
    """The form of one order; `link` is what its QR code opens."""
    words, appeal, order = texts.order, matter.appeal, matter.order
    name = words.labels
    text, is_short = appeal["text"], len(appeal["text"]) <= LONGEST_SUMMARY

    def pair(first: str, said: str, second: str, says: str) -> tuple[Cell, ...]:
        return label(name[first]), written(said), label(name[second]), written(says)

    def wide(first: str, said: str, lines: int = 0) -> tuple[Cell, ...]:
        return label(name[first]), written(said, span=3, lines=lines)

    applicant = appeal["applicant"]
    who = " ".join(part for part in (applicant["name"], applicant["uscc"]) if part)
    which = words.round.format(role=order["role"]["label"], round=order["round"])
    rows = (
        (label(name["number"]), written(order["order"], span=2), Cell(qr=link)),
        pair("classification", _said(appeal["classification"]), "urgency", _said(appeal["urgency"])),
        pair("channel", _said(appeal["channel"]), "submitted", matter.time(appeal["submitted_at"])),
        pair("applicant", who, "place", place_of(applicant)),
        wide("subject", appeal["title"]),
        pair("kind", _said(appeal["kind"]), "category", _said(appeal["category"])),
        wide("text", text if is_short else text[:LONGEST_SUMMARY] + words.full_text_follows),
        pair("lead", _units(appeal, "lead"), "assist", _units(appeal, "assist")),
        pair("department", f"{order['department']['name']}（{which}）", "sign_due", matter.time(order["sign_due"])),
        wide("requirement", _requirement(matter)),
        pair("contact_due", matter.time(order["contact_due"]), "reply_due", matter.time(order["reply_due"])),
        wide("proposal", "", lines=2),
        wide("instruction", "", lines=2),
        wide("signed", _done_by(matter, "order.signed")),
        wide("result", _result(matter)),
        wide("review", _review(matter)),
        wide("rating", " ".join(_said(appeal[what]) for what in ("rating", "solved")).strip()),
        pair("handler", "", "contact", texts.contact),
    )
    after = () if is_short else (Heading(text=name["full_text"], new_page=True), *paragraphs([text]))
    return Paper(
        title=words.title,
        language=matter.language,
        blocks=(Table(widths=WIDTHS, rows=rows),),
        after=after,
        printed=printed,
    )


def _said(code: dict | None) -> str:
    return code["label"] if code else ""


def _units(appeal, role: str) -> str:
    """Who has an order of the appeal's round in this role, and has not returned it."""
    names = [
        one["department"]["name"]
        for one in appeal["orders"]
        if one["role"]["code"] == role and one["round"] == appeal["round"] and one["state"]["code"] != "returned"
    ]
    return "、".join(dict.fromkeys(names))


def _requirement(matter: Matter) -> str:
    sent = matter.latest(DISPATCHED)
    if sent is None:
        return ""
    facts = sent.facts
    asked = [facts.get("requirement"), facts.get("why"), facts.get("minutes")]
    regime = facts.get("special_regime")
    return "\n".join(
        [one for one in asked if one] + ([called("special_regime", regime, matter.language)] if regime else [])
    )


def _done_by(matter: Matter, *events: str) -> str:
    done = matter.latest(*events)
    return f"{done.by} {matter.time(done.at.isoformat())}" if done else ""


def _result(matter: Matter) -> str:
    """The last reply, and what it says has come of it."""
    replied = matter.latest("feedback.submitted")
    if replied is None:
        return ""
    return f"{called('result', replied.facts['result'], matter.language)}：{replied.facts['text']}"


def _review(matter: Matter) -> str:
    """What the supervisor has decided on the last reply."""
    review = matter.latest("feedback.approved", "feedback.refused")
    replied = matter.latest("feedback.submitted")
    if review is None or (replied and review.number < replied.number):
        return ""
    return f"{review.label} {_done_by(matter, 'feedback.approved', 'feedback.refused')}"
