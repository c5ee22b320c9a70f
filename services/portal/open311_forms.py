"""What Open311 clients send: a form as an appeal, and query parameters as conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from marshmallow import ValidationError
from sqlalchemy import ColumnElement, or_

from services.portal.fields import Fault
from services.portal.open311_words import CLOSED
from services.portal.problems import NotDone, invalid
from services.portal.receipts import as_receipt
from services.portal.store import appeals

SPAN = timedelta(days=90)
TITLE = 50  # characters of the description that stand for a title


def appeal_of(form: Mapping[str, str]) -> dict:
    """A form as the body of an appeal. What has no field here is put below the text, so that none of it is lost;
    only the e-mail address and the device are not kept. Raises NotDone.
    """
    description = form.get("description", "")
    name = _attribute(form, "applicant_name")
    person = f"{form.get('last_name', '')}{form.get('first_name', '')}"
    return {
        "title": _attribute(form, "title") or description.strip().partition("\n")[0][:TITLE],
        "text": "\n".join([description, *_further(form)]),
        "category": form.get("service_code", ""),
        "classification": _attribute(form, "classification") or "ordinary",
        "applicant": {
            "name": name or person,
            "kind": _attribute(form, "applicant_kind") or ("enterprise" if name else "person"),
            "uscc": _attribute(form, "uscc"),
            "city": _attribute(form, "city"),
        },
        "contact": {"name": person, "phone": form.get("phone", "")},
    }


def _attribute(form: Mapping[str, str], code: str) -> str:
    return form.get(f"attribute[{code}]", "")


def _further(form: Mapping[str, str]) -> Iterator[str]:
    """Where it is and what there is to see, as lines."""
    for name, called in (("address_string", "地点"), ("address_id", "地址编号"), ("media_url", "图片")):
        if form.get(name):
            yield f"{called}：{form[name]}"
    if form.get("lat") or form.get("long"):
        lat, long = _degrees(form, "lat", 90), _degrees(form, "long", 180)
        yield f"坐标：{lat}，{long}"


def _degrees(form: Mapping[str, str], name: str, most: int) -> float:
    try:
        degrees = float(form.get(name, ""))
    except ValueError:
        degrees = most + 1.0
    if not -most <= degrees <= most:
        raise _wrong(name, (f"-{most} 至 {most} 的度数", f"degrees from -{most} to {most}"))
    return degrees


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which appeals are wanted; when receipts are named, nothing else counts."""

    receipts: tuple[str, ...]
    codes: tuple[str, ...]
    closed: bool | None
    since: datetime
    until: datetime

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a query carries besides the rights."""
        if self.receipts:
            yield appeals.c.receipt.in_(self.receipts)
            return
        yield appeals.c.submitted_at.between(self.since, self.until)
        if self.codes:
            yield or_(*(appeals.c.category == code for code in self.codes))
        if self.closed is not None:
            yield appeals.c.state.in_(CLOSED) if self.closed else appeals.c.state.not_in(CLOSED)


def filters_of(asked: Mapping[str, str], now: datetime) -> Filters:
    """The filters in a query; without dates those of the last 90 days. Raises NotDone."""
    receipts = tuple(as_receipt(one) or "" for one in _listed(asked, "service_request_id"))
    statuses = set(_listed(asked, "status"))
    if statuses - {"open", "closed"}:
        raise _wrong("status", ("open 或 closed", "open or closed"))
    until = _moment(asked, "end_date") or now
    since = _moment(asked, "start_date") or until - SPAN
    if not timedelta() <= until - since <= SPAN:
        raise _wrong("start_date", ("与 end_date 相距不超过 90 天", "at most 90 days before end_date"))
    closed = "closed" in statuses if len(statuses) == 1 else None
    return Filters(receipts=receipts, codes=_listed(asked, "service_code"), closed=closed, since=since, until=until)


def _listed(asked: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = tuple(one.strip() for one in asked.get(name, "").split(",") if one.strip())
    if len(found) > 100 or any("\0" in one for one in found):
        raise _wrong(name, ("最多 100 项，以逗号分隔", "at most 100, with commas between"))
    return found


def _moment(asked: Mapping[str, str], name: str) -> datetime | None:
    written = asked.get(name, "")
    try:
        moment = datetime.fromisoformat(written) if written else None
        if moment is None:
            return None
        if moment.tzinfo is None or moment.year < 1000:
            raise ValueError("no zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(
            name, ("带时区的时间，如 2026-11-24T09:00:00Z", "a time with a zone: 2026-11-24T09:00:00Z")
        ) from None


def _wrong(name: str, expected: tuple[str, str]) -> NotDone:
    return NotDone(invalid(ValidationError({name: [Fault("invalid", expected)]})))
