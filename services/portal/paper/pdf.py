"""A paper as PDF: HTML from a template, set by WeasyPrint. Runs in the process of `printer` only."""

from __future__ import annotations

from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader

from services.portal.paper.structure import Paper

HERE = Path(__file__).parent


def to_pdf(paper: Paper) -> bytes:
    """The paper as PDF. Raises OSError when the system's libraries are missing."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    only_inline = URLFetcher(allowed_protocols=["data"])  # nothing is loaded from anywhere
    return HTML(string=to_html(paper), url_fetcher=only_inline).write_pdf()


def to_html(paper: Paper) -> str:
    """The page that is printed."""
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["qr"] = lambda text: segno.make(text, error="m").svg_data_uri(border=0)
    environment.tests["table"] = lambda block: hasattr(block, "rows")
    environment.tests["heading"] = lambda block: hasattr(block, "new_page")
    style = (HERE / "paper.css").read_text(encoding="utf-8")
    return environment.get_template("paper.html").render(paper=paper, style=style)
