"""What the portal keeps of an import: each row until it is submitted, and its receipt for good."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import Row as Found
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from appeals.bus.database import Database
from services.portal.checking import GOOD, REFUSED, REPEATED, Checked, Row
from services.portal.fields import Fault
from services.portal.store import import_rows, imports

WAITING, SUBMITTED = "waiting", "submitted"
AT_A_TIME = 500


class ImportStore:
    """Questions and changes, each in a short transaction of its own.

    `fingerprint` makes of a row's digest what may be kept, since who hides could be guessed from the digest.
    """

    def __init__(self, database: Database, fingerprint: Callable[[str], str]):
        self._database = database
        self._fingerprint = fingerprint
        self._insert = postgresql.insert if database.is_postgresql else sqlite.insert

    def keep(self, checked: Checked, *, by: str, at: datetime) -> None:
        """Take a checked file in, to be submitted row by row; one that was taken in before stays as it is."""
        fresh = {
            "id": checked.sha256,
            "name": checked.name,
            "by": by,
            "at": at,
            "header": list(checked.header.cells),
            "warnings": [list(warning) for warning in checked.warnings],
        }
        with self._database.transaction() as session:
            taken = session.execute(
                self._insert(imports).values(fresh).on_conflict_do_nothing().returning(imports.c.id)
            )
            if taken.scalar() is None:
                return
            marks = {row.number: self._fingerprint(row.digest) for row in checked.rows if row.state != REFUSED}
            before = self._before(session, [marks[row.number] for row in checked.rows if row.state == GOOD])
            rows = [_kept(checked.sha256, row, marks.get(row.number, ""), before) for row in checked.rows]
            session.execute(import_rows.insert(), rows)

    def _before(self, session, digests: Sequence[str]) -> dict[str, Found]:
        """The rows of earlier imports that say the same and were not refused."""
        columns = (import_rows.c.digest, import_rows.c.import_id, import_rows.c.number)
        found = {}
        for start in range(0, len(digests), AT_A_TIME):
            part = digests[start : start + AT_A_TIME]
            question = select(*columns).where(
                import_rows.c.digest.in_(part), import_rows.c.state.in_((WAITING, SUBMITTED))
            )
            found |= {row.digest: row for row in session.execute(question)}
        return found

    def get(self, id_: str) -> Found | None:
        """One import."""
        with self._database.reading() as session:
            return session.execute(select(imports).where(imports.c.id == id_)).one_or_none()

    def rows(self, id_: str) -> Sequence[Found]:
        """The rows of an import in the order of the file; a repeated one with the receipt of what it repeats."""
        same = import_rows.alias("same")
        of_same = (same.c.import_id == import_rows.c.same_import) & (same.c.number == import_rows.c.same_number)
        columns = [column for column in import_rows.c if column.name not in ("body", "digest")]
        question = (
            select(*columns, same.c.receipt.label("same_receipt"))
            .outerjoin(same, of_same)
            .where(import_rows.c.import_id == id_)
            .order_by(import_rows.c.number)
        )
        with self._database.reading() as session:
            return session.execute(question).all()

    # The work

    def waiting(self, most: int) -> Sequence[Found]:
        """Rows to be submitted, with who imports them; of several files, those at the beginning come first."""
        question = (
            select(import_rows.c.import_id, import_rows.c.number, import_rows.c.body, imports.c.by)
            .join(imports, imports.c.id == import_rows.c.import_id)
            .where(import_rows.c.state == WAITING)
            .order_by(import_rows.c.number, import_rows.c.import_id)
            .limit(most)
        )
        with self._database.reading() as session:
            return session.execute(question).all()

    def note_submitted(self, row: Found, receipt: str) -> None:
        """A row is an appeal now; what it said is with intake, and no longer here."""
        self._settle(row, state=SUBMITTED, receipt=receipt, body=None, cells=None)

    def note_refused(self, row: Found, faults: Collection[tuple[str, Fault]]) -> None:
        """A row was refused; its cells stay for the officer to correct."""
        self._settle(row, state=REFUSED, body=None, faults=_told(faults))

    def _settle(self, row: Found, **values) -> None:
        one = (import_rows.c.import_id == row.import_id) & (import_rows.c.number == row.number)
        with self._database.transaction() as session:
            session.execute(update(import_rows).where(one, import_rows.c.state == WAITING).values(**values))

    def forget_before(self, moment: datetime) -> None:
        """Forget what the refused rows of imports before this moment said."""
        old = (
            import_rows.c.state == REFUSED,
            import_rows.c.cells.is_not(None),
            import_rows.c.import_id.in_(select(imports.c.id).where(imports.c.at < moment)),
        )
        with self._database.reading() as session:
            if session.execute(select(import_rows.c.number).where(*old).limit(1)).first() is None:
                return
        with self._database.transaction() as session:
            session.execute(update(import_rows).where(*old).values(cells=None))


def faults_of(row: Found) -> list[tuple[str, Fault]]:
    """What was wrong with a kept row, as it was found."""
    return [(field, Fault(code, tuple(expected))) for field, code, expected in row.faults]


def _told(faults: Collection[tuple[str, Fault]]) -> list:
    return [[field, str(fault), list(fault.expected)] for field, fault in faults]


def _kept(id_: str, row: Row, digest: str, before: dict[str, Found]) -> dict:
    """A row as it is kept: to be submitted, or refused, or as another that said the same."""
    earlier = before.get(digest)
    same = (earlier.import_id, earlier.number) if earlier else (id_ if row.repeats else "", row.repeats)
    state = REPEATED if same[1] else (WAITING if row.state == GOOD else row.state)
    return {
        "import_id": id_,
        "number": row.number,
        "state": state,
        "digest": digest,
        "body": row.body if state == WAITING else None,
        "cells": list(row.cells) if state != REPEATED else None,
        "receipt": "",
        "faults": _told(row.faults),
        "same_import": same[0],
        "same_number": same[1],
    }
