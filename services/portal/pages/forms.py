"""Forms made from the same schemas that check what is sent, so that a page never asks for other things than the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from services.portal import words
from services.portal.fields import Choice, Count, Day, Department, Flag, Many, Number, Part
from services.portal.people_schemas import Secret, Unit
from services.portal.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a field is called, what helps to fill it in, and its two answers, in both languages."""

    zh: str
    en: str
    hint: str = ""
    hint_en: str = ""
    yes: str = ""
    yes_en: str = ""
    no: str = ""
    no_en: str = ""


LABELS = {
    name: Label(**told)
    for name, told in yaml.safe_load(Path(__file__).with_name("labels.yml").read_text(encoding="utf-8")).items()
}
SHORT = 200  # a longer text is written in several lines

LINE, TEXT, CHOICE, YES_NO, TICK, LINES, TICKS, NUMBER, SECRET, DAY = (
    "line", "text", "choice", "yes-no", "tick", "lines", "ticks", "number", "secret", "day",
)  # fmt: skip
MOST_DIGITS = 15


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input of a form: how it is asked for, what stands in it, and what was wrong with that.

    `options` are pairs of a code and its label; `value` is what was written, a list where several may be ticked.
    """

    name: str
    kind: str
    label: str
    hint: str = ""
    required: bool = False
    longest: int | None = None
    least: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    value: str | list[str] = ""
    fault: str = ""
    yes: str = ""
    no: str = ""


def inputs(
    schema: Schema,
    language: str,
    departments: Mapping[str, str],
    *,
    written: MultiDict | None = None,
    problem: Problem | None = None,
    names: Iterable[str] = (),
    prefix: str = "",
) -> list[Input]:
    """The inputs of a schema, all of them or those that are named, with what was written and found wrong before.

    The `prefix` is where the schema stands in a larger one.
    """
    written = written or MultiDict()
    faults = _faults(problem, language)
    found = {one.name: one for one in _inputs(schema, prefix, language, departments, written, faults)}
    return [found[name] for name in names or found]


def values(schema: Schema, written: MultiDict, *, prefix: str = "") -> dict:
    """What a form holds, as a client of the API would have sent it; what was left empty is left out."""
    return _values(schema, prefix, written)


def as_bytes(written: MultiDict) -> bytes:
    """What was written, as it is told apart from another text under the same key."""
    return json.dumps(sorted(written.items(multi=True))).encode()


def _inputs(schema, prefix, language, departments, written, faults) -> Iterator[Input]:
    for name, field in _written(schema):
        path = prefix + name
        if isinstance(field, Part):
            yield from _inputs(field.schema, f"{path}.", language, departments, written, faults)
            continue
        kind = _kind(field)
        told = _label(schema, path, language)
        yield Input(
            name=path,
            kind=kind,
            **told,
            required=field.required,
            longest=getattr(field, "longest", None),
            least=getattr(field, "least", 1),
            options=_options(field, language, departments),
            value=_standing(field, kind, path, written),
            fault=_fault(kind, faults.get(path, ""), language),
        )


def _fault(kind: str, told: str, language: str) -> str:
    """What was wrong, as it is told beside an input; where one of two is to be ticked, only one thing can be."""
    if told and kind == YES_NO:
        return "Choose one" if language == words.EN else "请选择其中一项"
    return told


def _standing(field: fields.Field, kind: str, path: str, written: MultiDict) -> str | list[str]:
    """What stands in an input; a password never does."""
    if kind == SECRET:
        return ""
    return written.getlist(path) if kind == TICKS else written.get(path, _default(field))


def _written(schema: Schema) -> Iterator[tuple[str, fields.Field]]:
    """The fields that somebody can write by hand; files are not."""
    for name, field in schema.load_fields.items():
        if not (isinstance(field, Many) and isinstance(field.inner, Part)):
            yield name, field


def _values(schema: Schema, prefix: str, written: MultiDict) -> dict:
    found = {}
    for name, field in _written(schema):
        path = prefix + name
        value = _values(field.schema, f"{path}.", written) if isinstance(field, Part) else _value(field, path, written)
        if value not in ("", [], None) and (value != {} or field.required):
            found[name] = value
    return found


def _value(field: fields.Field, path: str, written: MultiDict):
    kind, text = _kind(field), written.get(path, "").strip()
    if kind == SECRET:
        return written.get(path, "")  # blanks around it count
    if kind == TICKS:
        return [one for one in written.getlist(path) if one]
    if kind == LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind in (TICK, YES_NO):
        return {"true": True, "false": False}.get(text)
    if kind == NUMBER and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    return text


def _kind(field: fields.Field) -> str:
    match field:
        case Many():
            return TICKS if isinstance(field.inner, Department | Choice) else LINES
        case Flag():
            return YES_NO if field.required else TICK
        case Choice() | Department() | Unit():
            return CHOICE
        case Number() | Count():
            return NUMBER
        case Secret():
            return SECRET
        case Day():
            return DAY
        case _:
            return TEXT if getattr(field, "longest", 0) > SHORT else LINE


def _options(field: fields.Field, language: str, departments: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    one = field.inner if isinstance(field, Many) else field
    if isinstance(one, Choice):
        return tuple((code, word.said(language)) for code, word in words.CODES[one.list_name].items())
    if isinstance(one, Unit):
        return tuple({**one.root.units.names, **one.root.departments}.items())
    return tuple(departments.items()) if isinstance(one, Department) else ()


def _default(field: fields.Field) -> str:
    return field.load_default if isinstance(field.load_default, str) else ""


def _label(schema: Schema, path: str, language: str) -> dict[str, str]:
    """What a field is called: in this form, by its whole path, or by its last name."""
    told = LABELS.get(f"{type(schema).__name__}.{path}") or LABELS.get(path) or LABELS[path.rpartition(".")[2]]
    if language == words.EN:
        return {"label": told.en, "hint": told.hint_en, "yes": told.yes_en, "no": told.no_en}
    return {"label": told.zh, "hint": told.hint, "yes": told.yes, "no": told.no}


def _faults(problem: Problem | None, language: str) -> dict[str, str]:
    """What was wrong, by the input in which it was written; of a list, the first."""
    found: dict[str, str] = {}
    for told in problem.told(language).get("errors", ()) if problem else ():
        path = re.sub(r"\.\d+$", "", told["field"])
        said = dict.fromkeys(filter(None, (told["message"], told.get("expected"))))  # once, where both are the same
        found.setdefault(path, words.in_a_row(said, language))
    return found
