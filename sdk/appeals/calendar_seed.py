"""Writes the working calendar from two public libraries, compared day by day.

    python -m appeals.calendar_seed calendar.yml --version 2026-12-01 --first 2023 --last 2036

A year is settled when both libraries know its notice and agree; every other is provisional, and what they differ in
is printed. Office hours and overrides of a file that is there already are kept. The libraries, chinesecalendar and
holidays, are needed here only: `pip install chinesecalendar holidays`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import yaml

from appeals.calendar import CalendarSchema
from appeals.settings import CALENDAR_FILE, WrongSettings, from_yaml

ONE_DAY = timedelta(days=1)
SATURDAY = 5
HEADER = """\
# The working calendar of mainland China. `holidays` are weekdays without work, `makeup_days` weekend days with
# work (调休). `years` is written by `python -m appeals.calendar_seed` from two public libraries (chinesecalendar,
# holidays), which follow the yearly notice of the State Council's General Office. A provisional year is one whose
# notice not both know or agree about; without a notice it has its statutory days (全国年节及纪念日放假办法).
# Deadlines are computed anew with the notice. `overrides` are yours:
# {day: 2027-02-12, works: false, source: the notice that says so}. After any change, change `version`.
"""
NEW_FILE = {"zone": "Asia/Shanghai", "office_hours": [["08:30", "12:00"], ["13:00", "17:00"]], "overrides": []}

# Whether a day is worked, for one who knows that year's notice; None for one who does not.
Source = Callable[[date], bool | None]


def seed_year(year: int, notices: tuple[Source, ...], statutory: Source) -> tuple[dict, list[date]]:
    """One year as the file has it, and the days about which the sources differ; the first source then counts."""
    holidays, makeup_days, differ, settled = [], [], [], True
    for day in days_of(year):
        known = [works for source in notices if (works := source(day)) is not None]
        settled = settled and len(known) == len(notices)
        if len(set(known)) > 1:
            differ.append(day)
        works = known[0] if known else statutory(day)
        if works != (day.weekday() < SATURDAY):
            (makeup_days if works else holidays).append(day)
    provisional = {} if settled and not differ else {"provisional": True}
    return provisional | {"holidays": holidays, "makeup_days": makeup_days}, differ


def days_of(year: int) -> Iterator[date]:
    """Every day of a year."""
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += ONE_DAY


def render(kept: dict, version: str, years: dict[int, dict]) -> str:
    """The calendar file: what is kept of the old one, and the years."""
    values = {"version": version, **kept, "years": years}
    return HEADER + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)


def libraries() -> tuple[tuple[Source, ...], Source]:
    """The two libraries as sources of notices, and the second for statutory days. Raises WrongSettings."""
    try:
        import chinese_calendar
        import holidays
    except ImportError as error:
        raise WrongSettings(f"{error.name} is not installed: pip install chinesecalendar holidays") from None
    known = holidays.China()

    def by_chinesecalendar(day: date) -> bool | None:
        try:
            return chinese_calendar.is_workday(day)
        except NotImplementedError:
            return None

    def statutory(day: date) -> bool:
        return known.is_working_day(day)

    def by_holidays(day: date) -> bool | None:
        statutory(day)  # it reads a year when first asked about it
        return statutory(day) if any(one.year == day.year for one in known.weekend_workdays) else None

    return (by_chinesecalendar, by_holidays), statutory


def seed(path: Path, version: str, first: int, last: int) -> list[date]:
    """Write the calendar; returns the days about which the libraries differ. Raises WrongSettings."""
    notices, statutory = libraries()
    years, differ = {}, []
    for year in range(first, last + 1):
        years[year], unclear = seed_year(year, notices, statutory)
        differ += unclear
    path.write_text(render(_kept(path), version, years), encoding="utf-8")
    return differ


def _kept(path: Path) -> dict:
    if not path.exists():
        return NEW_FILE
    from_yaml(path, CalendarSchema)  # so that a file that is wrong is told before it is written over
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return NEW_FILE | {name: found[name] for name in NEW_FILE if name in found}


def main(arguments: list[str] | None = None) -> int:
    """Write the calendar that the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m appeals.calendar_seed", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="?", default=CALENDAR_FILE)
    parser.add_argument("--version", required=True, help="what deadlines will name, such as the date of the notice")
    parser.add_argument("--first", type=int, default=2023, help="the first year")
    parser.add_argument("--last", type=int, default=2036, help="the last year")
    asked = parser.parse_args(arguments)
    try:
        differ = seed(asked.file, asked.version, asked.first, asked.last)
    except (WrongSettings, OSError) as error:
        sys.stderr.write(f"calendar_seed: {error}\n")
        return 2
    for day in differ:
        sys.stdout.write(f"{day}: the libraries differ; {day.year} stays provisional\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
