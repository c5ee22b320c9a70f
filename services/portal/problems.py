"""Problems: every refusal of the portal as RFC 9457 tells it, in Chinese or English.

What went wrong and what would be right; never how it looks inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from marshmallow import ValidationError

from appeals.errors import Refused
from services.portal.fields import Fault, Pair
from services.portal.roles import AUDITOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from services.portal.words import EN

MEDIA_TYPE = "application/problem+json"
LARGEST_BODY = 128 * 1024  # 5,000 characters, each written as two \uXXXX, and room for the rest
LONGEST_NAME = 100
UNANSWERED = "unanswered"

TITLES: dict[int, Pair] = {
    400: ("请求有误", "Bad request"),
    401: ("需要登录或有效的访问密钥", "Sign in, or give a valid key"),
    403: ("无权执行该操作", "Not allowed for you"),
    404: ("未找到", "Not found"),
    405: ("不支持该请求方法", "Method not allowed"),
    408: ("请求超时", "Request timed out"),
    409: ("与当前状态冲突", "Conflict with the current state"),
    411: ("缺少 Content-Length", "Content-Length is needed"),
    412: ("诉求已有新进展", "The appeal has moved on"),
    413: ("请求内容过大", "Request too large"),
    414: ("网址过长", "Address too long"),
    415: ("请求内容类型不支持", "Media type not supported"),
    422: ("填写内容不符合要求", "Some fields are not right"),
    429: ("请求过于频繁", "Too many requests"),
    431: ("请求头过长", "Header too long"),
    500: ("系统内部错误", "Internal error"),
    503: ("服务暂时不可用", "Temporarily unavailable"),
    505: ("不支持该 HTTP 版本", "HTTP version not supported"),
}

FAULTS: dict[str, Pair] = {
    "required": ("缺少必填字段", "This field is missing"),
    "null": ("不能为 null", "This may not be null"),
    "empty": ("不能为空", "This may not be empty"),
    "invalid": ("格式不正确", "This is not in the right form"),
    "too-few": ("数量不足", "There are too few of them"),
    "too-long": ("内容超长", "This is too long"),
    "bad-characters": ("含有不允许的字符（NUL 或不完整的代理对）", "This holds NUL or half a surrogate pair"),
    "not-listed": ("不在可选范围内", "This is not one of the choices"),
    "wrong-check-digit": ("统一社会信用代码校验码不正确", "The check digit of the social credit code is wrong"),
    "unknown-field": ("未知字段", "There is no such field"),
    "extra-cells": ("单元格多于表头的列，可能错位", "There are more cells than columns; some may have shifted"),
    "not-an-object": ("应为 JSON 对象", "This has to be a JSON object"),
}


@dataclass(frozen=True)
class Problem:
    """Why something was not done.

    `errors` are pairs of a field and its fault; `extra` are further members, such as the key to repeat with.
    """

    code: str
    status: int
    zh: str
    en: str
    errors: tuple[tuple[str, Fault], ...] = ()
    headers: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)

    def told(self, language: str) -> dict:
        """The problem as JSON values."""
        body = {
            "type": f"/problems/{self.code}",
            "title": _said(TITLES.get(self.status, TITLES[400 if self.status < 500 else 500]), language),
            "status": self.status,
            "detail": _said((self.zh, self.en), language),
        }
        if self.errors:
            body["errors"] = [fault_told(name, fault, language) for name, fault in self.errors]
        return body | self.extra

    def with_key(self, key: str) -> Problem:
        """The same problem, with the key under which the request may be repeated."""
        return replace(self, extra={**self.extra, "idempotency_key": key})


class NotDone(Exception):
    """Raised when the portal does not do what it was asked; `problem` becomes the answer."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(problem.en)


def invalid(error: ValidationError) -> Problem:
    """The problem that marshmallow found, with every field that is wrong."""
    errors = tuple(_each(error.messages))
    names = ", ".join(dict.fromkeys(name for name, _ in errors))
    return Problem("invalid-fields", 422, f"以下字段有误：{names}", f"These fields are not right: {names}", errors)


def bad_request(code: str, zh: str, en: str) -> Problem:
    """A request that cannot be read."""
    return Problem(code, 400, zh, en)


def malformed_json(where: str) -> Problem:
    """A body that is not JSON."""
    return bad_request(
        "malformed-json",
        f"请求内容不是有效的 UTF-8 JSON({where})",
        f"The body is not valid JSON in UTF-8 ({where})",
    )


def repeated_name(name: str) -> Problem:
    """A JSON object that has a name twice: which of the two is meant, nobody can know."""
    return bad_request(
        "repeated-name",
        f"JSON 对象中字段重复：{_readable(name)}",
        f"A name stands twice in a JSON object: {_readable(name)}",
    )


def bad_header(name: str, expected: Pair) -> Problem:
    """A header that is not as it has to be."""
    problem = bad_request("invalid-header", f"请求头 {name} 不正确", f"The header {name} is not right")
    return replace(problem, errors=((name, Fault("invalid", expected)),))


def refused(told: dict) -> Problem:
    """A refusal of the service that owns the decision; what is not found there sounds like anything unknown."""
    if told["status"] == 404:
        return NOT_FOUND
    errors = ((told["field"], Fault("refused", (told["zh"], told["en"]))),) if told.get("field") else ()
    extra = {"receipt": told["receipt"]} if "receipt" in told else {}
    return Problem(told["code"], told["status"], told["zh"], told["en"], errors, extra=extra)


def of_refusal(error: Refused) -> Problem:
    """A refusal of the portal's own; one that passes with time says how long."""
    problem = refused(error.told())
    seconds = error.facts.get("seconds")
    return replace(problem, headers={"Retry-After": str(seconds)}) if seconds else problem


def not_allowed(role: str) -> Problem:
    """Why a role may not do this; those that are kept apart for a reason are told it."""
    return _NOT_ALLOWED.get(role, NOT_ALLOWED)


def unanswered(key: str) -> Problem:
    """Nobody knows whether it was done; repeating with the same key has its effect once."""
    problem = Problem(
        UNANSWERED,
        503,
        "暂未收到办理服务的确认，是否已生效尚不确定；请稍后用同一 Idempotency-Key 原样重试，不会重复办理",
        "It is not known yet whether this was done; repeat it unchanged with the same Idempotency-Key, "
        "it will have its effect once",
        headers={"Retry-After": "5"},
    )
    return problem.with_key(key)


def internal(reference: str) -> Problem:
    """A defect of ours; the log has the rest under this reference."""
    return Problem(
        "internal-error",
        500,
        f"系统内部错误，请稍后重试；如仍出现，请提供编号 {reference}",
        f"Something went wrong on our side; try again later, or report reference {reference}",
        extra={"reference": reference},
    )


def of_http(status: int, allowed: str = "") -> Problem:
    """What the web framework itself refuses."""
    zh, en = _HTTP.get(status, TITLES.get(status, TITLES[400 if status < 500 else 500]))
    code = _HTTP_CODES.get(status, "bad-request" if status < 500 else "internal-error")
    return Problem(code, status, zh, en, headers={"Allow": allowed} if allowed else {})


NOT_FOUND = Problem(
    "not-found",
    404,
    "未找到该内容；如查询诉求，请核对受理编号和查询码",
    "There is nothing here; if you look for an appeal, check its receipt and query code",
)
NO_KEY = Problem(
    "key-needed",
    401,
    "请在请求头 Authorization 中以 Bearer 方式提供有效的访问密钥",
    "Give a valid key in the header Authorization, as Bearer",
    headers={"WWW-Authenticate": "Bearer"},
)
NO_KEY_FOR_PAGE = replace(NO_KEY, headers={"WWW-Authenticate": 'Basic realm="AppealLoop", charset="UTF-8"'})
NOT_ALLOWED = Problem("not-allowed", 403, "您的岗位无权执行该操作", "Your role may not do this")
_NOT_ALLOWED = {
    AUDITOR: Problem("auditor-only-reads", 403, "审计员只能查阅，不得办理业务", "An auditor only reads"),
    SYSTEM_ADMINISTRATOR: Problem(
        "system-administrator-has-no-rights-here",
        403,
        "系统管理员只负责系统运行，不得授权，不得查阅或办理业务",
        "A system administrator runs the system, and neither gives rights nor works on appeals",
    ),
    SECURITY_ADMINISTRATOR: Problem(
        "security-administrator-does-no-operations",
        403,
        "安全管理员只负责账号和授权，不得查阅或办理业务",
        "A security administrator keeps accounts and rights, and does not work on appeals",
    ),
}
SIGN_IN_UNFINISHED = Problem(
    "sign-in-unfinished",
    401,
    "登录尚未完成，请先完成验证码、绑定或修改初始密码",
    "You are not all in yet: show a code, enrol a device, or change your first password",
)
NOT_BY_KEY = Problem(
    "sign-in-in-person",
    403,
    "该操作须本人登录后办理，不能使用访问密钥",
    "Sign in to do this; a key does not do",
)
FORGED = Problem(
    "not-from-our-page",
    403,
    "请求缺少有效的防伪令牌或来自其他网站，请刷新页面后重试",
    "The request has no valid token of the session, or comes from another site; load the page again",
)
NOT_JSON = Problem(
    "json-needed",
    415,
    "请求内容应为 JSON(Content-Type: application/json)",
    "Send JSON (Content-Type: application/json)",
)
NO_LENGTH = Problem(
    "length-needed",
    411,
    "请提供 Content-Length，不支持分块上传",
    "Give a Content-Length; chunked uploads are not taken",
)
FILE_NEEDED = Problem("file-needed", 422, "请上传一个 .xlsx 或 CSV 文件", "Send one file, .xlsx or CSV")
FILE_TOO_LARGE = Problem("file-too-large", 413, "文件超过 4 MB 上限，请拆分", "The file is larger than 4 MB; split it")
STORE_GONE = Problem(
    "store-unavailable",
    503,
    "数据库暂时不可用，请稍后重试",
    "The database is unavailable for the moment; try again later",
    headers={"Retry-After": "5"},
)
TOO_MANY_STREAMS = Problem(
    "too-many-streams",
    503,
    "当前实时查看的连接过多，请稍后再试，或改用普通查询",
    "Too many timelines are being followed at the moment; try again later, or ask for the timeline",
    headers={"Retry-After": "30"},
)
MOVED_ON = Problem(
    "moved-on",
    412,
    "该诉求已有新进展，与您看到的不同，本次未办理；请重新查看后再决定。如系重发此前未收到答复的请求，请去掉 If-Match、"
    "用同一 Idempotency-Key 重发",
    "The appeal has moved on; look again: nothing was done now. If this repeats a request whose answer got lost, "
    "send it with the same Idempotency-Key and without If-Match",
)
BROKER_GONE = Problem(
    "broker-unavailable",
    503,
    "消息中间件暂时不可用，无法查看队列",
    "The broker is unavailable for the moment; its queues cannot be looked at",
    headers={"Retry-After": "5"},
)
NOT_SHOWN_YET = Problem(
    "not-shown-yet",
    503,
    "受理编号有效，办理信息正在同步，请稍后再查",
    "The receipt is valid and its appeal is safe; what became of it is on its way here, look again in a moment",
    headers={"Retry-After": "2"},
)

_HTTP_CODES = {
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
    414: "address-too-long",
    415: "json-needed",
    431: "header-too-long",
    505: "http-version-not-supported",
}
_HTTP: dict[int, Pair] = {
    404: (NOT_FOUND.zh, NOT_FOUND.en),
    408: ("请求内容未在规定时间内传完", "The body did not arrive in time"),
    414: ("网址超过 8 KB 上限", "The address is longer than 8 KB"),
    431: (
        "请求头单行超过 8 KB，或总计过多",
        "A header is longer than 8 KB, or there are too many",
    ),
    413: (f"请求内容超过 {LARGEST_BODY // 1024} KB 上限", f"The body is larger than {LARGEST_BODY // 1024} KB"),
}


def _said(pair: Pair, language: str) -> str:
    return pair[1] if language == EN else pair[0]


def fault_told(name: str, fault: Fault, language: str) -> dict:
    """One fault as JSON values: the field, what is wrong, and what would be right."""
    message = FAULTS.get(str(fault), fault.expected)
    return {"field": name, "message": _said(message, language), "expected": _said(fault.expected, language)}


def _each(messages, where: tuple = ()) -> Iterator[tuple[str, Fault]]:
    """Every fault, with the path of names that leads to its field."""
    if isinstance(messages, dict):
        for name, found in messages.items():
            yield from _each(found, where if name == "_schema" else (*where, name))
    else:
        for fault in messages:
            yield ".".join(map(_readable, where)), fault if isinstance(fault, Fault) else Fault("invalid")


def _readable(name: object) -> str:
    """A name as somebody sent it, fit to be sent back."""
    return str(name)[:LONGEST_NAME].encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
