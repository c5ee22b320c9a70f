"""Fields of requests and answers. What they refuse they tell as a `Fault`, so that it can be said in two languages."""

from __future__ import annotations

import re
from datetime import date

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from appeals.credit_code import EXAMPLE, WrongCheckDigit, WrongCreditCode, credit_code
from services.portal import words
from services.portal.file_refusals import FileNameMissing
from services.portal.inspecting import LONGEST_NAME, file_name
from services.portal.receipts import as_receipt

Pair = tuple[str, str]  # Chinese and English


class Fault(str):
    """What is wrong with one field: a code, and what would be right."""

    def __new__(cls, code: str, expected: Pair = ("", "")):
        fault = super().__new__(cls, code)
        fault.expected = expected
        return fault


class Body(Schema):
    """A JSON object from outside; what it does not know it names."""

    class Meta:
        unknown = RAISE

    error_messages = {
        "unknown": Fault("unknown-field", ("请删除该字段", "leave this field out")),
        "type": Fault("not-an-object", ("一个 JSON 对象", "a JSON object")),
    }


class Told:
    """A field whose complaints are faults; where it is not required, null is the same as leaving it out."""

    expected: Pair = ("", "")

    def make_error(self, key: str, **_) -> ValidationError:
        return self.fault(key)

    def fault(self, code: str) -> ValidationError:
        """The complaint of this field."""
        return ValidationError(Fault(code, self.expected))

    def deserialize(self, value, attr=None, data=None, **options):
        if value is None and not self.required:
            value = missing
        return super().deserialize(value, attr, data, **options)


class Line(Told, fields.String):
    """Text of at most `longest` characters; blanks around it do not count."""

    def __init__(self, longest: int, *, metadata: dict | None = None, **options):
        options.setdefault("load_default", missing if options.get("required") else "")
        shortest = 1 if options.get("required") else 0
        limits = {"minLength": shortest, "maxLength": longest} | (metadata or {})
        super().__init__(metadata=limits, **options)
        self.shortest, self.longest = shortest, longest
        self.expected = (f"{shortest}–{longest} 个字符的文字", f"text of {shortest} to {longest} characters")

    def _deserialize(self, value, attr, data, **options) -> str:
        if not isinstance(value, str):
            raise self.fault("invalid")
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
            raise self.fault("bad-characters")
        value = value.strip()
        if len(value) < self.shortest:
            raise self.fault("empty")
        if len(value) > self.longest:
            raise self.fault("too-long")
        return value


class Receipt(Line):
    """The receipt of an appeal, in whatever way it is written down."""

    def __init__(self, **options):
        super().__init__(64, **options)
        self.expected = ("受理编号，如 SQ-20261124-K7M2QX", "a receipt such as SQ-20261124-K7M2QX")

    def _deserialize(self, value, attr, data, **options) -> str:
        written = super()._deserialize(value, attr, data, **options)
        receipt = as_receipt(written) if written else ""
        if receipt is None:
            raise self.fault("invalid")
        return receipt


class CreditCode(Line):
    """A unified social credit code (统一社会信用代码, GB 32100); its last character checks the others."""

    def __init__(self, **options):
        super().__init__(40, metadata={"minLength": 0, "maxLength": 18, "examples": [EXAMPLE]}, **options)
        self.expected = (
            f"18 位统一社会信用代码，末位为校验码，如 {EXAMPLE}",
            f"18 characters, the last of which is a check digit, such as {EXAMPLE}",
        )

    def _deserialize(self, value, attr, data, **options) -> str:
        written = super()._deserialize(value, attr, data, **options)
        if not written:
            return ""
        try:
            return credit_code(written)
        except WrongCheckDigit:
            raise self.fault("wrong-check-digit") from None
        except WrongCreditCode:
            raise self.fault("invalid") from None


class FileHash(Line):
    """The hash that an upload was answered with."""

    def __init__(self, **options):
        super().__init__(64, metadata={"minLength": 64, "pattern": "^[0-9a-f]{64}$"}, **options)
        self.expected = ("上传附件时返回的 sha256", "the sha256 that the upload was answered with")

    def _deserialize(self, value, attr, data, **options) -> str:
        written = super()._deserialize(value, attr, data, **options)
        if not re.fullmatch("[0-9a-f]{64}", written):
            raise self.fault("invalid")
        return written


class FileName(Line):
    """The name of a file, without folders."""

    def __init__(self, **options):
        super().__init__(LONGEST_NAME, **options)

    def _deserialize(self, value, attr, data, **options) -> str:
        try:
            return file_name(super()._deserialize(value, attr, data, **options))
        except FileNameMissing:
            raise self.fault("invalid") from None


class Choice(Told, fields.String):
    """A code of a closed list; its label does as well, and an empty text where nothing is an answer too."""

    def __init__(self, list_name: str, **options):
        super().__init__(metadata={"enum": list(words.CODES[list_name])}, **options)
        self.list_name = list_name
        self.expected = (
            "下列之一：" + words.choices(list_name, words.ZH),
            "one of: " + words.choices(list_name, words.EN),
        )

    def _deserialize(self, value, attr, data, **options) -> str:
        if value == self.load_default == "":
            return ""
        code = words.code_of(self.list_name, value.strip()) if isinstance(value, str) else None
        if code is None:
            raise self.fault("not-listed")
        return code


class Department(Told, fields.String):
    """A department that is plugged in, by code or name; the schema it stands in knows them all."""

    expected = ("已接入单位的代码，见 /api/v1/vocabulary", "the code of a department, see /api/v1/vocabulary")

    def _deserialize(self, value, attr, data, **options) -> str:
        for code, name in self.root.departments.items():
            if value in (code, name):
                return code
        raise self.fault("not-listed")


class Month(Line):
    """A month, such as 2026-11."""

    def __init__(self, **options):
        super().__init__(7, **options)
        self.expected = ("月份，如 2026-11", "a month such as 2026-11")

    def _deserialize(self, value, attr, data, **options) -> str:
        written = super()._deserialize(value, attr, data, **options)
        if not re.fullmatch(r"2\d{3}-(0[1-9]|1[0-2])", written, re.ASCII):
            raise self.fault("invalid")
        return written


class Day(Line):
    """A day, such as 2026-12-01."""

    def __init__(self, **options):
        super().__init__(10, **options)
        self.expected = ("日期，如 2026-12-01", "a day such as 2026-12-01")

    def _deserialize(self, value, attr, data, **options) -> date | None:
        written = super()._deserialize(value, attr, data, **options)
        try:
            return date.fromisoformat(written) if written else None
        except ValueError:
            raise self.fault("invalid") from None


class AccusedUnit(Line):
    """The unit that an appeal is about: a code, a name, or free text such as a police station that no list has.

    What names a unit becomes its code; what tells more than the name, such as a division, stays beside the code.
    """

    def __init__(self, **options):
        super().__init__(60, required=True, **options)
        self.expected = (
            "单位的代码、名称，或者不超过 60 字的说明",
            "a unit's code or name, or up to 60 characters about it",
        )

    def _deserialize(self, value, attr, data, **options) -> tuple[str, ...]:
        written = super()._deserialize(value, attr, data, **options)
        return self.root.units.told(written, self.root.departments)


class Many(Told, fields.List):
    """At most `most` of one kind."""

    def __init__(self, one: fields.Field, most: int, *, least: int | None = None, **options):
        options.setdefault("load_default", missing if options.get("required") else ())
        if least is None:
            least = 1 if options.get("required") else 0
        super().__init__(one, metadata={"minItems": least, "maxItems": most}, **options)
        self.least, self.most = least, most
        self.expected = (f"{least}–{most} 项的列表", f"a list of {least} to {most} items")

    def _deserialize(self, value, attr, data, **options) -> tuple:
        if isinstance(value, list) and len(value) > self.most:
            raise self.fault("too-long")
        if isinstance(value, list) and len(value) < self.least:
            raise self.fault("too-few" if value else "empty")
        return tuple(super()._deserialize(value, attr, data, **options))


class Flag(Told, fields.Boolean):
    """Yes or no; words for it are refused."""

    expected = ("true 或 false", "true or false")

    def _deserialize(self, value, attr, data, **options) -> bool:
        if not isinstance(value, bool):
            raise self.fault("invalid")
        return value


class Switch(Told, fields.Boolean):
    """Yes or no, as a query parameter."""

    expected = ("true 或 false", "true or false")

    def _deserialize(self, value, attr, data, **options) -> bool:
        if value not in ("true", "false"):
            raise self.fault("invalid")
        return value == "true"


class Count(Told, fields.Integer):
    """A whole number in a range, as a query parameter."""

    def __init__(self, least: int, most: int, **options):
        super().__init__(metadata={"minimum": least, "maximum": most}, **options)
        self.least, self.most = least, most
        self.expected = (f"{least}–{most} 的整数", f"a whole number from {least} to {most}")

    def _deserialize(self, value, attr, data, **options) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10):
            raise self.fault("invalid")
        if not self.least <= int(value) <= self.most:
            raise self.fault("invalid")
        return int(value)


class Number(Told, fields.Integer):
    """A whole number in a range, in a body."""

    def __init__(self, least: int, most: int, **options):
        super().__init__(strict=True, metadata={"minimum": least, "maximum": most}, **options)
        self.least, self.most = least, most
        self.expected = (f"{least}–{most} 的整数", f"a whole number from {least} to {most}")

    def _deserialize(self, value, attr, data, **options) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise self.fault("invalid")
        return value


class Part(Told, fields.Nested):
    """An object within an object."""

    expected = ("一个 JSON 对象", "a JSON object")


class Labelled(fields.Field):
    """In answers: a code with its label, in the language of the schema; nothing where there is no code."""

    def __init__(self, list_name: str, **options):
        codes = list(words.CODES[list_name])
        shape = {
            "type": ["object", "null"],
            "properties": {"code": {"type": "string", "enum": codes}, "label": {"type": "string"}},
            "required": ["code", "label"],
        }
        super().__init__(metadata=shape, **options)
        self.list_name = list_name

    def _serialize(self, value, attr, obj, **options) -> dict | None:
        return {"code": value, "label": words.label(self.list_name, value, self.root.language)} if value else None


class Named(fields.Field):
    """In answers: a department's code with its name."""

    def __init__(self, **options):
        shape = {
            "type": ["object", "null"],
            "properties": {"code": {"type": "string"}, "name": {"type": "string"}},
            "required": ["code", "name"],
        }
        super().__init__(metadata=shape, **options)

    def _serialize(self, value, attr, obj, **options) -> dict | None:
        return {"code": value, "name": self.root.departments.get(value, value)} if value else None
