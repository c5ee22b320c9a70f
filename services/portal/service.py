"""Portal, the front door: hears all that happens, and serves the HTTP API.

Hears every event; says nothing itself. What people ask for it sends as commands to the services that decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from nameko.extensions import DependencyProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from appeals.bus.asking import Asker
from appeals.bus.on_nameko import Keeps, Known, Now, every, on
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
from services.portal.api import PREFIX, make_app
from services.portal.asking import Desk
from services.portal.attaching import ATTACHMENTS, EMAILS
from services.portal.columns import Layout
from services.portal.demo import LOOPBACK, load_demo
from services.portal.doors import Doors
from services.portal.file_policy import FilePolicy, load_file_policy
from services.portal.import_doors import LARGEST_UPLOAD
from services.portal.import_doors import PATH as IMPORTS
from services.portal.import_store import ImportStore
from services.portal.importing import Importer, ImportWork
from services.portal.incoming import Gate
from services.portal.keeping import Keeping
from services.portal.keys import Keyring, Places
from services.portal.limits import Limit, Limits
from services.portal.pages.files import IMPORT_PAGE, PAGES, most_of
from services.portal.paper.numbers import Numbers
from services.portal.paper.press import Press
from services.portal.paper.shop import PrintShop
from services.portal.paper.texts import TEXTS_FILE, load_texts
from services.portal.passwords import Passwords
from services.portal.problems import LARGEST_BODY
from services.portal.reading import ReadModel
from services.portal.receipts import Receipts
from services.portal.server import Limits as ServerLimits
from services.portal.server import Server, aside
from services.portal.sessions import Lasting
from services.portal.signing_in import SigningIn
from services.portal.store import PortalStore
from services.portal.streams import Streams
from services.portal.uploads import Uploads, sweep
from services.portal.visitors import Cookies, Visitors
from services.sealing import load_seal

SHORTEST_SECRET = 16
EVERY_EVENT = [cls for cls in message_classes() if issubclass(cls, Event) and cls.tells_core]


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What the portal needs to know besides."""

    query_code_secret: str = setting("a secret of at least 16 characters, from which query codes are made")
    keys_file: str = setting("a YAML file of API keys to begin with; without one, people sign in", "")
    sealing_keys: str = setting("a YAML file of sealing keys; made beside an embedded database if not given", "")
    demo_accounts: str = setting("a YAML file of accounts that anybody may sign in with; on loopback only", "")
    cookies: str = setting("tls, or plain for development over http on loopback", "tls")
    session_idle_minutes: int = setting("how long a session lasts without a request", 30)
    session_hours: int = setting("how long a session lasts at most", 12)
    requests_per_address: int = setting("how many requests one address may make in a minute", 1200)
    requests_per_principal: int = setting("how many requests one account or key may make in a minute", 600)
    proxies: int = setting("how many proxies of ours stand in front and say where a request came from", 0)
    paper_texts: Path = setting("a YAML file with the texts of printed papers; by default our own", TEXTS_FILE)
    host: str = setting("the address to listen on", "127.0.0.1")
    port: int = setting("the port to listen on", 8000)


class Door(DependencyProvider):
    """The HTTP API, served by this process; it has a line of its own to the broker for commands."""

    def __init__(self):
        self._asker: Asker | None = None
        self._server: Server | None = None
        self._imports: ImportWork | None = None
        self._thread = None
        self._streams = Streams()

    def start(self):
        config = self.container.config
        settings: Settings = config["settings"]
        self._asker = Asker(config["broker"], self.container.service_name, new_id=fresh_id)
        reads = ReadModel(config["database"])
        receipts = Receipts(settings.query_code_secret)
        watch = QueueWatch(config["directory"], config["broker"].depths, SERVICES)
        config["monitoring"].registry.register(WatchMetrics(watch))
        clock = config.get("clock", utc_now)
        visitors = _visitors(config, settings, clock)
        limits = Limits(Limit(settings.requests_per_address), Limit(settings.requests_per_principal))
        gate = Gate(config["keyring"], receipts, visitors, limits)
        importer = Importer(
            store=ImportStore(config["database"], receipts.fingerprint),
            desk=Desk(self._asker, reads, patience=0),
            receipts=receipts,
            layout=Layout.load(),
            departments=config["directory"].names,
            units=config["units"],
            clock=clock,
        )
        doors = Doors(
            desk=Desk(self._asker, reads),
            reads=reads,
            gate=gate,
            visitors=visitors,
            receipts=receipts,
            uploads=Uploads(config["database"], config["files"]),
            shop=PrintShop(press=Press(), texts=config["texts"], numbers=Numbers(config["database"])),
            watch=watch,
            streams=self._streams,
            departments=config["directory"].names,
            units=config["units"],
            importer=importer,
            clock=clock,
            new_id=fresh_id,
            aside=aside,
            demo=config["demo"],
        )
        app = make_app(doors)
        if settings.proxies:
            app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies, settings.proxies)
        limits = ServerLimits(body_bytes=LARGEST_BODY, upload_bytes=_uploads(config["files"]))
        self._server = Server(app, settings.host, settings.port, limits)
        self._server.listen()
        self.container.spawn_managed_thread(self._asker.run, identifier="portal.asker")
        self._imports = ImportWork(importer)
        self.container.spawn_managed_thread(self._imports.run, identifier="portal.imports")
        self._thread = self.container.spawn_managed_thread(self._server.run, identifier="portal.server")

    def stop(self):
        if self._thread:
            self._imports.stop()
            self._streams.end()
            self._server.stop(self._thread)
            self._asker.stop()


class Portal:
    """The read model behind the door."""

    name = "portal"

    store = Keeps(PortalStore)
    now = Now()
    files = Known("files")
    door = Door()

    def note(self, event):
        """Take an event into the picture that people see."""
        self.store.note(event)

    for _event in EVERY_EVENT:
        on(_event)(note)

    @every(seconds=60)
    def sweep(self):
        """Throw away uploads that no appeal has claimed in time."""
        sweep(self.store.session, self.now() - timedelta(hours=self.files.waiting.amount))


SERVICE = Portal


def configuration(settings: Settings) -> dict:
    """What the portal loads at its start: the tree of units, the API keys and what it takes. Raises WrongSettings."""
    if len(settings.query_code_secret) < SHORTEST_SECRET:
        raise WrongSettings(f"QUERY_CODE_SECRET is shorter than {SHORTEST_SECRET} characters")
    units = load_units(settings.units)
    keyring = Keyring.load(settings.keys_file, Directory.load(settings.manifests), units)
    if min(settings.requests_per_address, settings.requests_per_principal) < 1:
        raise WrongSettings("REQUESTS_PER_ADDRESS and REQUESTS_PER_PRINCIPAL are at least 1")
    if settings.cookies not in ("tls", "plain"):
        raise WrongSettings(f"COOKIES={settings.cookies!r} is not right: tls or plain")
    if settings.cookies == "plain" and settings.host not in LOOPBACK:
        raise WrongSettings("COOKIES=plain is for HOST=127.0.0.1 only; elsewhere a session needs TLS")
    where = {"host": settings.host, "cookies": settings.cookies, "proxies": settings.proxies}
    demo = load_demo(settings.demo_accounts, **where)
    seal = load_seal(settings.sealing_keys, settings.database_url)
    files, texts = load_file_policy(), load_texts(settings.paper_texts)
    return {"keyring": keyring, "units": units, "files": files, "texts": texts, "seal": seal, "demo": demo}


def _visitors(config: dict, settings: Settings, clock) -> Visitors:
    """Accounts and sessions, in the portal's own database."""
    passwords = Passwords(aside)
    lasting = Lasting(
        idle=timedelta(minutes=settings.session_idle_minutes), at_most=timedelta(hours=settings.session_hours)
    )
    return Visitors(
        signing_in=SigningIn(config["database"], passwords, config["seal"], lasting, clock),
        keeping=Keeping(config["database"], passwords, clock, fresh_id),
        places=Places(config["directory"], config["units"]),
        seal=config["seal"],
        cookies=Cookies(tls=settings.cookies == "tls"),
    )


def _uploads(policy: FilePolicy) -> dict[str, int]:
    doors = {
        f"{PREFIX}{ATTACHMENTS}": policy.bytes,
        f"{PREFIX}{EMAILS}": policy.email_bytes,
        f"{PREFIX}{IMPORTS}": LARGEST_UPLOAD,
        IMPORT_PAGE: LARGEST_UPLOAD,
    }
    return doors | {path: most_of(policy, path) for path in PAGES}
