"""Wording: an appeal's text made comparable, and the words of the catalogue looked for in it.

Traditional characters, full-width forms, blanks within words and capitals make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from opencc import OpenCC

GAP = "…"  # in a word of the catalogue: at most so many characters of the same clause
LONGEST_GAP = 10
CLAUSE_ENDS = ",。;:!?\n"

_BRACKET = re.compile(r"\(([^()]*)\)")
_simplified = OpenCC("t2s")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANK_WITHIN = re.compile(r"(?<=[\u3400-\u9fff])[ \t\u3000]+(?=[\u3400-\u9fff])")
_CIRCLED = str.maketrans({chr(0x2460 + i): f"\n{i + 1}." for i in range(9)})

# “不是欠薪” denies 欠薪；“不是欠薪，是打人” does not deny 打人, and “是不是” and “要不是” deny nothing.
_DENIED_BEFORE = re.compile(r"(?:(?<![是要])不是|并非|不属于|不涉及|别转|不要转|勿转)(?!.*是).{0,6}$")
_DENIED_AFTER = re.compile(r".{0,4}无关")

# A new matter: 一是、第二、(3)、4. and the like, at the beginning of a clause.
_MATTER = re.compile(
    r"(?:^|(?<=[,。;:!?\n]))\s*(?:[一二三四五六七八九]是|第[一二三四五六七八九](?=[,、:是])|其[一二三四五](?=[,、:是])"
    r"|[1-9][.、)](?!\d)|\([1-9一二三四五六七八九]\)|[一二三四五六七八九]、|首先|其次|(?:first|second|third)(?:ly)?,)"
)


def plain(text: str) -> str:
    """The text in simplified characters, half-width, small letters, without what cannot be seen."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text.translate(_CIRCLED)))
    return _BLANK_WITHIN.sub("", _simplified.convert(text).lower())


def matters(text: str) -> list[str]:
    """The matters that a plain text counts up, at least two, or else none."""
    starts = [found.end() for found in _MATTER.finditer(text)]
    if len(starts) < 2:
        return []
    ends = [*(found.start() for found in list(_MATTER.finditer(text))[1:]), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def beginnings(text: str) -> frozenset[str]:
    """Every character of a plain text, and every two that stand together: what is in it begins with one of these."""
    return frozenset(text) | {text[at : at + 2] for at in range(len(text) - 1)}


@dataclass(frozen=True)
class Word:
    """A word of the catalogue: `欠…(货款|账)|背靠背` is any of three, two of them with a gap within a clause.

    Raises ValueError when it cannot be read.
    """

    written: str

    def __post_init__(self):
        choices = [[plain(part) for part in choice.split(GAP)] for choice in _choices(self.written)]
        if not all(part.strip() for parts in choices for part in parts):
            raise ValueError(f"{self.written!r} has an empty part")
        gap = f"[^{CLAUSE_ENDS}]{{0,{LONGEST_GAP}}}?"
        object.__setattr__(self, "_choices", [(parts, re.compile(gap.join(map(_exactly, parts)))) for parts in choices])
        object.__setattr__(self, "_begins", frozenset(parts[0][:2] for parts in choices))

    def may_be_among(self, begun: frozenset[str]) -> bool:
        """Whether it may stand in a text with these beginnings. Quick: most words of a catalogue are not there."""
        return not self._begins.isdisjoint(begun)

    def found_in(self, text: str) -> str:
        """What stands in a plain text for this word and is not denied there; empty when nothing does."""
        for parts, pattern in self._choices:
            if all(part in text for part in parts):  # far quicker than the pattern, which then looks closer
                for found in pattern.finditer(text):
                    if not _denied(text, found.start(), found.end()):
                        return found[0]
        return ""


def first_found(words: Iterable[Word], text: str) -> str:
    """What stands in a plain text for the first of the words that is there; empty when none is."""
    return next((found for word in words if (found := word.found_in(text))), "")


def _choices(written: str) -> list[str]:
    """Every way in which a word may be said, its brackets resolved."""
    found = []
    for choice in re.split(r"\|(?![^()]*\))", written):
        parts = [part.split("|") if number % 2 else [part] for number, part in enumerate(_BRACKET.split(choice))]
        found += map("".join, product(*parts))
    if any(mark in choice for choice in found for mark in "()"):
        raise ValueError(f"{written!r} has a bracket too many, or one within another")
    return found


def _exactly(part: str) -> str:
    """A part of a word; Latin letters are whole words, singular or plural, so that `tax` is not found in `taxi`."""
    before = r"(?<![a-z])" if part[0].isascii() and part[0].isalpha() else ""
    after = r"(?:s|es)?(?![a-z])" if part[-1].isascii() and part[-1].isalpha() else ""
    return before + re.escape(part) + after


def _denied(text: str, start: int, end: int) -> bool:
    """Whether the clause says that it is not this."""
    clause = max(text.rfind(mark, 0, start) for mark in CLAUSE_ENDS) + 1
    return bool(_DENIED_BEFORE.search(text[clause:start]) or _DENIED_AFTER.match(text, end))
