"""The accounts of `make up`: one for each role and each department, made once, in the private data of this folder.

They are made as any account is (argon2id, a device enrolled, roles kept apart), with one random password for all,
and are kept with it in `accounts.yml`, which only its owner reads. The portal's page /demo signs in with them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import pyotp
import yaml
from argon2 import PasswordHasher

from appeals.bus.database import Database, migrate
from appeals.bus.station import fresh_id, utc_now
from services import portal
from services.portal.accounts import ENROL
from services.portal.demo import DemoAccount
from services.portal.keeping import Doer, Keeping
from services.portal.passwords import Passwords
from services.portal.roles import (
    AUDITOR,
    DEPARTMENT,
    DISPATCHER,
    ENTERPRISE,
    INTAKE_OFFICER,
    SECURITY_ADMINISTRATOR,
    SUPERVISOR,
    SYSTEM_ADMINISTRATOR,
)
from services.portal.sessions import Lasting
from services.portal.signing_in import SigningIn
from services.sealing import load_seal

HERE = "127.0.0.1"
MAKER = Doer("make up", HERE)
USCC = "91210100MA0DEM0003"  # of no enterprise; its check digit is right
OFFICERS = {
    INTAKE_OFFICER: "受理岗 王敏",
    DISPATCHER: "转办岗 李强",
    SUPERVISOR: "督办岗 赵静",
    AUDITOR: "审计员 孙磊",
    SECURITY_ADMINISTRATOR: "安全管理员 周宁",
    SYSTEM_ADMINISTRATOR: "系统管理员 吴涛",
}
LASTING = Lasting(idle=timedelta(minutes=1), at_most=timedelta(minutes=1))


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom to make an account for."""

    name: str
    role: str
    called: str
    department: str = ""


def people(departments: Mapping[str, str]) -> Iterator[Person]:
    """Everybody in the demo; `departments` are the names of those that run, by code."""
    yield Person(name=ENTERPRISE, role=ENTERPRISE, called="示例企业 张经理")
    for role, called in OFFICERS.items():
        yield Person(name=role, role=role, called=called)
    for code, name in departments.items():
        yield Person(name=code, role=DEPARTMENT, called=f"{name} 经办人", department=code)


def make_accounts(
    path: Path,
    database_url: str,
    sealing_keys: Path,
    departments: Mapping[str, str],
    hasher: PasswordHasher | None = None,
) -> None:
    """Make the accounts and write them to `path`, unless they are there. Raises what Keeping and SigningIn raise.

    The `hasher` is the portal's own, if none is given.
    """
    if path.exists():
        return
    database = Database(database_url, "portal")
    try:
        migrate(database, Path(portal.__file__).parent / "migrations")
        makers = _Makers(database, sealing_keys, hasher)
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        made = [makers.make(person, password) for person in people(departments)]
    finally:
        database.close()
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(yaml.safe_dump({"accounts": [asdict(one) for one in made]}, allow_unicode=True), encoding="utf-8")
    fresh.replace(path)


class _Makers:
    """Makes one account after the other, as an administrator and its owner do it together."""

    def __init__(self, database: Database, sealing_keys: Path, hasher: PasswordHasher | None):
        passwords = Passwords(lambda work, *arguments: work(*arguments), hasher)
        self._keeping = Keeping(database, passwords, utc_now, fresh_id)
        self._signing_in = SigningIn(database, passwords, load_seal(str(sealing_keys), ""), LASTING, utc_now)
        self._known = {account.name for account in self._keeping.accounts()}

    def make(self, person: Person, password: str) -> DemoAccount:
        """The account, ready to sign in; one that an interrupted run has left gets its first password anew."""
        first = secrets.token_urlsafe(24)
        if person.name in self._known:
            self._keeping.reset(MAKER, person.name, first, second_factor=True)
        else:
            self._create(person, first)
        seated = self._signing_in.sign_in(person.name, first, HERE)
        secret = ""
        if seated.step == ENROL:
            secret, _ = self._signing_in.enrol(seated)
            seated = self._signing_in.seated(seated.token)
            seated, _ = self._signing_in.show_code(seated, pyotp.TOTP(secret).at(utc_now()), HERE)
        seated = self._signing_in.change_password(seated, first, password, HERE)
        self._signing_in.sign_out(seated, HERE)
        return DemoAccount(name=person.name, called=person.called, role=person.role, password=password, secret=secret)

    def _create(self, person: Person, first: str) -> None:
        facts = {"name": person.name, "called": person.called, "password": first}
        if person.role == ENTERPRISE:
            facts["claimed_uscc"] = USCC
        self._keeping.create(MAKER, roles=[person.role], department=person.department, **facts)
        if person.role == ENTERPRISE:
            self._keeping.verify(MAKER, person.name, approve=True, basis="make up")
