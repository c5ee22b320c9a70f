"""Uploads: the contents of attachments, found by their hash and kept in pieces in the portal's own database.

An upload waits a day for its appeal; then it is swept, unless an appeal has claimed it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import Row, delete, exists, func, select, update
from sqlalchemy.orm import Session

from appeals.bus.database import Database
from services.portal.file_policy import FilePolicy
from services.portal.file_refusals import NotUploaded, StoreFull
from services.portal.store import attached, upload_pieces, uploads

PIECE = 256 * 1024
AT_ONCE = 100


class Uploads:
    """The contents; each method is a transaction of its own."""

    def __init__(self, database: Database, policy: FilePolicy):
        self._database = database
        self.policy = policy

    def add(self, file: BinaryIO, *, sha256: str, kind: str, size: int, now: datetime) -> None:
        """Keep a content; one that is here already waits anew. Durable when it returns. Raises StoreFull."""
        with self._database.transaction() as session:
            again = update(uploads).where(uploads.c.sha256 == sha256).values(uploaded_at=now)
            if session.execute(again).rowcount:
                return
            waiting = select(func.coalesce(func.sum(uploads.c.size), 0)).where(~uploads.c.claimed)
            if session.scalar(waiting) + size > self.policy.waiting_bytes:
                raise StoreFull()
            facts = {"sha256": sha256, "kind": kind, "size": size, "uploaded_at": now, "claimed": False}
            session.execute(uploads.insert(), facts)
            for number, piece in enumerate(_pieces(file)):
                session.execute(upload_pieces.insert(), {"sha256": sha256, "number": number, "bytes": piece})

    def claim(self, hashes: Collection[str], now: datetime) -> Mapping[str, Row]:
        """The uploads that an appeal names, kept from now on; each was uploaded within the last day.

        So who names one has had its content; to know the hash is not enough. Raises NotUploaded.
        """
        with self._database.transaction() as session:
            since = now - timedelta(hours=self.policy.waiting.amount)
            question = select(uploads).where(uploads.c.sha256.in_(hashes), uploads.c.uploaded_at > since)
            found = {row.sha256: row for row in session.execute(question)}
            for missing in (one for one in hashes if one not in found):
                raise NotUploaded(sha256=missing, hours=self.policy.waiting.amount)
            session.execute(update(uploads).where(uploads.c.sha256.in_(hashes)).values(claimed=True))
        return found

    def release(self, hashes: Collection[str]) -> None:
        """The appeal was refused: what no other appeal has waits again."""
        with self._database.transaction() as session:
            free = ~exists().where(attached.c.sha256 == uploads.c.sha256)
            session.execute(update(uploads).where(uploads.c.sha256.in_(hashes), free).values(claimed=False))

    def authorise(self, receipt: str, upload: Row, name: str) -> None:
        """Attach the document by which an agent acts; departments are not shown it, and it is in no event."""
        facts = {"receipt": receipt, "sha256": upload.sha256, "number": 0, "name": name, "kind": upload.kind}
        with self._database.transaction() as session:
            known = select(attached.c.sha256).where(attached.c.receipt == receipt, attached.c.sha256 == upload.sha256)
            if session.scalar(known) is None:
                session.execute(attached.insert(), facts | {"size": upload.size, "officers_only": True})

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """A content, piece by piece; nothing where there is none."""
        number = 0
        while (piece := self._piece(sha256, number)) is not None:
            yield piece
            number += 1

    def _piece(self, sha256: str, number: int) -> bytes | None:
        place = (upload_pieces.c.sha256 == sha256, upload_pieces.c.number == number)
        with self._database.reading() as session:
            return session.scalar(select(upload_pieces.c.bytes).where(*place))


def sweep(session: Session, before: datetime) -> None:
    """Throw away what was uploaded before this moment and no appeal has claimed, in portions."""
    unclaimed = (~uploads.c.claimed, uploads.c.uploaded_at < before)
    old = list(session.scalars(select(uploads.c.sha256).where(*unclaimed).limit(AT_ONCE)))
    session.execute(delete(uploads).where(uploads.c.sha256.in_(old), *unclaimed))
    left = select(uploads.c.sha256).where(uploads.c.sha256.in_(old))
    session.execute(delete(upload_pieces).where(upload_pieces.c.sha256.in_(old), upload_pieces.c.sha256.not_in(left)))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
