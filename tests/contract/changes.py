"""One event, the changes that are tried on it, and the older and newer readers that try them."""

from dataclasses import MISSING, dataclass, field, make_dataclass
from datetime import date, datetime

from marshmallow import ValidationError

from appeals.events import Event
from appeals.json_schema import message_schema
from appeals.message import schema_of

GONE = object()


def visitor(**fields):
    """A nested class; fields as in `event`."""
    return make_dataclass("Visitor", _specified(fields), frozen=True, kw_only=True)


def event(fields, *, tells="department", **attributes):
    """An event class with these fields, each (type,) or (type, default); nobody else knows of it."""
    cls = make_dataclass("VisitMade", _specified(fields), bases=(Event,), frozen=True, kw_only=True)
    cls.topic, cls.tells = "visit.made", tells
    for name, value in attributes.items():
        setattr(cls, name, value)
    return cls


def changed(changes):
    """The fields of the released event, with these changed."""
    return {name: spec for name, spec in (FIELDS | changes).items() if spec is not GONE}


def patched(values, patch):
    """JSON values with a patch applied at every level; GONE takes a member away."""
    if not (isinstance(values, dict) and isinstance(patch, dict)):
        return patch
    both = values | {name: patched(values.get(name), inner) for name, inner in patch.items()}
    return {name: value for name, value in both.items() if value is not GONE}


def _specified(fields):
    return [(name, hint, _default(*default)) for name, (hint, *default) in fields.items()]


def _default(default=MISSING):
    return field(default_factory=lambda: default) if isinstance(default, dict) else field(default=default)


FIELDS = {
    "order": (str,),
    "department": (str,),
    "minutes": (int,),
    "share": (float,),
    "begun": (datetime,),
    "urgent": (bool,),
    "note": (str, ""),
    "day": (date | None, None),
    "places": (tuple[str, ...], ()),
    "figures": (dict[str, int], {}),
    "visitor": (visitor(called=(str,), city=(str, "")),),
}

# By what is done: the change, and what the gate has to say of it.
BAD = {
    "a field taken away": ({"minutes": GONE}, "data.minutes is gone"),
    "a field with a default taken away": ({"note": GONE}, "data.note is gone"),
    "a field renamed": ({"note": GONE, "remark": (str, "")}, "data.note is gone"),
    "a field that may be missing now": ({"order": (str, "")}, "data.order had to be there and may be missing"),
    "a field that has to be there now": ({"note": (str,)}, "data.note might be missing and has to be there"),
    "a new field that has to be there": ({"reason": (str,)}, "data.reason is new and has to be there"),
    "another default": ({"note": (str, "none")}, 'data.note meant "" when it was missing and means "none"'),
    "text that may be null": ({"order": (str | None,)}, "data.order was string and is string or null"),
    "null no longer taken": ({"day": (date, date(2026, 1, 1))}, "data.day was string or null (date) and is string"),
    "fractions of a whole number": ({"minutes": (float,)}, "data.minutes was integer and is number"),
    "whole numbers only": ({"share": (int,)}, "data.share was number and is integer"),
    "text for a number": ({"minutes": (str,)}, "data.minutes was integer and is string"),
    "text for yes and no": ({"urgent": (str,)}, "data.urgent was boolean and is string"),
    "a number for yes and no": ({"urgent": (int,)}, "data.urgent was boolean and is integer"),
    "a day for a moment": ({"begun": (date,)}, "data.begun was string (date-time) and is string (date)"),
    "any text for a moment": ({"begun": (str,)}, "data.begun was string (date-time) and is string"),
    "one for several": ({"places": (str, "")}, "data.places was array and is string"),
    "other things in a list": ({"places": (tuple[int, ...], ())}, "data.places[] was string and is integer"),
    "other figures": ({"figures": (dict[str, float], {})}, "data.figures.* was integer and is number"),
    "a name for an object": ({"visitor": (str,)}, "data.visitor was object and is string"),
    "a nested field taken away": ({"visitor": (visitor(called=(str,)),)}, "data.visitor.city is gone"),
    "a nested field of another type": (
        {"visitor": (visitor(called=(str,), city=(int, 0)),)},
        "data.visitor.city was string and is integer",
    ),
    "a nested field that has to be there": (
        {"visitor": (visitor(called=(str,), city=(str, ""), phone=(str,)),)},
        "data.visitor.phone is new and has to be there",
    ),
}
GOOD = {
    "nothing": {},
    "a new field with a default": {"reason": (str, "")},
    "a new field that may be null": {"until": (datetime | None, None)},
    "a new nested field with a default": {"visitor": (visitor(called=(str,), city=(str, ""), phone=(str, "")),)},
    "a new list": {"papers": (tuple[str, ...], ())},
}


@dataclass(frozen=True)
class Side:
    """One version of the software, with the messages that it may say or hear and a real reader."""

    cls: type[Event]

    @property
    def schema(self):
        return message_schema(self.cls)["properties"]["data"]

    def messages(self):
        """Messages that this version allows: the fullest, the barest, and one for each value of each field."""
        return examples(self.schema)

    def reads(self, message):
        """What this version's reader makes of a message; None when it refuses it."""
        try:
            return schema_of(self.cls)().load(message).to_data()
        except ValidationError:
            return None


def understands(reader, writer, released):
    """Whether a reader takes all that a writer may say, and finds what is meant in each released field."""
    meant_and_read = [(writer.reads(message), reader.reads(message)) for message in writer.messages()]
    return all(read is not None and _same(released, meant, read) for meant, read in meant_and_read)


def _same(schema, meant, read):
    if isinstance(meant, dict) and isinstance(read, dict) and "properties" in schema:
        return all(
            name in meant and name in read and _same(inner, meant[name], read[name])
            for name, inner in schema["properties"].items()
        )
    return meant == read


_VALUES = {
    "string": ["two words", ""],
    "string date-time": ["2026-11-24T01:00:00+00:00"],
    "string date": ["2026-11-20"],
    "integer": [7, 0],
    "number": [1.5, 7],
    "boolean": [True, False],
    "null": [None],
}


def examples(schema):
    """Values that a JSON Schema allows, of every kind; the first is the fullest."""
    if "enum" in schema:
        return schema["enum"]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return [value for kind in kinds for value in _examples(kind, schema)]


def _examples(kind, schema):
    if kind == "array":
        return [*([value] for value in examples(schema["items"])), []]
    if kind != "object":
        return _VALUES[f"{kind} {schema.get('format', '')}".strip() if kind == "string" else kind]
    if "properties" not in schema:
        return [*({"count": value} for value in examples(schema["additionalProperties"])), {}]
    choices = {name: examples(inner) for name, inner in schema["properties"].items()}
    full = {name: values[0] for name, values in choices.items()}
    bare = {name: full[name] for name in schema["required"]}
    return [full, bare, *(full | {name: value} for name, values in choices.items() for value in values[1:])]
