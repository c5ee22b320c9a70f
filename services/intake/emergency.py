"""Emergencies: which words of an appeal tell that somebody has to come now. `emergencies.yml` has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from opencc import OpenCC

_simplified = OpenCC("t2s").convert
_CLAUSE_ENDS = re.compile(r"[,;:。,;:.!?!?、\n]+")


@dataclass(frozen=True, kw_only=True)
class EmergencyRule:
    """One kind of emergency: its words, the number to refer to, and what takes a clause out."""

    why: str
    where: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()

    def but_not(self, unless: Iterable[str]) -> EmergencyRule:
        """The same rule, for clauses in which none of these stands."""
        return replace(self, unless=tuple(unless))

    def found_in(self, clause: str) -> tuple[str, ...]:
        """The words of this emergency that stand in a clause."""
        if any(word in clause for word in self.unless):
            return ()
        return tuple(word for word in self.words if word in clause)


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """What was found: the number to refer to, why, and the words."""

    where: str
    why: str
    words: tuple[str, ...]


def find_emergency(text: str, rules: Iterable[EmergencyRule]) -> Emergency | None:
    """The first emergency in a text, in the order of the rules; None when nothing tells of one."""
    clauses = list(_clauses(text))
    for rule in rules:
        words = tuple(dict.fromkeys(word for clause in clauses for word in rule.found_in(clause)))
        if words:
            return Emergency(where=rule.where, why=rule.why, words=words)
    return None


def _clauses(text: str) -> Iterator[str]:
    plain = _simplified(unicodedata.normalize("NFKC", text))
    for clause in _CLAUSE_ENDS.split(plain):
        yield "".join(clause.split())
