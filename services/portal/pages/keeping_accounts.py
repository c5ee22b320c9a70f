"""Keeping accounts on pages: all of them for security administrators, enterprises to verify for intake officers,
and the audit for auditors."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, g, redirect, request, url_for
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from appeals.errors import NotFound, Refused
from services.portal import incoming
from services.portal import people_answers as answers
from services.portal import people_schemas as schemas
from services.portal.accounts import Account
from services.portal.doors import Doors
from services.portal.keeping import Doer
from services.portal.pages import entrance, forms, looks
from services.portal.problems import NotDone, Problem

KEEP = "keep-accounts"
CHANGES = {  # what may be done to an account: its schema, and what it is called
    "roles": (schemas.RolesGiven, "变更岗位", "Change the roles"),
    "state": (schemas.Switch, "启用或停用", "Enable or disable"),
    "reset": (schemas.Reset, "重置密码或设备", "Reset password or device"),
}


def routes(doors: Doors) -> Blueprint:
    """The pages of administrators and auditors."""
    pages = Blueprint("keeping_accounts", __name__)
    keeping = doors.visitors.keeping

    def keeper(right: str = KEEP) -> Doer:
        return doors.visitors.doer(request, doors.gate.in_person(request, right))

    def asked(schema: Schema) -> dict:
        return incoming.load(schema, forms.values(schema, request.form))

    @pages.get("/accounts")
    def show_all() -> Response:
        """Every account, and the form of a new one."""
        looks.begin()
        return _show_all(doors)

    @pages.post("/accounts")
    def create() -> Response:
        """Make an account with a first password."""
        looks.begin()
        doer = keeper()
        try:
            facts = asked(schemas.NewAccount(doors.departments, doors.units))
            facts["claimed_uscc"] = facts.pop("uscc")
            account = keeping.create(doer, **facts)
        except (NotDone, Refused) as error:
            return _show_all(doors, entrance.problem_of(error))
        return redirect(url_for("keeping_accounts.show", name=account.name), 303)

    @pages.get("/accounts/<name>")
    def show(name: str) -> Response:
        """One account, and what may be done to it."""
        looks.begin()
        return _show(doors, name)

    acts: dict[str, Callable] = {
        "roles": keeping.give_roles,
        "state": keeping.switch,
        "reset": keeping.reset,
    }

    @pages.post("/accounts/<name>/<change>")
    def alter(name: str, change: str) -> Response:
        """Change what somebody is, whether they may sign in, or how."""
        looks.begin()
        doer = keeper()
        if change not in CHANGES:
            raise NotFound(what=change)
        try:
            acts[change](doer, name, **asked(CHANGES[change][0](doors.departments, doors.units)))
        except (NotDone, Refused) as error:
            return _show(doors, name, change, entrance.problem_of(error))
        return redirect(url_for("keeping_accounts.show", name=name), 303)

    @pages.get("/desk/registrations")
    def show_claims() -> Response:
        """Accounts that say they act for an enterprise."""
        looks.begin()
        return _show_claims(doors)

    @pages.post("/desk/registrations/<name>")
    def verify(name: str) -> Response:
        """Bind one to its enterprise, or refuse."""
        looks.begin()
        doer = keeper("verify-enterprise")
        try:
            keeping.verify(doer, name, **asked(schemas.Verification()))
        except NotDone as error:
            return _show_claims(doors, name, error.problem)
        return redirect("/desk/registrations", 303)

    @pages.get("/audit")
    def show_audit() -> Response:
        """What was done with accounts, sessions and keys, newest first."""
        looks.begin()
        principal = doors.gate.staff(request, "read-audit")
        wanted = incoming.load(schemas.AuditQuery(), request.args.to_dict())
        rows = keeping.audit(wanted["before"], wanted["limit"] + 1)
        acts, more = rows[: wanted["limit"]], len(rows) > wanted["limit"]
        return looks.page(
            "audit.html",
            principal=principal,
            acts=answers.AuditAnswer(g.language, doors.names).dump({"acts": acts})["acts"],
            before=acts[-1].number if more else None,
            names=doors.names,
        )

    return pages


def _show_all(doors: Doors, problem: Problem | None = None) -> Response:
    principal = doors.gate.staff(request, "list-accounts")
    told = answers.AccountsAnswer(g.language, doors.names).dump({"accounts": doors.visitors.keeping.accounts()})
    return looks.page(
        "accounts.html",
        problem.status if problem else 200,
        principal=principal,
        accounts=told["accounts"],
        inputs=_inputs(doors, schemas.NewAccount, request.form, problem),
        problem=problem and problem.told(g.language),
    )


def _show(doors: Doors, name: str, failed: str = "", problem: Problem | None = None) -> Response:
    principal = doors.gate.staff(request, "list-accounts")
    account = next((one for one in doors.visitors.keeping.accounts() if one.name == name), None)
    if account is None:
        raise NotFound(what=name)
    return looks.page(
        "account_of.html",
        problem.status if problem else 200,
        principal=principal,
        account=answers.AccountAnswer(g.language, doors.names).dump(account),
        changes=[
            {
                "path": f"/accounts/{name}/{change}",
                "title": titles[g.language == "en"],
                "open": change == failed,
                "inputs": _inputs(
                    doors,
                    schema,
                    request.form if change == failed else _as_it_is(account),
                    problem if change == failed else None,
                ),
            }
            for change, (schema, *titles) in CHANGES.items()
        ],
        problem=problem and problem.told(g.language),
    )


def _show_claims(doors: Doors, failed: str = "", problem: Problem | None = None) -> Response:
    principal = doors.gate.staff(request, "verify-enterprise")
    claims = doors.visitors.keeping.claims()
    return looks.page(
        "registrations.html",
        problem.status if problem else 200,
        principal=principal,
        claims=[
            (
                claim,
                _inputs(
                    doors,
                    schemas.Verification,
                    request.form if claim.name == failed else MultiDict(),
                    problem if claim.name == failed else None,
                ),
            )
            for claim in claims
        ],
        problem=problem and problem.told(g.language),
    )


def _inputs(doors: Doors, schema: type[Schema], written: MultiDict, problem: Problem | None) -> list[forms.Input]:
    asked = schema(doors.departments, doors.units)
    return forms.inputs(asked, g.language, doors.departments, written=written, problem=problem)


def _as_it_is(account: Account) -> MultiDict:
    return MultiDict(
        [("roles", role) for role in account.roles]
        + [("department", account.department), ("active", "true" if account.active else "false")]
    )
