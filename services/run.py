"""Run one service in this process: `python -m services.run routing`. Stops cleanly on SIGTERM.

Everything comes from environment variables; `python -m services.run --help` lists them.
"""

from appeals import green

green.patch()

import argparse  # noqa: E402
import dataclasses  # noqa: E402
import importlib  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

from eventlet import spawn  # noqa: E402
from eventlet.event import Event  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402

from appeals.bus.broker import BrokerGone  # noqa: E402
from appeals.bus.database import Database, is_unavailable, migrate  # noqa: E402
from appeals.bus.rabbit import RabbitBroker  # noqa: E402
from appeals.bus.station import BUS_MIGRATIONS  # noqa: E402
from appeals.manifest import Directory  # noqa: E402
from appeals.settings import Settings, WrongSettings, from_environment  # noqa: E402

SERVICES = ("intake", "routing", "supervision", "evaluation", "portal")
PAUSE = 2.0

log = logging.getLogger("services.run")


def main(arguments: list[str] | None = None) -> int:
    """Run the service named on the command line until SIGTERM or SIGINT; returns the exit status."""
    variables = "\n".join(f"  {f.name.upper():14} {f.metadata['meaning']}" for f in dataclasses.fields(Settings))
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog=f"environment variables:\n{variables}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("service", choices=SERVICES)
    name = parser.parse_args(arguments).service
    module = importlib.import_module(f"services.{name}.service")
    try:
        settings = from_environment(getattr(module, "Settings", Settings), os.environ)
        logging.basicConfig(
            level=settings.log_level,
            format=f"%(asctime)s {name} %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        config = {"settings": settings, "directory": Directory.load(settings.manifests)} | module.configuration(
            settings
        )
    except WrongSettings as error:
        print(f"{name}: {error}", file=sys.stderr)  # noqa: T201
        return 2

    config["broker"] = RabbitBroker(settings.amqp_uri)
    config["database"] = database = Database(settings.database_url, name)
    stop = Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.ready() or stop.send(None))

    def prepare():
        migrate(database, BUS_MIGRATIONS)
        migrate(database, Path(module.__file__).parent / "migrations")

    container = ServiceContainer(module.SERVICE, config)
    _insist(prepare, stop)
    if not stop.ready():
        _insist(container.start, stop)
        spawn(_tell_death, container, stop)
        log.info("running")
        failed = stop.wait()
        if failed:
            log.error("died: %s", failed)
            return 1
        container.stop()
        log.info("stopped")
    return 0


def _insist(step, stop) -> None:
    """Try a step of the start-up until broker and database are there, or somebody says stop."""
    while not stop.ready():
        try:
            step()
            return
        except Exception as error:
            if not (isinstance(error, BrokerGone) or is_unavailable(error)):
                raise
            log.warning("waiting for the %s: %s", "broker" if isinstance(error, BrokerGone) else "database", error)
            time.sleep(PAUSE)


def _tell_death(container, stop) -> None:
    try:
        container.wait()
    except Exception as error:  # noqa: BLE001 - whatever it died of is told
        stop.send(error)


if __name__ == "__main__":
    sys.exit(main())
