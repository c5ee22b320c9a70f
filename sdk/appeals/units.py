"""The tree of units: what each is called, whom it is below, and which are vertical organs.

It knows more units than are plugged in, since an appeal may be about any of them, and may be any one's duty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from appeals.settings import UNITS_FILE, from_yaml


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit; `above` are those it is directly below. A vertical organ (垂直管理) answers to its own ministry."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    vertical: bool = False

    def is_called(self, written: str) -> bool:
        """Whether this is its code, its name or an alias, and no more."""
        return squeezed(written) in (self.code, *map(squeezed, (self.name, *self.aliases)))


@dataclass(frozen=True, kw_only=True)
class Line:
    """Local units of one line, 条线, all below `above`, by how their names end; `local` ones only after a place."""

    above: str
    endings: tuple[str, ...] = ()
    local: tuple[str, ...] = ()

    def names(self, squeezed_name: str) -> bool:
        """Whether a unit of this line is named in it, and it is certain that it is a local one."""
        if _UNCERTAIN.search(squeezed_name):
            return False
        if any(ending in squeezed_name for ending in self.endings):
            return True
        return any(re.search(rf"{_PLACE}{re.escape(ending)}", squeezed_name) for ending in self.local)


class Units:
    """All units that we know, and the lines of those that are not listed."""

    def __init__(self, units: Iterable[Unit], version: str = "", lines: Iterable[Line] = ()):
        self.version = version
        self.lines = tuple(lines)
        self._units = {unit.code: unit for unit in units}

    def __contains__(self, code: str) -> bool:
        return code in self._units

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def get(self, code: str) -> Unit | None:
        """One unit."""
        return self._units.get(code)

    def name(self, code: str) -> str:
        """What a unit is called; a code that we do not know stands for itself."""
        unit = self.get(code)
        return unit.name if unit else code

    @property
    def names(self) -> dict[str, str]:
        """The units' names by code."""
        return {unit.code: unit.name for unit in self}

    @property
    def cities(self) -> tuple[str, ...]:
        """The cities whose governments are units, such as 沈阳市."""
        return tuple(unit.name.removesuffix(_GOVERNMENT) for unit in self if unit.name.endswith("市" + _GOVERNMENT))

    def lineage(self, code: str) -> tuple[str, ...]:
        """A unit, then all that it is below, nearest first; a code that we do not know is below nobody."""
        found = [code]
        for each in found:
            unit = self.get(each)
            found += [above for above in (unit.above if unit else ()) if above not in found]
        return tuple(found)

    def below(self, codes: Iterable[str]) -> frozenset[str]:
        """These units and all below them."""
        codes = frozenset(codes)
        return codes | {unit.code for unit in self if codes & set(self.lineage(unit.code))}

    def identify(self, written: str) -> tuple[str, ...]:
        """The units that somebody means by a code or by free text: those whose names or aliases stand in it.

        `省住建厅验收处` is the department that it names. A name within a longer name does not count; nothing is
        found when no name stands there.
        """
        written = squeezed(written)
        if written in self._units:
            return (written,)
        found = [(name, code) for name, code in self._spoken if name in written]
        longest = [code for name, code in found if not any(name != other and name in other for other, _ in found)]
        return tuple(dict.fromkeys(longest))

    def line_of(self, written: str) -> str:
        """The unit that a local unit is below for certain, by how its name ends; empty when that cannot be told."""
        named = {line.above for line in self.lines if line.names(squeezed(written))}
        return named.pop() if len(named) == 1 else ""

    def of_line(self, above: str) -> frozenset[str]:
        """The local units of a line that the tree lists: a name that it does not list may mean any of them."""
        below = self.below([above]) - {above}
        return frozenset(code for code in below if self.line_of(self.name(code)) == above)

    def told(self, written: str, names: Mapping[str, str]) -> tuple[str, ...]:
        """The codes of the units that somebody means; what tells more than a name stays beside them as it is.

        `names` are those of the departments that are plugged in, by code.
        """
        for code, name in names.items():
            if written in (code, name):
                return (code,)
        found = self.identify(written)
        exact = len(found) == 1 and self.get(found[0]).is_called(written)
        return found if exact else (*found, written)

    @cached_property
    def _spoken(self) -> list[tuple[str, str]]:
        return [(squeezed(name), unit.code) for unit in self for name in (unit.name, *unit.aliases)]


_GOVERNMENT = "人民政府"
_PLACE = r"[市县区旗镇](?:[^市县区旗镇局委]{0,4})"
# Several units, one of the province, or one that investigates; 和平区 is a place.
_UNCERTAIN = re.compile(r"[、,;/\uff0c\uff1b及与]|和(?!平)|厅|纪检|纪委|监委")


def squeezed(text: str) -> str:
    """Text without blanks, so that a name is found however it is spaced."""
    return re.sub(r"\s+", "", text)


class _UnitSchema(Schema):
    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9-]{1,30}$"))
    name = fields.String(required=True, validate=validate.Length(1, 60))
    aliases = fields.List(fields.String(validate=validate.Length(2, 60)), load_default=())
    above = fields.List(fields.String(), load_default=())
    vertical = fields.Boolean(load_default=False)

    @post_load
    def make(self, values, **_) -> Unit:
        return Unit(**(values | {"aliases": tuple(values["aliases"]), "above": tuple(values["above"])}))


class _LineSchema(Schema):
    above = fields.String(required=True)
    endings = fields.List(fields.String(validate=validate.Length(2, 20)), load_default=())
    local = fields.List(fields.String(validate=validate.Length(2, 20)), load_default=())

    @post_load
    def make(self, values, **_) -> Line:
        return Line(**(values | {"endings": tuple(values["endings"]), "local": tuple(values["local"])}))


class _UnitsSchema(Schema):
    version = fields.String(required=True)
    units = fields.List(fields.Nested(_UnitSchema), required=True)
    lines = fields.List(fields.Nested(_LineSchema), load_default=())

    @validates_schema(skip_on_field_errors=True)
    def check_tree(self, values, **_):
        """Codes are unique, and every superior is a unit, written before those below it: so there is no ring."""
        known: set[str] = set()
        for number, unit in enumerate(values["units"]):
            if unit.code in known:
                raise ValidationError({"units": {number: {"code": [f"{unit.code} stands here twice"]}}})
            for above in unit.above:
                if above not in known:
                    wrong = f"{above} is no unit that stands before this one"
                    raise ValidationError({"units": {number: {"above": [wrong]}}})
            known.add(unit.code)
        for number, line in enumerate(values["lines"]):
            if line.above not in known:
                raise ValidationError({"lines": {number: {"above": [f"{line.above} is no unit of the tree"]}}})

    @post_load
    def make(self, values, **_) -> Units:
        return Units(values["units"], values["version"], values["lines"])


def load_units(path: Path = UNITS_FILE) -> Units:
    """The units in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _UnitsSchema)
