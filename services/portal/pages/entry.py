"""Entry by officers, 代录: what somebody has told them, or has written in a letter or an e-mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict

from appeals.channels import load_channels
from appeals.events import AppealReferred
from services.portal import attaching, doing, schemas
from services.portal.doors import Doors
from services.portal.file_refusals import FileEmpty, FileRefused
from services.portal.mail import read_mail
from services.portal.pages import acting, files, forms, looks
from services.portal.problems import NOT_FOUND, NotDone, Problem
from services.portal.rights import Principal, may
from services.portal.roles import STAFF
from services.portal.words import NOTICES

FIRST = ("channel", "outside_reference", "applicant.name", "applicant.uscc", "title", "text")
CONTACT = ("contact.name", "contact.phone")
FURTHER = ("kind", "category", "urgency", "classification")
FURTHER += ("applicant.kind", "applicant.city", "applicant.park", "accused")
AGENT = ("agent.name", "agent.phone")
AUTHORISATION, AUTHORISATION_FILE, EMAIL = "agent.authorisation", "authorisation", "email"


def routes(doors: Doors) -> Blueprint:
    """The pages for it."""
    pages = Blueprint("entry", __name__)

    def officer(right: str = "submit") -> Principal:
        principal = doors.gate.staff(request, right)
        if principal.role not in STAFF:
            raise NotDone(NOT_FOUND)
        return principal

    @pages.get(files.OFFICERS_PAGE)
    def write() -> Response:
        """The empty form."""
        looks.begin()
        return _form(doors, officer())

    @pages.post(files.OFFICERS_PAGE)
    def hand_in() -> Response:
        """Take the appeal in; its receipt and query code are told once, for the officer to pass on."""
        looks.begin()
        looks.check_same_site()
        files.let_in(doors)
        principal = officer()
        written = MultiDict(request.form)
        kept, trouble = files.take(doors)
        try:
            files.check(trouble)
            _take_authorisation(doors, written)
            values = forms.values(schemas.NewAppeal(doors.departments, doors.units), written)
            body = forms.as_bytes(written) + files.as_bytes(kept)
            said = doing.submit(doors, principal, values | {files.KEPT: kept}, key=acting.key(doors), body=body)
        except NotDone as error:
            return _form(doors, principal, written=written, kept=kept, problem=error.problem)
        receipt = said[0]["receipt"]
        is_emergency = any(one["type"] == AppealReferred.type() for one in said)
        return looks.page(
            "entered.html",
            principal=principal,
            receipt=receipt,
            query_code=doors.receipts.query_code(receipt),
            notice=NOTICES["emergency"].said(g.language) if is_emergency else "",
        )

    @pages.post(files.EMAIL_PAGE)
    def read_email() -> Response:
        """Fill the form in from an e-mail; nothing is handed in yet."""
        looks.begin()
        looks.check_same_site()
        files.let_in(doors)
        principal = officer("read-email")
        sent = request.files.get(EMAIL)
        try:
            if not (sent and sent.filename):
                raise FileEmpty()
            draft = attaching.draft_of(doors, read_mail(sent.stream), g.language)
        except FileRefused as refusal:
            return _form(doors, principal, unread=files.beside(files.KEPT, refusal))
        title, text = draft["title"][:200], draft["text"][:5000]
        written = MultiDict({"channel": "email", "title": title, "text": text, "contact.name": draft["sender"][:50]})
        kept = [files.named(one) for one in draft["attachments"]]
        return _form(doors, principal, written=written, kept=kept, refused=draft["refused"])

    return pages


def _take_authorisation(doors: Doors, written: MultiDict) -> None:
    """Keep the document by which an agent acts. Raises NotDone, beside that field."""
    sent = request.files.get(AUTHORISATION_FILE)
    if not (sent and sent.filename):
        return
    try:
        written[AUTHORISATION] = files.one_of(doors, sent)["sha256"]
    except FileRefused as refusal:
        raise NotDone(files.beside(AUTHORISATION, refusal)) from refusal


def _form(
    doors: Doors,
    principal: Principal,
    *,
    written: MultiDict | None = None,
    kept: Sequence[Mapping] = (),
    refused: Sequence[Mapping] = (),
    problem: Problem | None = None,
    unread: Problem | None = None,
) -> Response:
    schema = schemas.NewAppeal(doors.departments, doors.units)

    def asked(*names: str) -> list[forms.Input]:
        return forms.inputs(schema, g.language, doors.departments, written=written, problem=problem, names=names)

    channel, *first = asked(*FIRST)
    (authorisation,) = asked(AUTHORISATION)
    return looks.page(
        "entry.html",
        next((one.status for one in (problem, unread) if one), 200),
        principal=principal,
        first=[_recorded(channel, principal), *first, *asked(*CONTACT)],
        further=asked(*FURTHER),
        agent=asked(*AGENT),
        authorisation=authorisation,
        kept=kept,
        files_fault=files.fault_of(problem, g.language),
        refused=refused,
        may_read_email=may(principal, "read-email"),
        problem=problem and problem.told(g.language),
        email_fault=files.fault_of(unread, g.language),
        key=(written or {}).get("key") or doors.new_id(),
    )


def _recorded(channel: forms.Input, principal: Principal) -> forms.Input:
    """The channels by which this officer may write down what others say."""
    roles, known = {principal.role, *principal.also}, load_channels()
    theirs = {code for code, one in known.items() if one.recorded and not roles.isdisjoint(one.who)}
    options = tuple((code, told) for code, told in channel.options if code in theirs)
    codes = [code for code, _ in options]
    return replace(channel, options=options, required=True, value=channel.value if channel.value in codes else codes[0])
