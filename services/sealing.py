"""Sealing: what must not be read in a table is encrypted (SM4-GCM, GB/T 32907), and found by a blind index (HMAC-SM3).

A sealed text is `key id:nonce:ciphertext`. Each has a nonce of its own, and opens only for the row that it was
sealed for, so that nobody can move it to another. The key id lets keys be changed while rows are read.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from appeals.settings import WrongSettings, from_yaml

KEY_BYTES, INDEX_BYTES, NONCE_BYTES, TAG_BYTES = 16, 32, 12, 16
PLAIN = "plain"  # the key id of what was written before there was sealing


class NotOpened(Exception):
    """Raised when a sealed text was changed, belongs to another row, or its key is not known here."""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """Seals and opens: `keys` are SM4 keys by id, `current` is the id of the one for what is new.

    `index_key` makes blind indexes; it is never changed, or nothing would be found. `chance` gives nonces.
    """

    keys: Mapping[str, bytes]
    current: str
    index_key: bytes
    chance: Callable[[int], bytes] = os.urandom

    def seal(self, text: str, about: str) -> str:
        """A text, sealed for the row that `about` names."""
        nonce = self.chance(NONCE_BYTES)
        encryptor = Cipher(algorithms.SM4(self.keys[self.current]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(about.encode())
        sealed = encryptor.update(text.encode()) + encryptor.finalize() + encryptor.tag
        return ":".join((self.current, *(base64.b64encode(part).decode() for part in (nonce, sealed))))

    def open(self, sealed: str, about: str) -> str:
        """The text again. Raises NotOpened."""
        key_id, nonce, body = sealed.split(":", 2)
        if key_id == PLAIN:
            return body
        if key_id not in self.keys:
            raise NotOpened(f"there is no key {key_id}")
        data = base64.b64decode(body)
        mode = modes.GCM(base64.b64decode(nonce), data[-TAG_BYTES:])
        decryptor = Cipher(algorithms.SM4(self.keys[key_id]), mode).decryptor()
        decryptor.authenticate_additional_data(about.encode())
        try:
            return (decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()).decode()
        except InvalidTag:
            raise NotOpened(f"what was sealed about {about} is not as it was sealed") from None

    def is_current(self, sealed: str) -> bool:
        """Whether it was sealed with the key for what is new."""
        return sealed.startswith(f"{self.current}:")

    def index(self, text: str) -> str:
        """What equal texts have in common, and nobody can find the text from; nothing for no text."""
        if not text:
            return ""
        mac = HMAC(self.index_key, SM3())
        mac.update(text.encode())
        return mac.finalize().hex()


class _Hex(fields.Field):
    """Bytes, written as hexadecimal digits."""

    def __init__(self, size: int, **options):
        super().__init__(**options)
        self._size = size

    def _deserialize(self, value, attr, data, **options) -> bytes:
        try:
            found = bytes.fromhex(value)
        except (TypeError, ValueError):
            found = b""
        if len(found) != self._size:
            raise ValidationError(f"has to be {2 * self._size} hexadecimal digits")
        return found


class SealingKeys(Schema):
    """How the file of keys is written."""

    current = fields.String(required=True)
    keys = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^(?!plain$)[a-z0-9-]{1,20}$")),
        values=_Hex(KEY_BYTES),
        required=True,
    )
    index_key = _Hex(INDEX_BYTES, required=True)

    @validates_schema
    def check_current(self, values, **_):
        """The key for what is new is one of them."""
        if values["current"] not in values["keys"]:
            raise ValidationError("is not one of the keys", "current")

    @post_load
    def make(self, values, **_) -> Seal:
        return Seal(**values)


def load_seal(path: str, database_url: str) -> Seal:
    """The keys in a file.

    Without one, a service with an embedded database (development) makes a file beside it at its first start.
    Raises WrongSettings.
    """
    if path:
        return from_yaml(Path(path), SealingKeys)
    if not database_url.startswith("sqlite"):
        raise WrongSettings(
            "SEALING_KEYS is not set: a file of sealing keys; `python -m services.sealing PATH` makes one"
        )
    place = Path(database_url.removeprefix("sqlite:///"))
    made = (place if database_url.endswith("/") else place.parent) / "sealing.yml"
    make_keys(made)
    return from_yaml(made, SealingKeys)


def make_keys(path: Path) -> bool:
    """Write a file of fresh keys that only its owner reads; returns False when there is one."""
    keys = {"current": "k1", "keys": {"k1": os.urandom(KEY_BYTES).hex()}, "index_key": os.urandom(INDEX_BYTES).hex()}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(yaml.safe_dump(keys))
    try:
        os.link(fresh, path)  # whole or not at all, also when two services start at once
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def main(arguments: list[str]) -> int:
    """`python -m services.sealing PATH` writes a file of fresh keys; returns the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m services.sealing PATH", file=sys.stderr)  # noqa: T201
        return 0 if arguments in (["-h"], ["--help"]) else 2
    if not make_keys(Path(arguments[0])):
        print(f"error: {arguments[0]} is there already; a key is never overwritten", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
