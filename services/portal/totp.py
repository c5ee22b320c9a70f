"""The second factor: codes from an app (TOTP, RFC 6238), each taken once, and recovery codes for a lost phone."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

import pyotp

from services.portal.receipts import ALPHABET

ISSUER = "AppealLoop"
STEP_SECONDS = 30
DRIFT = 1  # steps that a clock may be wrong, either way
RECOVERY_CODES, RECOVERY_LENGTH = 10, 16  # of 80 bits each
SECRET_LENGTH = 32  # 160 bits in base 32, as the RFC asks
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def new_secret(choice: Callable) -> str:
    """A fresh secret; `choice` is the source of chance."""
    return "".join(choice(BASE32) for _ in range(SECRET_LENGTH))


def address_of(secret: str, account: str) -> str:
    """What the app reads, as a QR code or by hand: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def step_of(code: str, secret: str, now: datetime, last: int) -> int | None:
    """The time step that this code is for; None when it is wrong, too old, or was taken before (`last`)."""
    this = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret)
    found = None
    for step in range(this - DRIFT, this + DRIFT + 1):
        right = hmac.compare_digest(app.generate_otp(step).encode(), code.encode("utf-8", "surrogateescape"))
        if right and step > last:
            found = step
    return found


def new_recovery_codes(choice: Callable) -> list[str]:
    """Codes to be kept on paper, each good once: `7K3M-XQ2A-…`."""
    drawn = ("".join(choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4)) for code in drawn]


def as_recovery_code(written: str) -> str:
    """A recovery code in its one form, however it was typed."""
    return "".join(written.upper().split()).replace("-", "")
