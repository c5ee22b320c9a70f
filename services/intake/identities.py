"""Sealed identities, for who operates intake: seal them anew after a change of keys, or find the appeals of somebody.

    python -m services.intake.identities reseal
    python -m services.intake.identities find --phone 13812341234
    python -m services.intake.identities find --uscc 91211300MAFGKMEQX7

`reseal` seals with the current key whatever was sealed with another, or is still in clear from before there was
sealing; afterwards the other keys may be taken out of the file. `find` prints receipts, for somebody who asks what
is kept about them. Reads DATABASE_URL and SEALING_KEYS, as intake does.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appeals.bus.database import Database, migrate
from appeals.settings import WrongSettings, from_environment, setting
from services import command_line
from services.intake.identity import digits
from services.intake.store import IntakeStore
from services.sealing import NotOpened, Seal, load_seal


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this command needs to know."""

    database_url: str = setting("a SQLAlchemy URL; sqlite:///folder/ keeps one file a service", "sqlite:///.run/data/")
    sealing_keys: str = setting("a YAML file of sealing keys; made beside an embedded database if not given", "")


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run it; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.intake.identities",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("reseal", "find"))
    parser.add_argument("--phone", default="")
    parser.add_argument("--uscc", default="")
    chosen = parser.parse_args(arguments)
    return command_line.attempt(lambda: _do(chosen, environ), WrongSettings, NotOpened)


def _do(chosen: argparse.Namespace, environ: Mapping[str, str]) -> list[str]:
    """Do what is asked; returns what is told. Raises WrongSettings or NotOpened."""
    settings = from_environment(Settings, environ)
    seal = load_seal(settings.sealing_keys, settings.database_url)
    database = Database(settings.database_url, "intake")
    migrate(database, Path(__file__).parent / "migrations")
    return find(database, seal, chosen.phone, chosen.uscc) if chosen.what == "find" else reseal(database, seal)


def reseal(database: Database, seal: Seal) -> list[str]:
    """Seal everything with the current key; returns what is told about it. Raises NotOpened, and then did nothing."""
    with database.transaction() as session:
        old = [one for one in IntakeStore(session).sealed() if not seal.is_current(one.sealed)]
        for one in old:
            one.close(one.opened(seal), seal)
    return [f"{len(old)} sealed with {seal.current}"]


def find(database: Database, seal: Seal, phone: str, uscc: str) -> list[str]:
    """The receipts of appeals with this phone, or of this enterprise under a hidden name."""
    with database.reading() as session:
        return IntakeStore(session).found(seal.index(digits(phone)), seal.index(uscc))


if __name__ == "__main__":
    sys.exit(main())
