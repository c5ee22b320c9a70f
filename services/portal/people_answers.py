"""What the doors for people answer, field by field. No answer holds a password, a token or a digest."""

from __future__ import annotations

from marshmallow import fields

from services.portal.answers import Answer, Inside
from services.portal.fields import Labelled, Named


class SessionAnswer(Answer):
    """Who is signed in. `step` is what is still asked; `csrf_token` comes with every request that changes something."""

    name = fields.String()
    called = fields.String()
    roles = fields.List(Labelled("account_role"))
    department = Named()
    uscc = fields.String()
    step = fields.String(metadata={"enum": ["", "code", "enrol", "new-password"]})
    csrf_token = fields.String()


class CodeShownAnswer(SessionAnswer):
    """As a session; after enrolling, the recovery codes too, which are told only here."""

    recovery_codes = fields.List(fields.String())


class EnrolmentAnswer(Answer):
    """What the app needs to know: as an address for its QR code, and to be typed."""

    secret = fields.String()
    address = fields.String()


class SignedOutAnswer(Answer):
    """The session has ended."""

    signed_out = fields.Boolean()


class AccountAnswer(Answer):
    """An account."""

    name = fields.String()
    called = fields.String()
    roles = fields.List(Labelled("account_role"))
    department = Named()
    claimed_uscc = fields.String()
    uscc = fields.String()
    active = fields.Boolean()
    second_factor = fields.Boolean(attribute="totp_proved")
    created_at = fields.AwareDateTime()


class AccountsAnswer(Answer):
    """Accounts."""

    accounts = fields.List(Inside(AccountAnswer))


class ClaimAnswer(Answer):
    """An account that says it acts for an enterprise."""

    name = fields.String()
    called = fields.String()
    claimed_uscc = fields.String()
    created_at = fields.AwareDateTime()


class ClaimsAnswer(Answer):
    """Enterprises' accounts that wait to be verified."""

    registrations = fields.List(Inside(ClaimAnswer))


class KeyAnswer(Answer):
    """A key, without the key."""

    id = fields.String()
    label = fields.String()
    created_at = fields.AwareDateTime()


class KeysAnswer(Answer):
    """One's own keys."""

    keys = fields.List(Inside(KeyAnswer))


class NewKeyAnswer(Answer):
    """A new key; it is told only here."""

    id = fields.String()
    key = fields.String()


class RevokedAnswer(Answer):
    """The key opens nothing any more."""

    revoked = fields.String()


class ActAnswer(Answer):
    """One act: who did what, about what, when and from where."""

    number = fields.Integer()
    at = fields.AwareDateTime()
    who = fields.String()
    act = fields.String()
    about = fields.String()
    address = fields.String()
    details = fields.Dict(keys=fields.String())


class AuditAnswer(Answer):
    """Acts, newest first; `next` is where the next page is."""

    acts = fields.List(Inside(ActAnswer))
    next = fields.String(allow_none=True)
