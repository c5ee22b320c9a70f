"""What an officer is shown of an import, and the files that it gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Row as Found

from appeals.message import plain
from services.portal import answers, words
from services.portal.cells import to_xlsx
from services.portal.checking import REFUSED, REPEATED, Checked
from services.portal.columns import Layout
from services.portal.fields import Fault, Pair
from services.portal.import_store import SUBMITTED, WAITING, faults_of
from services.portal.problems import fault_told
from services.portal.receipts import Receipts
from services.portal.words import EN

YES: Pair = ("必填", "required")
SHEETS: tuple[Pair, Pair] = (("诉求", "Appeals"), ("填写说明", "How to fill it in"))
GUIDE: tuple[Pair, ...] = (("列", "Column"), ("必填", "Required"), ("示例", "Example"), ("可选值", "Choices"))


def checked_view(checked: Checked, layout: Layout, language: str) -> dict:
    """A file that was only checked, row by row."""
    rows = [
        {
            "row": row.number,
            "state": row.state,
            "appeal": {name: plain(value) for name, value in row.facts.items()} if row.facts else None,
            "problems": _problems(row.faults, layout, language),
            "warnings": _said(row.warnings, language),
            "repeats": row.repeats or None,
        }
        for row in checked.rows
    ]
    facts = {
        "file": checked.name,
        "sha256": checked.sha256,
        "totals": checked.totals,
        "warnings": _said(checked.warnings, language),
        "rows": rows,
    }
    return answers.CheckedAnswer(language).dump(facts)


def import_view(
    found: Found, kept: Sequence[Found], receipts: Receipts, layout: Layout, address: str, language: str
) -> dict:
    """An import and its rows as they are now; `address` is where it is."""
    counts = Counter(row.state for row in kept)
    rows = []
    for row in kept:
        receipt = row.receipt or row.same_receipt
        rows.append(
            {
                "row": row.number,
                "state": row.state,
                "receipt": receipt or None,
                "query_code": receipts.query_code(receipt) if receipt else None,
                "problems": _problems(faults_of(row), layout, language),
            }
        )
    facts = {
        "id": found.id,
        "file": found.name,
        "by": found.by,
        "at": found.at,
        "finished": not counts[WAITING],
        "done": len(kept) - counts[WAITING],
        "total": len(kept),
        "totals": {state: counts[state] for state in (WAITING, SUBMITTED, REFUSED, REPEATED)},
        "warnings": _said(found.warnings, language),
        "refused_rows": [f"{address}/refused.{form}" for form in ("csv", "xlsx")] if counts[REFUSED] else [],
        "rows": rows,
    }
    return answers.ImportAnswer(language).dump(facts)


def refused_rows(header: Sequence[str], kept: Iterable[Found], layout: Layout, language: str) -> Iterator[list[str]]:
    """The refused rows as they came, with their number and the reasons before them."""
    place = 1 if language == EN else 0
    yield [layout.row[place], layout.reason[place], *header]
    for row in kept:
        if row.state == REFUSED:
            told = (_sentence(one, language) for one in _problems(faults_of(row), layout, language))
            cells = row.cells or ()
            yield [str(row.number), words.in_a_row(told, language), *cells]


def template(layout: Layout, language: str) -> bytes:
    """A workbook with a table to fill in, and a sheet that tells what may stand in it."""
    place = 1 if language == EN else 0
    header = [one.said(language) + ("*" if one.required else "") for one in layout.columns]
    guide = [[word[place] for word in GUIDE]]
    for one in layout.columns:
        name = one.field.replace("applicant.kind", "applicant_kind")
        choices = words.choices(name, language) if name in words.CODES else ""
        guide.append([one.said(language), YES[place] if one.required else "", one.example, choices])
    return to_xlsx((SHEETS[0][place], [header]), (SHEETS[1][place], guide))


def _problems(faults: Iterable[tuple[str, Fault]], layout: Layout, language: str) -> list[dict]:
    found = []
    for field, fault in faults:
        column = layout.of_field(field)
        found.append(fault_told(field, fault, language) | {"column": column.said(language) if column else ""})
    return found


def _sentence(problem: dict, language: str) -> str:
    """A problem as a person reads it beside the row."""
    colon, pair = (": ", " ({})") if language == EN else ("：", "（{}）")
    expected = pair.format(problem["expected"]) if problem["expected"] not in ("", problem["message"]) else ""
    return f"{problem['column'] or problem['field']}{colon}{problem['message']}{expected}".removeprefix(colon)


def _said(pairs: Iterable[Sequence[str]], language: str) -> list[str]:
    return [pair[1] if language == EN else pair[0] for pair in pairs]
