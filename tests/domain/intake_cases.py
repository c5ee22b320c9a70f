"""Cases of intake for the tests of its rules: an enterprise's appeals, with what they are found by."""

from datetime import UTC, datetime, timedelta

from appeals.channels import load_channels
from appeals.commands import MergeAppeal, SubmitAppeal
from appeals.events import Applicant
from services.intake import merging
from services.intake.domain import Case
from services.intake.policy import load_policy
from services.intake.traits import traits_of
from services.sealing import Seal

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SEAL = Seal(keys={"k1": bytes(16)}, current="k1", index_key=bytes(32))
POLICY, CHANNELS = load_policy(), load_channels()
LIKENESS = POLICY.likeness
ONE, TWO, THREE = "SQ-20261124-000001", "SQ-20261124-000002", "SQ-20261124-000003"
COMPANY = Applicant(name="北票恒铸特钢有限公司", uscc="91211300MAFGKMEQX7", city="朝阳市", park="凌河高新区")
OTHER = Applicant(name="辽西重工有限公司", uscc="91210000MA0UQ0XB3E", city="朝阳市", park="凌河高新区")
THIRD = Applicant(name="朝阳轴承有限公司", uscc="912113007XX1234567", city="朝阳市", park="凌河高新区")


def case_of(receipt=ONE, **changes):
    """An appeal that was just submitted."""
    facts = {
        "title": "仓库电缆连续被盗请尽快破案",
        "text": "被盗电缆约180米",
        "applicant": COMPANY,
        "channel": "hotline",
        "kind": "report",
        "category": "crime",
    }
    submitted = SubmitAppeal(receipt=receipt, at=NOW, by="company-7", **(facts | changes))
    return Case.of(submitted, channels=CHANNELS, policy=POLICY)


def traits(case, applicant=COMPANY, *, days_ago=0, **more):
    """What a case is found by."""
    return traits_of(
        applicant,
        case.accused,
        receipt=case.receipt,
        category=case.category,
        classification=case.classification,
        at=NOW - timedelta(days=days_ago),
        seal=SEAL,
        **more,
    )


def merge(case, main, merged=(), own=None, mains=None):
    """An officer merges one into the other."""
    return merging.merge(
        case,
        main,
        MergeAppeal(receipt=case.receipt, at=NOW, by="受理员", into=main.receipt if main else THREE),
        NOW,
        merged=merged,
        traits=traits(case) if own is None else own,
        main_traits=(traits(main, days_ago=10) if main else []) if mains is None else mains,
        likeness=LIKENESS,
    )
