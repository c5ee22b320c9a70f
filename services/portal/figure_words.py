"""What the figures are called, what each tells, and what its columns are called, from `figures.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from services.portal.words import CODES, Word

TEXT, COUNT = "text", "count"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: `shows` says how what stands in it is written."""

    code: str
    word: Word
    shows: str

    def told(self, language: str) -> dict:
        """The column in one language."""
        return {"code": self.code, "label": self.word.said(language), "shows": self.shows}


@dataclass(frozen=True, kw_only=True)
class FigureWords:
    """One figure; the first of its columns says what a row is about."""

    title: Word
    tells: Word
    all_columns: tuple[Column, ...]

    def columns(self, language: str) -> list[dict]:
        """The columns in one language."""
        return [column.told(language) for column in self.all_columns]


def _columns(found: Mapping, listed: str) -> tuple[Column, ...]:
    """The columns; those of the codes of a list stand before the last."""
    first, *further = (
        Column(code=code, word=Word(zh=one["zh"], en=one["en"]), shows=one.get("shows", COUNT))
        for code, one in found.items()
    )
    first = Column(code=first.code, word=first.word, shows=TEXT)
    codes = [Column(code=code, word=word, shows=COUNT) for code, word in CODES.get(listed, {}).items()]
    return (first, *codes, *further)


_read = yaml.safe_load((Path(__file__).parent / "figures.yml").read_text(encoding="utf-8"))["figures"]
FIGURES = {
    name: FigureWords(
        title=Word(**one["title"]),
        tells=Word(**one["tells"]),
        all_columns=_columns(one["columns"], one.get("codes", "")),
    )
    for name, one in _read.items()
}
