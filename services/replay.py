"""Tell a department again what it was told: `python -m services.replay parks --since 2026-11-24 --reason 恢复备份`.

Works on the services' databases; their running processes publish what it puts into the outboxes.
"""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import os
import sys
from datetime import datetime

from appeals.bus.database import Database, migrate
from appeals.bus.replay import Replay, Replayed, count, replay
from appeals.bus.station import BUS_MIGRATIONS, fresh_id, utc_now
from appeals.calendar import BEIJING
from appeals.manifest import Directory
from appeals.settings import Settings, WrongSettings, from_environment
from services import SERVICES


def main(arguments: list[str] | None = None) -> int:
    """Replay for one department; returns the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        if not (asked.since or asked.receipt):
            raise WrongSettings("say from when on (--since), or about which appeal (--receipt)")
        settings = from_environment(Settings, {"AMQP_URI": "not needed"} | os.environ)
        manifest = Directory.load(settings.manifests).get(asked.department)
        if manifest is None:
            raise WrongSettings(f"{settings.manifests}: there is no department {asked.department}")
    except WrongSettings as error:
        print(f"replay: {error}", file=sys.stderr)  # noqa: T201
        return 2
    wanted = Replay(department=manifest, by=asked.by, reason=asked.reason, since=asked.since, receipt=asked.receipt)
    total = Replayed()
    for name in SERVICES:
        found = _replay_of(Database(settings.database_url, name), name, wanted, dry_run=asked.dry_run)
        total.told += found.told
        total.withheld += found.withheld
    verb = "would be told" if asked.dry_run else "are told"
    print(  # noqa: T201
        f"{total.told} messages {verb} to {manifest.code} again; {total.withheld} withheld by its manifest"
    )
    return 0


def _replay_of(database: Database, name: str, wanted: Replay, *, dry_run: bool) -> Replayed:
    def progress(counts: Replayed) -> None:
        print(f"  {name}: {counts.told} told, {counts.withheld} withheld", flush=True)  # noqa: T201

    try:
        migrate(database, BUS_MIGRATIONS)
        if dry_run:
            counts = count(database, wanted)
            progress(counts)
            return counts
        return replay(database, wanted, clock=utc_now, new_id=fresh_id, progress=progress)
    finally:
        database.close()


def _moment(written: str) -> datetime:
    """A time as people write it; without a zone it is Beijing's."""
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _parser() -> argparse.ArgumentParser:
    fields = [one for one in dataclasses.fields(Settings) if one.name in ("database_url", "manifests")]
    variables = "\n".join(f"  {one.name.upper():14} {one.metadata['meaning']}" for one in fields)
    parser = argparse.ArgumentParser(
        prog="python -m services.replay",
        description="Tell a department again what it was told. What it has applied already has no second effect.",
        epilog=f"environment variables:\n{variables}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("department", help="the department's code")
    parser.add_argument("--since", type=_moment, help="from this time on, such as 2026-11-24T08:30 (Beijing)")
    parser.add_argument("--receipt", default="", help="only what is about this appeal")
    parser.add_argument("--reason", required=True, help="why; it is kept in the journal")
    parser.add_argument("--by", default=getpass.getuser(), help="who asks for it; it is kept in the journal")
    parser.add_argument("--dry-run", action="store_true", help="only count")
    return parser


if __name__ == "__main__":
    sys.exit(main())
