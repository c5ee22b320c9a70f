"""The structure of a printed paper, which both renderers take: headings, paragraphs, tables, a signature."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading within a paper; it may begin a page, as that of an attachment does."""

    text: str
    new_page: bool = False


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell as wide as `span` columns: a label, what was written, or a QR code of `qr`; `lines` is room to write."""

    text: str = ""
    span: int = 1
    is_label: bool = False
    qr: str = ""
    lines: int = 0


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells; `widths` are the columns' shares in percent. With `head`, each page repeats the first row."""

    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    head: bool = False


Block = Heading | Paragraph | Table


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper. `issuer` stands in red above a red line, where there is one; `number` is its reference number.

    `signature` is who signs and when, at the right; `after` comes behind it, such as the attachment. `printed` says
    who has printed it and when, on every page.
    """

    title: str
    language: str
    blocks: tuple[Block, ...]
    printed: str
    issuer: str = ""
    number: str = ""
    addressee: str = ""
    signature: tuple[str, ...] = ()
    copies: str = ""
    after: tuple[Block, ...] = ()


def label(text: str) -> Cell:
    """A cell that names what stands beside it."""
    return Cell(text=text, is_label=True)


def written(text: str, span: int = 1, lines: int = 0) -> Cell:
    """A cell with what somebody wrote; characters that no file format takes are left out."""
    return Cell(text=plain(text), span=span, lines=lines)


def plain(text: str) -> str:
    """A text as any file format takes it."""
    return _CONTROLS.sub("", text)


def paragraphs(texts: Iterable[str]) -> tuple[Paragraph, ...]:
    """One paragraph for each line that says something."""
    lines = (line.strip() for text in texts for line in plain(text).splitlines())
    return tuple(Paragraph(text=line) for line in lines if line)


def clean(paper: Paper) -> Paper:
    """The same paper, with what stands outside its cells and paragraphs made plain too."""
    names = ("title", "issuer", "number", "addressee", "copies", "printed")
    return replace(paper, **{name: plain(getattr(paper, name)) for name in names})
