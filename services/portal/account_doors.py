"""The doors for accounts, keys and the audit: who may be what is decided by security administrators alone."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request

from appeals.units import Units
from services.portal import people_answers as answers
from services.portal import people_schemas as schemas
from services.portal.answers import Answer
from services.portal.incoming import Gate, load, load_body
from services.portal.keeping import Doer
from services.portal.visitors import Visitors, address_of, check_origin

Names = Mapping[str, str]


def account_doors(gate: Gate, visitors: Visitors, departments: Names, units: Units, names: Names, prefix: str):
    """The doors; `departments` are those plugged in, `names` what to call any unit, by code."""
    routes = Blueprint("accounts", __name__, url_prefix=prefix)
    keeping = visitors.keeping

    def told(answer: type[Answer], facts: object, status: int = 200) -> tuple[Response, int]:
        return jsonify(answer(g.language, names).dump(facts)), status

    def asked(schema: type[schemas.Request]) -> dict:
        return load_body(request, schema(departments, units))[1]

    def keeper() -> Doer:
        return visitors.doer(request, gate.in_person(request, "keep-accounts"))

    @routes.get("/accounts")
    def list_accounts():
        """Every account."""
        gate.staff(request, "list-accounts")
        return told(answers.AccountsAnswer, {"accounts": keeping.accounts()})

    @routes.post("/accounts")
    def create():
        """Make an account."""
        doer = keeper()
        facts = asked(schemas.NewAccount)
        facts["claimed_uscc"] = facts.pop("uscc")
        return told(answers.AccountAnswer, keeping.create(doer, **facts), 201)

    @routes.post("/accounts/<name>/roles")
    def give_roles(name: str):
        """Change what somebody is."""
        doer = keeper()
        return told(answers.AccountAnswer, keeping.give_roles(doer, name, **asked(schemas.RolesGiven)))

    @routes.post("/accounts/<name>/state")
    def switch(name: str):
        """Disable or enable an account."""
        doer = keeper()
        return told(answers.AccountAnswer, keeping.switch(doer, name, **asked(schemas.Switch)))

    @routes.post("/accounts/<name>/reset")
    def reset(name: str):
        """Give somebody a first password anew."""
        doer = keeper()
        return told(answers.AccountAnswer, keeping.reset(doer, name, **asked(schemas.Reset)))

    @routes.post("/registrations")
    def register():
        """An enterprise makes its own account."""
        check_origin(request)
        account = keeping.register(address_of(request), **asked(schemas.Registration))
        return told(answers.ClaimAnswer, account, 201)

    @routes.get("/registrations")
    def list_claims():
        """Enterprises' accounts that wait to be verified."""
        gate.staff(request, "verify-enterprise")
        return told(answers.ClaimsAnswer, {"registrations": keeping.claims()})

    @routes.post("/registrations/<name>/verification")
    def verify(name: str):
        """Bind an account to its enterprise, or refuse."""
        doer = visitors.doer(request, gate.in_person(request, "verify-enterprise"))
        return told(answers.ClaimAnswer, keeping.verify(doer, name, **asked(schemas.Verification)))

    @routes.get("/keys")
    def list_keys():
        """One's own keys."""
        principal = gate.in_person(request, "keep-keys")
        return told(answers.KeysAnswer, {"keys": keeping.keys(principal.name)})

    @routes.post("/keys")
    def make_key():
        """Make a key of one's own."""
        doer = visitors.doer(request, gate.in_person(request, "keep-keys"))
        id_, key = keeping.make_key(doer, **asked(schemas.KeyRequest))
        return told(answers.NewKeyAnswer, {"id": id_, "key": key}, 201)

    @routes.delete("/keys/<id>")
    def revoke_key(id: str):
        """Take a key of one's own back."""
        doer = visitors.doer(request, gate.in_person(request, "keep-keys"))
        keeping.revoke_key(doer, id)
        return told(answers.RevokedAnswer, {"revoked": id})

    @routes.get("/audit")
    def audit():
        """What was done with accounts, sessions and keys, newest first."""
        gate.staff(request, "read-audit")
        wanted = load(schemas.AuditQuery(), request.args.to_dict())
        limit = wanted["limit"]
        rows = keeping.audit(wanted["before"], limit + 1)
        more = urlencode({**request.args, "before": rows[limit - 1].number}) if len(rows) > limit else None
        return told(answers.AuditAnswer, {"acts": rows[:limit], "next": more and f"{request.path}?{more}"})

    return routes
