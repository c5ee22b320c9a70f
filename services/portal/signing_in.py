"""Signing in: a password, a second factor, a session; and every way out of it. Each act is in the audit."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from appeals.bus.database import Database
from appeals.errors import NotFound, Refused
from services.portal import totp
from services.portal.accounts import CODE, ENROL, Account, as_name
from services.portal.lockout import OF_ACCOUNT, OF_ADDRESS
from services.portal.passwords import Passwords, check_password
from services.portal.people_store import PeopleStore
from services.portal.sessions import TOKEN_BYTES, Lasting, SignedIn, digest_of
from services.sealing import Seal


class SignInFailed(Refused):
    """Raised when name, password or code are not right. It does not say which, nor whether there is such an account."""

    status = 401
    zh = "账号、密码或验证码不正确"
    en = "Name, password or code are not right"


class LockedOut(Refused):
    """Raised when an account or an address has failed too often; it is told for unknown accounts alike."""

    status = 429
    zh = "尝试次数过多，请于 {seconds} 秒后重试"
    en = "There were too many attempts; try again in {seconds} seconds"


class NotSignedIn(Refused):
    """Raised when there is no session, or it has ended."""

    status = 401
    zh = "尚未登录，或登录已失效，请重新登录"
    en = "You are not signed in, or no longer; sign in again"


class NotTheStep(Refused):
    """Raised when something else is asked of who signs in, such as a code before a device is enrolled."""

    zh = "当前登录步骤不适用该操作"
    en = "This is not what is asked for at this step of signing in"


@dataclass(frozen=True)
class Seated:
    """Somebody with a session: its token, and their account. `step` is what is still asked of them."""

    token: str
    session: SignedIn
    account: Account

    @property
    def step(self) -> str:
        """What is still asked, if anything."""
        return self.account.next_step(proved=self.session.proved)


class SigningIn:
    """All that concerns sessions; `choice` and `new_token` are the sources of chance."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        seal: Seal,
        lasting: Lasting,
        clock: Callable[[], datetime],
        *,
        choice: Callable = secrets.choice,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(TOKEN_BYTES),
    ):
        self._database = database
        self._passwords = passwords
        self._seal = seal
        self._lasting = lasting
        self._clock = clock
        self._choice = choice
        self._new_token = new_token

    def sign_in(self, name: str, password: str, address: str, old_token: str = "", device: str = "") -> Seated:
        """Begin a session under a new token; the one that the browser had ends. Raises SignInFailed or LockedOut."""
        name = as_name(name)
        kept = self._attempt(name, address)
        right = self._passwords.check(kept.password_hash if kept else None, password)
        if not (right and kept.active):
            self._failed(kept, address, "password")
            raise SignInFailed()
        now = self._clock()
        with self._database.transaction() as session:
            store = PeopleStore(session)
            account = store.account(name, to_change=True)
            if not account.active or account.password_hash != kept.password_hash:  # changed meanwhile
                raise SignInFailed()
            self._right(store, account, address, to_the_end=not account.totp_proved)
            store.clear_out(now, now - self._lasting.idle)
            if old_token:
                store.end_session(digest_of(old_token))
            store.note(now, name, "session.began", name, address, {})
            return self._seat(store, account, now, now, device=device)

    def seated(self, token: str, *, noted: bool = True) -> Seated | None:
        """Whose session this is, while it lasts; it is `noted` that they are there."""
        now = self._clock()
        with self._database.reading() as session:
            store = PeopleStore(session)
            found = store.signed_in(digest_of(token))
            account = store.account(found.account) if found else None
        if found is None or account is None or not account.active or not found.lasts(now, self._lasting):
            return None
        if noted and found.is_to_be_noted(now):
            with self._database.transaction() as session:
                if again := PeopleStore(session).signed_in(found.digest):
                    again.seen_at = now
        return Seated(token, found, account)

    def enrol(self, seated: Seated) -> tuple[str, str]:
        """Draw a secret for an app; returns it, and the address that the app reads. Raises NotTheStep."""
        if seated.account.totp_proved or seated.step not in (ENROL, ""):
            raise NotTheStep()
        secret = totp.new_secret(self._choice)
        with self._database.transaction() as session:
            account = PeopleStore(session).account(seated.account.name, to_change=True)
            if account.totp_proved:
                raise NotTheStep()
            account.totp_secret = self._seal.seal(secret, account.name)
        return secret, totp.address_of(secret, seated.account.name)

    def show_code(self, seated: Seated, code: str, address: str) -> tuple[Seated, list[str]]:
        """Show a code of the app, or a recovery code; the session goes on under a new token.

        Returns the recovery codes when this has enrolled a device. Raises NotTheStep, SignInFailed or LockedOut.
        """
        name = seated.account.name
        if not seated.account.totp_secret or (seated.account.totp_proved and seated.step != CODE):
            raise NotTheStep()
        kept = self._attempt(name, address)
        now = self._clock()
        with self._database.transaction() as session:
            store = PeopleStore(session)
            account = store.account(name, to_change=True)
            how = self._shown(store, account, code, now)
            if how:
                fresh = self._enrolled(store, account) if not account.totp_proved else []
                self._right(store, account, address, to_the_end=True)
                store.note(now, name, how, name, address, {})
                return self._change_token(store, seated, account, now, proved=True), fresh
        self._failed(kept, address, "code")
        raise SignInFailed()

    def change_password(self, seated: Seated, old: str, new: str, address: str) -> Seated:
        """Take another password; every other session ends. Raises SignInFailed, LockedOut or PasswordTooWeak."""
        if seated.step in (CODE, ENROL):
            raise NotTheStep()
        name = seated.account.name
        check_password(new, name, seated.account.called)
        kept = self._attempt(name, address)
        if not self._passwords.check(kept.password_hash, old):
            self._failed(kept, address, "password")
            raise SignInFailed()
        written = self._passwords.hash(new)
        now = self._clock()
        with self._database.transaction() as session:
            store = PeopleStore(session)
            account = store.account(name, to_change=True)
            account.take_password(written)
            self._right(store, account, address, to_the_end=True)
            store.end_sessions(name)
            store.note(now, name, "password.changed", name, address, {})
            kept = {"proved": seated.session.proved, "device": seated.session.device}
            return self._seat(store, account, seated.session.began_at, now, **kept)

    def sign_out(self, seated: Seated, address: str, *, everywhere: bool = False) -> None:
        """End this session, or all of this account's."""
        name = seated.account.name
        with self._database.transaction() as session:
            store = PeopleStore(session)
            store.end_sessions(name) if everywhere else store.end_session(seated.session.digest)
            act = "sessions.ended-everywhere" if everywhere else "session.ended"
            store.note(self._clock(), name, act, name, address, {})

    def sessions(self, seated: Seated) -> list[SignedIn]:
        """All sessions of this account that last, the one seen last first."""
        now = self._clock()
        with self._database.reading() as session:
            found = PeopleStore(session).sessions_of(seated.account.name)
        return [one for one in found if one.lasts(now, self._lasting)]

    def end_other(self, seated: Seated, digest: str, address: str) -> None:
        """End one session of this account, wherever it is. Raises NotFound."""
        name = seated.account.name
        with self._database.transaction() as session:
            store = PeopleStore(session)
            found = store.signed_in(digest)
            if found is None or found.account != name:
                raise NotFound(what=digest[:64])
            store.end_session(digest)
            store.note(self._clock(), name, "session.ended", name, address, {"device": found.device})

    # Its parts

    def _attempt(self, name: str, address: str) -> Account | None:
        """Count an attempt, and give the account, if there is one. Raises LockedOut."""
        now = self._clock()
        with self._database.transaction() as session:
            store = PeopleStore(session)
            for subject, free in ((_of_address(address), OF_ADDRESS), (_of_account(name), OF_ACCOUNT)):
                failures = store.failures(subject, free, now)
                if wait := failures.wait(now):
                    raise LockedOut(seconds=int(wait.total_seconds()) + 1)
                store.set_failures(subject, failures.one_more(now))
            return store.account(name)

    def _failed(self, account: Account | None, address: str, what: str) -> None:
        """Note a failure. An unknown name is not written down: it may be a password in the wrong place."""
        with self._database.transaction() as session:
            who = account.name if account else ""
            PeopleStore(session).note(self._clock(), who, "sign-in.failed", who, address, {"what": what})

    def _right(self, store: PeopleStore, account: Account, address: str, *, to_the_end: bool) -> None:
        """It was right: the address gets its attempt back, and the account all, once nothing is left to guess."""
        store.give_back(_of_address(address))
        (store.forgive if to_the_end else store.give_back)(_of_account(account.name))

    def _shown(self, store: PeopleStore, account: Account, code: str, now: datetime) -> str:
        """How the code was right, as the audit says it; nothing when it was not."""
        secret = self._seal.open(account.totp_secret, account.name)
        step = totp.step_of(code, secret, now, account.totp_step)
        if step is not None and store.take_step(account.name, step):
            return "second-factor.shown" if account.totp_proved else "second-factor.enrolled"
        if account.totp_proved and store.take_recovery_code(account.name, _digest_of_recovery(account.name, code)):
            return "recovery-code.used"
        return ""

    def _enrolled(self, store: PeopleStore, account: Account) -> list[str]:
        account.totp_proved = True
        codes = totp.new_recovery_codes(self._choice)
        store.set_recovery_codes(account.name, [_digest_of_recovery(account.name, code) for code in codes])
        return codes

    def _change_token(
        self, store: PeopleStore, seated: Seated, account: Account, now: datetime, *, proved: bool
    ) -> Seated:
        store.end_session(seated.session.digest)
        return self._seat(store, account, seated.session.began_at, now, proved=proved, device=seated.session.device)

    def _seat(
        self,
        store: PeopleStore,
        account: Account,
        began: datetime,
        now: datetime,
        *,
        proved: bool = False,
        device: str = "",
    ) -> Seated:
        token = self._new_token()
        facts = {"began_at": began, "seen_at": now, "proved": proved, "device": device}
        signed_in = SignedIn(digest=digest_of(token), account=account.name, **facts)
        store.add(signed_in)
        return Seated(token, signed_in, account)


def _of_account(name: str) -> str:
    return f"account:{digest_of(name)}"  # so that no name is too long, and none is kept in clear


def _of_address(address: str) -> str:
    return f"address:{address}"


def _digest_of_recovery(name: str, code: str) -> str:
    return digest_of(f"{name}:{totp.as_recovery_code(code)}")
