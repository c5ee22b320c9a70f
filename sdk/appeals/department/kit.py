"""A department: its code, its handlers, and how its processes start."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import ArgumentError

from appeals.bus.broker import Broker
from appeals.bus.database import Database
from appeals.bus.handling import Handling
from appeals.bus.monitoring import Monitoring
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import RETRY_SECONDS
from appeals.department.desk import Desk
from appeals.department.office import PREFETCH, Handler, Office
from appeals.events import Event
from appeals.manifest import Manifest, ManifestSchema
from appeals.settings import MonitoringSettings, WrongSettings, from_environment, from_yaml, setting

MOST_AHEAD = 10_000
MOST_AT_ONCE = 32

log = logging.getLogger("appeals.department")


@dataclass(frozen=True, kw_only=True)
class ClerkSettings:
    """What a clerk's process needs to know."""

    database_url: str = setting("a SQLAlchemy URL; sqlite:///folder/ keeps one file", "sqlite:///.run/data/")
    manifest: Path = setting("the department's manifest, or the folder with <code>.yml", Path("deploy/departments"))


@dataclass(frozen=True, kw_only=True)
class DepartmentSettings(ClerkSettings, MonitoringSettings):
    """What a department's process needs to know."""

    amqp_uri: str = setting("the broker, as amqp://user:password@host:port/vhost")
    log_level: str = setting("DEBUG, INFO, WARNING or ERROR", "INFO")


class Department:
    """A department, by its code, and what it does with what it hears.

    The broker hands over at most `prefetch` messages ahead, half of which are at most one transaction; so many
    threads (`concurrency`) handle messages side by side, those of one appeal always one after the other.
    Settings that are not given come from the environment variables MANIFEST, DATABASE_URL and AMQP_URI, once
    they are needed. Raises ValueError for a number out of range.
    """

    def __init__(
        self,
        code: str,
        *,
        prefetch: int = PREFETCH,
        concurrency: int = 1,
        manifest: Path | str = "",
        database_url: str = "",
        amqp_uri: str = "",
    ):
        _check_range("prefetch", prefetch, 2, MOST_AHEAD)
        _check_range("concurrency", concurrency, 1, MOST_AT_ONCE)
        self.code = code
        self.prefetch = prefetch
        self.concurrency = concurrency
        self.handlers: dict[type[Event], Handler] = {}
        self.handling: dict[type[Event], Handling] = {}
        given = {"MANIFEST": str(manifest), "DATABASE_URL": database_url, "AMQP_URI": amqp_uri}
        self._given = {name: value for name, value in given.items() if value}

    def on(
        self,
        *events: type[Event],
        retries: int | None = None,
        refuse: tuple[type[Exception], ...] = (),
        ordered: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Have a function (or a coroutine function) called for these events, with the event and a desk.

        What it says at the desk, and the words it returns, are written in one transaction with the note that
        the event was heard. When it raises, nothing is written. A Refused, and the errors named by `refuse`,
        set the event aside at once; after any other the event comes again after 1, 10 and 60 seconds, or after
        the first so many (`retries`) of these, and then it is set aside. Events of one appeal come in order,
        unless it says that this one need not (`ordered=False`): then the work list may not know the order yet.

        Raises ValueError when an option is out of range, or an event has a handler already.
        """
        for event in events:
            if not (isinstance(event, type) and issubclass(event, Event)):
                raise ValueError(f"{self.code}: on() takes classes of events, such as on(OrderDispatched)")
        if retries is not None:
            _check_range("retries", retries, 0, len(RETRY_SECONDS))
        handling = Handling(retries=retries, refuse=_errors(refuse), ordered=ordered)

        def keep(handler: Handler) -> Handler:
            for event in events:
                if event in self.handlers:
                    raise ValueError(f"{self.code} has two handlers for {event.topic}")
                self.handlers[event], self.handling[event] = handler, handling
            return handler

        return keep

    def manifest(self) -> Manifest:
        """What the department may hear and say. Raises WrongSettings."""
        return read_manifest(self.code, from_environment(ClerkSettings, self.environment).manifest)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables, overlaid with what was given to the constructor."""
        return os.environ | self._given

    def run(self, environment: Mapping[str, str] | None = None) -> int:
        """Work until SIGTERM or SIGINT; returns the exit status.

        `environment` takes the place of the environment variables and of what was given to the constructor.
        """
        try:
            settings = from_environment(DepartmentSettings, self.environment if environment is None else environment)
            logging.basicConfig(
                level=settings.log_level,
                format=f"%(asctime)s {self.code} %(levelname)s %(name)s: %(message)s",
                stream=sys.stderr,
            )
            office = self._office(settings, RabbitBroker(settings.amqp_uri))
            monitoring = Monitoring(settings)
        except WrongSettings as error:
            print(f"{self.code}: {error}", file=sys.stderr)  # noqa: T201
            return 2
        log.info("manifest %s, database %s", settings.manifest, office.database.engine.url)
        monitoring.watch(office.station)
        try:
            return office.serve()
        finally:
            monitoring.close()

    @contextmanager
    def clerk(self, *, by: str = "") -> Iterator[Desk]:
        """A clerk at the desk, in any process; `by` is the clerk's account.

        What was said is written at the end of the block, and the department's running process publishes it.
        """
        office = self._office(from_environment(ClerkSettings, self.environment))
        try:
            office.prepare()
            with office.clerk(by=by) as desk:
                yield desk
        finally:
            office.close()

    def office(self, manifest: Manifest, database: Database, broker: Broker | None = None, **options) -> Office:
        """The department at work. Raises WrongSettings when its manifest does not let it hear what it handles."""
        return Office(
            self.handlers,
            manifest,
            database,
            broker,
            handling=self.handling,
            prefetch=self.prefetch,
            concurrency=self.concurrency,
            **options,
        )

    def _office(self, settings: ClerkSettings, broker: Broker | None = None) -> Office:
        manifest = read_manifest(self.code, settings.manifest)
        try:
            pool_size = self.concurrency + 2  # the relay and clerks
            database = Database(settings.database_url, schema_name(self.code), pool_size=pool_size)
        except (ArgumentError, ImportError, OSError) as error:
            raise WrongSettings(f"DATABASE_URL cannot be used: {error}") from None
        return self.office(manifest, database, broker)


def read_manifest(code: str, path: Path) -> Manifest:
    """The manifest of a department, from its file or from a folder with <code>.yml. Raises WrongSettings."""
    manifest = from_yaml(path / f"{code}.yml" if path.is_dir() else path, ManifestSchema)
    if manifest.code != code:
        raise WrongSettings(f"{path}: this is the manifest of {manifest.code}, not of {code}")
    return manifest


def schema_name(code: str) -> str:
    """What a department's schema (on PostgreSQL) or file (on SQLite) is called."""
    return f"dept_{code.replace('-', '_')}"


def _check_range(name: str, value: int, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name}={value!r} is not a whole number from {least} to {most}")


def _errors(refuse) -> tuple[type[Exception], ...]:
    errors = refuse if isinstance(refuse, tuple) else (refuse,)
    for error in errors:
        if not (isinstance(error, type) and issubclass(error, Exception)):
            raise ValueError(f"refuse={refuse!r} is not a tuple of exception classes, such as (ValueError,)")
    return errors
