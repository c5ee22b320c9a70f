"""The accused, 被反映单位: which units may take no part in an appeal, since it is about them or may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from appeals.units import Units


def barred(accused: Iterable[str], units: Units, names: Mapping[str, str]) -> frozenset[str]:
    """The units that an appeal is about, and all below them: they neither lead, assist nor read.

    A local unit that the tree does not list, such as 铁西区公安分局, bars every local unit of its line, since any
    may be it or above it; the unit at the head of the line stays. `names` are the plugged-in departments' by code.
    """
    codes: set[str] = set()
    for written in accused:
        codes |= set(_meant(written, units, names)) or _of_line(written, units, names) | {written}
    return units.below(codes)


def unclear(accused: Iterable[str], units: Units, names: Mapping[str, str]) -> list[str]:
    """Those of the accused of whom cannot be told who has to stand aside."""
    return [one for one in accused if not _meant(one, units, names) and not units.line_of(one)]


def _meant(written: str, units: Units, names: Mapping[str, str]) -> tuple[str, ...]:
    plugged_in = tuple(code for code, name in names.items() if written in (code, name))
    return plugged_in or units.identify(written)


def _of_line(written: str, units: Units, names: Mapping[str, str]) -> set[str]:
    line = units.line_of(written)
    if not line:
        return set()
    return {*units.of_line(line), *(code for code, name in names.items() if units.line_of(name) == line)}
