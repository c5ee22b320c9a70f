"""When appeals come in over a year, and what they are: seeded, so that the same year can be run again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from stdnum.cn import uscc

from appeals.commands import SubmitAppeal
from appeals.events import Applicant
from tests.simulation import days

Season = tuple[date, date]  # the first and the last day on which appeals come in

YEAR = date(2026, 1, 1), date(2026, 12, 31)
# The share of a working day that comes in each hour; offices and telephones are busiest in the morning.
HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 10, 13, 12, 7, 4, 8, 10, 9, 7, 4, 3, 3, 3, 2, 2, 1)
ENTERPRISES = 20_011
WEEKEND, HOLIDAY = 0.25, 0.12
AFTER_REST = (1.0, 1.15, 1.3, 1.5, 1.7, 1.9, 2.1, 2.3, 2.5, 2.7)  # by the days without work before it

KINDS = {"help": 45, "complaint": 22, "consult": 18, "report": 8, "suggestion": 7}
URGENCIES = {"normal": 85, "urgent": 12, "critical": 3}
CLASSIFICATIONS = {"ordinary": 84, "public": 6, "confidential": 7, "anonymous": 3}
CITIES = ("沈阳市", "大连市", "鞍山市", "朝阳市", "锦州市", "营口市")
ACCUSED = (("省住建厅",), ("省公安厅",), ("tax",), ("industry",))
MATTERS = {
    "厂区电缆被盗，请求尽快侦办": 14,
    "专精特新中小企业认定奖补未到账": 10,
    "拖欠货款不付，要求支付尾款": 6,
    "企业登记注册办理缓慢": 9,
    "排污许可办理问题": 8,
    "增值税留抵退税迟迟未到": 7,
    "社会保险缴费基数咨询": 7,
    "不动产登记和规划许可办理": 7,
    "项目审批和备案时间过长": 6,
    "厂区停电频繁": 3,
    "银行抽贷导致流动资金紧张": 5,
    "高新技术企业认定咨询": 4,
    "政策承诺不兑现": 4,
    "出口报关被查验滞留": 2,
    "企业上市辅导协调": 2,
    "申报成立化工产业园区": 1,
    "建设工程消防验收迟迟不办": 3,
    "拖欠农民工工资堵门": 2,
    "有一个想法希望有人听一听": 2,
}


@dataclass(frozen=True)
class Arrival:
    """An appeal that comes in at a moment, in seconds."""

    moment: int
    command: SubmitAppeal


def arrivals(
    seed: int, appeals: int, every: int, season: Season = YEAR, part: int = 0, parts: int = 1
) -> Iterator[Arrival]:
    """The appeals of a season, in their order; of several parts, one that shares no enterprise with the others.

    Moments are whole multiples of `every` seconds.
    """
    chance = random.Random(f"{seed}/arrivals")
    first, last = map(days.day_of_date, season)
    on_days = chance.choices(range(first, last + 1), [_weight(day) for day in range(first, last + 1)], k=appeals)
    hours = chance.choices(range(24), weights=HOURS, k=appeals)
    moments = sorted(
        days.at(day, hour * 3600 + chance.randrange(3600)) // every * every + every
        for day, hour in zip(on_days, hours, strict=True)
    )
    for number, moment in enumerate(moments):
        if _enterprise(number) % parts == part:
            yield Arrival(moment, _appeal(seed, number, moment))


def _enterprise(number: int) -> int:
    """Whose appeal it is; some come again and again."""
    return number * number % ENTERPRISES


def _credit_code(enterprise: int) -> str:
    code = f"91210100MA{enterprise:07d}"
    return code + uscc.calc_check_digit(code)


def _weight(day: int) -> float:
    if days.WORKS[day]:
        rest = 0
        while not days.WORKS[day - 1 - rest]:
            rest += 1
        return AFTER_REST[min(rest, len(AFTER_REST) - 1)]
    return WEEKEND if days.is_weekend(day) else HOLIDAY


def _appeal(seed: int, number: int, moment: int) -> SubmitAppeal:
    chance = random.Random(f"{seed}/{number}")
    title = _one_of(MATTERS, chance)
    return SubmitAppeal(
        receipt=f"SQ-{YEAR[0].year}-{number:06d}",
        at=days.as_time(moment),
        by=f"enterprise-{_enterprise(number)}",
        title=title,
        text=f"{title}。请协调解决。",
        applicant=Applicant(
            name=f"企业{_enterprise(number)}", uscc=_credit_code(_enterprise(number)), city=chance.choice(CITIES)
        ),
        channel=chance.choice(("hotline", "portal", "visit")),
        kind=_one_of(KINDS, chance),
        urgency=_one_of(URGENCIES, chance),
        classification=_one_of(CLASSIFICATIONS, chance),
        accused=chance.choice(ACCUSED) if chance.random() < 0.04 else (),
    )


def _one_of(weights: dict[str, float], chance: random.Random) -> str:
    return chance.choices(list(weights), weights=list(weights.values()))[0]
