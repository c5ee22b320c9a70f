"""Who may appeal: enterprises by their credit code; parks, associations and persons without."""

from __future__ import annotations

from dataclasses import replace

from appeals.credit_code import credit_code
from appeals.errors import Refused
from appeals.events import Applicant

ENTERPRISE, PERSON = "enterprise", "person"
APPLICANT_KINDS = (ENTERPRISE, "park", "association", PERSON)


class UnknownApplicantKind(Refused):
    """Raised when who appeals is of no known kind."""

    status = 422
    field = "applicant.kind"
    zh = "申请人类型“{kind}”不在可选范围内，可选：{known}"
    en = "{kind!r} is no kind of applicant; there are: {known}"


class CreditCodeNeeded(Refused):
    """Raised when an enterprise that writes itself, under its name, does not give its code."""

    status = 422
    field = "applicant.uscc"
    zh = "企业自行提交诉求的，须填写统一社会信用代码"
    en = "An enterprise that writes itself gives its unified social credit code"


class NoCreditCodeOfPersons(Refused):
    """Raised when a natural person comes with the code of an enterprise."""

    status = 422
    field = "applicant.uscc"
    zh = "自然人没有统一社会信用代码；代企业提交的，请以企业为申请人并填写代理人信息"
    en = "A person has no unified social credit code; who acts for an enterprise names it as the applicant"


def checked_applicant(applicant: Applicant, classification: str, *, writes_itself: bool) -> Applicant:
    """The applicant with its code in the one form.

    Raises UnknownApplicantKind, CreditCodeNeeded, NoCreditCodeOfPersons, WrongCreditCode or WrongCheckDigit.
    """
    if applicant.kind not in APPLICANT_KINDS:
        raise UnknownApplicantKind(kind=applicant.kind, known=", ".join(APPLICANT_KINDS))
    if applicant.uscc and applicant.kind == PERSON:
        raise NoCreditCodeOfPersons()
    if applicant.uscc:
        return replace(applicant, uscc=credit_code(applicant.uscc))
    if applicant.kind == ENTERPRISE and writes_itself and classification != "anonymous":
        raise CreditCodeNeeded()
    return applicant
