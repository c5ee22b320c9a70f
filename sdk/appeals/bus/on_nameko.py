"""The bus in a nameko service: `@on` for events and commands, `@every` for own work.

The only module that knows both the bus and nameko. A batch of messages is one worker: the service object is
made once for each transaction, with its dependencies, and every message of the batch is a method call on it.
"""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from appeals import green  # noqa: F401 - before nameko, which imports eventlet

# isort: split
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider, Entrypoint, SharedExtension

from appeals.bus.broker import Broker
from appeals.bus.causality import INBOX
from appeals.bus.database import Database
from appeals.bus.participant import Participant, by_type
from appeals.bus.station import Station, utc_now
from appeals.bus.topology import EVENTS, service_queues, service_topology
from appeals.errors import Refused
from appeals.events import CORE, DEPARTMENT_WORDS, Event, WordRefused
from appeals.manifest import WORDS_OF, Directory
from appeals.message import Message
from appeals.store import Store

WATCH_SECONDS = 1.0


class Bus(SharedExtension):
    """One station for all entrypoints of a service.

    Expects in the container's config: `broker`, `database`, `directory`, and perhaps `clock` and `monitoring`.
    """

    def __init__(self):
        self._handlers: dict[type[Message], Entrypoint] = {}
        self._ticks: list[Every] = []
        self.station: Station | None = None

    def handle(self, message_class: type[Message], entrypoint: Entrypoint) -> None:
        """Have a method called for this kind of message."""
        self._handlers[message_class] = entrypoint

    def tick(self, entrypoint: Every) -> None:
        """Have a method called every so many seconds."""
        self._ticks.append(entrypoint)

    def start(self):
        config = self.container.config
        broker: Broker = config["broker"]
        database: Database = config["database"]
        name = self.container.service_name
        kind = speakers(self.container.service_cls)
        heard = {cls for cls in self._handlers if issubclass(cls, Event)}
        words = heard & set(WORDS_OF.get(kind, ()))
        facts = {cls.topic for cls in heard - words}
        self.station = Station(
            participant(
                name,
                by_type({cls: self._caller(entrypoint) for cls, entrypoint in self._handlers.items()}),
                self._service,
                facts=facts,
                words={cls.topic for cls in words},
                speakers=kind,
                directory=config["directory"],
            ),
            database,
            broker,
            ticks=tuple((one.seconds, *one.work()) for one in self._ticks),
            clock=config.get("clock", utc_now),
        )
        self.station.start()
        if monitoring := config.get("monitoring"):
            monitoring.watch(self.station)
        self.container.spawn_managed_thread(self._watch, identifier="bus.watch")

    def stop(self):
        if self.station:
            self.station.stop()

    def _watch(self) -> None:
        """A thread that died of a defect takes the process down, so that the supervisor starts it anew."""
        while self.station.is_alive():
            sleep(WATCH_SECONDS)
        if not self.station.stopping:
            raise RuntimeError("a thread of the bus has died; its error is in the log")

    def _service(self, session):
        service = self.container.service_cls()
        entrypoint = next(iter(self._handlers.values()))
        context = WorkerContext(self.container, service, entrypoint, data={"session": session})
        for dependency in self.container.dependencies:
            setattr(service, dependency.attr_name, dependency.get_dependency(context))
        return service

    @staticmethod
    def _caller(entrypoint: Entrypoint) -> Callable:
        name = entrypoint.method_name
        return lambda service, message: getattr(service, name)(message)


def speakers(service_class: type) -> str:
    """The kind of those outside whose words a service hears: `hears = DEPARTMENT`, or PLATFORM; nobody by default."""
    return getattr(service_class, "hears", "")


def participant(
    name: str,
    handlers: dict[str, Callable],
    service: Callable,
    *,
    facts: set[str],
    words: set[str],
    speakers: str,
    directory: Directory,
) -> Participant:
    """A platform service as the bus sees it: it hears `facts` from the platform, and `words` from outside.

    `speakers` are who says them: all departments, or all other platforms.
    """
    sayable = {word.topic for word in WORDS_OF.get(speakers, ())}

    def hears(audience: str, topic: str) -> bool:
        return topic in facts if audience == CORE else audience.startswith(INBOX) and topic in words

    def copies(event: Event, category: str, classification: str):
        return [(audience, EVENTS) for audience in directory.admitted(event, category, classification)]

    def inboxes() -> list[str]:
        return directory.of_kind(speakers) if words else []

    def prefetch(service, receipts: set[str]) -> None:
        service.store.prefetch(receipts)

    def may_say(code: str, topic: str) -> bool:
        manifest = directory.get(code)
        return topic in sayable and manifest is not None and manifest.kind == speakers and topic in manifest.words

    queues = service_queues(name)
    return Participant(
        name,
        queues,
        handlers,
        service,
        hears,
        copies,
        prefetch,
        may_say,
        inboxes,
        topology=lambda: service_topology(queues, facts, inboxes()),
        answers_refusal=_word_refused,
    )


def _word_refused(word: Event, refusal: Refused) -> WordRefused | None:
    """What a department is told whose word does not count."""
    if not isinstance(word, DEPARTMENT_WORDS):
        return None
    told = refusal.told()
    return WordRefused(
        receipt=word.receipt,
        at=word.at,
        order=word.order,
        department=word.department,
        word=word.topic,
        code=told["code"],
        zh=told["zh"],
        en=told["en"],
    )


class On(Entrypoint):
    """Entrypoint for a message. What the method returns is said; a command is answered after the commit."""

    bus = Bus()

    def __init__(self, message_class: type[Message], **options):
        self.message_class = message_class
        super().__init__(**options)

    def setup(self):
        self.bus.handle(self.message_class, self)


class Every(Entrypoint):
    """Entrypoint for own work: `@every(seconds=1)`, such as a look at the clocks.

    Work that is about certain appeals names a method that finds them, `@every(seconds=1, about="find_overdue")`,
    and is given their receipts; see `Pipeline.act`.
    """

    bus = Bus()

    def __init__(self, seconds: float, about: str = "", **options):
        self.seconds = seconds
        self.about = about
        super().__init__(**options)

    def setup(self):
        self.bus.tick(self)

    def work(self) -> tuple[Callable, Callable | None]:
        """The method to call, and the one that finds the appeals it is about, as functions of the service."""
        return _named(self.method_name), _named(self.about)


on = On.decorator
every = Every.decorator


class Keeps(DependencyProvider):
    """Dependency: the service's store, on the session of this transaction."""

    def __init__(self, store_class: type[Store]):
        self._store_class = store_class

    def get_dependency(self, worker_ctx) -> Store:
        return self._store_class(worker_ctx.data["session"])


class Now(DependencyProvider):
    """Dependency: the one clock; call it for the time."""

    def get_dependency(self, worker_ctx) -> Callable:
        return self.container.config.get("clock", utc_now)


class Known(DependencyProvider):
    """Dependency: something that was loaded at start-up and put into the config under this name."""

    def __init__(self, name: str):
        self._name = name

    def get_dependency(self, worker_ctx):
        return self.container.config[self._name]


def _named(method_name: str) -> Callable | None:
    return (lambda service, *given: getattr(service, method_name)(*given)) if method_name else None
