"""Accounts: who may sign in, as what, and what is still asked of them. It decides only; the time is an argument."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from appeals.errors import Refused
from services.portal.roles import ENTERPRISE, SECOND_FACTOR, check_roles

# What is asked next of somebody who signs in; nothing, once they are in.
CODE, ENROL, NEW_PASSWORD, NOTHING = "code", "enrol", "new-password", ""


class NameTaken(Refused):
    """Raised when an account is to be made under a name that another has."""

    field = "name"
    zh = "账号名“{name}”已被使用"
    en = "The account name {name} is taken"


class OwnAccount(Refused):
    """Raised when a security administrator would change the rights of their own account; another one has to."""

    zh = "不得变更本人账号的权限，请由另一名安全管理员办理"
    en = "Nobody changes the rights of their own account; ask another security administrator"


class NotAnEnterprise(Refused):
    """Raised when an account that is no enterprise's is to be bound to one, or has nothing to be verified."""

    zh = "该账号不是待核验的企业账号"
    en = "This is no account of an enterprise that waits to be verified"


@dataclass(eq=False, kw_only=True)
class Account:
    """Somebody who may sign in. `called` is their name as people say it.

    `claimed_uscc` is the enterprise that they say they act for, `uscc` the one that an officer has verified.
    `password_is_first` marks a password that somebody else gave them. `totp_secret` is sealed; it counts once
    it was `totp_proved`, and no code is taken whose time step is not later than `totp_step`.
    """

    name: str
    called: str
    roles: list[str]
    password_hash: str
    created_at: datetime
    department: str = ""
    claimed_uscc: str = ""
    uscc: str = ""
    active: bool = True
    password_is_first: bool = True
    totp_secret: str = ""
    totp_proved: bool = False
    totp_step: int = 0

    @property
    def needs_second_factor(self) -> bool:
        """Whether a password alone does not do: for officers and administrators, and whoever has enrolled."""
        return self.totp_proved or not SECOND_FACTOR.isdisjoint(self.roles)

    def next_step(self, *, proved: bool) -> str:
        """What is still asked of them after the password; `proved` says that the second factor was."""
        if self.needs_second_factor and not proved:
            return CODE if self.totp_proved else ENROL
        return NEW_PASSWORD if self.password_is_first else NOTHING

    def become(self, roles: Collection[str], department: str, *, by: str) -> None:
        """Take other roles on. Raises OwnAccount, and what `check_roles` raises."""
        self._not_by_oneself(by)
        check_roles(roles, department)
        self.roles, self.department = sorted(set(roles)), department

    def switch(self, active: bool, *, by: str) -> None:
        """Be disabled, or enabled again. Raises OwnAccount."""
        self._not_by_oneself(by)
        self.active = active

    def be_verified(self, approve: bool) -> None:
        """An officer has looked at the papers: the claim holds, or is dropped. Raises NotAnEnterprise."""
        if ENTERPRISE not in self.roles or not self.claimed_uscc:
            raise NotAnEnterprise()
        self.uscc, self.claimed_uscc = (self.claimed_uscc if approve else self.uscc), ""

    def take_password(self, password_hash: str, *, first: bool = False) -> None:
        """Have another password; `first` when somebody else gave it."""
        self.password_hash, self.password_is_first = password_hash, first

    def forget_second_factor(self) -> None:
        """Enrol again at the next sign-in: the device is lost, or stolen."""
        self.totp_secret, self.totp_proved, self.totp_step = "", False, 0

    def _not_by_oneself(self, by: str) -> None:
        if by == self.name:
            raise OwnAccount()


def as_name(written: str) -> str:
    """An account's name in its one form, so that two that look the same are the same."""
    return unicodedata.normalize("NFKC", written).strip().casefold()
