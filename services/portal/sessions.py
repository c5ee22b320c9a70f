"""Sessions: somebody who has signed in, known by a random token in a cookie. Decisions only.

The token is 256 random bits; the table keeps a digest of it. What a page has to send back against forged
requests is made from the token, so that only who has the cookie's session has it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

TOKEN_BYTES = 32
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """How long a session lasts without a request, and at all."""

    idle: timedelta
    at_most: timedelta


@dataclass(eq=False, kw_only=True)
class SignedIn:
    """One session, on a device as its owner knows it. `proved` says that the second factor was shown."""

    digest: str
    account: str
    began_at: datetime
    seen_at: datetime
    proved: bool = False
    device: str = ""

    def lasts(self, now: datetime, lasting: Lasting) -> bool:
        """Whether it is still good."""
        return now < self.seen_at + lasting.idle and now < self.began_at + lasting.at_most

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether it was seen long enough ago to write down that it is seen again."""
        return now >= self.seen_at + NOTED_EVERY


def digest_of(secret: str) -> str:
    """What is kept of a token, a key or a recovery code, all of which are random and long."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def form_token(token: str) -> str:
    """What has to come with every request of this session that changes something."""
    return hmac.new(token.encode("utf-8", "surrogateescape"), b"form", hashlib.sha256).hexdigest()


def is_form_token(token: str, given: str) -> bool:
    """Whether this came from a page of the session."""
    return hmac.compare_digest(form_token(token).encode(), given.encode("utf-8", "surrogateescape"))
