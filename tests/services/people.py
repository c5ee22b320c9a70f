"""People who sign in at the portal in tests, with passwords that are cheap to check."""

from datetime import timedelta

import pyotp
from argon2 import PasswordHasher

from appeals.units import load_units
from services.portal.keeping import Doer, Keeping
from services.portal.keys import Places
from services.portal.limits import Limit, Limits
from services.portal.passwords import Passwords
from services.portal.sessions import Lasting
from services.portal.signing_in import SigningIn
from services.portal.visitors import Cookies, Visitors
from services.sealing import Seal

PASSWORD = "Wuhuan-Xilu-7Hao"
KEEPER = Doer("keeper", "127.0.0.1")
SEAL = Seal(keys={"k1": b"k" * 16}, current="k1", index_key=b"i" * 32)
LASTING = Lasting(idle=timedelta(minutes=30), at_most=timedelta(hours=12))
UNLIMITED = Limits(Limit(10**9), Limit(10**9))
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def visitors(database, town, units=None):
    """The portal's accounts and sessions, in this database."""
    passwords = Passwords(lambda work, *arguments: work(*arguments), CHEAP)
    ids = iter(range(10_000))
    return Visitors(
        signing_in=SigningIn(database, passwords, SEAL, LASTING, town.clock),
        keeping=Keeping(database, passwords, town.clock, lambda: f"key-{next(ids)}"),
        places=Places(town.directory, units or load_units()),
        seal=SEAL,
        cookies=Cookies(),
    )


class Browser:
    """Somebody's browser: keeps the cookie, and sends the token of the session back as our pages do."""

    def __init__(self, portal, address="192.0.2.1"):
        self.portal = portal
        self.client = portal.client.application.test_client()
        self.address = address
        self.csrf = ""
        self.secret = ""
        self.recovery_codes = []

    def ask(self, method, path, body=None, **headers):
        """A request as a page makes it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.csrf:
            named.setdefault("X-CSRF-Token", self.csrf)
        more = {} if method in ("GET", "DELETE") else {"json": body or {}}
        answer = self.client.open(
            f"/api/v1{path}",
            method=method,
            headers=named,
            base_url="https://localhost",
            environ_overrides={"REMOTE_ADDR": self.address},
            **more,
        )
        told = answer.get_json(silent=True) or {}
        self.csrf = told.get("csrf_token", self.csrf)
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, body, **headers)

    def delete(self, path, **headers):
        return self.ask("DELETE", path, **headers)

    @property
    def token(self):
        """What the cookie holds."""
        cookie = self.client.get_cookie("__Host-session", domain="localhost")
        return cookie and cookie.value

    def sign_in(self, name, password=PASSWORD):
        """Name and password; returns the answer."""
        return self.post("/session", {"name": name, "password": password})

    def code(self):
        """What the app shows now."""
        return pyotp.TOTP(self.secret).at(self.portal.town.clock())

    def enrol(self):
        """Enrol an app, and keep the recovery codes."""
        self.secret = self.post("/session/totp/enrolment").json["secret"]
        answer = self.post("/session/totp", {"code": self.code()})
        self.recovery_codes = answer.json["recovery_codes"]
        return answer

    def come_in(self, name):
        """All of it, for an account that has chosen its own password."""
        if self.sign_in(name).json["step"] == "enrol":
            self.enrol()
        return self


def account(portal, name, *roles, department="", chosen=True, **more):
    """An account, made by the first security administrator."""
    facts = {"called": more.pop("called", f"{name}先生"), "password": PASSWORD, "chosen": chosen} | more
    return portal.visitors.keeping.create(KEEPER, name=name, roles=roles, department=department, **facts)


def signed_in(portal, name, *roles, **more):
    """A browser of somebody who is all in."""
    account(portal, name, *roles, **more)
    return Browser(portal).come_in(name)
