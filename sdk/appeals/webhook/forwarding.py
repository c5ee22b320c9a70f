"""Every event of a department's manifest becomes one signed POST; the words in its answer are said at the desk."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from appeals.bus.envelope import CONTENT_TYPE
from appeals.department import Department
from appeals.events import Event
from appeals.message import message_classes
from appeals.settings import WrongSettings, from_environment, setting
from appeals.webhook.answers import words_in
from appeals.webhook.delivery import Receiver
from appeals.webhook.signing import Signer


@dataclass(frozen=True, kw_only=True)
class WebhookSettings:
    """Where the secret is: in the environment, or better in a file."""

    webhook_secret: str = setting("whsec_… in base64; two of them, parted by a space, while they are changed", "")
    webhook_secret_file: str = setting("a file that holds what WEBHOOK_SECRET would", "")


def run(code: str) -> int:
    """Deliver one department's events until SIGTERM or SIGINT; returns the exit status."""
    try:
        department = webhook_of(code)
    except WrongSettings as error:
        sys.stderr.write(f"{code}: {error}\n")
        return 2
    return department.run()


def webhook_of(code: str) -> Department:
    """The department with this code, whose system is the receiver that its manifest names.

    One event at a time, each in a transaction of its own, so that one that fails has no other sent again. Raises
    WrongSettings.
    """
    department = Department(code, prefetch=2)
    manifest = department.manifest()
    if manifest.webhook is None:
        raise WrongSettings("the manifest has no block webhook")
    signer, receiver = Signer(_secrets()), Receiver(manifest.webhook)

    def forward(event, desk):
        """Deliver the event as it came; what the receiver answers is said."""
        body, now = desk.heard.delivery.body, desk.now()
        headers = signer.headers(desk.heard.envelope.id, now, body)
        answer = receiver.deliver(body, {"Content-Type": CONTENT_TYPE, **headers})
        return words_in(answer, receipt=event.receipt, department=code, at=now) if answer else []

    known = (cls for cls in message_classes() if issubclass(cls, Event))
    department.on(*(event for event in known if event.topic in manifest.events))(forward)
    return department


def _secrets() -> str:
    settings = from_environment(WebhookSettings, os.environ)
    if not settings.webhook_secret_file:
        return settings.webhook_secret
    try:
        return Path(settings.webhook_secret_file).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"WEBHOOK_SECRET_FILE: {error}") from None
