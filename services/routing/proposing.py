"""Proposing: whose duty an appeal is by the catalogue, and why. Pure: the same appeal and catalogue, the same decision.

The whole catalogue is asked, whether or not a unit is plugged in; who can be sent an order is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.routing.rules import Catalogue, Fit, Matter
from services.routing.wording import matters

TOLD_RUNNERS_UP = 3

NO_RULE, TOO_CLOSE = "no rule fits", "too close to call"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who leads and who assists, by which rule. Without a lead, `undecided` says why a person has to decide.

    `considered` are the units that came into question, best first.
    """

    version: str
    lead: str = ""
    assist: tuple[str, ...] = ()
    fit: Fit | None = None
    runners_up: tuple[Fit, ...] = ()
    several: tuple[Fit, ...] = ()
    undecided: str = ""

    @property
    def rule(self) -> str:
        """The name of the rule that decided."""
        return self.fit.rule.name if self.fit else ""

    @property
    def considered(self) -> tuple[str, ...]:
        """The units whose rules fit, best first."""
        return tuple(dict.fromkeys(fit.rule.lead for fit in ((self.fit,) if self.fit else ()) + self.runners_up))

    def explain(self) -> str:
        """Which rule, why, and what else came close, as an officer reads it."""
        parts = []
        if self.several:
            parts.append(
                "一件诉求反映多个事项，以首个事项的承办单位主办，其余协办：" + "；".join(map(str, self.several))
            )
        elif self.fit:
            parts.append(f"依据派单目录{self.version}：{self.fit}")
        elif not self.runners_up:
            parts.append(f"派单目录{self.version}中没有符合的规则")
        else:
            parts.append(f"派单目录{self.version}中多条规则难分高下")
        if self.runners_up:
            parts.append("相近规则：" + "；".join(map(str, self.runners_up)))
        return "。".join(parts) + "。"


def propose(
    matter: Matter, catalogue: Catalogue, *, barred: Collection[str] = (), tried: Collection[str] = ()
) -> Decision:
    """Whose duty this is.

    `barred` units may take no part, since the appeal is about them; `tried` ones have had it and may not lead.
    """
    out = {*barred, *tried}
    several = _several(matter, catalogue, out)
    if several:
        leads = [fit.rule.lead for fit in several]
        return _decided(several[0], catalogue, out, (*leads[1:], *several[0].rule.assist), several=several)
    fits = [fit for fit in catalogue.fits(matter) if fit.rule.lead not in out]
    if not fits:
        return Decision(version=catalogue.version, undecided=NO_RULE)
    best, others = fits[0], _of_others(fits)
    if others and not best.leads_by(catalogue.points.margin, others[0]):
        return Decision(version=catalogue.version, undecided=TOO_CLOSE, runners_up=(best, *others)[:TOLD_RUNNERS_UP])
    return _decided(best, catalogue, barred, best.rule.assist, runners_up=others[:TOLD_RUNNERS_UP])


def _several(matter: Matter, catalogue: Catalogue, out: Collection[str]) -> tuple[Fit, ...]:
    """The best rules of an appeal's matters, when it counts up several and they are different units' duty.

    A title that names a matter says what the appeal is about; the rest is then told along with it. An accusation among
    them is not shared out: it takes the whole appeal where the rule that precedes says.
    """
    texts = matters(matter.text)
    if not texts or catalogue.fits(Matter(title=matter.title, text="", city=matter.city)):
        return ()
    found: dict[str, Fit] = {}
    for text in texts:
        fits = [
            fit for fit in catalogue.fits(Matter(title="", text=text, city=matter.city)) if fit.rule.lead not in out
        ]
        if fits:
            found.setdefault(fits[0].rule.lead, fits[0])
    shared = len(found) > 1 and not any(fit.rule.precedes for fit in found.values())
    return tuple(found.values()) if shared else ()


def _of_others(fits: list[Fit]) -> tuple[Fit, ...]:
    """The best rule of each unit but the first."""
    best: dict[str, Fit] = {}
    for fit in fits:
        best.setdefault(fit.rule.lead, fit)
    return tuple(best.values())[1:]


def _decided(fit: Fit, catalogue: Catalogue, barred: Collection[str], assist: tuple[str, ...], **more) -> Decision:
    helpers = tuple(code for code in dict.fromkeys(assist) if code not in barred and code != fit.rule.lead)
    return Decision(version=catalogue.version, lead=fit.rule.lead, assist=helpers, fit=fit, **more)
