"""Five real cases through the whole loop, on this machine.

    python -m deploy.demo            run the cases, then stop everything
    python -m deploy.demo --keep     leave everything running
    python -m deploy.demo --stop     stop what was left running
    python -m deploy.demo --plug-in PATH    give what runs another department, by its manifest
    python -m deploy.demo --unplug CODE     take that department out again

A private RabbitMQ node and SQLite files below .run/demo are used, unless AMQP_URI and DATABASE_URL name others.
"""

import argparse
import os
import sys
import time
from datetime import datetime
from pathlib import Path

import requests

from appeals.bus.broker import BrokerGone
from appeals.calendar import BEIJING
from appeals.errors import Refused
from appeals.settings import WrongSettings
from deploy.fleet import Fleet
from deploy.local.process import LocalSetupError
from deploy.people import People, StuckCase, case_book
from deploy.plugging import next_steps, plug_in, unplug

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".run" / "demo"
_CLEAR = "\r\033[K" if sys.stdout.isatty() else ""


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; returns 0 only if every case reached the end that its fixture names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end")
    parser.add_argument("--stop", action="store_true", help="stop what an earlier run left running")
    parser.add_argument("--plug-in", metavar="PATH", type=Path, help="plug a department in, by its manifest")
    parser.add_argument("--unplug", metavar="CODE", help="take a department out that was plugged in")
    chosen = parser.parse_args(arguments)
    given = {"amqp_uri": os.environ.get("AMQP_URI", ""), "database_url": os.environ.get("DATABASE_URL", "")}
    fleet = Fleet(FOLDER, **given, accounts=chosen.keep)
    if chosen.stop:
        fleet.stop()
        return 0
    if chosen.plug_in is not None or chosen.unplug is not None:
        return _change(fleet, chosen.plug_in, chosen.unplug)
    begun, keep = time.monotonic(), False
    try:
        fleet.start(_progress)
        reached, wanted = run_cases(fleet)
        keep = chosen.keep
    except (LocalSetupError, BrokerGone, WrongSettings, Refused, StuckCase, requests.RequestException) as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    finally:
        if not keep:
            _progress("stopping")
            fleet.stop()
    if keep:
        _tell_where(fleet)
    print(f"{_CLEAR}{reached} of {wanted} cases reached their end in {time.monotonic() - begun:.0f} s")
    return 0 if reached == wanted else 1


def _change(fleet: Fleet, manifest: Path | None, code: str | None) -> int:
    """Plug a department in by its manifest, or take one out by its code."""
    try:
        for line in next_steps(fleet, plug_in(fleet, manifest)) if manifest is not None else unplug(fleet, code):
            print(line)
    except (LocalSetupError, BrokerGone, WrongSettings, Refused) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run_cases(fleet: Fleet) -> tuple[int, int]:
    """Carry every case through; returns how many reached their end, and how many there are."""
    book = case_book()
    receipts: dict[str, str] = {}
    reached = 0
    for number, case in enumerate(book["cases"], start=1):
        story = Story(f"[{number}/{len(book['cases'])}] {case['title']}")
        people = People(fleet, story.show)
        appeal = people.carry(case, receipts)
        story.show(people.timeline(appeal["receipt"]))
        print(f"{_CLEAR}  ⇒ {appeal['state']['label']}（{book['ends'][case['end']]}）", flush=True)
        reached += appeal["state"]["code"] == case["end"]
    return reached, len(book["cases"])


class Story:
    """Prints an appeal's timeline as it grows, with a progress line below it."""

    def __init__(self, heading: str):
        self._heading = heading
        self._told = 0

    def show(self, timeline: dict) -> None:
        """Print what is new."""
        if not self._told:
            print(f"{_CLEAR}\n■ {self._heading}  ({timeline['receipt']})")
        for entry in timeline["timeline"][self._told :]:
            at = datetime.fromisoformat(entry["at"]).astimezone(BEIJING)
            print(f"{_CLEAR}  {at:%H:%M:%S}  {entry['label']}", flush=True)
        self._told = len(timeline["timeline"])
        if _CLEAR:
            _progress(self._heading)


def _progress(line: str) -> None:
    if sys.stdout.isatty():
        print(f"{_CLEAR}… {line}", end="", flush=True)
    else:
        print(f"… {line}", flush=True)


def _tell_where(fleet: Fleet) -> None:
    print(f"{_CLEAR}\nThe pages are at {fleet.address}/, for developers at {fleet.address}/developers")
    if fleet.accounts:
        print(f"Begin at {fleet.address}/demo: it lists everybody in the loop, and signs you in as each.")
    else:
        print("Accounts for signing in: DATABASE_URL=… python -m services.portal.people --help")
    print(f"The API answers at {fleet.address}/api/v1  (document: {fleet.address}/api/v1/openapi.json)")
    print(f"Keys of the officers are in {fleet.folder / 'secrets.json'}, logs in {fleet.folder / 'log'}")
    print("`make down` stops it.")


if __name__ == "__main__":
    sys.exit(main())
