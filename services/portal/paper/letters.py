"""Letters about an order: 督办函 by level, 商请函 to a vertical organ, and 催办通知书."""

from __future__ import annotations

from appeals.calendar import BEIJING
from services.portal.paper.matter import DISPATCHED, SUPERVISION, Entry, Matter
from services.portal.paper.structure import Heading, Paper, Table, label, paragraphs, written
from services.portal.paper.texts import Texts, said
from services.portal.words import day
from services.portal.words import label as called

RECORD_WIDTHS = (31, 43, 26)
REQUEST = "letter"


def letter(matter: Matter, entry: Entry, texts: Texts, *, number: str, printed: str) -> Paper:
    """The letter that belongs to an entry: that which called the order to account, or sent it to a vertical organ.

    Its date is that of the entry. What a paragraph needs and the entry does not say leaves the paragraph out.
    """
    level = entry.facts.get("level", REQUEST)
    words, facts = texts.letters[level], _facts(matter, entry, texts, level)
    has_record = level in SUPERVISION
    body = (*(said(one, facts) for one in words.paragraphs), texts.record.heading if has_record else "")
    return Paper(
        title=said(words.title, facts),
        language=matter.language,
        issuer=texts.issuer,
        number=number,
        addressee=f"{matter.order['department']['name']}：",
        blocks=paragraphs(body),
        signature=(texts.issuer, day(entry.at.astimezone(BEIJING).date(), matter.language)),
        copies=texts.copies,
        after=_record(matter, entry, texts) if has_record else (),
        printed=printed,
    )


def _facts(matter: Matter, entry: Entry, texts: Texts, level: str) -> dict[str, str]:
    appeal, order = matter.appeal, matter.order
    sent = matter.latest(DISPATCHED)
    overdue = matter.overdue(entry.number)
    reason = entry.facts.get("reason", "").rstrip("。")
    return {
        "applicant": appeal["applicant"]["name"],
        "contact": texts.contact,
        "department": order["department"]["name"],
        "dispatched": matter.time(sent.at.isoformat()) if sent else "",
        "level": called("level", level, matter.language),
        "order": order["order"],
        "overdue": overdue,
        "reason": "" if overdue and reason.endswith("至今未完成") else reason,
        "receipt": appeal["receipt"],
        "reply_due": matter.time(entry.facts.get("reply_due")) or matter.time(order["reply_due"]),
        "requirement": sent.facts.get("requirement", "") if sent else "",
        "role": order["role"]["label"],
        "text": appeal["text"],
        "title": appeal["title"],
    }


def _record(matter: Matter, until: Entry, texts: Texts) -> tuple[Heading, Table]:
    """What had happened until then."""
    head = tuple(label(one) for one in texts.record.labels)
    rows = [
        (written(matter.time(entry.at.isoformat())), written(entry.label), written(entry.unit))
        for entry in matter.entries
        if entry.number <= until.number
    ]
    return (
        Heading(text=texts.record.heading, new_page=True),
        Table(widths=RECORD_WIDTHS, rows=(head, *rows), head=True),
    )
