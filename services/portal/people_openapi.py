"""The doors for people, as the OpenAPI description tells them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apispec import APISpec

from services.portal import people_answers as answers
from services.portal import people_schemas as schemas
from services.portal.answers import Answer
from services.portal.visitors import FORM_TOKEN

SESSION, KEY = {"session": []}, {"key": []}
_BODY = (400, 403, 411, 413, 415, 422, 429, 503)

_FORM_TOKEN = {
    "name": FORM_TOKEN,
    "in": "header",
    "description": "The session's csrf_token; needed with the cookie",
    "schema": {"type": "string"},
}


@dataclass(frozen=True, kw_only=True)
class Door:
    """One door: who gets in (`security`), what it is asked, what it answers, and the refusals besides 500."""

    method: str
    path: str
    summary: str
    answer: type[Answer]
    security: tuple[dict, ...]
    refusals: tuple[int, ...]
    body: type[schemas.Request] | None = None
    query: type[schemas.Request] | None = None
    status: int = 200


def _door(method: str, path: str, summary: str, answer: type[Answer], **more) -> Door:
    """A door for who is signed in, unless it says otherwise."""
    body = more.get("body")
    refusals = (401, *(_BODY if body else (403, 503)), *more.pop("and_", ()))
    return Door(
        method=method, path=path, summary=summary, answer=answer, **({"security": (SESSION,)} | more), refusals=refusals
    )


DOORS = (
    _door("post", "/session", "Sign in", answers.SessionAnswer, body=schemas.SignIn, security=({},)),
    _door("get", "/session", "Who is signed in", answers.SessionAnswer),
    _door("delete", "/session", "Sign out", answers.SignedOutAnswer),
    _door("delete", "/sessions", "Sign out everywhere", answers.SignedOutAnswer),
    _door(
        "post",
        "/session/totp/enrolment",
        "Draw a secret for an app",
        answers.EnrolmentAnswer,
        body=schemas.EnrolmentRequest,
        and_=(409,),
    ),
    _door("post", "/session/totp", "Show a code", answers.CodeShownAnswer, body=schemas.Code, and_=(409,)),
    _door(
        "post",
        "/session/password",
        "Change one's password",
        answers.SessionAnswer,
        body=schemas.PasswordChange,
        and_=(409,),
    ),
    _door("get", "/accounts", "List accounts", answers.AccountsAnswer, security=(SESSION, KEY)),
    _door(
        "post", "/accounts", "Make an account", answers.AccountAnswer, body=schemas.NewAccount, status=201, and_=(409,)
    ),
    *(
        _door("post", f"/accounts/{{name}}/{what}", summary, answers.AccountAnswer, body=body, and_=(404, 409))
        for what, summary, body in (
            ("roles", "Change what somebody is", schemas.RolesGiven),
            ("state", "Disable or enable an account", schemas.Switch),
            ("reset", "Give a first password anew", schemas.Reset),
        )
    ),
    _door(
        "post",
        "/registrations",
        "Make an enterprise's own account",
        answers.ClaimAnswer,
        body=schemas.Registration,
        status=201,
        security=({},),
        and_=(409,),
    ),
    _door(
        "get",
        "/registrations",
        "List enterprises' accounts to be verified",
        answers.ClaimsAnswer,
        security=(SESSION, KEY),
    ),
    _door(
        "post",
        "/registrations/{name}/verification",
        "Bind an account to its enterprise, or refuse",
        answers.ClaimAnswer,
        body=schemas.Verification,
        and_=(404, 409),
    ),
    _door("get", "/keys", "List one's own keys", answers.KeysAnswer),
    _door("post", "/keys", "Make a key", answers.NewKeyAnswer, body=schemas.KeyRequest, status=201),
    _door("delete", "/keys/{id}", "Take a key back", answers.RevokedAnswer, and_=(404,)),
    _door(
        "get",
        "/audit",
        "List what was done with accounts, sessions and keys",
        answers.AuditAnswer,
        security=(SESSION, KEY),
        query=schemas.AuditQuery,
        and_=(422,),
    ),
)


def describe_people(spec: APISpec, prefix: str, operation: Callable[..., dict]) -> None:
    """Add these doors to a description; `operation` makes one of theirs."""
    for path in dict.fromkeys(door.path for door in DOORS):
        operations = {door.method: _operation(door, operation) for door in DOORS if door.path == path}
        spec.path(f"{prefix}{path}", operations=operations)


def _operation(door: Door, operation: Callable[..., dict]) -> dict:
    names = [part[1:-1] for part in door.path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    if door.query:
        parameters.append({"in": "query", "schema": door.query})
    if door.method != "get" and door.security[0] == SESSION:
        parameters.append(_FORM_TOKEN)
    return operation(
        door.summary,
        door.answer,
        status=door.status,
        body=door.body,
        problems=door.refusals,
        security=list(door.security),
        parameters=parameters,
        repeatable=False,
    )
