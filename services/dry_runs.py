"""What every dry run does alike: it reads a service's tables, says what would be otherwise, and never writes.

Exit status: 0 nothing would be otherwise, 1 something would, 2 the file, the settings or the database are wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from appeals.bus.database import Database
from appeals.settings import WrongSettings

WRONG = 2


@contextmanager
def reading(url: str, service: str) -> Iterator[Session]:
    """A session that only reads a service's tables. Raises WrongSettings when they cannot be asked."""
    try:
        with Database(url, service).reading() as session:
            yield session
    except (SQLAlchemyError, OSError) as error:
        raise WrongSettings(f"the database cannot be asked: {str(error).splitlines()[0]}") from None


def attempt(work: Callable[[], int]) -> int:
    """Do the work and return its exit status; what is wrong is told in one line."""
    try:
        return work()
    except WrongSettings as error:
        progress(f"dry_run: {error}")
        return WRONG


def say(line: str) -> None:
    """A line of the result."""
    sys.stdout.write(f"{line}\n")


def progress(line: str) -> None:
    """A line for the person who waits."""
    sys.stderr.write(f"{line}\n")
