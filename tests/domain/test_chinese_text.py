"""What officials and enterprises read in Chinese carries Chinese punctuation."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HAN = r"[\u4e00-\u9fff]"
HALF = re.compile(rf"{HAN}[,;:?!](?: ?{HAN}|$)|{HAN}\([^()]*\)|[}}”][,;:] ?{HAN}")
QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|>[^<>{}\n]+<")
CHINESE = re.compile(r"\bzh: (?:\"([^\"]*)\"|'([^']*)'|([^,}\n]*))|\bzh = f?\"([^\"]*)\"")


def said(path: Path) -> list[str]:
    """The Chinese sentences of a file: what stands under `zh`, and in templates what is quoted or between tags."""
    text = path.read_text("utf-8")
    found = QUOTED.findall(text) if path.suffix == ".html" else map("".join, CHINESE.findall(text))
    return [one.strip("\"'<>") for one in found if re.search(HAN, one)]


FILES = [
    path
    for folder in ("sdk/appeals", "services")
    for suffix in ("py", "yml", "html")
    for path in sorted((ROOT / folder).rglob(f"*.{suffix}"))
    if said(path)
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_text_has_chinese_punctuation(path):
    assert [one for one in said(path) if HALF.search(one)] == []
