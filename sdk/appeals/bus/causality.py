"""What must be heard before what: order for each appeal, also between services.

A *mark* names a point in what somebody said about one appeal: `core/routing/order.dispatched` = 2 is
the copy for audience `core`, said by routing, on this topic, with sequence number 2. Every message carries
the marks of all that its sender knew of the appeal. A reader who hears some of these topics, and has not
applied them that far, lets the message wait.

This is causal delivery (Birman and Joseph, 1987) with one entry for each topic, so that it stays exact
for readers who hear only a part of what is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from appeals.errors import Malformed
from appeals.message import CORE

Marks = Mapping[str, int]

INBOX = "inbox."


def mark(audience: str, source: str, topic: str) -> str:
    """The name of a mark."""
    return f"{audience}/{source}/{topic}"


def missing(after: Marks, known: Marks, hears: Callable[[str, str], bool]) -> list[str]:
    """The marks that a reader has to apply first.

    `hears(audience, topic)` says whether this reader is told of that topic at all; what it is never
    told, it need not wait for.
    """
    return [
        name for name, sequence in after.items() if known.get(name, 0) < sequence and hears(*_audience_and_topic(name))
    ]


def merge(known: dict[str, int], marks: Marks) -> None:
    """Add to what is known; a mark never goes back."""
    for name, sequence in marks.items():
        if sequence > known.get(name, 0):
            known[name] = sequence


def visible(known: Marks, audience: str) -> dict[str, int]:
    """The marks that a copy for this audience may carry.

    The platform sees all but the departments' own words; a department sees only what it was told, so
    that numbers tell it nothing about others.
    """
    if audience == CORE:
        return {name: sequence for name, sequence in known.items() if not name.startswith(INBOX)}
    own = f"{audience}/"
    return {name: sequence for name, sequence in known.items() if name.startswith(own)}


def to_text(marks: Marks) -> str:
    """Marks as the value of a CloudEvents attribute: `core/intake/appeal.accepted=1 …`."""
    return " ".join(f"{name}={sequence}" for name, sequence in marks.items())


def from_text(text: str) -> dict[str, int]:
    """The marks in an attribute. Raises Malformed."""
    marks = {}
    for part in text.split():
        name, _, sequence = part.rpartition("=")
        if name.count("/") != 2 or not re.fullmatch("[0-9]{1,9}", sequence):
            raise Malformed(problems=f"after: {part!r} is not a mark such as core/intake/appeal.accepted=1")
        marks[name] = int(sequence)
    return marks


def _audience_and_topic(name: str) -> tuple[str, str]:
    audience, _, topic = name.split("/")
    return audience, topic
