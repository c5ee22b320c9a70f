"""Checking an import: what each row would submit, everything that is wrong with it, and which rows say the same."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from marshmallow import Schema, ValidationError

from appeals.applicants import checked_applicant
from appeals.channels import check_entry, check_reference, load_channels
from appeals.errors import Refused
from appeals.message import plain
from services.portal.columns import Header, Layout, NoRows
from services.portal.fields import Fault, Pair
from services.portal.problems import invalid
from services.portal.roles import INTAKE_OFFICER
from services.portal.sheets import ROWS_AT_A_TIME, Line, read_table

GOOD, REFUSED, REPEATED = "good", "refused", "repeated"


@dataclass(kw_only=True)
class Row:
    """One row of a file: its cells, the body it becomes, and what became of it.

    `faults` are pairs of a field and what is wrong with it, `facts` those of the command when nothing is.
    `repeats` is the row above that says the same.
    """

    number: int
    cells: tuple[str, ...]
    body: dict
    faults: tuple[tuple[str, Fault], ...] = ()
    facts: dict | None = None
    repeats: int = 0
    warnings: list[Pair] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Good, refused, or repeated: such a row is not submitted again."""
        if self.faults:
            return REFUSED
        return REPEATED if self.repeats else GOOD

    @property
    def bytes(self) -> bytes:
        """The body, as it is sent under the row's key."""
        return json.dumps(self.body, ensure_ascii=False, sort_keys=True).encode()

    @property
    def digest(self) -> str:
        """Tells good rows that say the same, in this file or another, in whatever words for its codes."""
        facts = {name: plain(value) for name, value in self.facts.items()}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file that could be read. `sha256` is that of its bytes; `warnings` are about the file as a whole."""

    sha256: str
    name: str
    header: Header
    rows: Sequence[Row]
    warnings: tuple[Pair, ...] = ()

    @property
    def totals(self) -> dict[str, int]:
        """How many rows there are, and how many of each state."""
        counts = Counter(row.state for row in self.rows)
        return {"rows": len(self.rows)} | {state: counts[state] for state in (GOOD, REFUSED, REPEATED)}


def check(data: bytes, name: str, layout: Layout, schema: Callable[[], Schema]) -> Checked:
    """Look at every row of a file; nothing is submitted. Raises TableRefused when it is no table of appeals."""
    lines = read_table(data)
    if len(lines) < 2:
        raise NoRows()
    header = layout.read_header(lines[0])
    reader = schema()
    rows = []
    for count, line in enumerate(lines[1:], 1):
        rows.append(_row(line, header, reader))
        if count % ROWS_AT_A_TIME == 0:
            time.sleep(0)  # others are served meanwhile
    _note_repeats(rows)
    return Checked(
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        header=header,
        rows=rows,
        warnings=tuple(_passed_over(name) for name in header.unknown),
    )


def _row(line: Line, header: Header, reader: Schema) -> Row:
    row = Row(number=line.number, cells=line.cells, body=header.body(line.cells))
    faults = dict(header.faults(line.cells))
    try:
        row.facts = reader.load(row.body)
        faults |= dict(_beyond_fields(row.facts))
    except ValidationError as error:
        faults = dict(invalid(error).errors) | faults
    row.faults = tuple(faults.items())
    for place in line.formulas:
        if place in header.places:
            column = header.places[place]
            row.warnings.append(
                (f"“{column.zh}”是公式，按文字导入，未作计算", f"{column.en} is a formula; it is taken as text")
            )
    return row


def _beyond_fields(facts: dict) -> Iterator[tuple[str, Fault]]:
    """What intake would refuse although every field is right by itself."""
    channels, applicant = load_channels(), facts["applicant"]
    try:
        check_entry(facts["channel"], (INTAKE_OFFICER,), channels)
        check_reference(facts["channel"], facts["outside_reference"], channels)
    except Refused as refusal:
        yield refusal.field, Fault("refused", (str(refusal.told()["zh"]), str(refusal)))
    try:
        checked_applicant(applicant, facts["classification"], writes_itself=not channels[facts["channel"]].recorded)
    except Refused as refusal:
        yield refusal.field, Fault("refused", (str(refusal.told()["zh"]), str(refusal)))


def _note_repeats(rows: Sequence[Row]) -> None:
    """What says the same as a row above is not submitted again; the same applicant and title are only told."""
    same: dict[str, int] = {}
    alike: dict[tuple, int] = {}
    for row in rows:
        if row.faults:
            continue
        first = same.setdefault(row.digest, row.number)
        row.repeats = 0 if first == row.number else first
        likeness = (row.facts["applicant"].name, row.facts["title"])
        above = alike.setdefault(likeness, row.number)
        if above != row.number and not row.repeats:
            row.warnings.append(
                (
                    f"与第 {above} 行的企业和标题相同，请确认是否为同一诉求",
                    f"Row {above} has the same applicant and title; check whether it is the same appeal",
                )
            )


def _passed_over(name: str) -> Pair:
    return (
        f"未识别的列“{name[:100]}”，其内容不导入",
        f"There is no column {name[:100]!r}; what is in it is passed over",
    )
