"""Receipts: the number of an appeal, random, so that a gap tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from appeals.calendar import BEIJING

# Crockford's base 32: no I, L, O and U, and who reads O or I means 0 or 1.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def draw_receipt(now: datetime, choice: Callable[[Sequence[str]], str]) -> str:
    """A fresh number, as in `SQ-20261124-7K3MXQ`; the date is that in Beijing, `choice` the source of chance."""
    return f"SQ-{now.astimezone(BEIJING):%Y%m%d}-{''.join(choice(ALPHABET) for _ in range(6))}"
