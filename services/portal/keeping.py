"""Keeping accounts: what administrators, officers and owners do with accounts and keys. Each act is in the audit."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row

from appeals.bus.database import Database
from appeals.errors import NotFound
from services.portal.accounts import Account, NameTaken, as_name
from services.portal.passwords import Passwords, check_password
from services.portal.people_store import PeopleStore
from services.portal.roles import ENTERPRISE, check_roles
from services.portal.sessions import TOKEN_BYTES, digest_of

KEY_MARK = "alk_"  # so that a key which leaks is found by those who search for such


@dataclass(frozen=True)
class Doer:
    """Who does it, and from which address."""

    name: str
    address: str


class Keeping:
    """All that concerns accounts and keys; `new_secret` and `new_id` are the sources of chance."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        *,
        new_secret: Callable[[], str] = lambda: KEY_MARK + secrets.token_urlsafe(TOKEN_BYTES),
    ):
        self._database = database
        self._passwords = passwords
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret

    # Accounts

    def create(
        self,
        doer: Doer,
        *,
        name: str,
        called: str,
        password: str,
        roles: Sequence[str],
        department: str = "",
        claimed_uscc: str = "",
        chosen: bool = False,
    ) -> Account:
        """Make an account; its owner has `chosen` the password, or changes it when signing in first.

        Raises NameTaken, PasswordTooWeak, and what `check_roles` raises.
        """
        name = as_name(name)
        check_roles(roles, department)
        check_password(password, name, called)
        account = Account(
            name=name,
            called=called,
            roles=sorted(set(roles)),
            department=department,
            claimed_uscc=claimed_uscc,
            password_hash=self._passwords.hash(password),
            password_is_first=not chosen,
            created_at=self._clock(),
        )
        with self._acting(doer, "account.created", name, roles=account.roles, department=department) as store:
            if store.account(name):
                raise NameTaken(name=name)
            store.add(account)
        return account

    def register(self, address: str, *, name: str, called: str, password: str, uscc: str) -> Account:
        """An enterprise makes its own account; it is bound to the enterprise once an officer has verified that."""
        doer = Doer(as_name(name), address)
        facts = {"name": name, "called": called, "password": password, "claimed_uscc": uscc}
        return self.create(doer, roles=[ENTERPRISE], chosen=True, **facts)

    def give_roles(self, doer: Doer, name: str, roles: Sequence[str], department: str) -> Account:
        """Change what somebody is; their sessions end. Raises NotFound, OwnAccount, and what `check_roles` raises."""
        with self._changing(doer, "account.roles-given", name, roles=sorted(roles), department=department) as account:
            account.become(roles, department, by=doer.name)
        return account

    def switch(self, doer: Doer, name: str, active: bool) -> Account:
        """Disable or enable an account; its sessions end. Raises NotFound or OwnAccount."""
        with self._changing(doer, "account.enabled" if active else "account.disabled", name) as account:
            account.switch(active, by=doer.name)
        return account

    def reset(self, doer: Doer, name: str, password: str, *, second_factor: bool) -> Account:
        """Give a first password anew, and perhaps forget the device; sessions end.

        Raises NotFound or PasswordTooWeak.
        """
        check_password(password, as_name(name))
        written = self._passwords.hash(password)
        with self._changing(doer, "account.reset", name, second_factor=second_factor) as account:
            account.take_password(written, first=True)
            if second_factor:
                account.forget_second_factor()
        return account

    def verify(self, doer: Doer, name: str, *, approve: bool, basis: str) -> Account:
        """An officer has looked at an enterprise's papers. Raises NotFound or NotAnEnterprise."""
        act = "enterprise.verified" if approve else "enterprise.refused"
        with self._changing(doer, act, name, basis=basis) as account:
            account.be_verified(approve)
        return account

    def accounts(self) -> Sequence[Account]:
        """Every account."""
        with self._database.reading() as session:
            return PeopleStore(session).accounts()

    def claims(self) -> Sequence[Account]:
        """Accounts that wait to be verified."""
        with self._database.reading() as session:
            return PeopleStore(session).claims()

    # Keys

    def make_key(self, doer: Doer, label: str) -> tuple[str, str]:
        """A new key of one's own; returns its id, and the key, which is told only here."""
        id_, key = self._new_id(), self._new_secret()
        with self._acting(doer, "key.created", id_, label=label) as store:
            store.add_key(id=id_, account=doer.name, label=label, digest=digest_of(key), created_at=self._clock())
        return id_, key

    def keys(self, account: str) -> Sequence[Row]:
        """One's own keys."""
        with self._database.reading() as session:
            return PeopleStore(session).keys(account)

    def revoke_key(self, doer: Doer, id_: str) -> None:
        """Take one of one's own keys back. Raises NotFound."""
        with self._acting(doer, "key.revoked", id_) as store:
            if not store.revoke_key(doer.name, id_):
                raise NotFound(what=id_)

    def holder(self, key: str) -> Account | None:
        """Whose key this is, while the account is active."""
        with self._database.reading() as session:
            account = PeopleStore(session).holder_of(digest_of(key))
        return account if account and account.active else None

    # Submissions and the audit

    def submitted(self, receipt: str, mark: str, uscc: str) -> None:
        """Note which account submitted an appeal."""
        with self._database.transaction() as session:
            PeopleStore(session).add_submission(receipt, mark, uscc)

    def audit(self, before: int | None, limit: int) -> Sequence[Row]:
        """The latest acts, newest first."""
        with self._database.reading() as session:
            return PeopleStore(session).noted(before, limit)

    def note(self, doer: Doer, act: str, about: str, **details) -> None:
        """Put into the audit what somebody has taken away: a paper, or the list of appeals."""
        with self._acting(doer, act, about, **details):
            pass

    @contextmanager
    def _acting(self, doer: Doer, act: str, about: str, **details) -> Iterator[PeopleStore]:
        """A transaction with the act in the audit, or nothing of it."""
        with self._database.transaction() as session:
            store = PeopleStore(session)
            yield store
            store.note(self._clock(), doer.name, act, about, doer.address, details)

    @contextmanager
    def _changing(self, doer: Doer, act: str, name: str, **details) -> Iterator[Account]:
        name = as_name(name)
        with self._acting(doer, act, name, **details) as store:
            account = store.account(name, to_change=True)
            if account is None:
                raise NotFound(what=name)
            yield account
            store.end_sessions(name)
