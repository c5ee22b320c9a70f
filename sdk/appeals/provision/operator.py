"""What the operator does: compare the broker with the manifests, apply them, give a department a new password."""

from __future__ import annotations

from collections.abc import Callable

from appeals.errors import Refused
from appeals.manifest import Directory
from appeals.provision.access import Access
from appeals.provision.difference import Difference, differences
from appeals.provision.passwords import Passwords, fresh_password
from appeals.provision.rendering import salt_of, user, without_users


class NameTaken(Refused):
    """Raised when the broker has a user of a department's name who is more than a department."""

    zh = "消息服务器上已有同名的管理用户 {code}，请为该单位另取代码"
    en = "The broker has a user {code} with the tags {tags}, so it is no department's; give the department another code"


class NoManifest(Refused):
    """Raised when a department is to get a new password and has no manifest."""

    status = 404
    zh = "没有代码为 {code} 的接入清单"
    en = "No manifest has the code {code}"


class Operator:
    """Keeps one broker as the manifests say. `fresh` makes a password."""

    def __init__(
        self,
        directory: Directory,
        passwords: Passwords,
        access: Access,
        vhost: str = "/",
        fresh: Callable[[], str] = fresh_password,
    ):
        self._directory = directory
        self._passwords = passwords
        self._access = access
        self._vhost = vhost
        self._fresh = fresh

    def differences(self) -> list[Difference]:
        """What the broker has otherwise. Raises BrokerGone or NameTaken."""
        return self._compare(self._access.export())

    def apply(self) -> list[Difference]:
        """Mend all that can be mended; returns what differed before. New users get passwords, kept in the file.

        Raises BrokerGone, NameTaken or WrongSettings.
        """
        actual = self._access.export()
        found = self._compare(actual)
        there = {one["name"] for one in actual["users"]}
        self._passwords.make(
            [code for code in self._directory.codes if code not in there and code not in self._passwords], self._fresh
        )
        to_load: dict[str, list[dict]] = {}
        for one in self._compare(actual):
            if one.item:
                to_load.setdefault(one.kind, []).append(one.item)
            if one.revoked:
                self._access.revoke(*one.revoked)
        if to_load:
            self._access.load(to_load)
        return found

    def unknown_passwords(self) -> list[str]:
        """The departments that have a user whose password the file does not know; it stays as it is."""
        there = self._users()
        return [code for code in self._directory.codes if code in there and code not in self._passwords]

    def rotate(self, code: str) -> None:
        """Give a department a new password; the old one stops working, and its connections are closed.

        The file has the new one first: should the broker be lost on the way, applying again finishes it.
        Raises BrokerGone, NoManifest, NameTaken or WrongSettings.
        """
        if not self._directory.get(code):
            raise NoManifest(code=code)
        require_own_name(code, self._users())
        self._passwords.make([code], self._fresh)
        self._access.load({"users": [user(code, self._passwords[code])]})
        self._access.close_connections(code)

    def _users(self) -> dict[str, dict]:
        return {one["name"]: one for one in self._access.export()["users"]}

    def _compare(self, actual: dict) -> list[Difference]:
        there = {one["name"]: one for one in actual["users"]}
        for code in self._directory.codes:
            require_own_name(code, there)
        users = [
            user(code, self._passwords[code], salt_of(there[code]["password_hash"]) if code in there else None)
            for code in sorted(self._directory.codes)
            if code in self._passwords
        ]
        wanted = {"users": users} | without_users(self._directory, self._vhost)
        to_come = [
            Difference(f"+ user {code}, with a new password")
            for code in sorted(self._directory.codes)
            if code not in there and code not in self._passwords
        ]
        return to_come + differences(wanted, actual, self._directory.codes, self._vhost)


def require_own_name(code: str, there: dict[str, dict]) -> None:
    """Raises NameTaken when the user with this name is more than a department; `there` are all users by name."""
    if tags := there.get(code, {}).get("tags"):
        raise NameTaken(code=code, tags=tags if isinstance(tags, str) else ", ".join(tags))
