"""The texts of printed papers, from a data file that an office may replace by its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from marshmallow import Schema, ValidationError, fields, post_load, validate

from appeals.settings import from_yaml
from services.portal.words import EN, ZH

TEXTS_FILE = Path(__file__).with_name("texts.yml")
LEVELS = ("ordinary", "yellow", "red", "letter", "conference", "urged")
FACTS = frozenset({"applicant", "contact", "department", "dispatched", "level", "order", "overdue"}) | frozenset(
    {"reason", "receipt", "reply_due", "requirement", "role", "text", "title"}
)
ORDER_LABELS = (
    *("number", "classification", "urgency", "channel", "submitted", "applicant", "place", "subject", "kind"),
    *("category", "text", "full_text", "lead", "assist", "department", "requirement"),
    *("sign_due", "contact_due", "reply_due", "proposal", "instruction", "signed", "result", "review", "rating"),
    *("handler", "contact"),
)
RECEIPT_LABELS = ("receipt", "query_code", "subject", "applicant", "submitted", "channel", "state", "lead", "due")


@dataclass(frozen=True, kw_only=True)
class OrderTexts:
    """The words of 转办单."""

    title: str
    labels: Mapping[str, str]
    round: str
    full_text_follows: str


@dataclass(frozen=True, kw_only=True)
class RecordTexts:
    """The words of the record that goes with a letter."""

    heading: str
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LetterTexts:
    """The words of a letter: templates over the facts of an appeal."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReceiptTexts:
    """The words of a receipt, in one language."""

    title: str
    labels: Mapping[str, str]
    kept_by_applicant: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Texts:
    """All texts; letters by level, receipts and `printed` by language."""

    issuer: str
    contact: str
    series: str
    copies: str
    order: OrderTexts
    record: RecordTexts
    letters: Mapping[str, LetterTexts]
    receipt: Mapping[str, ReceiptTexts]
    printed: Mapping[str, str]


def said(template: str, facts: Mapping[str, str]) -> str:
    """A template with its facts; nothing when a fact that it needs is not there."""
    return template.format_map(facts) if all(facts.get(name) for name in _named_in(template)) else ""


def load_texts(path: Path = TEXTS_FILE) -> Texts:
    """The texts in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _TextsSchema)


def _named_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _about(known: frozenset[str]):
    """Whether a template speaks of facts that there are."""

    def check(template: str) -> None:
        try:
            unknown = sorted(_named_in(template) - known)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if unknown:
            raise ValidationError(f"no such fact: {', '.join(unknown)}")

    return check


def _labels(names: tuple[str, ...]) -> fields.Dict:
    key = fields.String(validate=validate.OneOf(names))
    return fields.Dict(key, fields.String(), required=True, validate=validate.Length(equal=len(names)))


def _line(known: frozenset[str] | None = None) -> fields.String:
    return fields.String(required=True, validate=_about(known) if known is not None else validate.Length(min=1))


def _lines(known: frozenset[str] = frozenset()) -> fields.List:
    return fields.List(fields.String(validate=_about(known)), required=True)


def _by(names: tuple[str, ...], value: fields.Field) -> fields.Dict:
    key = fields.String(validate=validate.OneOf(names))
    return fields.Dict(key, value, required=True, validate=validate.Length(equal=len(names)))


class _Part(Schema):
    """A schema whose values become a frozen object."""

    makes: type

    @post_load
    def make(self, values, **_):
        return self.makes(**{name: tuple(one) if isinstance(one, list) else one for name, one in values.items()})


class _OrderSchema(_Part):
    makes = OrderTexts
    title = _line()
    labels = _labels(ORDER_LABELS)
    round = _line(frozenset(("role", "round")))
    full_text_follows = _line()


class _RecordSchema(_Part):
    makes = RecordTexts
    heading = _line()
    labels = fields.List(fields.String(), required=True, validate=validate.Length(equal=3))


class _LetterSchema(_Part):
    makes = LetterTexts
    title = _line(FACTS)
    paragraphs = _lines(FACTS)


class _ReceiptSchema(_Part):
    makes = ReceiptTexts
    title = _line()
    labels = _labels(RECEIPT_LABELS)
    kept_by_applicant = _line()
    paragraphs = _lines()


class _TextsSchema(_Part):
    makes = Texts
    issuer = _line()
    contact = _line()
    series = fields.String(required=True, validate=validate.Length(1, 64))
    copies = fields.String(required=True)
    order = fields.Nested(_OrderSchema, required=True)
    record = fields.Nested(_RecordSchema, required=True)
    letters = _by(LEVELS, fields.Nested(_LetterSchema))
    receipt = _by((ZH, EN), fields.Nested(_ReceiptSchema))
    printed = _by((ZH, EN), _line(frozenset(("viewer", "at"))))
