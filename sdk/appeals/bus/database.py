"""One service's database: PostgreSQL in production, a SQLite file as the embedded default.

Every service gets a schema of its own in PostgreSQL, or a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, Engine, TypeDecorator, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

READ_ONLY_TRANSACTION = "25006"  # PostgreSQL's word for a server that only reads, as a standby does


class Moment(TypeDecorator):
    """A time with its zone; kept in UTC also where the database has no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect):
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect):
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Database:
    """Connections and transactions of one service.

    `url` is an SQLAlchemy URL. `schema` names the service's own schema on PostgreSQL; on SQLite it is
    the file's name when the URL names a folder (`sqlite:///folder/`).
    """

    def __init__(self, url: str, schema: str, *, pool_size: int = 5):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", schema):
            raise ValueError(f"{schema!r} cannot be the name of a schema")
        self.schema = schema
        self.engine = _sqlite(url, schema) if url.startswith("sqlite") else _postgresql(url, schema, pool_size)

    @property
    def is_postgresql(self) -> bool:
        """Whether rows can be locked one by one; SQLite locks the file."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that writes: committed at the end, rolled back when anything raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, and never waits for a writer."""
        engine = self.engine.execution_options(read_only=True)
        with Session(engine, autoflush=False) as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is at fault and not the message: gone, locked, a standby, or two transactions met.

    The same work is then done again later, and nothing is set aside.
    """
    if isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "pgcode", "") == READ_ONLY_TRANSACTION
    ):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return getattr(error.orig, "sqlite_errorname", "") != "SQLITE_ERROR"  # its word for a wrong statement


def migrate(database: Database, folder: Path, to: str = "head") -> None:
    """Bring the tables of one line of Alembic migrations up to date, or `to` an earlier step of it.

    `folder` holds the line (`env.py`, `versions/`); its name in the version table is that of the folder
    above it. Safe when several processes of a service start at once.
    """
    with database.engine.begin() as connection:
        if database.is_postgresql:
            connection.execute(text("SELECT pg_advisory_xact_lock(7110, hashtext(:name))"), {"name": database.schema})
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"'))
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        config.attributes["version_table"] = f"{folder.parent.name}_version"
        command.upgrade(config, to)


def run_migrations() -> None:
    """What every `env.py` does: run the line on the connection that `migrate` was given."""
    from alembic import context

    attributes = context.config.attributes
    context.configure(connection=attributes["connection"], version_table=attributes["version_table"])
    with context.begin_transaction():
        context.run_migrations()


def _postgresql(url: str, schema: str, pool_size: int) -> Engine:
    return create_engine(
        make_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        executemany_mode="values_plus_batch",
        connect_args={"options": f"-csearch_path={schema} -clock_timeout=30000", "connect_timeout": 10},
    )


def _sqlite(url: str, schema: str) -> Engine:
    if url.endswith("/"):
        folder = Path(url.removeprefix("sqlite:///"))
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / schema}.sqlite3"
    engine = create_engine(url, connect_args={"timeout": 5, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection, _):
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection):
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
