"""What the bundled model must reach, sort of page by sort of page, and what it reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.outcomes import Outcome, Spelling, spelling, summary

MEASURES = ("exact", "character_errors", "absent_answered", "box_half")
AT_LEAST = frozenset({"exact", "box_half"})  # the others at most
NAMES = {
    "exact": "fields exact",
    "character_errors": "characters wrong",
    "absent_answered": "absent answered",
    "box_half": "boxes of right answers that overlap by half",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """The least of the good and the most of the bad, on pages of these grades; None where it is only reported."""

    pages: str
    grade: str
    exact: float | None = None  # of named fields
    character_errors: float | None = None
    absent_answered: float | None = None
    box_half: float | None = None


GOALS = (
    Goal("clean, 100 to 150 dpi", "clean", 0.92, 0.02, 0.02, 0.95),
    Goal("scan", "scan", 0.85, 0.04, 0.03),
    Goal("photo", "photo", absent_answered=0.05),
    Goal("faint", "faint", absent_answered=0.05),
    Goal("low resolution", "low", absent_answered=0.05),
)
UNSEEN = Goal("clean, label wordings that training never saw", "clean", exact=0.80)
FOREIGN = Goal("clean, made by other programs", "clean", exact=0.80)


def goals(outcomes: Sequence[Outcome], spellings: Sequence[Spelling]) -> list[dict[str, Any]]:
    """Every goal with what was reached: for each measure its goal, figure, interval, and whether it is met."""
    asked = [r for r in outcomes if r.kind in {"fields", "absent"}]
    out = []
    for goal in GOALS:
        lines = [s for s in spellings if s.origin.grade == goal.grade]
        out.append(reached(goal, [r for r in asked if r.origin.grade == goal.grade], lines))
    unseen = [r for r in asked if r.unseen and r.origin.grade == UNSEEN.grade]
    return [*out, reached(UNSEEN, unseen, ())]


def reached(goal: Goal, rows: Sequence[Outcome], lines: Sequence[Spelling]) -> dict[str, Any]:
    """One goal's measures on these prompts and lines."""
    figures, spelled = summary(rows), spelling(lines)
    spelled_as = {
        "character_errors": spelled["rate"],
        "character_interval": spelled["interval"],
        "characters": spelled["characters"],
    }
    return reached_by(goal, {**figures, **spelled_as})


def reached_by(goal: Goal, figures: Mapping[str, Any]) -> dict[str, Any]:
    """One goal's measures out of a group's figures; those that nothing was counted for are left out."""
    measures = {}
    for name, (count, ends) in _PLACES.items():
        if figures.get(count) and ends in figures:
            measures[name] = _measure(name, getattr(goal, name), figures[name], figures[ends])
    return {"pages": goal.pages, **measures}


_PLACES = {  # of each measure: what must have been counted, and its interval
    "exact": ("present", "exact_interval"),
    "character_errors": ("characters", "character_interval"),
    "absent_answered": ("absent", "absent_interval"),
    "box_half": ("present", "box_interval"),
}


def _measure(name: str, goal: float | None, figure: Any, ends: Any) -> dict[str, Any]:
    met = None if goal is None else figure >= goal if name in AT_LEAST else figure <= goal
    return {"goal": goal, "reached": figure, "interval": ends, "met": met}
