"""What a paper says: the texts that an office may replace, and their facts."""

import re

import pytest

from appeals.settings import WrongSettings
from services.portal.cells import harmless
from services.portal.paper.pdf import to_html
from services.portal.paper.structure import Paper, Table, clean, paragraphs, written
from services.portal.paper.texts import TEXTS_FILE, load_texts, said


def paper(**changes):
    facts = {"title": "转办单", "language": "zh", "printed": "王明 打印", "blocks": ()} | changes
    return Paper(**facts)


def test_a_text_without_a_fact_that_it_needs_is_left_out():
    assert said("于{reply_due}前回复", {"reply_due": "2026年11月25日 09:00"}) == "于2026年11月25日 09:00前回复"
    assert said("于{reply_due}前回复", {"reply_due": ""}) == ""
    assert said("感谢支持。", {}) == "感谢支持。"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("{overdue}", "{overdew}", "no such fact: overdew"),
        ("{overdue}", "{overdue", "letters.ordinary"),
        ("issuer:", "isuer:", "isuer"),
        ("    rating: 评价", "    ratting: 评价", "order.labels"),
    ],
)
def test_a_mistake_in_the_texts_is_told_with_file_and_line(tmp_path, right, wrong, told):
    file = tmp_path / "my.yml"
    file.write_text(TEXTS_FILE.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(WrongSettings, match=re.escape(told)) as error:
        load_texts(file)

    assert str(error.value).startswith(f"{file}: line ")


def test_characters_that_no_file_format_takes_are_left_out():
    made = clean(
        paper(
            title="转\x00办\x0b单\ud800",
            blocks=(*paragraphs(["一\x08\n\n二\ufffe"]), Table(widths=(100,), rows=((written("三\x1b"),),))),
        )
    )

    assert made.title == "转办单"
    assert [one.text for one in made.blocks[:2]] == ["一", "二"]
    assert made.blocks[2].rows[0][0].text == "三"


def test_what_is_written_into_a_paper_stays_text():
    hostile = '<img src="file:///etc/passwd"><script>alert(1)</script>'

    html = to_html(paper(title=hostile, blocks=paragraphs([hostile])))

    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_starts_a_formula(start):
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless("1+1") == "1+1"
