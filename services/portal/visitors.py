"""Visitors: who comes with a cookie, or with a key of their own, and whether a request was made by one of our pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request, Response

from services.portal.accounts import NOTHING, Account
from services.portal.devices import device_of
from services.portal.keeping import Doer, Keeping
from services.portal.keys import Places
from services.portal.problems import FORGED, SIGN_IN_UNFINISHED, NotDone
from services.portal.rights import Principal
from services.portal.sessions import form_token, is_form_token
from services.portal.signing_in import NotSignedIn, Seated, SigningIn
from services.sealing import Seal

FORM_TOKEN, FORM_FIELD = "X-CSRF-Token", "csrf_token"
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Cookies:
    """How the session's cookie goes out. Without TLS, for development on loopback, it has a name of its own."""

    tls: bool = True

    @property
    def name(self) -> str:
        """A browser takes the prefix only from the very host, over TLS, for every path."""
        return "__Host-session" if self.tls else "session"

    def put(self, response: Response, token: str) -> None:
        """Give it; it goes with the browser's window."""
        response.set_cookie(self.name, token, path="/", secure=self.tls, httponly=True, samesite="Lax")

    def take(self, response: Response) -> None:
        """Take it back."""
        response.delete_cookie(self.name, path="/", secure=self.tls, httponly=True, samesite="Lax")


@dataclass(frozen=True, kw_only=True)
class Visitors:
    """Accounts at the door. `seal` makes the marks that submissions are known by."""

    signing_in: SigningIn
    keeping: Keeping
    places: Places
    seal: Seal
    cookies: Cookies

    def by_key(self, key: str) -> Principal | None:
        """The holder of a key that its owner has made."""
        account = self.keeping.holder(key)
        return self.principal(account) if account else None

    def by_cookie(self, request: Request, *, again: bool = False) -> Principal | None:
        """Whose session the cookie is of; with `again` it does not count as a sign of life.

        Raises NotDone when they are not all in yet, or the request is forged.
        """
        seated = self._seated(request, again=again)
        if seated is None:
            return None
        if seated.step != NOTHING:
            raise NotDone(SIGN_IN_UNFINISHED)
        return self.principal(seated.account)

    def seated(self, request: Request) -> Seated:
        """The session, also before it is all in. Raises NotSignedIn, or NotDone for a forged request."""
        seated = self._seated(request)
        if seated is None:
            raise NotSignedIn()
        return seated

    def present(self, request: Request, *, again: bool = False) -> Seated | None:
        """Whose session the cookie is of, if it lasts, so that a page may greet them; it gives no rights.

        With `again` it does not count as a sign of life.
        """
        token = request.cookies.get(self.cookies.name, "")
        return self.signing_in.seated(token, noted=not again) if token else None

    def form_token(self, request: Request) -> str:
        """What a form of ours brings along in `csrf_token`; nothing, for who is not signed in."""
        token = request.cookies.get(self.cookies.name, "")
        return form_token(token) if token else ""

    def doer(self, request: Request, principal: Principal) -> Doer:
        """Who does it, for the audit."""
        return Doer(principal.name, address_of(request))

    def principal(self, account: Account) -> Principal:
        """Somebody with an account, as the rights know them."""
        role, *also = account.roles
        return self.places.principal(
            account.name,
            role,
            account.department,
            also=tuple(also),
            uscc=account.uscc,
            mark=self.seal.index(f"submitted by {account.name}"),
        )

    def _seated(self, request: Request, *, again: bool = False) -> Seated | None:
        seated = self.present(request, again=again)
        if seated and request.method not in SAFE:
            check_origin(request)
            given = request.headers.get(FORM_TOKEN) or request.form.get(FORM_FIELD, "")
            if not is_form_token(seated.token, given):
                raise NotDone(FORGED)
        return seated


def check_origin(request: Request) -> None:
    """A browser tells which site a request comes from; another one's is refused. Raises NotDone."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise NotDone(FORGED)


def device_in(request: Request) -> str:
    """What device it comes from, as its owner knows it."""
    return device_of(request.user_agent.string)


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.remote_addr or ""
