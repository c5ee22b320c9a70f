"""Signatures of deliveries, after the Standard Webhooks specification (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from standardwebhooks import Webhook as Key

from appeals.settings import WrongSettings

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)  # as the specification has it


class Signer:
    """Signs with every secret it has: with one, or with the old and the new while the receiver changes over.

    `secrets` are parted by spaces or lines, each `whsec_` and the base64 of 24 to 64 random bytes. Raises
    WrongSettings, without the secret in it.
    """

    def __init__(self, secrets: str):
        self._keys = [Key(_checked(secret)) for secret in secrets.split()]
        if not self._keys:
            raise WrongSettings("no webhook secret: set WEBHOOK_SECRET or WEBHOOK_SECRET_FILE")

    def headers(self, id_: str, at: datetime, body: bytes) -> dict[str, str]:
        """What tells the receiver that a delivery is ours, whole and fresh, and by its id whether it comes again."""
        at = at.astimezone(UTC)
        return {
            "webhook-id": id_,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(key.sign(id_, at, body.decode()) for key in self._keys),
        }


def _checked(secret: str) -> str:
    try:
        length = len(base64.b64decode(secret.removeprefix(PREFIX), validate=True))
    except ValueError:
        length = 0
    if not secret.startswith(PREFIX) or length not in KEY_BYTES:
        raise WrongSettings("a webhook secret is whsec_ and the base64 of 24 to 64 random bytes")
    return secret
