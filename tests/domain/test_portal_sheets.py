"""Files of rows: what is read of them, and which are refused as a whole."""

import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from services.portal import sheets
from services.portal.cells import as_typed, to_csv, to_xlsx
from services.portal.columns import ColumnMissing, ColumnTwice, Layout
from services.portal.schemas import NewAppeal
from services.portal.sheets import (
    HoldsMacros,
    Line,
    NotATable,
    OldOrLockedWorkbook,
    TooManyRows,
    UnpacksTooLarge,
    read_table,
)

ROWS = (("标题", "内容"), ("甲", "第一行\n第二行"), ("乙", '引号"和逗号，分号；'))
LAYOUT = Layout.load()


def book(*rows, formula=None):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    if formula:
        made.active["A2"] = formula
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def package(**parts):
    """A workbook with more parts, or others, than it should have."""
    out = BytesIO(book(*ROWS))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def text(separator=","):
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in ROWS]
    return "\r\n".join(separator.join(row) for row in quoted)


def cells(data):
    return tuple(line.cells for line in read_table(data))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-with-mark", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_in_every_usual_encoding_and_with_every_usual_separator(encoding, separator):
    marked = encoding == "utf-16-be-with-mark"
    data = b"\xfe\xff" + text(separator).encode("utf-16-be") if marked else text(separator).encode(encoding)

    assert cells(data) == ROWS


def test_a_workbook_is_read_as_text_and_its_formulas_are_not_evaluated():
    data = book(("标题", "联系电话", "内容"), ("", 4212600000, 1.5), formula='=WEBSERVICE("http://x")')

    _, line = read_table(data)

    assert line == Line(number=2, cells=('=WEBSERVICE("http://x")', "4212600000", "1.5"), formulas=(0,))


def test_rows_are_counted_as_spreadsheets_do_and_blank_ones_are_passed_over():
    data = book(("标题",), (None,), ("  ",), ("甲",))

    assert [line.number for line in read_table(data)] == [1, 4]
    assert [line.number for line in read_table("标题\n\n\n甲\n".encode())] == [1, 4]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, OldOrLockedWorkbook),
        (package(xl__vbaProject_bin=b"x"), HoldsMacros),
        (package(xl__macrosheets__sheet1_xml=b"x"), HoldsMacros),
        (b"PK\x03\x04 and no more", NotATable),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", NotATable),
        (b"\xff\xff\xff\xff", NotATable),
        ('标题\n"没有结束'.encode(), NotATable),
        (b"\xff\xfe1", NotATable),
    ],
)
def test_what_is_no_table_is_refused_by_name(data, refusal):
    with pytest.raises(refusal):
        read_table(data)


def test_a_workbook_whose_type_says_macros_is_refused_whatever_its_name():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("[Content_Types].xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml")

    with pytest.raises(HoldsMacros):
        read_table(out.getvalue())


def test_a_workbook_that_unpacks_to_far_more_is_refused_before_it_is_unpacked():
    bomb = package(xl__media__bomb_bin=b"\0" * (sheets.LARGEST_UNPACKED + 1))

    assert len(bomb) < sheets.LARGEST_FILE
    with pytest.raises(UnpacksTooLarge):
        read_table(bomb)


def test_entities_that_multiply_are_refused():
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(book(*ROWS))) as good, zipfile.ZipFile(out, "w") as bad:
        for name in good.namelist():
            content = good.read(name).decode()
            bad.writestr(name, entities + content if name == "xl/workbook.xml" else content)

    with pytest.raises(NotATable):
        read_table(out.getvalue())


def test_more_rows_than_one_import_takes_are_refused():
    header = "标题\n"
    read_table((header + "甲\n" * sheets.MOST_ROWS).encode())

    for data in (header + "甲\n" * (sheets.MOST_ROWS + 1), header + "\n" * sheets.LAST_ROW + "甲", "," * 60 + "甲"):
        with pytest.raises(TooManyRows):
            read_table(data.encode())


# Columns


def test_every_field_of_an_appeal_has_a_column_and_every_column_a_field():
    def paths(schema, prefix=""):
        for name, field in schema.fields.items():
            if hasattr(field, "nested"):
                yield from paths(field.schema, f"{prefix}{name}.")
            else:
                yield prefix + name

    of_other_doors = {"agent.name", "agent.phone", "agent.authorisation", "attachments"}
    assert {column.field for column in LAYOUT.columns} == set(paths(NewAppeal())) - of_other_doors


def test_columns_are_known_by_either_language_and_a_star_does_not_count():
    header = LAYOUT.read_header(Line(number=1, cells=("标题*", "TEXT", "单位名称", "channel", "备注")))

    assert [column.field for column in header.places.values()] == ["title", "text", "applicant.name", "channel"]
    assert header.unknown == ("备注",)


def test_a_file_without_a_required_column_or_with_one_twice_is_refused():
    with pytest.raises(ColumnMissing, match="企业名称 Applicant"):
        LAYOUT.read_header(Line(number=1, cells=("标题", "内容")))
    with pytest.raises(ColumnTwice, match="Title"):
        LAYOUT.read_header(Line(number=1, cells=("标题", "内容", "Applicant", "Channel", "title")))


def test_several_accused_units_stand_in_one_cell():
    header = LAYOUT.read_header(Line(number=1, cells=("标题", "内容", "企业名称", "渠道", "被反映单位")))

    body = header.body(("甲", "乙", "丙", "走访", "省国资委；某派出所、某所"))

    assert (body["applicant"], body["channel"]) == ({"name": "丙"}, "走访")
    assert header.body(("甲", "乙", "丙"))["channel"] == "import"
    assert body["accused"] == ["省国资委", "某派出所", "某所"]


# Files that leave us


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "="])
def test_no_cell_that_leaves_us_starts_a_formula_and_it_comes_back_as_it_was(start):
    written = f"{start}1+1"

    for made in (to_csv([["标题"], [written]]), to_xlsx(("Sheet1", [["标题"], [written]]))):
        (_, line) = read_table(made)
        assert line.cells[0].startswith("'")
        assert line.formulas == ()
        assert as_typed(line.cells[0]) in (written, written.replace("\r", "\n"))


def test_cells_of_a_workbook_that_leaves_us_are_text():
    sheet = load_workbook(BytesIO(to_xlsx(("Sheet1", [["联系电话"], ["0421"], ["a\x01b"]])))).active

    assert [cell.data_type for (cell,) in sheet.rows] == ["s", "s", "s"]
