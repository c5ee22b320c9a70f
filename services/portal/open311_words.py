"""What Open311 clients are told: our categories as services, our appeals as service requests."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Row

from services.portal import words
from services.portal.words import CODES, EN

CLOSED = ("rejected", "closed", "evaluating", "archived")
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-24T00:00:00Z"
CONTACT = ("涉企服务热线 7110", "Service line for enterprises: 7110")
NOTICE = (
    "请妥善保管查询码 {code}，凭受理编号和查询码可查询进度、补充材料、催办和评价",
    "Keep the query code {code} to yourself: with the receipt it lets you follow, add, urge and rate",
)

# What a submission says besides what the specification has: code, whether it is required, list, and what it is.
ATTRIBUTES = (
    ("applicant_name", True, "", ("申请企业（或园区、协会商会）名称", "Name of the enterprise, park or association")),
    ("applicant_kind", False, "applicant_kind", ("申请人类型", "Kind of applicant")),
    ("uscc", False, "", ("统一社会信用代码（企业必填）", "Unified social credit code (enterprises need one)")),
    ("city", False, "", ("所在市", "City")),
    ("title", False, "", ("诉求标题，不填则取说明的开头", "Title; without one the description's beginning")),
    ("classification", False, "classification", ("公开范围，不填为普通", "Who may see it; ordinary if left out")),
)


def discovery(url: str) -> dict:
    """Where everything is."""
    endpoint = {
        "specification": SPECIFICATION,
        "url": url,
        "changeset": CHANGESET,
        "type": "production",
        "formats": ["application/json", "text/xml"],
    }
    return {"changeset": CHANGESET, "contact": CONTACT[0], "key_service": CONTACT[0], "endpoints": [endpoint]}


def services(language: str) -> list[dict]:
    """Every category."""
    return [
        {
            "service_code": code,
            "service_name": word.said(language),
            "description": word.said(language),
            "metadata": True,
            "type": "realtime",
            "keywords": ", ".join(word.also),
            "group": "",
        }
        for code, word in CODES["category"].items()
    ]


def definition(code: str, language: str) -> dict | None:
    """What a submission in a category has to say; nothing when there is no such category."""
    if code not in CODES["category"]:
        return None
    attributes = [
        {
            "variable": True,
            "code": name,
            "datatype": "singlevaluelist" if of_list else "string",
            "required": required,
            "datatype_description": "",
            "order": order,
            "description": _said(called, language),
            "values": [{"key": key, "name": word.said(language)} for key, word in CODES.get(of_list, {}).items()],
        }
        for order, (name, required, of_list, called) in enumerate(ATTRIBUTES, 1)
    ]
    return {"service_code": code, "attributes": attributes}


def request(row: Row, names: Mapping[str, str], language: str) -> dict:
    """An appeal, as a service request. Who appeals is not told, and neither is the reply."""
    told = {
        "service_request_id": row.receipt,
        "status": "closed" if row.state in CLOSED else "open",
        "status_notes": words.label("state", row.state, language),
        "service_name": words.label("category", row.category, language),
        "service_code": row.category,
        "description": f"{row.title}\n{row.text}",
        "agency_responsible": names.get(row.lead, row.lead) or None,
        "service_notice": None,
        "requested_datetime": row.submitted_at.isoformat(),
        "updated_datetime": row.updated_at.isoformat(),
        "expected_datetime": row.due.isoformat() if row.due else None,
    }
    return told | dict.fromkeys(("address", "address_id", "zipcode", "lat", "long", "media_url"))


def submitted(receipt: str, code: str, language: str, *, is_emergency: bool) -> dict:
    """The answer to a submission."""
    notice = _said(NOTICE, language).format(code=code)
    if is_emergency:
        notice = f"{words.NOTICES['emergency'].said(language)} {notice}"
    return {"service_request_id": receipt, "service_notice": notice, "account_id": None, "query_code": code}


def errors(problem: Mapping) -> list[dict]:
    """What was wrong, one for each field, or the whole."""
    found = [f"{one['field']}: {one['message']} ({one['expected']})" for one in problem.get("errors", [])]
    return [{"code": problem["status"], "description": text} for text in found or [problem["detail"]]]


def _said(pair: tuple[str, str], language: str) -> str:
    return pair[1] if language == EN else pair[0]
