"""A department: its code, its handlers, and how its processes start."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appeals.bus.broker import Broker
from appeals.bus.consumer import BATCH
from appeals.bus.database import Database
from appeals.bus.monitoring import Monitoring
from appeals.bus.rabbit import RabbitBroker
from appeals.department.desk import Desk
from appeals.department.office import Handler, Office
from appeals.events import Event
from appeals.manifest import Manifest, ManifestSchema
from appeals.settings import MonitoringSettings, WrongSettings, from_environment, from_yaml, setting


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

    Settings that are not given come from the environment variables MANIFEST, DATABASE_URL and AMQP_URI, once
    they are needed. `batch` is how many events at most share a transaction: 1 when handlers act on other systems.
    """

    def __init__(
        self,
        code: str,
        *,
        manifest: Path | str = "",
        database_url: str = "",
        amqp_uri: str = "",
        batch: int = BATCH,
    ):
        self.code = code
        self.batch = batch
        self.handlers: dict[type[Event], Handler] = {}
        given = {"MANIFEST": str(manifest), "DATABASE_URL": database_url, "AMQP_URI": amqp_uri}
        self._given = {name: value for name, value in given.items() if value}

    def on(self, *events: type[Event]) -> Callable[[Handler], Handler]:
        """Have a function called for these events, with the event and a desk.

        What it says at the desk, and the words it returns, are written in one transaction with the note
        that the event was heard. When it raises, nothing is written: a Refused sets the event aside, after
        anything else it comes again.
        """

        def keep(handler: Handler) -> Handler:
            for event in events:
                if event in self.handlers:
                    raise ValueError(f"{self.code} has two handlers for {event.topic}")
                self.handlers[event] = handler
            return handler

        return keep

    def manifest(self) -> Manifest:
        """What the department may hear and say. Raises WrongSettings."""
        return self._manifest(from_environment(ClerkSettings, os.environ | self._given))

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; returns the exit status."""
        try:
            settings = from_environment(DepartmentSettings, os.environ | self._given)
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
        office = self._office(from_environment(ClerkSettings, os.environ | self._given))
        try:
            office.prepare()
            with office.clerk(by=by) as desk:
                yield desk
        finally:
            office.close()

    def _office(self, settings: ClerkSettings, broker: Broker | None = None) -> Office:
        manifest = self._manifest(settings)
        database = Database(settings.database_url, schema_name(self.code))
        return Office(self.handlers, manifest, database, broker, batch=self.batch)

    def _manifest(self, settings: ClerkSettings) -> Manifest:
        path = settings.manifest
        manifest = from_yaml(path / f"{self.code}.yml" if path.is_dir() else path, ManifestSchema)
        if manifest.code != self.code:
            raise WrongSettings(f"{path}: this is the manifest of {manifest.code}, not of {self.code}")
        return manifest


def schema_name(code: str) -> str:
    """What a department's schema (on PostgreSQL) or file (on SQLite) is called."""
    return f"dept_{code.replace('-', '_')}"
