"""Incoming: what the portal reads of a request before it does anything: body, language, key, and who asks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from flask import Request
from marshmallow import Schema, ValidationError

from services.portal.keys import Keyring
from services.portal.limits import Limits
from services.portal.problems import (
    NO_KEY,
    NO_KEY_FOR_PAGE,
    NO_LENGTH,
    NOT_BY_KEY,
    NOT_FOUND,
    NOT_JSON,
    NotDone,
    bad_header,
    invalid,
    malformed_json,
    not_allowed,
    repeated_name,
)
from services.portal.receipts import Receipts, as_receipt
from services.portal.rights import NOBODY, Principal, may
from services.portal.visitors import Visitors, address_of
from services.portal.words import EN, ZH

IDEMPOTENCY_KEY = "Idempotency-Key"
QUERY_CODE = "X-Query-Code"
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class Gate:
    """Finds out who asks, and whether they may."""

    def __init__(
        self,
        keyring: Keyring,
        receipts: Receipts,
        visitors: Visitors,
        limits: Limits,
        seconds: Callable[[], float] = time.monotonic,
    ):
        self._keyring = keyring
        self._receipts = receipts
        self._visitors = visitors
        self._limits = limits
        self._seconds = seconds

    def let_in(self, request: Request) -> None:
        """Count a request of an address, before anything else is done. Raises TooManyRequests."""
        self._limits.of_address.take(address_of(request), self._seconds())

    def staff(self, request: Request, right: str, *, basic: bool = False) -> Principal:
        """Who signed in, or holds the key in the request. Raises NotDone when nobody, or the role may not do this.

        With `basic` the key may also be the password of HTTP Basic, as browsers ask for it.
        """
        principal = self._holder_by_password(request) if basic else self._holder(request)
        if principal is None:
            raise NotDone(NO_KEY_FOR_PAGE if basic else NO_KEY)
        if not may(principal, right):
            raise NotDone(not_allowed(principal.role))
        return principal

    def anybody(self, request: Request, right: str) -> Principal:
        """Who signed in or holds the key, or nobody in particular. Raises NotDone for a key that is not one."""
        principal = self._holder(request) or NOBODY
        if not may(principal, right):
            raise NotDone(not_allowed(principal.role))
        return principal

    def keyholder(self, request: Request, key: str) -> Principal:
        """Who holds the key that was given, or that in the header; nobody in particular without one. No cookie counts.

        Raises NotDone for a key that is not one.
        """
        if not key:
            return (self._holder(request) if "Authorization" in request.headers else None) or NOBODY
        principal = self._by_key(key)
        if principal is None:
            raise NotDone(NO_KEY)
        return self._counted(principal)

    def in_person(self, request: Request, right: str) -> Principal:
        """Who signed in; a key does not do, so that one that leaks makes no other. Raises NotDone."""
        if "Authorization" in request.headers:
            raise NotDone(NOT_BY_KEY)
        return self.staff(request, right)

    def applicant(self, request: Request, receipt: str) -> Principal:
        """The applicant, who has the query code of this appeal. Raises NotDone, as if there were no such appeal."""
        code = request.headers.get(QUERY_CODE) or request.args.get("query_code", "")
        if not self._receipts.opens(receipt, code):
            raise NotDone(NOT_FOUND)
        return Principal.applicant(receipt)

    def reader(self, request: Request, receipt: str, *, again: bool = False) -> Principal:
        """Who wants to look at one appeal: somebody with an account, or its applicant. Raises NotDone.

        With `again` it is the same request that is looked at once more: it is not counted, and no session lasts longer.
        """
        if self.brings_code(request):
            return self.applicant(request, receipt)
        return self._holder(request, again=again) or self.applicant(request, receipt)

    def doer(self, request: Request, receipt: str, right: str, *, is_applicants: bool) -> Principal:
        """Who wants to do something to one appeal. Raises NotDone."""
        if is_applicants and self.brings_code(request):
            return self.applicant(request, receipt)
        if is_applicants and self._holder(request) is None:
            raise NotDone(NOT_FOUND)
        return self.staff(request, right)

    def brings_code(self, request: Request) -> bool:
        """Whether they come as the applicant: with a query code, and no key."""
        if "Authorization" in request.headers:
            return False
        return QUERY_CODE in request.headers or "query_code" in request.args

    def _holder_by_password(self, request: Request) -> Principal | None:
        given = request.authorization
        if given and given.type == "basic":
            return self._by_key(given.password or "")
        return self._holder(request)

    def _holder(self, request: Request, *, again: bool = False) -> Principal | None:
        given = request.headers.get("Authorization")
        if given is None:
            principal = self._visitors.by_cookie(request, again=again)
            return principal if again else self._counted(principal)
        scheme, _, key = given.partition(" ")
        principal = self._by_key(key.strip()) if scheme.lower() == "bearer" else None
        if principal is None:
            raise NotDone(NO_KEY)
        return principal if again else self._counted(principal)

    def _counted(self, principal: Principal | None) -> Principal | None:
        if principal:
            self._limits.of_principal.take(f"{principal.role}:{principal.name}", self._seconds())
        return principal

    def _by_key(self, key: str) -> Principal | None:
        return self._keyring.holder(key) or self._visitors.by_key(key)


def receipt_of(written: str) -> str:
    """The receipt in a URL. Raises NotDone when it cannot be one."""
    receipt = as_receipt(written)
    if receipt is None:
        raise NotDone(NOT_FOUND)
    return receipt


def order_of(written: str, receipt: str) -> str:
    """The work order in a URL, which is one of this appeal's. Raises NotDone when it cannot be."""
    number = written.strip().upper().removeprefix(f"{receipt}-")
    if not re.fullmatch("[0-9]{2,6}", number):
        raise NotDone(NOT_FOUND)
    return f"{receipt}-{number}"


def language_of(request: Request) -> str:
    """Chinese, unless English is asked for."""
    return request.accept_languages.best_match([ZH, EN], default=ZH)


def idempotency_key(request: Request, new_id: Callable[[], str]) -> str:
    """The key that the client gave, or a fresh one. Raises NotDone."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return new_id()
    if not _KEY.fullmatch(key):
        expected = ("1–128 个可见 ASCII 字符，如 UUID", "1 to 128 visible ASCII characters, such as a UUID")
        raise NotDone(bad_header(IDEMPOTENCY_KEY, expected))
    return key


def load_body(request: Request, schema: Schema) -> tuple[bytes, dict]:
    """The body as it came, and as its schema reads it. Raises NotDone."""
    raw, values = read_body(request)
    return raw, load(schema, values)


def read_body(request: Request) -> tuple[bytes, object]:
    """The body as it came, and as JSON; no body is an empty object. Raises NotDone."""
    raw = request.get_data()
    if raw and not request.is_json:
        raise NotDone(NOT_JSON)
    return raw, _parse(raw) if raw else {}


def load(schema: Schema, values: object) -> dict:
    """Values as their schema reads them. Raises NotDone naming every field that is wrong."""
    try:
        return schema.load(values)
    except ValidationError as error:
        raise NotDone(invalid(error)) from error


def check_length_is_told(request: Request) -> None:
    """Uploads say how long they are. Raises NotDone."""
    if "Transfer-Encoding" in request.headers:
        raise NotDone(NO_LENGTH)


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_such_number, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotDone(malformed_json(where)) from error
    except UnicodeDecodeError as error:
        raise NotDone(malformed_json(f"byte {error.start}")) from error
    except (ValueError, RecursionError) as error:
        raise NotDone(malformed_json("number or nesting")) from error


def _once_each(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise NotDone(repeated_name(next(name for name in names if names.count(name) > 1)))
    return found


def _no_such_number(name: str):
    raise ValueError(name)
