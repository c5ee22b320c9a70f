"""受理回执: what an applicant takes home, with the code that opens the appeal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.portal.paper.structure import Cell, Paper, Table, label, paragraphs, written
from services.portal.paper.texts import Texts
from services.portal.words import moment

WIDTHS = (18, 52, 30)


def receipt(appeal: Mapping, texts: Texts, *, language: str, query_code: str, link: str, printed: str) -> Paper:
    """The receipt of an appeal as views tell it; without a `query_code` it says that the applicant has it."""
    words = texts.receipt[language]
    lead = appeal["lead"]["name"] if appeal["lead"] else "–"
    rows = [
        ("receipt", appeal["receipt"]),
        ("query_code", query_code or words.kept_by_applicant),
        ("subject", appeal["title"]),
        ("applicant", appeal["applicant"]["name"]),
        ("submitted", _time(appeal["submitted_at"], language)),
        ("channel", appeal["channel"]["label"]),
        ("state", appeal["state"]["label"]),
        ("lead", lead),
        ("due", _time(appeal["due"], language)),
    ]
    told = [(label(words.labels[name]), written(text, span=2)) for name, text in rows]
    told[0] = (told[0][0], written(appeal["receipt"]), Cell(qr=link))
    return Paper(
        title=words.title,
        language=language,
        blocks=(Table(widths=WIDTHS, rows=tuple(told)), *paragraphs(words.paragraphs)),
        signature=(texts.issuer,),
        printed=printed,
    )


def _time(written_at: str | None, language: str) -> str:
    return moment(datetime.fromisoformat(written_at), language) if written_at else "–"
