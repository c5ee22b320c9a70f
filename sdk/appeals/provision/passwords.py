"""The file with the departments' broker passwords: `code: password`, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import yaml
from marshmallow import Schema, fields, post_load, pre_load, validate

from appeals.settings import WrongSettings, from_yaml

HEADING = "# The departments' passwords at the broker, made and kept by `appeals provision`. Never commit this file.\n"


def fresh_password() -> str:
    """A random password that needs no quoting, neither in a URI nor in a shell."""
    return secrets.token_hex(16)


class Passwords(Mapping[str, str]):
    """The passwords by department code, as they are in the file; none if there is no file yet.

    Raises WrongSettings when the file is not right, or when others could read it.
    """

    def __init__(self, path: Path):
        self.path = path
        self._known: dict[str, str] = {}
        if path.exists():
            if path.stat().st_mode & 0o077:
                raise WrongSettings(f"{path} can be read by others; chmod 600 {path}")
            self._known = from_yaml(path, PasswordsSchema)

    def __getitem__(self, code: str) -> str:
        return self._known[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def make(self, codes: Iterable[str], fresh: Callable[[], str] = fresh_password) -> None:
        """Give these departments new passwords, and keep them in the file. Raises WrongSettings."""
        self._keep(self._known | {code: fresh() for code in codes})

    def forget(self, code: str) -> None:
        """Take a department out of the file; fine if it is not in it. Raises WrongSettings."""
        self._keep({known: password for known, password in self._known.items() if known != code})

    def _keep(self, known: dict[str, str]) -> None:
        if known == self._known:
            return
        draft = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(HEADING + yaml.safe_dump(known))
            draft.rename(self.path)
        except OSError as error:
            raise WrongSettings(f"{self.path}: {error.strerror}") from None
        self._known = known


class PasswordsSchema(Schema):
    """How the file is written."""

    passwords = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(min=1)), required=True)

    @pre_load
    def name(self, values, **_) -> dict:
        return {"passwords": values or {}}

    @post_load
    def bare(self, values, **_) -> dict[str, str]:
        return values["passwords"]
