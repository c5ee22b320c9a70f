"""One real-looking sample of every event, for documents, for trying a handler, and for the golden files.

    python -m appeals.samples FOLDER      write the golden files, one JSON for each event and version

A golden file is never changed once released: it is what an older department will read or has written.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from appeals.bus.causality import mark
from appeals.bus.envelope import Envelope
from appeals.events import CORE, DEPARTMENT_WORDS, PLATFORM_WORDS, Applicant, Attachment, Event, Rate
from appeals.message import message_classes

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
DUE = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
RECEIPT = "SQ-20261124-K7M2QX"
SAMPLE = "SAMPLE-"  # how a receipt begins that belongs to no appeal: what a department says about it stays with it
GOLDEN = Path(__file__).with_name("golden")

# By the field's name, since a name mostly means the same; `topic.name` where it does not.
VALUES = {
    "purpose": "核实申请人身份",
    "receipt": RECEIPT,
    "at": AT,
    "by": "system",
    "order": f"{RECEIPT}-01",
    "title": "申报成立化工产业园区，请协调省工信厅支持",
    "text": "为引进产业链、提高竞争力，需要申报成立化工产业园区，希望协调辽宁省工信厅给予支持。",
    "applicant": Applicant(name="朝阳高新技术产业开发区", kind="park", city="朝阳市"),
    "channel": "visit",
    "kind": "help",
    "urgency": "normal",
    "complexity": "hard",
    "category": "industry",
    "classification": "ordinary",
    "accused": (),
    "special_regime": "",
    "task_force": False,
    "linked_to": "",
    "attachments": (Attachment(sha256="9f" * 32, name="园区总体规划.pdf", type="pdf", size=482_133),),
    "outside_reference": "",
    "where": "110",
    "words": ("正在行凶",),
    "emergency": "",
    "split_from": "",
    "candidates": ("SQ-20261112-A1B2C3",),
    "flag": "repeated",
    "count": 3,
    "into": "SQ-20261112-A1B2C3",
    "parts": ("SQ-20261124-P1P1P1", "SQ-20261124-P2P2P2"),
    "way": "merged",
    "stage": "closed",
    "missing": ("申报主体", "园区四至范围"),
    "note": "已与企业联系",
    "due": DUE,
    "explanation": "该事项已由人民法院立案审理",
    "where_to_go": "请向受理法院了解进展",
    "reason": "需要专家评审",
    "department": "industry",
    "departments": ("industry", "natural-resources"),
    "lead": "industry",
    "role": "lead",
    "round": 1,
    "requirement": "牵头会商自然资源等部门",
    "why": "化工园区、产业园区认定由工信部门牵头",
    "considered": ("industry",),
    "proposed": "ecology",
    "form": "order",
    "rules_version": "2026-11",
    "consult": ("省生态环境厅",),
    "designated": False,
    "minutes": "",
    "decided_by": "",
    "decide_by": DUE,
    "suggested": "natural-resources",
    "how": "电话",
    "name": "总体规划公示",
    "state": "done",
    "on": date(2026, 11, 20),
    "figures": {"count": 9},
    "word": "order.signed",
    "code": "wrong-step",
    "zh": "转办单当前状态不能执行该操作",
    "en": "This step of the work order is not open",
    "days": 5,
    "plan": "12月5日前完成专家评审",
    "result": "solved",
    "evidence": ("会议纪要",),
    "contact": "电话",
    "appeal.handed-over.receipt": "hotline-12345:GD20261124000123",
    "handover.refused.receipt": "hotline-12345:GD20261124000123",
    "platform": "hotline-12345",
    "reference": "GD20261124000123",
    "appeal.submitted.platform": "",
    "handover.refused.code": "not-your-channel",
    "handover.refused.zh": "“letter”不在可选范围内，可选：hotline-12345",
    "handover.refused.en": "'letter' is not one of: hotline-12345",
    "handover.updated.state": "accepted",
    "handover.updated.note": "",
    "contact_name": "李婷",
    "contact_phone": "0421-2600000",
    "step": "reply",
    "limit": "5wd",
    "calendar_version": "2026-11-24",
    "provisional": False,
    "share": 80,
    "light": "yellow",
    "level": "ordinary",
    "was": "yellow",
    "basis": "省政府关于专家评审的通知",
    "conference": "联席会议纪要〔2026〕3号",
    "reached": True,
    "checked": ("text", "evidence", "contact"),
    "after": "30d",
    "reply_due": DUE,
    "review_on": date(2026, 12, 24),
    "summary": "已明确申报路径，三项规划通过专家评审",
    "until": DUE,
    "rating": "very_satisfied",
    "solved": "solved",
    "comment": "感谢支持",
    "outcome": "evaluated",
    "via": "applicant",
    "attempt": 1,
    "attempts": 3,
    "contact_confirmed": True,
    "record": "",
    "review": "",
    "decision": "upheld",
    "supported": True,
    "opinion": "诉求事项已由生效判决处理，申请符合规定",
    "approved": True,
    "remedies": "对认定不服的，可自收到告知之日起 30 日内向上级单位申请复核",
    "period": "2026-11",
    "orders": 40,
    "response": Rate(count=39.0, n=40, value=0.975, low=0.8714, high=0.9956),
    "solution": Rate(count=28.0, n=32, value=0.875, low=0.7193, high=0.9503),
    "satisfaction": Rate(count=29.0, n=32, value=0.9063, low=0.7578, high=0.9676),
    "on_time": Rate(count=38.0, n=40, value=0.95, low=0.835, high=0.9862),
    "reopened": Rate(count=2.0, n=40, value=0.05, low=0.0138, high=0.165),
    "extended": Rate(count=4.0, n=40, value=0.1, low=0.0396, high=0.2305),
    "median_hours": 14.5,
    "three_rates": 91.59,
    "bonus": 0.0,
    "deduction": 1.25,
    "deductions": {"yellow_card": 1.25},
    "index": 91.03,
    "ranked": True,
    "rank": 2,
    "weights_version": "2026-12",
}


def sample(event_class: type[Event]) -> Event:
    """A sample of an event, every field filled in."""
    names = [one.name for one in dataclasses.fields(event_class)]
    return event_class(**{name: VALUES.get(f"{event_class.topic}.{name}", VALUES.get(name)) for name in names})


def sample_for(department: str, event_class: type[Event], **changes) -> Event:
    """A sample as this department is told it, with changes; an order's number follows a changed receipt.

    Raises TypeError for a field that the event does not have.
    """
    made, names = sample(event_class), {one.name for one in dataclasses.fields(event_class)}
    about: dict = {"department": department, "departments": (department,), "lead": department, "platform": department}
    if "receipt" in changes:
        about["order"] = f"{changes['receipt']}-01"
    return dataclasses.replace(made, **{name: about[name] for name in about.keys() & names} | changes)


def is_sample(receipt: str) -> bool:
    """Whether a receipt belongs to a published sample, not to an appeal."""
    return receipt.startswith(SAMPLE)


def sample_envelope(event_class: type[Event]) -> Envelope:
    """The sample as it travels: to a department if it is told of it, else on the platform."""
    event = sample(event_class)
    word = event_class in (*DEPARTMENT_WORDS, *PLATFORM_WORDS)
    source = event.speaker if word else "platform"
    audience = f"inbox.{source}" if word else event.audiences()[-1]
    return Envelope(
        id="0198f0a0-0000-7000-8000-000000000001",
        source=source,
        type=event.type(),
        subject=event.receipt,
        time=event.at,
        data=event.to_data(),
        audience=audience,
        sequence=2,
        after={mark(audience, source, "order.dispatched" if audience != CORE else "appeal.submitted"): 1},
        category="industry",
    )


def event_classes() -> list[type[Event]]:
    """Every event, in story order."""
    return [cls for cls in message_classes() if issubclass(cls, Event)]


def golden_name(event_class: type[Event]) -> str:
    """The name of an event's golden file."""
    return f"{event_class.topic}.v{event_class.version}.json"


def main(folder: Path) -> int:
    """Write a golden file for every event that has none yet; returns the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    for event_class in event_classes():
        path = folder / golden_name(event_class)
        if not path.exists():
            values = json.loads(sample_envelope(event_class).to_bytes())
            path.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a golden file for every event that has none yet.")
    parser.add_argument("folder", type=Path, nargs="?", default=GOLDEN)
    sys.exit(main(parser.parse_args().folder))
