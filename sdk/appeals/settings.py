"""The one loader of configuration: environment variables into a frozen dataclass, YAML into checked objects.

A wrong or missing value is told with its name, where it stands, and what would be right.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from marshmallow import RAISE, Schema, ValidationError

from appeals.message import told

CALENDAR_FILE = Path(__file__).with_name("calendar.yml")
S = typing.TypeVar("S")
UNITS_FILE = Path(__file__).with_name("units.yml")


class WrongSettings(Exception):
    """Raised at start-up when configuration is missing or wrong; the message says where and what."""


def setting(meaning: str, default=dataclasses.MISSING):
    """A field that is read from the environment variable of the same name in capitals."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class MonitoringSettings:
    """Where a process tells how it is doing."""

    metrics_host: str = setting("the address to serve /metrics and /health on", "127.0.0.1")
    metrics_port: int = setting("the port to serve /metrics and /health on; 0 is off", 0)


@dataclass(frozen=True, kw_only=True)
class Settings(MonitoringSettings):
    """What every service needs to know."""

    amqp_uri: str = setting("the broker, as amqp://user:password@host:port/vhost")
    database_url: str = setting("a SQLAlchemy URL; sqlite:///folder/ keeps one file a service", "sqlite:///.run/data/")
    manifests: Path = setting("the folder with one manifest for each department", Path("deploy/departments"))
    units: Path = setting("a YAML file with the tree of units; by default the one that comes along", UNITS_FILE)
    calendar: Path = setting(
        "a YAML file with the working calendar; by default the one that comes along", CALENDAR_FILE
    )
    log_level: str = setting("DEBUG, INFO, WARNING or ERROR", "INFO")


def from_environment(cls: type[S], environ: Mapping[str, str]) -> S:
    """Read the settings of a class. Raises WrongSettings naming each variable that is missing or wrong."""
    hints, values, problems = typing.get_type_hints(cls), {}, []
    for one in dataclasses.fields(cls):
        name = one.name.upper()
        if name in environ:
            try:
                values[one.name] = hints[one.name](environ[name])
            except ValueError:
                problems.append(f"{name}={environ[name]!r} is not right: {one.metadata['meaning']}")
        elif one.default is dataclasses.MISSING:
            problems.append(f"{name} is not set: {one.metadata['meaning']}")
    if problems:
        raise WrongSettings("; ".join(problems))
    return cls(**values)


def from_yaml(path: Path, schema: type[Schema]):
    """Read and check one YAML file. Raises WrongSettings naming file, line and field."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        if twice := "; ".join(f"line {line}: {'.'.join(where)}: stands twice" for line, where in _twice(tree)):
            raise WrongSettings(f"{path}: {twice}")
        return schema(unknown=RAISE).load(yaml.safe_load(text))
    except OSError as error:
        raise WrongSettings(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise WrongSettings(f"{path}: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        problems = "; ".join(f"line {_line(tree, where)}: {what}" for where, what in _each(error.messages))
        raise WrongSettings(f"{path}: {problems}") from None


def _twice(node, where=()):
    """Every key that stands twice in one mapping, with its line: YAML would quietly take the last."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for name, value in node.value:
            if name.value in seen:
                yield name.start_mark.line + 1, (*where, name.value)
            seen.add(name.value)
            yield from _twice(value, (*where, name.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _twice(value, (*where, str(number)))


def _each(messages, where=()):
    """Every problem with the path of keys that leads to it."""
    if isinstance(messages, dict):
        for key, found in messages.items():
            yield from _each(found, (*where, key))
    else:
        yield where, told(messages, ".".join(map(str, where)))


def _line(node, where) -> int:
    """The line where the innermost part of a path stands."""
    for key in where:
        if isinstance(node, yaml.MappingNode):
            pairs = {name.value: (name, value) for name, value in node.value}
            if str(key) not in pairs:
                break
            node = pairs[str(key)][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
        else:
            break
    return node.start_mark.line + 1 if node is not None else 1
