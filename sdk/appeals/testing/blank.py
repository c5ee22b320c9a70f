"""SQLite files for trials, with the kit's tables and nothing in them.

They are used again and again, with their engines: migrating and compiling SQL takes longer than most trials.
"""

from __future__ import annotations

import atexit
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event

from appeals.bus.database import Database
from appeals.department.office import prepare

_numbers = count(1)
_spare: list[Database] = []


def blank() -> Database:
    """A database where nothing has happened; `give_back` it."""
    database = _spare.pop() if _spare else _made(_folder() / f"{next(_numbers)}.sqlite3")
    _file(database).write_bytes(_empty_tables())
    return database


def give_back(database: Database) -> None:
    """The next trial may have it, unless somebody still has it open."""
    database.close()
    if not _file(database).with_suffix(".sqlite3-wal").exists():
        _spare.append(database)


def _made(path: Path) -> Database:
    database = Database(f"sqlite:///{path}", "trial")

    @event.listens_for(database.engine, "connect")
    def need_not_survive_a_power_cut(connection, _):
        connection.execute("PRAGMA synchronous=OFF")

    return database


def _file(database: Database) -> Path:
    return Path(database.engine.url.database)


@cache
def _folder() -> Path:
    folder = TemporaryDirectory(prefix="appeals-trials-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def _empty_tables() -> bytes:
    path = _folder() / "empty.sqlite3"
    database = _made(path)
    prepare(database)
    database.close()
    return path.read_bytes()
