"""The demo's people: accounts that anybody at this machine may sign in with, as `make up` makes them.

Off unless DEMO_ACCOUNTS names their file, and refused wherever anybody else could come in: it takes HOST on loopback,
COOKIES=plain and no proxy in front. Signing in goes the way of everybody, with the password and a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyotp
from marshmallow import Schema, fields, post_load

from appeals.errors import Refused
from appeals.settings import WrongSettings, from_yaml
from services.portal.accounts import CODE, Account
from services.portal.signing_in import Seated, SigningIn
from services.portal.totp import DRIFT, STEP_SECONDS

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class CodesUsedUp(Refused):
    """Raised when every code of this half minute was taken; each is good once."""

    status = 429
    zh = "该账号本时段的验证码已用完，请于 {seconds} 秒后再试"
    en = "The codes of this half minute have been used; try again in {seconds} seconds"


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """One of them. `secret` is what its codes come from; empty when a password does."""

    name: str
    called: str
    role: str
    password: str
    secret: str = ""

    def code(self, now: datetime) -> str:
        """What an app would show now; nothing when no code is asked for."""
        return pyotp.TOTP(self.secret).at(now) if self.secret else ""


class _DemoAccountSchema(Schema):
    name = fields.String(required=True)
    called = fields.String(required=True)
    role = fields.String(required=True)
    password = fields.String(required=True)
    secret = fields.String(load_default="")

    @post_load
    def make(self, values, **_) -> DemoAccount:
        return DemoAccount(**values)


class DemoAccounts(Schema):
    """How their file is written."""

    accounts = fields.List(fields.Nested(_DemoAccountSchema), required=True)

    @post_load
    def make(self, values, **_) -> Mapping[str, DemoAccount]:
        return {one.name: one for one in values["accounts"]}


def load_demo(path: str, *, host: str, cookies: str, proxies: int) -> Mapping[str, DemoAccount]:
    """The accounts in a file, by name; none without a file. Raises WrongSettings where others could come in."""
    if not path:
        return {}
    if host not in LOOPBACK or cookies != "plain" or proxies:
        raise WrongSettings(
            "DEMO_ACCOUNTS lets anybody sign in; it is for HOST=127.0.0.1 with COOKIES=plain and PROXIES=0 only"
        )
    return from_yaml(Path(path), DemoAccounts)


def come_in(
    signing_in: SigningIn, one: DemoAccount, now: datetime, address: str, old_token: str = "", device: str = ""
) -> Seated:
    """Sign in as one of them. Raises CodesUsedUp, and what SigningIn raises, as when the password was changed since."""
    seated = signing_in.sign_in(one.name, one.password, address, old_token, device)
    if seated.step == CODE and one.secret:
        seated, _ = signing_in.show_code(seated, _fresh_code(one, seated.account, now), address)
    return seated


def _fresh_code(one: DemoAccount, account: Account, now: datetime) -> str:
    """The earliest code that still counts. Raises CodesUsedUp."""
    this = int(now.timestamp()) // STEP_SECONDS
    step = max(account.totp_step + 1, this - DRIFT)
    if step > this + DRIFT:
        raise CodesUsedUp(seconds=(step - DRIFT) * STEP_SECONDS - int(now.timestamp()))
    return pyotp.TOTP(one.secret).generate_otp(step)
