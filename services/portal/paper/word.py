"""A paper as a Word document, to be worked on before it is signed. Runs in the process of `printer` only."""

from __future__ import annotations

from io import BytesIO

import segno
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocxParagraph

from services.portal.paper.structure import Block, Cell, Heading, Paper, Table

FONT = "FangSong"
RED = RGBColor(0xC8, 0x10, 0x2E)
BODY, TITLE, ISSUER, SMALL, NOTE = Pt(16), Pt(22), Pt(28), Pt(11), Pt(9)
LINE = Pt(29)
WIDTH = Mm(156)


def to_docx(paper: Paper) -> bytes:
    """The paper as .docx."""
    document = Document()
    _set_page(document, paper)
    if paper.issuer:
        _line(document, paper.issuer, ISSUER, ALIGN.CENTER, bold=True, color=RED)
    if paper.number:
        _line(document, paper.number, BODY, ALIGN.CENTER)
    _line(document, paper.title, TITLE, ALIGN.CENTER, bold=True)
    if paper.addressee:
        _line(document, paper.addressee)
    for block in paper.blocks:
        _add(document, block, paper.language)
    for line in paper.signature:
        _line(document, line, BODY, ALIGN.RIGHT)
    if paper.copies:
        _line(document, paper.copies, Pt(14))
    for block in paper.after:
        _add(document, block, paper.language)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _set_page(document, paper: Paper) -> None:
    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, BODY
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(0)
    document.core_properties.title = paper.title
    _write(section.footer.paragraphs[0], paper.printed, NOTE)


def _add(document, block: Block, language: str) -> None:
    if isinstance(block, Table):
        _table(document, block)
    elif isinstance(block, Heading):
        line = _line(document, block.text, bold=True)
        line.paragraph_format.page_break_before = block.new_page
    else:
        line = _line(document, block.text)
        line.paragraph_format.first_line_indent = None if language == "en" else 2 * BODY


def _table(document, table: Table) -> None:
    made = document.add_table(rows=len(table.rows), cols=len(table.widths), style="Table Grid")
    made.autofit = False
    for number, row in enumerate(table.rows):
        places = list(made.rows[number].cells)
        if table.head and number == 0:
            made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        at = 0
        for cell in row:
            share = sum(table.widths[at : at + cell.span])
            place = places[at].merge(places[at + cell.span - 1]) if cell.span > 1 else places[at]
            place.width = WIDTH * share // 100
            _fill(place, cell)
            at += cell.span


def _fill(place: _Cell, cell: Cell) -> None:
    first, *further = cell.text.splitlines() or [""]
    paragraph = place.paragraphs[0]
    if cell.is_label:
        paragraph.alignment = ALIGN.CENTER
    _write(paragraph, first, SMALL, bold=cell.is_label)
    if cell.qr:
        picture = BytesIO()
        segno.make(cell.qr, error="m").save(picture, kind="png", scale=4, border=0)
        picture.seek(0)
        paragraph.alignment = ALIGN.CENTER
        paragraph.add_run().add_picture(picture, width=Mm(18))
    for line in (*further, *[""] * max(cell.lines - 1 - len(further), 0)):
        _write(place.add_paragraph(), line, SMALL)


def _line(document, text: str, size=BODY, alignment=None, **look) -> DocxParagraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = alignment
    paragraph.paragraph_format.line_spacing = max(LINE, size)
    _write(paragraph, text, size, **look)
    return paragraph


def _write(paragraph: DocxParagraph, text: str, size, *, bold: bool = False, color: RGBColor | None = None) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold = size, bold
    if color:
        run.font.color.rgb = color
