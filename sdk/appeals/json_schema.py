"""The shape of an event as a JSON Schema, made from its class: what another language reads, and what the gate compares.

Beside the standard words a schema says `x-tells`, the field that names the departments who get a copy, `x-tells-core`,
whether the platform gets one, and `x-departments-say`, whether a department or another platform may say
the event.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime

from appeals.bus.envelope import MAX_BYTES
from appeals.events import DEPARTMENT_WORDS, PLATFORM_WORDS, Event
from appeals.meanings import codes, meaning
from appeals.message import plain

DIALECT = "http://json-schema.org/draft-07/schema#"  # the one that every AsyncAPI tool reads

_SIMPLE = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def name_of(event: type[Event]) -> str:
    """The name of an event and version in files and documents, as in `order.signed.v1`."""
    return f"{event.topic}.v{event.version}"


def message_schema(event: type[Event]) -> dict:
    """The JSON Schema of a whole message: CloudEvents attributes around the data; others may be there."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:{event.type()}:message",
        "title": name_of(event),
        "description": _docstring(event),
        "x-tells": event.tells,
        "x-tells-core": event.tells_core,
        "x-departments-say": event in (*DEPARTMENT_WORDS, *PLATFORM_WORDS),
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _text(64, "the message's own; one that comes twice is applied once"),
            "source": _text(64, "who says it: a service or a department's code"),
            "type": {"const": event.type()},
            "subject": _text(64, "the appeal's receipt"),
            "time": {"type": "string", "format": "date-time", "maxLength": 40},
            "datacontenttype": {"type": "string", "description": "application/json"},
            "dataschema": {"type": "string", "description": "the $id of the schema of `data`"},
            "audience": _optional(64, "", "whose copy it is: `core`, a department's code, or an inbox"),
            "sequence": {
                "type": "integer",
                "description": "counts what the source has said of the appeal to this audience, from 1",
                "minimum": 0,
                "maximum": 2**31 - 1,
                "default": 0,
            },
            "after": _optional(MAX_BYTES, "", "what has to be applied first, as audience/source/topic=sequence"),
            "category": _optional(64, "other", "the matter, such as industry or land"),
            "dataclassification": _optional(64, "ordinary", "who may be told"),
            "correlationid": _optional(64, "", "the id of the first message of this chain"),
            "causationid": _optional(64, "", "the id of the message that led to this one"),
            "traceparent": _optional(64, "", "W3C trace context"),
            "data": {"$id": f"urn:{event.type()}"} | _object(event, event.topic),
        },
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    }


def kind(schema: dict) -> str:
    """What a value is, in words: `string (date-time)`, `integer or null`."""
    types_ = schema.get("type", "value")
    words = types_ if isinstance(types_, str) else " or ".join(types_)
    return f"{words} ({schema['format']})" if "format" in schema else words


def _object(cls: type, owner: str) -> dict:
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)
    return {
        "type": "object",
        "description": _docstring(cls),
        "properties": {one.name: _property(one, hints[one.name], owner) for one in fields},
        "required": [one.name for one in fields if _default(one) is dataclasses.MISSING],
    }


def _property(field: dataclasses.Field, hint, owner: str) -> dict:
    schema = _of_hint(hint)
    if told := meaning(owner, field.name):
        schema["description"] = told
    if known := codes(owner, field.name):
        schema["enum"] = list(known)
    default = _default(field)
    if default is not dataclasses.MISSING:
        schema["default"] = plain(default)
    return schema


def _default(field: dataclasses.Field):
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _of_hint(hint) -> dict:
    if dataclasses.is_dataclass(hint):
        return _object(hint, hint.__name__)
    if typing.get_origin(hint) is types.UnionType:
        (inner,) = (arm for arm in typing.get_args(hint) if arm is not types.NoneType)
        schema = _of_hint(inner)
        return schema | {"type": [schema["type"], "null"]}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _of_hint(typing.get_args(hint)[0])}
    if typing.get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _of_hint(typing.get_args(hint)[1])}
    return dict(_SIMPLE[hint])


def _text(longest: int, told: str) -> dict:
    return {"type": "string", "description": told, "minLength": 1, "maxLength": longest}


def _optional(longest: int, default: str, told: str) -> dict:
    return {"type": "string", "description": told, "maxLength": longest, "default": default}


def _docstring(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())
