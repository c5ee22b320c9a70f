"""A further department for a fleet that runs: plugged in by its manifest, and taken out again. Nothing is restarted."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import kombu

from appeals.bus.topology import inbox_exchange
from appeals.manifest import PLATFORM, Directory, Manifest, ManifestSchema
from appeals.provision.access import Rabbitmqctl
from appeals.provision.retiring import retire
from appeals.settings import from_yaml
from deploy.fleet import Fleet, has_consumer
from deploy.local.process import LocalSetupError, wait_until

NOTICE_SECONDS = 30
RECEIPT_OF = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"receipt\"])'"


def plug_in(fleet: Fleet, path: Path) -> Manifest:
    """Give the broker what a manifest says, and have the services know it; returns the manifest.

    Raises WrongSettings when the manifest is wrong, LocalSetupError when nothing runs or the code is taken,
    and what `Operator.apply` raises; then nothing is plugged in.
    """
    manifest = from_yaml(path, ManifestSchema)
    _require_guest(fleet, manifest.code)
    place = _place(fleet, manifest.code)
    is_new = not place.exists()
    shutil.copy(path, place)
    try:
        fleet.provide()
        _wait_for_its_gate(fleet, manifest.code, listens=True)
    except BaseException:
        if is_new:
            place.unlink()
        raise
    return manifest


def unplug(fleet: Fleet, code: str) -> Iterator[str]:
    """Take a department out; yields what was done. Queues that hold messages are kept.

    Raises LocalSetupError when nothing runs or there is no such guest, and what `retire` raises.
    """
    _require_guest(fleet, code)
    if not fleet.node:
        raise LocalSetupError("the broker was given to us; take the department out with `appeals provision --retire`")
    _place(fleet, code).unlink(missing_ok=True)
    _wait_for_its_gate(fleet, code, listens=False)
    yield from retire(code, Directory.load(fleet.manifests), Rabbitmqctl(fleet.node.ctl), fleet.amqp_uri)
    fleet.passwords.forget(code)


def next_steps(fleet: Fleet, manifest: Manifest) -> Iterator[str]:
    """What to type to run the department that was plugged in, and to send it an appeal."""
    code, api = manifest.code, f"{fleet.address}/api/v1/appeals"
    yield f"{code} ({manifest.name}) is plugged in. Where it finds its things:"
    yield f"  export AMQP_URI={shlex.quote(fleet.amqp_of(code))}"
    yield f"  export DATABASE_URL={shlex.quote(fleet.database_of(code))}"
    yield f"  export MANIFEST={shlex.quote(str(_place(fleet, code)))}"
    if manifest.kind == PLATFORM:
        yield "Then run your program, such as examples/platform/consumer.py."
        return
    yield f"Then run your program, or the desk that serves any department: .venv/bin/python -m departments.desk {code}"
    yield "Send it an appeal by hand:"
    yield f"  RECEIPT=$({_post(api, _an_appeal(manifest))} | {RECEIPT_OF})"
    yield f"  {_post(f'{api}/$RECEIPT/acceptance', {}, fleet.key('intake-officer'))}; sleep 1"
    yield f"  {_post(f'{api}/$RECEIPT/dispatch', {'lead': code}, fleet.key('dispatcher'))}"


def _an_appeal(manifest: Manifest) -> dict:
    """An appeal that the department may be told of, if possible one that no rule of the catalogue takes."""
    category = "other" if manifest.admits("order.dispatched", "other", "ordinary") else manifest.categories[0]
    applicant = {"kind": "park", "name": "朝阳高新技术产业开发区"}
    return {"title": "请协调解决", "text": "请给予协调支持", "category": category, "applicant": applicant}


def _post(url: str, body: dict, key: str = "") -> str:
    bearer = f" -H 'Authorization: Bearer {key}'" if key else ""
    told = json.dumps(body, ensure_ascii=False)
    return f"curl -s {url} -H 'Content-Type: application/json' -H \"Idempotency-Key: $RANDOM$$\"{bearer} -d '{told}'"


def _place(fleet: Fleet, code: str) -> Path:
    return fleet.manifests.absolute() / f"{code}.yml"


def _require_guest(fleet: Fleet, code: str) -> None:
    if not fleet.members["routing"].running():
        raise LocalSetupError("nothing is running; start it with `make up`")
    if fleet.directory.get(code):
        raise LocalSetupError(f"{code} is one of the departments that run here anyway")


def _wait_for_its_gate(fleet: Fleet, code: str, *, listens: bool) -> None:
    """Return once the service that hears it has noticed that a manifest has come or gone. Raises LocalSetupError."""
    notice = "begin" if listens else "stop"
    with kombu.Connection(fleet.amqp_uri) as connection:
        wait_until(
            lambda: has_consumer(connection, inbox_exchange(code)) == listens,
            NOTICE_SECONDS,
            f"the services did not {notice} to hear {code}",
        )
