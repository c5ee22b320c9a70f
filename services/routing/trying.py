"""Trying: what the rules would do with an appeal, and why, told without doing it."""

from __future__ import annotations

from appeals.commands import TryDispatch
from services.routing.domain import Case, Rulebook
from services.routing.proposing import Decision


def try_dispatch(question: TryDispatch, book: Rulebook) -> dict:
    """The decision on an appeal that somebody thinks of, as JSON values.

    `held` says why it would be held for a person, and is empty when orders would go out.
    """
    case = Case(
        receipt=question.receipt,
        title=question.title,
        text=question.text,
        applicant={"name": "", "city": question.city},
        kind="",
        urgency="",
        complexity="",
        category=question.category,
        accused=list(question.accused),
    )
    decision = case.decide(book)
    return told(decision, book, held=case.held_because(decision, book))


def told(decision: Decision, book: Rulebook, *, held: str) -> dict:
    """A decision as JSON values: who, by which rule, why, and what else came close."""

    def unit(code: str) -> dict:
        return {"code": code, "name": book.units.name(code), "plugged_in": code in book.directory.departments}

    return {
        "lead": unit(decision.lead) if decision.lead else None,
        "assist": [unit(code) for code in decision.assist],
        "form": book.form(decision.lead),
        "rule": decision.rule,
        "held": held,
        "explanation": decision.explain(),
        "runners_up": [
            {"rule": fit.rule.name, "unit": unit(fit.rule.lead), "points": fit.points} for fit in decision.runners_up
        ],
        "rules_version": decision.version,
    }
