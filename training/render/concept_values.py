"""Plausible values of the kinds that only concepts have."""

import tomllib
from collections.abc import Callable
from pathlib import Path

from training.render.checked import pattern
from training.render.dice import chance
from training.render.values import Values

_TABLES = tomllib.loads(Path(__file__).with_name("concept_values.toml").read_text("utf-8"))
PATTERNS: dict[str, list[str]] = _TABLES["patterns"]
WORDS: dict[str, dict[str, list[str]]] = _TABLES["words"]


def _decimal(values: Values, least: float, most: float, places: int) -> str:
    """A number between two, with the page's decimal mark."""
    return f"{values.dice.uniform(least, most):.{places}f}".replace(".", values.separators[1])


def _percent(values: Values) -> str:
    number = _decimal(values, 0.1, 15, values.dice.choice((0, 1, 2)))
    return f"{number} %" if chance(values.dice, 0.4) else f"{number}%"


def _unit(values: Values, least: float, most: float, units: tuple[str, ...], places: tuple[int, ...]) -> str:
    """A quantity with its unit, or at times without."""
    number = _decimal(values, least, most, values.dice.choice(places))
    return f"{number} {values.dice.choice(units)}" if chance(values.dice, 0.85) else number


def _month(values: Values) -> str:
    """A month of the page's year, in words or as a number."""
    number, year = values.dice.randint(1, 12), values.today.year
    return values.dice.choice((f"{values.habit('months')} {year}", f"{number:02}/{year}", f"{number:02}.{year}"))


def _project(values: Values) -> str:
    names = (values.invented(), f"{values.invented(2, 3)} {values.dice.randint(1, 40)}", values.item(), values.street())
    return values.dice.choice(names)


MAKERS: dict[str, Callable[[Values], str]] = {
    "percent": _percent,
    "month": _month,
    "project": _project,
    "surname": Values.last_name,
    "rate": lambda v: _decimal(v, 0.2, 9, v.dice.choice((2, 4, 5))),
    "small": lambda v: str(v.dice.randint(1, 60)),
    "few": lambda v: str(v.dice.randint(0, 6)),
    "rooms": lambda v: v.dice.choice((str(v.dice.randint(1, 7)), _decimal(v, 1, 6, 1))),
    "hours": lambda v: (
        _unit(v, 1, 190, ("h", "h", "hrs"), (0, 1, 2)) if chance(v.dice, 0.4) else _decimal(v, 1, 190, 2)
    ),
    "kilos": lambda v: _unit(v, 0.5, 4000, ("kg", "kg", "t", "kgs"), (0, 1, 2, 3)),
    "height": lambda v: _unit(v, 48, 205, ("cm",), (0,)),
    "body_weight": lambda v: _unit(v, 3, 130, ("kg",), (0, 1)),
    "area": lambda v: _unit(v, 18, 900, ("m2", "qm", "sqm"), (0, 1, 2)),
    "energy": lambda v: _unit(v, 20, 9000, ("kWh", "kWh", "m3"), (0, 0, 1, 2)),
    "data": lambda v: _unit(v, 0.5, 60, ("GB", "GB", "MB"), (0, 1)),
    "km": lambda v: v.number(v.dice.randint(10, 250_000) * 100)[:-3] + v.dice.choice((" km", "", " km")),
    "pulse": lambda v: _unit(v, 45, 130, ("bpm", "/min"), (0,)),
    "power": lambda v: _unit(v, 40, 300, ("kW", "PS", "HP", "CV"), (0,)),
}
MEANT = frozenset((*MAKERS, *PATTERNS, *WORDS["any"], *WORDS["en"]))


def meant_value(values: Values, kind: str) -> str:
    """Make a plausible value of one of the kinds MEANT."""
    if kind in MAKERS:
        return MAKERS[kind](values)
    if kind in PATTERNS:
        return pattern(values.dice, values.dice.choice(PATTERNS[kind])).replace("@", "*").strip()
    own = WORDS[values.language].get(kind) or WORDS["any"][kind]
    if kind in {"carrier", "make", "model", "medicine", "project"} and chance(values.dice, 0.4):
        return values.company() if kind == "carrier" else values.invented()
    if kind in {"department", "ward", "course", "tariff", "diagnosis"} and chance(values.dice, 0.4):
        return values.item() if kind != "ward" else f"{values.invented(2, 3)} {values.dice.randint(1, 9)}"
    form = values.dice.choice(own)
    return form.format(city=values.city(), name=values.last_name(), n=values.dice.randint(100, 99999))
