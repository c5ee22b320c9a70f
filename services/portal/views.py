"""Views: what each reader is shown of an appeal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Row

from services.masking import mask_name
from services.portal import answers, words
from services.portal.kin import without_others
from services.portal.rights import Principal, may_hear
from services.portal.roles import DEPARTMENT

HIDING = ("confidential", "anonymous")  # of which intake tells no name at all
Names = Mapping[str, str]  # departments' names by code


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
    are not told; how a department is supervised, the applicant is not.
    """
    kept = ("level",) if principal.is_on_applicants_side else () if principal.is_officer else ("accused", "split_from")
    shown = [one for one in files if not (one.officers_only and principal.role == DEPARTMENT)]
    facts = row._asdict() | {"orders": orders, "attachments": shown} | (kin or {})
    if row.applicant["kind"] == "person" and not (principal.is_on_applicants_side or row.classification in HIDING):
        facts["applicant"] = row.applicant | {"name": mask_name(row.applicant["name"])}
    return answers.AppealAnswer(language, names, exclude=kept).dump(facts)


def page(rows: Iterable[Row], more: str | None, language: str, names: Names) -> dict:
    """A page of a list."""
    return answers.PageAnswer(language, names).dump({"appeals": rows, "next": more})


def timeline(
    receipt: str,
    entries: Iterable[Row],
    principal: Principal,
    language: str,
    names: Names,
    visible: Collection[str] = (),
) -> dict:
    """What happened; the applicant is shown what concerns them, and not who of the staff did it.

    Of other appeals, staff are told those that are `visible`.
    """
    is_applicant = principal.is_on_applicants_side
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
