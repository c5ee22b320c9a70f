"""Hosts one service in this process, from its settings to its clean end on SIGTERM."""

import argparse
import dataclasses
import importlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from eventlet import spawn
from eventlet.event import Event
from nameko.containers import ServiceContainer

from appeals.bus.broker import BrokerGone
from appeals.bus.database import Database, is_unavailable, migrate
from appeals.bus.monitoring import Monitoring
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.station import BUS_MIGRATIONS
from appeals.bus.topology import Topology
from appeals.manifest import LiveDirectory
from appeals.settings import Settings, WrongSettings, from_environment
from services import SERVICES

PAUSE = 2.0

log = logging.getLogger("services.hosting")


def main(arguments: list[str] | None = None) -> int:
    """Run the service named on the command line until SIGTERM or SIGINT; returns the exit status."""
    name = _service_named(sys.argv[1:] if arguments is None else arguments)
    module = importlib.import_module(f"services.{name}.service")
    try:
        settings = from_environment(_settings_class(name), os.environ)
        directory = LiveDirectory(settings.manifests)
        config = {"settings": settings, "directory": directory} | module.configuration(settings)
        config["monitoring"] = monitoring = Monitoring(settings)
    except WrongSettings as error:
        print(f"{name}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    line = f"%(asctime)s {name} %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=settings.log_level, format=line, stream=sys.stderr)
    config["broker"] = broker = RabbitBroker(settings.amqp_uri)
    config["database"] = database = Database(settings.database_url, name)

    end = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.ready() or end.send(None))
    for what, step in (
        ("broker", lambda: broker.declare(Topology())),
        ("database", lambda: _migrate(database, Path(module.__file__).parent)),
    ):
        _insist(what, step, end)
    try:
        return 0 if end.ready() else _serve(ServiceContainer(module.SERVICE, config), end)
    finally:
        monitoring.close()


def _serve(container: ServiceContainer, end: Event) -> int:
    """Run a container until somebody says stop, or until it dies; returns the exit status."""
    container.start()
    spawn(_tell_death, container, end)
    log.info("running")
    died_of = end.wait()
    if died_of:
        log.error("died", exc_info=died_of)
        return 1
    container.stop()
    log.info("stopped")
    return 0


def _service_named(arguments: list[str]) -> str:
    """The service on the command line; `--help` lists the settings of that service, or those of all."""
    named = next((one for one in arguments if one in SERVICES), "")
    fields = dataclasses.fields(_settings_class(named) if named else Settings)
    variables = "\n".join(f"  {one.name.upper():18} {one.metadata['meaning']}" for one in fields)
    parser = argparse.ArgumentParser(
        prog="python -m services.run",
        description="Run one service in this process, until SIGTERM.",
        epilog=f"environment variables:\n{variables}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("service", choices=SERVICES)
    return parser.parse_args(arguments).service


def _settings_class(name: str) -> type[Settings]:
    return getattr(importlib.import_module(f"services.{name}.service"), "Settings", Settings)


def _migrate(database: Database, service: Path) -> None:
    migrate(database, BUS_MIGRATIONS)
    migrate(database, service / "migrations")


def _insist(what: str, step: Callable[[], None], end: Event) -> None:
    """Try a step of the start-up until what it needs is there, or somebody says stop."""
    while not end.ready():
        try:
            step()
            return
        except Exception as error:
            if not (isinstance(error, BrokerGone) or is_unavailable(error)):
                raise
            log.warning("waiting for the %s: %s", what, error)
            time.sleep(PAUSE)


def _tell_death(container: ServiceContainer, end: Event) -> None:
    try:
        container.wait()
    except Exception as error:  # noqa: BLE001 - whatever it died of is told
        end.send(error)
