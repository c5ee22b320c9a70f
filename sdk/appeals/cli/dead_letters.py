"""A dead letter as people see it: what it was, why it was set aside, and what can be done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from appeals.bus.broker import ATTEMPT, ERROR, ORIGIN, REASON, Delivery
from appeals.bus.envelope import Envelope
from appeals.errors import Malformed

BY_THE_BROKER = "delivery-limit"

ADVICE = {
    BY_THE_BROKER: "It was delivered again and again without an answer: the process died over it, or was killed. "
    "Look at its log, then replay.",
    "malformed": "Nobody can read it; a replay would end here again. Ask its sender.",
    "waited-too-long": "What had to come before it never came. Have that replayed first (the operator can), then this.",
    "unknown-type": "This version of the software does not know it. Upgrade, then replay.",
    "forged-source": "It claims to come from somebody else than its sender. Do not replay it.",
}
REFUSED = "The rules did not allow it. If the rules or the manifest have changed, replay; else tell its sender."
FAILED = "The handler failed until its retries were used up. Mend it, then replay."


@dataclass(frozen=True)
class Letter:
    """A message in a dead-letter queue. `id` is the event's, or for unreadable bytes made of them."""

    delivery: Delivery
    id: str
    topic: str = ""
    receipt: str = ""
    time: str = ""
    data: dict = field(default_factory=dict)

    @classmethod
    def of(cls, delivery: Delivery) -> Letter:
        """Read one; bytes that nobody can read are a letter too."""
        try:
            envelope = Envelope.from_bytes(delivery.body)
        except Malformed:
            return cls(delivery, f"bytes-{hashlib.sha256(delivery.body).hexdigest()[:12]}")
        time = envelope.time.isoformat(timespec="seconds")
        return cls(delivery, envelope.id, envelope.topic, envelope.subject, time, envelope.data)

    @property
    def reason(self) -> str:
        """The refusal's code, the error's name, or that the broker did it."""
        return str(self.delivery.headers.get(REASON) or BY_THE_BROKER)

    @property
    def error(self) -> str:
        """The error in words."""
        return str(self.delivery.headers.get(ERROR, ""))

    @property
    def advice(self) -> str:
        """What can be done."""
        return ADVICE.get(self.reason, REFUSED if self.reason.islower() else FAILED)

    def line(self) -> str:
        """It in one line."""
        what = f"{self.topic} {self.receipt}" if self.topic else f"{len(self.delivery.body)} bytes"
        return f"{self.id}  {what}  {self.reason}: {self.error}".rstrip(": ")

    def summary(self) -> dict:
        """It as JSON values, without its body."""
        return {
            "id": self.id,
            "topic": self.topic,
            "receipt": self.receipt,
            "time": self.time,
            "reason": self.reason,
            "error": self.error,
            "retries": self.delivery.headers.get(ATTEMPT, 0),
            "origin": str(self.delivery.headers.get(ORIGIN, "")),
        }

    def whole(self) -> str:
        """Everything about it, for people."""
        lines = [f"{name:8} {value}" for name, value in self.summary().items()]
        lines += [f"advice   {self.advice}", "", "headers:"]
        lines += [f"  {name}: {value}" for name, value in sorted(self.delivery.headers.items(), key=str)]
        body = json.dumps(self.data, ensure_ascii=False, indent=2) if self.data else repr(self.delivery.body[:2000])
        return "\n".join([*lines, "", "data:" if self.data else "bytes:", body])
