"""Who may appeal: enterprises by their credit code, parks, associations and persons without; and agents for them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from appeals.commands import SubmitAppeal
from appeals.credit_code import credit_code
from appeals.errors import Refused
from appeals.events import Applicant
from services.intake.identity import PERSON, Sealing

ENTERPRISE = "enterprise"
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


class AgentIncomplete(Refused):
    """Raised when somebody acts for the applicant without name, telephone or the document that authorises them."""

    status = 422
    zh = "代理人须填写姓名、联系电话并提交授权委托书，缺少：{missing}"
    en = "An agent gives a name, a telephone and the document that authorises them; missing: {missing}"


def checked(applicant: Applicant, classification: str, *, writes_itself: bool) -> Applicant:
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


@dataclass(eq=False, kw_only=True)
class Agent:
    """Who acts for the applicant, and the hash of the document that authorises them. In no event, and sealed."""

    receipt: str
    sealed: str

    @classmethod
    def of(cls, submitted: SubmitAppeal, seal: Sealing) -> Agent | None:
        """The agent, if there is one; the applicant stays who appeals. Raises AgentIncomplete."""
        given = {
            "name": submitted.agent_name.strip(),
            "phone": submitted.agent_phone.strip(),
            "authorisation": submitted.authorisation,
        }
        if not any(given.values()):
            return None
        if missing := [name for name, value in given.items() if not value]:
            raise AgentIncomplete(field=f"agent.{missing[0]}", missing=", ".join(missing))
        agent = cls(receipt=submitted.receipt, sealed="")
        agent.close(given, seal)
        return agent

    def close(self, facts: dict, seal: Sealing) -> None:
        """Seal what is known."""
        self.sealed = seal.seal(json.dumps(facts, ensure_ascii=False), f"agent of {self.receipt}")

    def opened(self, seal: Sealing) -> dict:
        """Name, phone and the document's hash, in clear."""
        return json.loads(seal.open(self.sealed, f"agent of {self.receipt}"))
