"""Five real cases through the whole loop, on this machine.

    python -m deploy.demo            run the cases, then stop everything
    python -m deploy.demo --keep     leave everything running
    python -m deploy.demo --stop     stop what was left running

A private RabbitMQ node and SQLite files below .run/demo are used, unless AMQP_URI and DATABASE_URL name others.
"""

import argparse
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from deploy.fleet import Fleet
from deploy.local.process import LocalSetupError
from deploy.people import People, StuckCase, case_book

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".run" / "demo"
BEIJING = ZoneInfo("Asia/Shanghai")
_CLEAR = "\r\033[K" if sys.stdout.isatty() else ""


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; returns 0 only if every case reached the end that its fixture names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end")
    parser.add_argument("--stop", action="store_true", help="stop what an earlier run left running")
    chosen = parser.parse_args(arguments)
    fleet = Fleet(FOLDER, amqp_uri=os.environ.get("AMQP_URI", ""), database_url=os.environ.get("DATABASE_URL", ""))
    if chosen.stop:
        fleet.stop()
        return 0
    begun, keep = time.monotonic(), False
    try:
        fleet.start(_progress)
        reached, wanted = run_cases(fleet)
        keep = chosen.keep
    except (LocalSetupError, StuckCase, requests.RequestException) as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    finally:
        if not keep:
            _progress("stopping")
            fleet.stop()
    if keep:
        _tell_where(fleet)
    print(f"{_CLEAR}{reached} of {wanted} cases reached their end in {time.monotonic() - begun:.0f} s")
    return 0 if reached == wanted else 1


def run_cases(fleet: Fleet) -> tuple[int, int]:
    """Carry every case through; returns how many reached their end, and how many there are."""
    people = People(fleet, _progress)
    book = case_book()
    receipts: dict[str, str] = {}
    reached = 0
    for number, case in enumerate(book["cases"], start=1):
        _progress(f"[{number}/{len(book['cases'])}] {case['title']}")
        appeal = people.carry(case, receipts)
        timeline = people.get(f"/appeals/{appeal['receipt']}/timeline", role="supervisor")
        _show(case, appeal, timeline["timeline"], book["ends"])
        reached += appeal["state"]["code"] == case["end"]
    return reached, len(book["cases"])


def _show(case: dict, appeal: dict, timeline: list[dict], ends: dict) -> None:
    print(f"{_CLEAR}\n■ {case['title']}  ({appeal['receipt']},{case['applicant']['name']})")
    for entry in timeline:
        at = datetime.fromisoformat(entry["at"]).astimezone(BEIJING)
        print(f"  {at:%H:%M:%S}  {entry['label']}")
    print(f"  ⇒ {appeal['state']['label']}({ends[case['end']]})")


def _progress(line: str) -> None:
    if sys.stdout.isatty():
        print(f"{_CLEAR}… {line}", end="", flush=True)
    else:
        print(f"… {line}", flush=True)


def _tell_where(fleet: Fleet) -> None:
    print(f"{_CLEAR}\nThe API answers at {fleet.address}/api/v1  (document: {fleet.address}/api/v1/openapi.json)")
    print(f"Keys of the officers are in {fleet.folder / 'secrets.json'}, logs in {fleet.folder / 'log'}")
    print("`make down` stops it.")


if __name__ == "__main__":
    sys.exit(main())
