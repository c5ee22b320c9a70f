"""Views: what each reader is shown of an appeal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Row

from services.masking import mask_name
from services.portal import answers, words
from services.portal.kin import without_others
from services.portal.rights import Principal, may_hear
from services.portal.roles import APPLICANT, DEPARTMENT, ENTERPRISE, PLATFORM

HIDING = ("confidential", "anonymous")  # of which intake tells no name at all
Names = Mapping[str, str]  # departments' names by code
_HIDDEN = {
    APPLICANT: ("level",),
    ENTERPRISE: ("level",),
    DEPARTMENT: ("accused", "split_from"),
    PLATFORM: ("level", "accused", "split_from"),
}


def appeal(
    row: Row,
    orders: Iterable[Row],
    files: Iterable[Row],
    principal: Principal,
    language: str,
    names: Names,
    kin: Mapping | None = None,
) -> dict:
    """One appeal in full; `kin` are the other appeals that are shown with it.

    A person's name is masked for all but themselves. Whom it is about, and by which document an agent acts, departments
    are not told; how a department is supervised, the applicant is not. Who handed it over is told nothing of these.
    """
    kept = () if principal.is_officer else _HIDDEN[principal.role]
    shown = [one for one in files if not (one.officers_only and principal.role in (DEPARTMENT, PLATFORM))]
    facts = row._asdict() | {"orders": orders, "attachments": shown} | (kin or {})
    if row.applicant["kind"] == "person" and not (principal.is_on_applicants_side or row.classification in HIDING):
        facts["applicant"] = row.applicant | {"name": mask_name(row.applicant["name"])}
    return answers.AppealAnswer(language, names, exclude=kept).dump(facts)


def page(rows: Iterable[Row], more: str | None, principal: Principal, language: str, names: Names) -> dict:
    """A page of a list."""
    hidden = ("appeals.level",) if principal.role == PLATFORM else ()
    return answers.PageAnswer(language, names, exclude=hidden).dump({"appeals": rows, "next": more})


def timeline(
    receipt: str,
    entries: Iterable[Row],
    principal: Principal,
    language: str,
    names: Names,
    visible: Collection[str] = (),
) -> dict:
    """What happened; the applicant, and who handed it over, are shown what concerns them, and not who did it.

    Of other appeals, staff are told those that are `visible`.
    """
    is_applicant = principal.is_on_applicants_side or principal.role == PLATFORM
    told = [
        {
            "at": entry.at,
            "event": entry.topic,
            "label": words.sentence(entry.topic, entry.data | {"department": entry.department}, names, language),
            "department": entry.department or None,
            "department_name": names.get(entry.department, entry.department) or None,
            "details": words.shown(entry.topic, entry.data) if is_applicant else without_others(entry.data, visible),
        }
        | ({} if is_applicant else {"by": entry.by})
        for entry in entries
        if may_hear(principal, entry.topic)
    ]
    return answers.TimelineAnswer(language, names).dump({"receipt": receipt, "timeline": told})


def candidates(found: Mapping, visible: set[str], language: str) -> dict:
    """Which others an appeal may repeat, of those that are `visible`."""
    told = [
        one | {"reason": one[language], "submitted_at": datetime.fromisoformat(one["submitted_at"])}
        for one in found["candidates"]
        if one["receipt"] in visible
    ]
    return answers.CandidatesAnswer(language).dump(found | {"candidates": told})


def vocabulary(names: Names) -> dict:
    """All codes with their labels, and the departments."""
    lists = {
        name: [{"code": code, "zh": word.zh, "en": word.en} for code, word in codes.items()]
        for name, codes in words.CODES.items()
    }
    return lists | {"department": [{"code": code, "name": name} for code, name in names.items()]}
