"""Receipts: the number of an appeal, and the query code that only its applicant has.

Numbers are random, so that a gap tells nothing. A query code is made from the number and a secret, and is
stored nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from appeals.receipts import ALPHABET, draw_receipt

_READ_AS = str.maketrans("OIL", "011")
_CODE = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)
_RECEIPT = re.compile(f"SQ-[0-9]{{8}}-[{ALPHABET}]{{6}}")
CODE_BYTES = 5


class Receipts:
    """Draws receipt numbers and makes their query codes; `choice` is the source of chance."""

    def __init__(self, secret: str, *, choice: Callable[[Sequence[str]], str] = secrets.choice):
        self._secret = secret.encode()
        self._choice = choice

    def draw(self, now: datetime) -> str:
        """A fresh number, as in `SQ-20261124-7K3MXQ`; the date is that in Beijing."""
        return draw_receipt(now, self._choice)

    def query_code(self, receipt: str) -> str:
        """The eight characters that open an appeal for its applicant."""
        digest = hmac.new(self._secret, receipt.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:CODE_BYTES]).decode().translate(_CODE)

    def fingerprint(self, text: str) -> str:
        """What equal texts have in common, and nobody without the secret can work out."""
        return hmac.new(self._secret, f"fingerprint {text}".encode(), hashlib.sha256).hexdigest()

    def opens(self, receipt: str, code: str) -> bool:
        """Whether this is the query code of the appeal."""
        return hmac.compare_digest(self.query_code(receipt).encode(), _as_read(code).encode())


def as_receipt(written: str) -> str | None:
    """The receipt that somebody wrote, in its one form; None when it cannot be one."""
    receipt = _as_read(written)
    return receipt if _RECEIPT.fullmatch(receipt) else None


def _as_read(written: str) -> str:
    return written.strip().upper().translate(_READ_AS)
