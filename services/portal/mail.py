"""Mail: what an .eml file says, as the draft of an appeal that an officer looks at and hands in."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import BinaryIO

from services.portal.file_refusals import FileRefused

UNREAD = ("script", "style", "head", "title")
BLOCKS = ("p", "br", "div", "tr", "li", "h1", "h2", "h3")


class NotAnEmail(FileRefused):
    """Raised when a file is no e-mail."""

    zh = "该文件不是电子邮件（.eml）"
    en = "This is not an e-mail (.eml)"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """An e-mail: its subject and text, who sent it, and its attachments as pairs of name and content."""

    title: str
    text: str
    sender: str
    files: tuple[tuple[str, bytes], ...]


def read_mail(file: BinaryIO) -> Mail:
    """Read an .eml file. Raises NotAnEmail."""
    file.seek(0)
    try:
        message = BytesParser(policy=policy.default).parse(file)
        if not (message["from"] or message["subject"]):
            raise NotAnEmail()
        files = tuple(_files(message))
        return Mail(
            title=_clean(message["subject"] or ""),
            text=_clean(_text(message)),
            sender=_clean(message["from"] or ""),
            files=files,
        )
    except (MessageError, LookupError, ValueError, AttributeError, TypeError):
        raise NotAnEmail() from None


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    content = body.get_content()
    return content if body.get_content_subtype() == "plain" else _Reader.read(content)


def _files(message: EmailMessage):
    for number, part in enumerate(message.iter_attachments(), 1):
        content = part.get_payload(decode=True)
        if content is None:  # another e-mail
            content = b"".join(one.as_bytes() for one in part.get_payload())
        yield part.get_filename() or f"附件{number}", content


def _clean(text: str) -> str:
    kept = "".join(char for char in text if char in "\n\t" or (char.isprintable() and not "\ud800" <= char <= "\udfff"))
    return kept.strip()


class _Reader(HTMLParser):
    """Reads the text of a page, and nothing that is not shown."""

    def __init__(self):
        super().__init__()
        self._parts: list[str] = []
        self._unread = 0

    @classmethod
    def read(cls, page: str) -> str:
        """The text that a reader would see."""
        reader = cls()
        reader.feed(page)
        reader.close()
        lines = (" ".join(line.split()) for line in "".join(reader._parts).splitlines())
        return "\n".join(line for line in lines if line)

    def handle_starttag(self, tag, attrs):
        self._unread += tag in UNREAD
        if tag in BLOCKS:
            self._parts.append("\n")

    def handle_endtag(self, tag):
        self._unread -= tag in UNREAD and self._unread > 0
        if tag in BLOCKS:
            self._parts.append("\n")

    def handle_data(self, data):
        if not self._unread:
            self._parts.append(data)
