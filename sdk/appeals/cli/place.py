"""Where a tool works: at a department's queues, with its manifest and its own rights at the broker."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from appeals.bus.rabbit import RabbitBroker
from appeals.manifest import Manifest, ManifestSchema
from appeals.settings import WrongSettings, from_yaml


@dataclass(frozen=True)
class Place:
    """A department and its broker."""

    manifest: Manifest
    amqp_uri: str

    @property
    def code(self) -> str:
        """The department's code."""
        return self.manifest.code

    @property
    def broker(self) -> RabbitBroker:
        """The broker, with the department's own user."""
        return RabbitBroker(self.amqp_uri)


def add_options(parser) -> None:
    """Add what says where."""
    parser.add_argument("--manifest", help="or MANIFEST; by default the only *.yml here that is a manifest")
    add_broker_option(parser)


def add_broker_option(parser) -> None:
    """Add what says which broker."""
    parser.add_argument("--amqp-uri", help="or AMQP_URI; amqp://user:password@host:port/vhost")


def place(arguments) -> Place:
    """What was said. Raises WrongSettings."""
    return Place(manifest_of(arguments), amqp_uri_of(arguments))


def amqp_uri_of(arguments) -> str:
    """The broker that was named. Raises WrongSettings."""
    uri = arguments.amqp_uri or os.environ.get("AMQP_URI", "")
    if not uri:
        raise WrongSettings("AMQP_URI is not set: the broker, as amqp://user:password@host:port/vhost")
    return uri


def manifest_of(arguments) -> Manifest:
    """The manifest that was named, or the only one here. Raises WrongSettings."""
    named = arguments.manifest or os.environ.get("MANIFEST", "")
    if named and not Path(named).is_dir():
        return from_yaml(Path(named), ManifestSchema)
    folder = Path(named or ".")
    found = [manifest for path in sorted(folder.glob("*.yml")) if (manifest := _read(path))]
    if len(found) != 1:
        raise WrongSettings(f"{folder.resolve()}: {len(found)} manifests there; name one with --manifest or MANIFEST")
    return found[0]


def _read(path: Path) -> Manifest | None:
    """A manifest, or nothing when the file is something else."""
    try:
        return from_yaml(path, ManifestSchema)
    except WrongSettings:
        return None
