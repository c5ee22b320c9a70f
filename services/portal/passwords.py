"""Passwords: which are good enough, and how they are kept (argon2id, RFC 9106)."""

from __future__ import annotations

from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from appeals.errors import Refused

SHORTEST, LONGEST = 12, 128
# What people type when twelve characters are asked for; what contains one of these is no better.
TOO_COMMON = (
    "123456",
    "654321",
    "abcdef",
    "qwerty",
    "asdfgh",
    "1qaz2wsx",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "mima",
    "woaini",
    "admin",
    "appealloop",
    "iloveyou",
    "888888",
    "666666",
    "111111",
    "000000",
    "112233",
    "5201314",
    "shenyang",
    "liaoning",
)


class PasswordTooWeak(Refused):
    """Raised when a password is too short, too common, or tells the account's name."""

    status = 422
    field = "password"
    zh = "密码须为 {shortest}–{longest} 位，不得包含账号名，不得使用常见或重复的组合"
    en = "A password has {shortest} to {longest} characters, does not hold the account's name, and is nothing common"


def check_password(password: str, *names: str) -> None:
    """Whether this may become the password of somebody with these names. Raises PasswordTooWeak."""
    written = password.casefold()
    weak = (
        not SHORTEST <= len(password) <= LONGEST
        or len(set(written)) < SHORTEST // 2
        or any(len(name) > 1 and name.casefold() in written for name in names)
        or any(common in written for common in TOO_COMMON)
    )
    if weak:
        raise PasswordTooWeak(shortest=SHORTEST, longest=LONGEST)


class Passwords:
    """Makes and checks hashes; `aside` runs what takes long where it holds nobody else up.

    For an account that there is not, `check` takes as long as for any other.
    """

    def __init__(self, aside: Callable, hasher: PasswordHasher | None = None):
        self._aside = aside
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._nobodys = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        return self._aside(self._hasher.hash, _bytes(password))

    def check(self, kept: str | None, password: str) -> bool:
        """Whether this is the password; `kept` is None for nobody."""
        return self._aside(self._verify, kept or self._nobodys, password) and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogateescape")
