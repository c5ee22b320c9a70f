"""Makes the first administrators: whoever keeps the accounts afterwards signs in at the portal.

    python -m services.portal.people security-administrator anquan --called 张安全
    python -m services.portal.people auditor shenji --called 李审计

Asks for a first password on the terminal, or reads one line from the standard input; its owner changes it and enrols
a device when signing in. Reads DATABASE_URL, as the portal does. Security administrators are made here; all other
accounts they make themselves, so only the three roles that are kept apart can be had here.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appeals.bus.database import Database, migrate
from appeals.bus.station import fresh_id, utc_now
from appeals.errors import Refused
from appeals.settings import WrongSettings, from_environment, setting
from services import command_line
from services.portal.keeping import Doer, Keeping
from services.portal.passwords import Passwords
from services.portal.roles import KEPT_APART


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this command needs to know."""

    database_url: str = setting("a SQLAlchemy URL; sqlite:///folder/ keeps one file a service", "sqlite:///.run/data/")


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Make one account; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.portal.people",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("role", choices=sorted(KEPT_APART))
    parser.add_argument("name", help="what they sign in with")
    parser.add_argument("--called", required=True, help="their name, as people say it")
    chosen = parser.parse_args(arguments)
    return command_line.attempt(lambda: _make(chosen, environ), WrongSettings, Refused)


def _make(chosen: argparse.Namespace, environ: Mapping[str, str]) -> list[str]:
    """Make the account; returns what is told about it. Raises WrongSettings or Refused."""
    settings = from_environment(Settings, environ)
    password = getpass.getpass("first password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    database = Database(settings.database_url, "portal")
    migrate(database, Path(__file__).parent / "migrations")
    keeping = Keeping(database, Passwords(_at_once), utc_now, fresh_id)
    doer = Doer(f"command line of {getpass.getuser()}", "")
    keeping.create(doer, name=chosen.name, called=chosen.called, password=password, roles=[chosen.role])
    return [f"{chosen.name} may sign in as {chosen.role}"]


def _at_once(work, *arguments):
    return work(*arguments)


if __name__ == "__main__":
    sys.exit(main())
