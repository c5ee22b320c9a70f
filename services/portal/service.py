"""Portal, the front door: hears all that happens, and serves the HTTP API.

Hears every event; says nothing itself. What people ask for it sends as commands to the services that decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from nameko.extensions import DependencyProvider

from appeals.bus.asking import Asker
from appeals.bus.on_nameko import Keeps, on
from appeals.bus.station import fresh_id, utc_now
from appeals.events import Event
from appeals.manifest import Directory
from appeals.message import message_classes
from appeals.settings import Settings as CommonSettings
from appeals.settings import WrongSettings, setting
from appeals.units import load_units
from appeals.watch import QueueWatch
from appeals.watch_metrics import WatchMetrics
from services import SERVICES
from services.portal.api import make_app
from services.portal.asking import Desk
from services.portal.doors import Doors
from services.portal.incoming import Gate
from services.portal.keys import Keyring
from services.portal.problems import LARGEST_BODY
from services.portal.reading import ReadModel
from services.portal.receipts import Receipts
from services.portal.server import Limits, Server
from services.portal.store import PortalStore

SHORTEST_SECRET = 16
EVERY_EVENT = [cls for cls in message_classes() if issubclass(cls, Event) and cls.tells_core]


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What the portal needs to know besides."""

    query_code_secret: str = setting("a secret of at least 16 characters, from which query codes are made")
    keys_file: str = setting("a YAML file of API keys; without one only the public doors work", "")
    host: str = setting("the address to listen on", "127.0.0.1")
    port: int = setting("the port to listen on", 8000)


class Door(DependencyProvider):
    """The HTTP API, served by this process; it has a line of its own to the broker for commands."""

    def __init__(self):
        self._asker: Asker | None = None
        self._server: Server | None = None
        self._thread = None

    def start(self):
        config = self.container.config
        settings: Settings = config["settings"]
        self._asker = Asker(config["broker"], self.container.service_name, new_id=fresh_id)
        reads = ReadModel(config["database"])
        receipts = Receipts(settings.query_code_secret)
        watch = QueueWatch(config["directory"], config["broker"].depths, SERVICES)
        config["monitoring"].registry.register(WatchMetrics(watch))
        doors = Doors(
            desk=Desk(self._asker, reads),
            reads=reads,
            gate=Gate(config["keyring"], receipts),
            receipts=receipts,
            watch=watch,
            departments=config["directory"].names,
            units=config["units"],
            clock=config.get("clock", utc_now),
            new_id=fresh_id,
        )
        self._server = Server(make_app(doors), settings.host, settings.port, Limits(body_bytes=LARGEST_BODY))
        self._server.listen()
        self.container.spawn_managed_thread(self._asker.run, identifier="portal.asker")
        self._thread = self.container.spawn_managed_thread(self._server.run, identifier="portal.server")

    def stop(self):
        if self._thread:
            self._server.stop(self._thread)
            self._asker.stop()


class Portal:
    """The read model behind the door."""

    name = "portal"

    store = Keeps(PortalStore)
    door = Door()

    def note(self, event):
        """Take an event into the picture that people see."""
        self.store.note(event)

    for _event in EVERY_EVENT:
        on(_event)(note)


SERVICE = Portal


def configuration(settings: Settings) -> dict:
    """What the portal loads at its start: the tree of units and the API keys. Raises WrongSettings."""
    if len(settings.query_code_secret) < SHORTEST_SECRET:
        raise WrongSettings(f"QUERY_CODE_SECRET is shorter than {SHORTEST_SECRET} characters")
    units = load_units(settings.units)
    keyring = Keyring.load(settings.keys_file, Directory.load(settings.manifests), units)
    return {"keyring": keyring, "units": units}
