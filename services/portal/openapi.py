"""The API as OpenAPI 3.1, made from the same schemas and actions that do the work."""

from __future__ import annotations

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from services.portal import answers, schemas
from services.portal.actions import ACTIONS, Action
from services.portal.attaching import ATTACHMENTS, EMAILS
from services.portal.cells import XLSX
from services.portal.figure_openapi import describe_figures
from services.portal.incoming import IDEMPOTENCY_KEY, QUERY_CODE
from services.portal.inspecting import LONGEST_NAME
from services.portal.paper_openapi import describe_paper
from services.portal.people_openapi import KEY, SESSION, describe_people
from services.portal.problems import MEDIA_TYPE, TITLES
from services.portal.visitors import Cookies

VERSION = "1.0.0"
TRIAL_PATH = "/dispatch/trial"
IDENTITY_PATH = "/identity"
SCORES_PATH = "/scores"
COMMON_PROBLEMS_PATH = "/common-problems"

_READING = (401, 404, 503)
_UPLOADING = (401, 403, 411, 413, 422, 503)
_DOING = (400, 401, 403, 404, 409, 411, 413, 415, 422, 503)

CODE = {"queryCode": []}

_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": "zh (default) or en",
    "schema": {"type": "string"},
}
_IDEMPOTENCY = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "description": "A request repeated with the same key and body has its effect once. Made if absent.",
    "schema": {"type": "string", "maxLength": 128},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an answer that the client has; 304 says that it is still the same",
    "schema": {"type": "string"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the appeal as the client saw it; 412 when something else is shown by now. It is looked "
    "at before the service that owns the decision is asked, and that one decides by its own state.",
    "schema": {"type": "string"},
}
_ETAG = {
    "ETag": {"description": "What is shown, in one language and to one kind of reader", "schema": {"type": "string"}}
}
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The number of the last entry that the client has; the stream begins after it",
    "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
}
_RECEIPT = {"name": "receipt", "in": "path", "required": True, "schema": {"type": "string"}}
_ORDER = {"name": "order", "in": "path", "required": True, "schema": {"type": "string"}}


def describe(prefix: str) -> dict:
    """The whole description."""
    spec = APISpec(
        title="AppealLoop 诉求闭环",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
        info={"description": "Enterprises' appeals to government, handled in a closed loop."},
    )
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": Cookies().name})
    spec.components.security_scheme("queryCode", {"type": "apiKey", "in": "header", "name": QUERY_CODE})
    hand_in = _operation(
        "Hand an appeal in; another platform gives its own reference besides",
        answers.SubmittedAnswer,
        status=201,
        body=schemas.NewAppeal,
        problems=_DOING,
        security=[{}, KEY, SESSION],
        headers={"Location": {"schema": {"type": "string"}}},
    )
    hand_in["requestBody"]["content"] = _json({"anyOf": [schemas.NewAppeal, schemas.HandedOverAppeal]})
    listing = _operation(
        "List appeals, newest first",
        answers.PageAnswer,
        problems=(401, 403, 422, 503),
        security=[KEY, SESSION],
        parameters=[{"in": "query", "schema": schemas.ListQuery}],
    )
    spec.path(f"{prefix}/appeals", operations={"post": hand_in, "get": listing})
    showing = _operation(
        "Show an appeal",
        answers.AppealAnswer,
        problems=_READING,
        security=[KEY, SESSION, CODE],
        parameters=[_RECEIPT, _IF_NONE_MATCH],
        headers=_ETAG,
    )
    showing["responses"]["304"] = {"description": "It is still the same", "headers": _ETAG}
    spec.path(f"{prefix}/appeals/{{receipt}}", operations={"get": showing})
    happened = _operation(
        "Show what happened to an appeal",
        answers.TimelineAnswer,
        problems=_READING,
        security=[KEY, SESSION, CODE],
        parameters=[_RECEIPT],
    )
    spec.path(f"{prefix}/appeals/{{receipt}}/timeline", operations={"get": happened})
    spec.path(f"{prefix}/appeals/{{receipt}}/stream", operations={"get": _streaming()})
    spec.path(
        f"{prefix}/departments/health",
        operations={
            "get": _operation(
                "Show how every department and service is doing",
                answers.HealthAnswer,
                problems=(401, 403, 503),
                security=[KEY, SESSION],
            )
        },
    )
    _describe_files(spec, prefix)
    for action in ACTIONS:
        path = action.path.replace("<order>", "{order}")
        spec.path(f"{prefix}/appeals/{{receipt}}{path}", operations={"post": _doing(action)})
    identity = _operation(
        schemas.IdentityView.__doc__.strip(),
        answers.IdentityAnswer,
        body=schemas.IdentityView,
        problems=_DOING,
        security=[KEY, SESSION],
        parameters=[_RECEIPT],
    )
    spec.path(f"{prefix}/appeals/{{receipt}}{IDENTITY_PATH}", operations={"post": identity})
    candidates = _operation(
        "Show which others an appeal may repeat, and why",
        answers.CandidatesAnswer,
        problems=(401, 403, 404, 503),
        security=[KEY, SESSION],
        parameters=[_RECEIPT],
    )
    spec.path(f"{prefix}/appeals/{{receipt}}/candidates", operations={"get": candidates})
    split = _operation(
        "Make an appeal of each matter of a text",
        answers.SplitAnswer,
        status=201,
        body=schemas.Splitting,
        problems=(*_DOING, 412),
        security=[KEY, SESSION],
        parameters=[_RECEIPT, _IF_MATCH],
    )
    spec.path(f"{prefix}/appeals/{{receipt}}/split", operations={"post": split})
    trial = _operation(
        "Try the dispatch rules on an appeal; nothing happens",
        answers.TrialAnswer,
        body=schemas.DispatchTrial,
        problems=(400, 401, 403, 411, 413, 415, 422, 503),
        security=[KEY, SESSION],
    )
    spec.path(f"{prefix}{TRIAL_PATH}", operations={"post": trial})
    for path, summary, answer, query in (
        (
            SCORES_PATH,
            "Show the scores of a month; a department sees its own",
            answers.ScoresAnswer,
            schemas.ScoresQuery,
        ),
        (
            COMMON_PROBLEMS_PATH,
            "Show what went wrong in common in a month",
            answers.CommonProblemsAnswer,
            schemas.CommonProblemsQuery,
        ),
    ):
        asking = _operation(
            summary,
            answer,
            problems=(401, 403, 422, 503),
            security=[KEY, SESSION],
            parameters=[{"in": "query", "schema": query}],
        )
        spec.path(f"{prefix}{path}", operations={"get": asking})
    describe_figures(spec, prefix, _operation)
    _imports(spec, f"{prefix}/imports")
    for path, summary in (("vocabulary", "All codes with their labels"), ("openapi.json", "This description")):
        answer = {"description": summary, "content": {"application/json": {"schema": {"type": "object"}}}}
        spec.path(f"{prefix}/{path}", operations={"get": {"summary": summary, "responses": {"200": answer}}})
    describe_paper(spec, prefix, _operation)
    describe_people(spec, prefix, _operation)
    return spec.to_dict()


def _describe_files(spec: APISpec, prefix: str) -> None:
    """The doors for files, whose bodies are no JSON."""
    name = {"name": "name", "in": "query", "required": True, "schema": {"type": "string", "maxLength": LONGEST_NAME}}
    for path, summary, answer, status, media, parameters, security in (
        (ATTACHMENTS, "Upload one file", answers.UploadAnswer, 201, "application/octet-stream", [name], [{}, KEY]),
        (EMAILS, "Read an .eml file as a draft", answers.EmailAnswer, 200, "message/rfc822", [], [KEY]),
    ):
        operation = _operation(
            summary, answer, status=status, problems=_UPLOADING, security=security, parameters=parameters
        )
        content = {media: {"schema": {"type": "string", "contentMediaType": media}}}
        operation["requestBody"] = {"required": True, "content": content}
        spec.path(f"{prefix}{path}", operations={"post": operation})
    sha256 = {"name": "sha256", "in": "path", "required": True, "schema": {"type": "string"}}
    download = _operation(
        "Take a file of an appeal away",
        answers.AttachmentAnswer,
        problems=_READING,
        security=[KEY, CODE],
        parameters=[_RECEIPT, sha256],
        headers={"Content-Disposition": {"schema": {"type": "string"}}},
    )
    download["responses"]["200"] |= {"description": "The file", "content": {"application/octet-stream": {}}}
    spec.path(f"{prefix}/appeals/{{receipt}}{ATTACHMENTS}/{{sha256}}", operations={"get": download})


def _imports(spec: APISpec, path: str) -> None:
    """Files of appeals: checked, handed in, looked at, and what was refused given back."""
    problems = (401, 403, 404, 503)
    hand_in = _operation(
        "Check a file of appeals (.xlsx or CSV), or with dry_run=false import it; the same file is imported once",
        answers.CheckedAnswer,
        problems=(400, 401, 403, 411, 413, 422, 503),
        security=[KEY],
        parameters=[{"in": "query", "schema": schemas.ImportQuery}],
    )
    taken = _operation("", answers.ImportAnswer, status=202, problems=(), security=[])["responses"]["202"]
    hand_in["responses"]["202"] = taken | {"headers": {"Location": {"schema": {"type": "string"}}}}
    binary = {"type": "string", "format": "binary"}
    form = {"type": "object", "required": ["file"], "properties": {"file": binary}}
    raw = {media_type: {"schema": binary} for media_type in ("text/csv", XLSX)}
    hand_in["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}} | raw}
    spec.path(path, operations={"post": hand_in})
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    show = _operation(
        "Show how far an import is", answers.ImportAnswer, problems=problems, security=[KEY], parameters=[one]
    )
    spec.path(f"{path}/{{id}}", operations={"get": show})
    form_of = {"name": "form", "in": "path", "required": True, "schema": {"type": "string", "enum": ["csv", "xlsx"]}}
    for name, summary, parameters, media_types in (
        ("template.xlsx", "An empty table to fill in", [], (XLSX,)),
        ("{id}/refused.{form}", "The rows that were refused, with their reasons", [one, form_of], (XLSX, "text/csv")),
    ):
        operation = _operation(summary, answers.ImportAnswer, problems=problems, security=[KEY], parameters=parameters)
        operation["responses"]["200"] = {
            "description": summary,
            "content": {media_type: {"schema": binary} for media_type in media_types},
        }
        spec.path(f"{path}/{name}", operations={"get": operation})


def _streaming() -> dict:
    """Server-sent events, of which a description can only say what is in each."""
    operation = _operation(
        "Follow what happens to an appeal",
        answers.EntryAnswer,
        problems=(400, *_READING),
        security=[KEY, SESSION, CODE],
        parameters=[_RECEIPT, _LAST_EVENT_ID],
    )
    text = {"type": "string"}
    event = {"type": "object", "properties": dict.fromkeys(("id", "event", "data"), text)}
    operation["responses"]["200"] = {
        "description": "Server-sent events: `id` is the number of an entry of the timeline, `event` its topic, "
        "`data` the entry as JSON, as the timeline shows it. The stream ends after some minutes; come again with "
        "Last-Event-ID.",
        "content": {"text/event-stream": {"schema": event}},
    }
    return operation


def _doing(action: Action) -> dict:
    return _operation(
        action.schema.__doc__.strip(),
        answers.DoneAnswer,
        body=action.schema,
        problems=(*_DOING, 412),
        security=[CODE if action.is_applicants else KEY, SESSION],
        parameters=[_RECEIPT, *([_ORDER] if action.about_order else []), _IF_MATCH],
    )


def _operation(
    summary: str,
    answer: type[Schema],
    *,
    problems: tuple[int, ...],
    security: list[dict],
    status: int = 200,
    body: type[Schema] | None = None,
    parameters: list[dict] | None = None,
    headers: dict | None = None,
    repeatable: bool = True,
) -> dict:
    operation: dict = {
        "summary": summary,
        "security": security,
        "parameters": [*(parameters or []), _LANGUAGE, *([_IDEMPOTENCY] if body and repeatable else [])],
        "responses": {str(status): {"description": answer.__doc__.strip(), "content": _json(answer)}},
    }
    if headers:
        operation["responses"][str(status)]["headers"] = headers
    for code in (*problems, 500):
        operation["responses"][str(code)] = {
            "description": TITLES[code][1],
            "content": {MEDIA_TYPE: {"schema": answers.ProblemAnswer}},
        }
    if body:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    return operation


def _json(schema: type[Schema] | dict) -> dict:
    return {"application/json": {"schema": schema}}


def _name(schema) -> str:
    """What a schema is called in the description: `AppealAnswer` is `Appeal`."""
    cls = schema if isinstance(schema, type) else type(schema)
    return cls.__name__.removesuffix("Answer")
