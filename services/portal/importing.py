"""Importing: a file of appeals is checked, kept, and submitted row by row through the same desk as any other appeal.

The file's SHA-256 and the row's number make the key of a row's command. So however often a file comes, whoever
sends it, and however many portals work on it at once, each row is submitted once and has one receipt.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from marshmallow import ValidationError
from sqlalchemy import Row as Found

from appeals.bus.database import is_unavailable
from appeals.commands import SubmitAppeal
from appeals.units import Units
from services.portal.asking import Desk, Wish
from services.portal.checking import Checked, check
from services.portal.columns import Layout
from services.portal.fields import Fault
from services.portal.import_store import ImportStore
from services.portal.problems import UNANSWERED, NotDone, invalid
from services.portal.receipts import Receipts
from services.portal.rights import INTAKE_OFFICER, Principal
from services.portal.schemas import NewAppeal

PORTION = 20
LOOK_SECONDS = 1.0
KEEP_REFUSED = timedelta(days=7)
KEY_HOLDER = Principal(name="import", role=INTAKE_OFFICER)  # keys do not depend on who imports

log = logging.getLogger("services.portal.importing")


@dataclass(frozen=True, kw_only=True)
class Importer:
    """Takes files in and submits their rows. `desk` should not wait for the read model: nobody waits for a row."""

    store: ImportStore
    desk: Desk
    receipts: Receipts
    layout: Layout
    departments: Mapping[str, str]
    units: Units
    clock: Callable[[], datetime]

    def check(self, data: bytes, name: str) -> Checked:
        """Look at a file; nothing is submitted. Raises TableRefused."""
        return check(data, name, self.layout, self._schema)

    def take(self, checked: Checked, principal: Principal) -> None:
        """Keep a file, to be submitted from now on."""
        self.store.keep(checked, by=principal.name, at=self.clock())

    def submit_portion(self) -> bool:
        """Submit the next rows; returns whether there were any, and they went through.

        When a service does not answer, the rest waits for the next time.
        """
        rows = self.store.waiting(PORTION)
        if not rows:
            self.store.forget_before(self.clock() - KEEP_REFUSED)
        return bool(rows) and all(self._submit(row) for row in rows)

    def _submit(self, row: Found) -> bool:
        try:
            facts = self._schema().load(row.body)
            receipt = self._receipt(row, facts)
        except ValidationError as error:  # what may be submitted has changed since the file was checked
            self.store.note_refused(row, invalid(error).errors)
        except NotDone as error:
            problem = error.problem
            if problem.code == UNANSWERED:
                log.warning("import %s waits at row %d: %s", row.import_id[:12], row.number, problem.code)
                return False
            self.store.note_refused(row, problem.errors or [("", Fault(problem.code, (problem.zh, problem.en)))])
        else:
            self.store.note_submitted(row, receipt)
        return True

    def _receipt(self, row: Found, facts: dict) -> str:
        wish = Wish(
            principal=KEY_HOLDER,
            door=f"POST /imports/{row.import_id}",
            key=str(row.number),
            body=b"",
        )

        def draw() -> SubmitAppeal:
            now = self.clock()
            return SubmitAppeal(receipt=self.receipts.draw(now), at=now, by=row.by, **facts)

        return self.desk.submit(wish, draw)[0]["receipt"]

    def _schema(self) -> NewAppeal:
        return NewAppeal(self.departments, self.units)


class ImportWork:
    """Submits what waits, portion by portion, until stopped; after a restart it goes on where it was."""

    def __init__(self, importer: Importer):
        self._importer = importer
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            try:
                went_on = self._importer.submit_portion()
            except Exception as error:
                if not is_unavailable(error):
                    raise
                log.warning("database unavailable: %s", error)
                went_on = False
            if not went_on:
                self._stopping.wait(LOOK_SECONDS)

    def stop(self) -> None:
        """End `run`."""
        self._stopping.set()
