"""Agents: who acts for an applicant, kept in intake alone."""

from __future__ import annotations

import json
from dataclasses import dataclass

from appeals.commands import SubmitAppeal
from appeals.errors import Refused
from services.intake.identity import Sealing


class AgentIncomplete(Refused):
    """Raised when somebody acts for the applicant without name, telephone or the document that authorises them."""

    status = 422
    zh = "代理人须填写姓名、联系电话并提交授权委托书，缺少：{missing}"
    en = "An agent gives a name, a telephone and the document that authorises them; missing: {missing}"


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

    def of_part(self, receipt: str, seal: Sealing) -> Agent:
        """The same agent for a part of the appeal, sealed anew for its own row."""
        own = Agent(receipt=receipt, sealed="")
        own.close(self.opened(seal), seal)
        return own

    def close(self, facts: dict, seal: Sealing) -> None:
        """Seal what is known."""
        self.sealed = seal.seal(json.dumps(facts, ensure_ascii=False), f"agent of {self.receipt}")

    def opened(self, seal: Sealing) -> dict:
        """Name, phone and the document's hash, in clear."""
        return json.loads(seal.open(self.sealed, f"agent of {self.receipt}"))
