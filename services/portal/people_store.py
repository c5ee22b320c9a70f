"""What is asked of the tables about people, within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.portal.accounts import Account
from services.portal.lockout import FORGOTTEN_AFTER, Failures
from services.portal.people_tables import accounts as accounts_table
from services.portal.people_tables import api_keys, attempts, audit, recovery_codes, sessions, submissions
from services.portal.sessions import SignedIn


class PeopleStore:
    """Accounts, sessions, keys and the audit."""

    def __init__(self, session: Session):
        self._session = session
        self._insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert

    def add(self, thing: object) -> None:
        """Keep something new."""
        self._session.add(thing)

    # Accounts

    def account(self, name: str, *, to_change: bool = False) -> Account | None:
        """An account; locked until the end when it is `to_change`."""
        return self._session.get(Account, name, with_for_update=to_change)

    def accounts(self) -> Sequence[Account]:
        """Every account, by name."""
        return self._session.scalars(select(Account).order_by(accounts_table.c.name)).all()

    def claims(self) -> Sequence[Account]:
        """Accounts that wait for an officer to verify their enterprise, oldest first."""
        waiting = select(Account).where(accounts_table.c.claimed_uscc != "", accounts_table.c.active)
        return self._session.scalars(waiting.order_by(accounts_table.c.created_at)).all()

    def take_step(self, name: str, step: int) -> bool:
        """Note that the code of a time step was used; False when another request has just used it."""
        later = update(accounts_table).where(accounts_table.c.name == name, accounts_table.c.totp_step < step)
        return self._session.execute(later.values(totp_step=step)).rowcount == 1

    def set_recovery_codes(self, name: str, digests: Iterable[str]) -> None:
        """Replace somebody's recovery codes."""
        self._session.execute(delete(recovery_codes).where(recovery_codes.c.account == name))
        rows = [{"account": name, "digest": digest} for digest in digests]
        if rows:
            self._session.execute(insert(recovery_codes), rows)

    def take_recovery_code(self, name: str, digest: str) -> bool:
        """Use a recovery code up; False when there is none like it."""
        this = delete(recovery_codes).where(recovery_codes.c.account == name, recovery_codes.c.digest == digest)
        return self._session.execute(this).rowcount == 1

    # Sessions

    def signed_in(self, digest: str) -> SignedIn | None:
        """The session of a token."""
        return self._session.get(SignedIn, digest)

    def sessions_of(self, account: str) -> Sequence[SignedIn]:
        """The sessions of an account, the one seen last first."""
        question = select(SignedIn).where(sessions.c.account == account)
        return self._session.scalars(question.order_by(sessions.c.seen_at.desc(), sessions.c.digest)).all()

    def end_session(self, digest: str) -> None:
        """Forget one session."""
        self._session.execute(delete(sessions).where(sessions.c.digest == digest))

    def end_sessions(self, account: str) -> None:
        """Forget all sessions of an account."""
        self._session.execute(delete(sessions).where(sessions.c.account == account))

    def clear_out(self, now: datetime, seen_before: datetime) -> None:
        """Forget what is of no use any more: sessions not seen since, and failures long ago."""
        self._session.execute(delete(sessions).where(sessions.c.seen_at < seen_before))
        self._session.execute(delete(attempts).where(attempts.c.failed_at < now - FORGOTTEN_AFTER))

    # Attempts

    def failures(self, subject: str, free: int, now: datetime) -> Failures:
        """How often this account or address has failed; locked until the end."""
        fresh = self._insert(attempts).values(subject=subject, failures=0, failed_at=now)
        self._session.execute(fresh.on_conflict_do_nothing())
        question = select(attempts).where(attempts.c.subject == subject).with_for_update()
        row = self._session.execute(question).one()
        return Failures(free=free, count=row.failures, last=row.failed_at)

    def set_failures(self, subject: str, failures: Failures) -> None:
        """Write down how often it has failed."""
        this = update(attempts).where(attempts.c.subject == subject)
        self._session.execute(this.values(failures=failures.count, failed_at=failures.last))

    def forgive(self, subject: str) -> None:
        """Forget the failures of an account."""
        self._session.execute(delete(attempts).where(attempts.c.subject == subject))

    def give_back(self, subject: str) -> None:
        """An attempt was none."""
        this = update(attempts).where(attempts.c.subject == subject, attempts.c.failures > 0)
        self._session.execute(this.values(failures=attempts.c.failures - 1))

    # Keys

    def holder_of(self, digest: str) -> Account | None:
        """Whose key this is."""
        owner = select(api_keys.c.account).where(api_keys.c.digest == digest).scalar_subquery()
        return self._session.scalar(select(Account).where(accounts_table.c.name == owner))

    def keys(self, account: str) -> Sequence[Row]:
        """Somebody's keys, oldest first."""
        mine = select(api_keys).where(api_keys.c.account == account)
        return self._session.execute(mine.order_by(api_keys.c.created_at, api_keys.c.id)).all()

    def add_key(self, **facts) -> None:
        """Keep a new key's digest."""
        self._session.execute(insert(api_keys).values(**facts))

    def revoke_key(self, account: str, id_: str) -> bool:
        """Take a key back; False when it is no key of this account."""
        this = delete(api_keys).where(api_keys.c.account == account, api_keys.c.id == id_)
        return self._session.execute(this).rowcount == 1

    # Submissions and the audit

    def add_submission(self, receipt: str, mark: str, uscc: str) -> None:
        """Note who submitted an appeal, once."""
        row = self._insert(submissions).values(receipt=receipt, mark=mark, uscc=uscc)
        self._session.execute(row.on_conflict_do_nothing())

    def note(self, at: datetime, who: str, act: str, about: str, address: str, details: dict) -> None:
        """Add a line to the audit. No secret is ever among the details."""
        row = {"at": at, "who": who, "act": act, "about": about, "address": address, "details": details}
        self._session.execute(insert(audit).values(**row))

    def noted(self, before: int | None, limit: int) -> Sequence[Row]:
        """The latest lines of the audit, from before a number on."""
        question = select(audit).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            question = question.where(audit.c.number < before)
        return self._session.execute(question).all()
