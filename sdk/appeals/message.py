"""A message: a frozen dataclass with a topic, read and written as JSON.

Events (what happened) and commands (what somebody asks for) are messages. The marshmallow schema of
a message is derived from its fields, so that the class is the only place where its shape is told.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from appeals.errors import Malformed, UnknownType

TYPE_PREFIX = "cn.appealloop"
CORE = "core"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What every event and command has in common.

    `receipt` names the appeal it is about, `at` says when it happened (with a zone), `by` who did it:
    a person's account, a service or a department.
    """

    receipt: str
    at: datetime
    by: str = "system"

    topic: typing.ClassVar[str] = ""
    version: typing.ClassVar[int] = 1

    def __init_subclass__(cls, topic: str = "", version: int = 1, **options):
        super().__init_subclass__(**options)
        if topic:
            cls.topic, cls.version = topic, version
            _classes[cls.type()] = cls

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type: prefix, topic and major version, as in `cn.appealloop.order.signed.v1`."""
        return f"{TYPE_PREFIX}.{cls.topic}.v{cls.version}"

    def to_data(self) -> dict:
        """The message as plain JSON values."""
        return plain(self)

    def older(self) -> Message | None:
        """The same fact in the version before, while that is still promised to its readers; else nothing."""
        return None

    @classmethod
    def from_older(cls, older: Message) -> Message:
        """The fact that was told in the version before. A version with a predecessor says how."""
        raise NotImplementedError(cls)

    @classmethod
    def older_class(cls) -> type[Message] | None:
        """The class of the version before, if there is one."""
        return _classes.get(f"{TYPE_PREFIX}.{cls.topic}.v{cls.version - 1}")


_classes: dict[str, type[Message]] = {}


def message_class(type_: str) -> type[Message]:
    """The class of a CloudEvents type.

    Raises UnknownType when this version of the software does not know it.
    """
    try:
        return _classes[type_]
    except KeyError:
        raise UnknownType(type=type_) from None


def message_classes() -> list[type[Message]]:
    """Every kind of message, in the order in which they are written."""
    return list(_classes.values())


def read(type_: str, data: object) -> Message:
    """Make the message of this type from JSON values; fields it does not know are passed over.

    Raises UnknownType, or Malformed naming each wrong field.
    """
    try:
        return _reader(message_class(type_)).load(data)
    except ValidationError as error:
        raise Malformed(problems=told(error.messages)) from None


def told(problems: dict | list, path: str = "") -> str:
    """Marshmallow's messages as one line: `applicant.name: Not a valid string.; at: …`."""
    if isinstance(problems, list):
        return f"{path}: {' '.join(map(str, problems))}"
    parts = (told(found, f"{path}.{key}" if path else str(key)) for key, found in problems.items())
    return "; ".join(parts)


@cache
def _reader(cls: type) -> Schema:
    return schema_of(cls)()


@cache
def schema_of(cls: type) -> type[Schema]:
    """The marshmallow schema of a dataclass, derived from its fields."""
    hints = typing.get_type_hints(cls)
    members = {field.name: _field(hints[field.name], field) for field in dataclasses.fields(cls)}

    def make(self, values, **_):
        return cls(**values)

    meta = type("Meta", (), {"unknown": EXCLUDE})
    return type(f"{cls.__name__}Schema", (Schema,), {**members, "Meta": meta, "make": post_load(make)})


def _field(hint, field: dataclasses.Field) -> fields.Field:
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    options: dict = {"required": required}
    if typing.get_origin(hint) is types.UnionType:
        (hint,) = (arm for arm in typing.get_args(hint) if arm is not types.NoneType)
        options["allow_none"] = True
    return _marshmallow(hint, **options)


def _marshmallow(hint, **options) -> fields.Field:
    if dataclasses.is_dataclass(hint):
        return fields.Nested(schema_of(hint), **options)
    if typing.get_origin(hint) is tuple:
        return _Tuple(_marshmallow(typing.get_args(hint)[0]), **options)
    if typing.get_origin(hint) is dict:
        key, value = typing.get_args(hint)
        return fields.Dict(keys=_marshmallow(key), values=_marshmallow(value), **options)
    return _SIMPLE[hint](**options)


class _Tuple(fields.List):
    """A list in JSON, a tuple in Python, so that a message cannot be changed."""

    def _deserialize(self, value, attr, data, **options):
        return tuple(super()._deserialize(value, attr, data, **options))


class _Strict(fields.Integer):
    """A whole number; text that looks like one is refused."""

    def __init__(self, **options):
        super().__init__(strict=True, **options)


_SIMPLE = {
    str: fields.String,
    int: _Strict,
    bool: fields.Boolean,
    float: fields.Float,
    datetime: fields.AwareDateTime,
    date: fields.Date,
}


def plain(value):
    """A field's value as plain JSON values."""
    if dataclasses.is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in _field_names(type(value))}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


@cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))
