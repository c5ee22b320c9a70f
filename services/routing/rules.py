"""The dispatch catalogue, 派单目录: rules that say whose duty a matter is, and how well each fits an appeal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from services.routing.places import Places
from services.routing.wording import Word, beginnings, first_found


@dataclass(frozen=True, kw_only=True)
class Points:
    """What a hit is worth. A rule with fewer than `least` does not fit.

    When the best rules of two units are less than `margin` apart, neither is taken.
    """

    keyword: int
    hint: int
    title: int  # times as much in the title
    category: int
    least: int
    margin: int


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a rule looks at: plain texts, the category that was named, and where the appeal comes from."""

    title: str
    text: str
    category: str = ""
    city: str = ""

    @property
    def words(self) -> str:
        """All that was said."""
        return f"{self.title}\n{self.text}"

    @cached_property
    def begun(self) -> frozenset[str]:
        """How the words may begin that are in it."""
        return beginnings(self.words)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A reason for a rule, with its points."""

    what: str
    where: str
    points: int

    def __str__(self) -> str:
        return f"{self.where}“{self.what}”{self.points}分"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A line of the catalogue.

    Of `keywords` any counts, of `hints` too but less; each group of `all_of` has to be there; any of `excluded` puts
    the rule out. `en` are keywords of English texts. A rule that `precedes` goes before those that do not, whatever
    their points: an accusation counts more than the matter it came up in. `areas` and `except_areas` are
    cities. `regime` is a procedure by law that comes along.
    """

    name: str
    lead: str
    assist: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keywords: tuple[Word, ...] = ()
    en: tuple[Word, ...] = ()
    hints: tuple[Word, ...] = ()
    all_of: tuple[Word, ...] = ()
    excluded: tuple[Word, ...] = ()
    areas: tuple[str, ...] = ()
    except_areas: tuple[str, ...] = ()
    requirement: str = ""
    regime: str = ""
    precedes: bool = False
    task_force: bool = False
    source: str = ""

    def out_because(self, matter: Matter) -> str:
        """Why the rule is not to be asked about this matter; empty when it is."""
        if self.areas and not _is_in(self.areas, matter):
            return f"只适用于{'、'.join(self.areas)}"
        if self.except_areas and _is_in(self.except_areas, matter):
            return f"不适用于{'、'.join(self.except_areas)}"
        if found := first_found(self.excluded, matter.words):
            return f"出现排除词“{found}”"
        if missing := [word.written for word in self.all_of if not word.found_in(matter.words)]:
            return f"未出现“{'、'.join(missing)}”"
        return ""

    def hits(self, matter: Matter, points: Points) -> list[Hit]:
        """Every reason for this rule, the weightiest first; a word counts once, and hints alone do not count."""
        found = _found((*self.keywords, *self.en), points.keyword, matter, points)
        if matter.category in self.categories:
            found.append(Hit(what=matter.category, where="类别", points=points.category))
        if found:
            found += _found(self.hints, points.hint, matter, points)
        return sorted(found, key=lambda hit: -hit.points)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How well one rule fits."""

    rule: Rule
    hits: tuple[Hit, ...]

    @property
    def points(self) -> int:
        """All its points."""
        return sum(hit.points for hit in self.hits)

    def leads_by(self, margin: int, other: Fit) -> bool:
        """Whether it goes clearly before another."""
        return self.rule.precedes > other.rule.precedes or self.points - other.points >= margin

    def __str__(self) -> str:
        return f"“{self.rule.name}”{self.points}分（{'、'.join(map(str, self.hits))}）"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All rules, with what hits are worth. `version` is kept with every decision."""

    version: str
    points: Points
    rules: tuple[Rule, ...]
    places: Places = Places()

    def fits(self, matter: Matter) -> list[Fit]:
        """The rules that fit, best first; of equals the one that is written first."""
        matter = replace(matter, title=self.places.cleared(matter.title), text=self.places.cleared(matter.text))
        fits = (
            Fit(rule=rule, hits=tuple(hits))
            for rule in self.rules
            if (hits := rule.hits(matter, self.points)) and not rule.out_because(matter)
        )
        fitting = (fit for fit in fits if fit.points >= self.points.least)
        return sorted(fitting, key=lambda fit: (not fit.rule.precedes, -fit.points))


def _found(words: Sequence[Word], worth: int, matter: Matter, points: Points) -> list[Hit]:
    hits = []
    for word in words:
        if not word.may_be_among(matter.begun):
            continue
        if what := word.found_in(matter.title):
            hits.append(Hit(what=what, where="标题", points=worth * points.title))
        elif what := word.found_in(matter.text):
            hits.append(Hit(what=what, where="正文", points=worth))
    return hits


def _is_in(areas: Sequence[str], matter: Matter) -> bool:
    """Whether the appeal comes from one of these cities; who names none may name one in the text."""
    return any(area[:2] in (matter.city or matter.words) for area in areas)
