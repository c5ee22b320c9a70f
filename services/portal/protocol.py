"""Protocol: what is refused before the application is reached, since it is no request that could be understood.

It is told as every other refusal is; in Chinese, since the language that was asked for may not have been read.
"""

from __future__ import annotations

import json
import re
from email.message import Message
from http import HTTPStatus

from services.portal.problems import MEDIA_TYPE, bad_header, of_http
from services.portal.words import ZH

LENGTH, ENCODING = "Content-Length", "Transfer-Encoding"


def refusal(status: int) -> bytes:
    """The whole answer to a request that is not one: head and problem."""
    return _answer(of_http(status))


def refusal_of_length(headers: Message) -> bytes | None:
    """The answer to a head that does not say clearly how long the body is; nothing when it does."""
    lengths = headers.get_all(LENGTH, [])
    if not lengths or (len(lengths) == 1 and re.fullmatch("[0-9]{1,18}", lengths[0]) and ENCODING not in headers):
        return None
    expected = ("一个非负整数，且不与 Transfer-Encoding 同用", "one whole number, and no Transfer-Encoding beside it")
    return _answer(bad_header(LENGTH, expected))


def _answer(problem) -> bytes:
    body = json.dumps(problem.told(ZH), ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
