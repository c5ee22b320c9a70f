"""Tries a dispatch catalogue on past appeals, and shows what it would change. Nothing is written.

    python -m services.routing.dry_run my-catalogue.yml                   on the appeals in the database
    python -m services.routing.dry_run my-catalogue.yml --appeals FILE    on a file, one JSON object a line

A line of the file has `title` and `text`, perhaps `id`, `category`, `city`, `accused` (a list), and `lead`: who led it.
Where nobody is known to have led, the catalogue in force says who would. Exit status: 0 nothing would change, 1
something would, 2 the catalogue, the file or the settings are wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appeals.settings import WrongSettings, from_environment, setting
from appeals.units import UNITS_FILE, Units, load_units
from services import dry_runs
from services.routing.accused import barred
from services.routing.catalogue import CATALOGUE, load_catalogue
from services.routing.proposing import Decision, propose
from services.routing.rules import Catalogue, Matter
from services.routing.store import RoutingStore
from services.routing.wording import plain

PROGRESS_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a dry run reads: no broker is needed."""

    catalogue: Path = setting("the dispatch catalogue in force", CATALOGUE)
    units: Path = setting("the tree of units", UNITS_FILE)
    database_url: str = setting("where routing keeps its cases", "sqlite:///.run/data/")


@dataclass(frozen=True, kw_only=True)
class Past:
    """An appeal of the past, and who led it if that is known."""

    id: str
    matter: Matter
    accused: tuple[str, ...] = ()
    lead: str = ""


def compare(
    pasts: Iterable[Past], old: Catalogue, new: Catalogue, units: Units
) -> Iterator[tuple[Past, str, Decision]]:
    """Each appeal with its lead until now, and the decision by the new catalogue."""
    for past in pasts:
        out = barred(past.accused, units, {})
        before = past.lead or propose(past.matter, old, barred=out).lead
        yield past, before, propose(past.matter, new, barred=out)


def from_file(path: Path, units: Units) -> Iterator[Past]:
    """The appeals of a file. Raises WrongSettings naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{path}: {getattr(error, 'strerror', None) or 'is not UTF-8'}") from None
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
            matter = Matter(
                title=plain(found["title"]),
                text=plain(found["text"]),
                category=found.get("category", ""),
                city=found.get("city") or "",
            )
            lead = units.identify(found.get("lead") or "")
            accused = tuple(found.get("accused", ()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WrongSettings(f"{path}: line {number}: {type(error).__name__} {error}") from None
        yield Past(id=str(found.get("id", number)), matter=matter, accused=accused, lead=lead[0] if lead else "")


def from_database(url: str) -> Iterator[Past]:
    """The appeals that routing keeps. Raises WrongSettings when it cannot be asked."""
    with dry_runs.reading(url, "routing") as session:
        for case, lead in RoutingStore(session).each_case():
            yield Past(id=case.receipt, matter=case.matter, accused=tuple(case.accused), lead=lead)


def report(found: Iterable[tuple[Past, str, Decision]], units: Units, say, progress) -> int:
    """Say what would change, and count; returns the exit status."""
    seen = changed = held = 0
    for past, before, decision in found:
        seen += 1
        if seen % PROGRESS_EVERY == 0:
            progress(f"{seen} appeals tried")
        held += not decision.lead
        if before != decision.lead:
            changed += 1
            names = (units.name(code) if code else "待人工转办" for code in (before, decision.lead))
            say(f"{past.id}: {' → '.join(names)}\n    {decision.explain()}")
    say(f"{seen} appeals, {changed} would change, {held} would be held for a person")
    return 1 if changed else 0


def main(arguments: list[str] | None = None) -> int:
    """Try the catalogue on the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.routing.dry_run",
        description="Show what a dispatch catalogue would change for past appeals. Nothing is written.",
    )
    parser.add_argument("catalogue", type=Path, nargs="?", help="the catalogue to try; by default the one in force")
    parser.add_argument("--appeals", type=Path, help="a JSONL file of appeals, instead of the database")
    asked = parser.parse_args(arguments)
    return dry_runs.attempt(lambda: _try(asked.catalogue, asked.appeals))


def _try(catalogue: Path | None, appeals: Path | None) -> int:
    settings = from_environment(Settings, os.environ)
    units = load_units(settings.units)
    old = load_catalogue(settings.catalogue, units)
    new = load_catalogue(catalogue, units) if catalogue else old
    pasts = from_file(appeals, units) if appeals else from_database(settings.database_url)
    return report(compare(pasts, old, new, units), units, dry_runs.say, dry_runs.progress)


if __name__ == "__main__":
    sys.exit(main())
