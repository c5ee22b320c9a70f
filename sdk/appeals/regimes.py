"""Procedures by law 法定程序 that an appeal may be bound by, with their clocks. `regimes.yml` has them.

Intake refuses what is not on the list, routing and supervision read it; events carry the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.calendar import Limit, LimitField
from appeals.errors import Refused
from appeals.settings import from_yaml

REGIMES_FILE = Path(__file__).with_name("regimes.yml")


class UnknownRegime(Refused):
    """Raised when an officer names a procedure by law that is on no list."""

    status = 422
    field = "special_regime"
    zh = "没有“{regime}”这一法定程序，可选：{known}"
    en = "There is no procedure by law {regime!r}; there are: {known}"


@dataclass(frozen=True, kw_only=True)
class RegimeClock:
    """A step that the law orders; without a limit it is due at once. A `milestone` is watched from the dispatch on."""

    step: str
    source: str
    limit: Limit | None = None
    milestone: bool = False


@dataclass(frozen=True, kw_only=True)
class RegimeExtension:
    """By how much the law lets the time for the answer be put off, once."""

    limit: Limit
    source: str


@dataclass(frozen=True, kw_only=True)
class Regime:
    """A lawful procedure; `reply` is the time that it gives for the answer, `extension` what may be added to it."""

    code: str
    zh: str
    en: str
    source: str
    also: tuple[str, ...] = ()
    reply: Limit | None = None
    extension: RegimeExtension | None = None
    clocks: tuple[RegimeClock, ...] = ()

    @property
    def milestones(self) -> tuple[RegimeClock, ...]:
        """The steps that are watched from the dispatch on."""
        return tuple(clock for clock in self.clocks if clock.milestone)


class Regimes:
    """All procedures, found by code or by a name that officers or earlier versions write."""

    def __init__(self, regimes: tuple[Regime, ...]):
        self.all = regimes
        self._by_name = {name: one for one in regimes for name in (one.code, one.zh, one.en, *one.also)}

    def get(self, name: str) -> Regime | None:
        """The procedure of this code or name, if there is one."""
        return self._by_name.get(name)

    def code(self, name: str) -> str:
        """The code for a code or name; empty for nothing. Raises UnknownRegime."""
        if not name:
            return ""
        if found := self.get(name):
            return found.code
        raise UnknownRegime(regime=name, known="、".join(f"{one.code} {one.zh}" for one in self.all))


def _text() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 200))


class _ClockSchema(Schema):
    step, source = _text(), _text()
    limit = LimitField()
    milestone = fields.Boolean(load_default=False)

    @post_load
    def make(self, values, **_) -> RegimeClock:
        return RegimeClock(**values)


class _ExtensionSchema(Schema):
    limit = LimitField(required=True)
    source = _text()

    @post_load
    def make(self, values, **_) -> RegimeExtension:
        return RegimeExtension(**values)


class _RegimeSchema(Schema):
    zh, en, source = _text(), _text(), _text()
    also = fields.List(_text(), load_default=list)
    reply = LimitField()
    extension = fields.Nested(_ExtensionSchema)
    clocks = fields.List(fields.Nested(_ClockSchema), required=True)


class _RegimesSchema(Schema):
    version = fields.String(required=True)
    regimes = fields.Dict(keys=fields.String(), values=fields.Nested(_RegimeSchema), required=True)

    @post_load
    def make(self, values, **_) -> Regimes:
        return Regimes(
            tuple(
                Regime(code=code, **one | {"also": tuple(one["also"]), "clocks": tuple(one["clocks"])})
                for code, one in values["regimes"].items()
            )
        )


@cache
def load_regimes(path: Path = REGIMES_FILE) -> Regimes:
    """Read the list. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _RegimesSchema)
