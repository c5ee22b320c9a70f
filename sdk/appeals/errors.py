"""What can be wrong with a message or a request, in words an officer can read.

One family for the whole product: the bus sets a refused message aside with its reason, the portal
turns the same refusal into problem+json (RFC 9457).
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class Refused(Exception):
    """The rules do not allow it; trying the same again would not help.

    Subclasses say it in Chinese (`zh`) and English (`en`), both templates over the keyword arguments.
    `status` is the HTTP status when a person asked, `field` the input at fault, if one is.
    """

    status = 409
    field: str | None = None
    zh = "该操作不被允许"
    en = "This is not allowed"

    def __init__(self, **facts):
        self.facts = facts
        self.field = facts.get("field", self.field)
        super().__init__(self.en.format(**facts))

    @classmethod
    def code(cls) -> str:
        """The error's name for machines: `AnsweredByAnother` is `answered-by-another`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    def told(self) -> dict:
        """The refusal as JSON values: code, status, field and both languages."""
        return {
            "code": self.code(),
            "status": self.status,
            "field": self.field,
            "zh": self.zh.format(**self.facts),
            "en": self.en.format(**self.facts),
        }


class NotOnTheList(Refused):
    """Raised when a value is not one of a closed list; each list has a subclass of its own."""

    status = 422
    zh = "“{value}”不在可选范围内，可选：{known}"
    en = "{value!r} is not one of: {known}"

    @classmethod
    def check(cls, value: str, known: Iterable[str]) -> None:
        """Refuse what is not known."""
        known = list(known)
        if value not in known:
            raise cls(value=value, known=", ".join(known))


class Malformed(Refused):
    """Raised when a message cannot be read: not JSON, not an envelope, a field missing or wrong."""

    status = 422
    zh = "消息内容有误：{problems}"
    en = "The message cannot be read: {problems}"


class UnknownType(Refused):
    """Raised when this version of the software does not know a message's type."""

    status = 422
    zh = "未知的消息类型：{type}"
    en = "Unknown message type: {type}"


class NotFound(Refused):
    """Raised when there is no such thing, or the asker may not know that there is."""

    status = 404
    zh = "未找到：{what}"
    en = "Not found: {what}"


class KeyUsedBefore(Refused):
    """Raised when an Idempotency-Key comes again with another body."""

    status = 409
    field = "Idempotency-Key"
    zh = "该 Idempotency-Key 已用于内容不同的请求，请更换后重试"
    en = "This Idempotency-Key was used before with a different body; use a new one"


class AnsweredOnce(Refused):
    """Raised when somebody repeats a question whose answer is told once and kept nowhere."""

    zh = "该内容只显示一次，未予留存；如仍需查看，请重新提出"
    en = "This was told once and is kept nowhere; ask anew"


class ForgedSource(Refused):
    """Raised when a department speaks in another's name."""

    status = 403
    zh = "消息来源与发送单位不符"
    en = "The message claims to come from somebody else than its sender"


class WordNotAllowed(Refused):
    """Raised when a department says what is not a department's to say, or what its manifest does not list."""

    status = 403
    zh = "本单位的接入清单未开通 {topic}"
    en = "The department may not say {topic}"


class TooLarge(Refused):
    """Raised when what a participant would say is larger than a message may be."""

    status = 413
    zh = "消息过大：{size} 字节，上限 {most} 字节"
    en = "The message would have {size} bytes; at most {most} are allowed"


class WaitedTooLong(Refused):
    """Raised when what had to come before a message never came; replay it once that has come."""

    zh = "等待的前序消息一直未到：{waits_for}"
    en = "What had to come first never came: {waits_for}"


class Broken(Refused):
    """Told to a person when a command failed for a reason that is ours; the log has the rest."""

    status = 500
    zh = "系统内部错误，请稍后重试；如仍出现，请提供编号 {reference}"
    en = "Something went wrong on our side; try again later, or report reference {reference}"


class Unanswered(Exception):
    """Raised when a service did not answer a command in time: whether it was done is unknown.

    Ask again with the same key; it has its effect once.
    """
