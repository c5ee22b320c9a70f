"""Columns: what the columns of an imported file are called, and how a row of cells becomes the body of an appeal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, fields, post_load

from appeals.settings import from_yaml
from services.portal.cells import as_typed
from services.portal.fields import Fault, Pair
from services.portal.sheets import Line, TableRefused
from services.portal.words import EN

COLUMNS_FILE = Path(__file__).with_name("columns.yml")
_SEVERAL = re.compile("[;\uff1b、\n]")


class ColumnMissing(TableRefused):
    """Raised when a file has no column for what every appeal has to tell."""

    zh = "缺少必需的列：{names}；可下载模板 /api/v1/imports/template.xlsx"
    en = "Columns are missing: {names}; see the template at /api/v1/imports/template.xlsx"


class ColumnTwice(TableRefused):
    """Raised when two columns of a file mean the same field."""

    zh = "有两列对应同一内容：{names}"
    en = "Two columns mean the same: {names}"


class NoRows(TableRefused):
    """Raised when a file has a header at most."""

    zh = "文件中没有数据行"
    en = "There is no row below the header"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; `field` is the path of a field of the API's, such as `applicant.name`."""

    field: str
    zh: str
    en: str
    also: tuple[str, ...] = ()
    required: bool = False
    several: bool = False
    default: str = ""
    example: str = ""

    def said(self, language: str) -> str:
        """What it is called."""
        return self.en if language == EN else self.zh

    def is_called(self, written: str) -> bool:
        """Whether a header means this column; case, blanks and a star for what is required do not count."""
        return _plain(written) in map(_plain, (self.field, self.zh, self.en, *self.also))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """All columns that there may be; `row` and `reason` are those that a file with refused rows has besides."""

    columns: tuple[Column, ...]
    row: Pair
    reason: Pair

    @classmethod
    def load(cls, path: Path = COLUMNS_FILE) -> Layout:
        """The layout in a file. Raises WrongSettings naming file, line and field."""
        return from_yaml(path, _LayoutSchema)

    def read_header(self, header: Line) -> Header:
        """Which column stands where. Raises ColumnMissing or ColumnTwice."""
        places: dict[int, Column] = {}
        unknown: list[str] = []
        for place, written in enumerate(map(as_typed, header.cells)):
            column = next((one for one in self.columns if one.is_called(written)), None)
            if column is None:
                if _plain(written) not in ("", *map(_plain, self.row + self.reason)):
                    unknown.append(written)
                continue
            if column in places.values():
                raise ColumnTwice(names=f"{column.zh} {column.en}")
            places[place] = column
        missing = [one for one in self.columns if one.required and one not in places.values()]
        if missing:
            raise ColumnMissing(names="、".join(f"{one.zh} {one.en}" for one in missing))
        defaults = {one.field: one.default for one in self.columns if one.default}
        return Header(cells=header.cells, places=places, defaults=defaults, unknown=tuple(unknown))

    def of_field(self, field: str) -> Column | None:
        """The column of a field, also of one entry of a list."""
        return next((one for one in self.columns if field == one.field or field.startswith(f"{one.field}.")), None)


@dataclass(frozen=True, kw_only=True)
class Header:
    """The header of one file; `unknown` are columns of which nothing is taken, `defaults` what blanks stand for."""

    cells: tuple[str, ...]
    places: Mapping[int, Column]
    defaults: Mapping[str, str]
    unknown: tuple[str, ...] = ()

    def body(self, cells: Sequence[str]) -> dict:
        """A row as the body of `POST /api/v1/appeals`; what is blank is left out."""
        found: dict = {}
        for place, column in self.places.items():
            written = as_typed(cells[place]).strip() if place < len(cells) else ""
            if not written:
                continue
            *parents, name = column.field.split(".")
            inside = found
            for parent in parents:
                inside = inside.setdefault(parent, {})
            parts = [part.strip() for part in _SEVERAL.split(written) if part.strip()]
            inside[name] = parts if column.several else written
        return self.defaults | found

    def faults(self, cells: Sequence[str]) -> list[tuple[str, Fault]]:
        """What is wrong with a row before its fields are looked at: blanks where there may be none, cells too many."""
        found = []
        for place, column in self.places.items():
            if column.required and not (place < len(cells) and cells[place].strip()):
                found.append((column.field, Fault("required")))
        if any(cell.strip() for cell in cells[len(self.cells) :]):
            expected = ("单元格数与表头一致", "as many cells as the header has")
            found.append(("", Fault("extra-cells", expected)))
        return found


def _plain(written: str) -> str:
    return re.sub(r"[\s**_]", "", written).casefold()


class _WordSchema(Schema):
    zh = fields.String(required=True)
    en = fields.String(required=True)

    @post_load
    def make(self, values, **_) -> Pair:
        return (values["zh"], values["en"])


class _ColumnSchema(Schema):
    field = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    also = fields.List(fields.String(), load_default=())
    required = fields.Boolean(load_default=False)
    several = fields.Boolean(load_default=False)
    default = fields.String(load_default="")
    example = fields.String(load_default="")

    @post_load
    def make(self, values, **_) -> Column:
        return Column(**values | {"also": tuple(values["also"])})


class _LayoutSchema(Schema):
    columns = fields.List(fields.Nested(_ColumnSchema), required=True)
    row = fields.Nested(_WordSchema, required=True)
    reason = fields.Nested(_WordSchema, required=True)

    @post_load
    def make(self, values, **_) -> Layout:
        return Layout(**values | {"columns": tuple(values["columns"])})
