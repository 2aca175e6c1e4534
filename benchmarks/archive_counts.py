"""Questions that records answer: how many, how much, the largest, which ones, between which days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.archive_wants import Condition, Want, work_out
from benchmarks.archive_wordings import ISSUERS, MONTHS, PLURALS, QUARTERS
from benchmarks.archive_world import Question, World
from training.render.dice import chance

CURRENCIES = ("EUR", "USD", "GBP", "CHF")
LEAST_ROUND = (100, 200, 500, 1000, 2000, 5000)
DAY = {"invoice": "invoice_date", "receipt": "date"}
EMPTY = 0.15  # of what no record passes is asked all the same: the answer is nought


def documents(world: World) -> Question | None:
    """Which documents are an issuer's, or above an amount; or a number for each issuer."""
    if chance(world.dice, 0.25):
        schema = world.dice.choice(("invoice", "receipt"))
        summed = chance(world.dice, 0.5)
        who = {"invoice": "vendor", "receipt": "merchant"}[schema]
        forms = (
            ("What is the total of the {p} per {w}?", "How much do the {p} of each {w} come to?", "Total per {w}")
            if summed
            else (
                "How many {p} are there per {w}?",
                "Number of {p} by {w}",
                "How many {p} did we get from each {w}?",
            )
        )
        want = Want(schema, "per", "total" if summed else "", per=ISSUERS[schema])
        return _wanted(world, "documents", world.dice.choice(forms).format(p=PLURALS[schema], w=who), want)
    schema, condition, words = _from_issuer(world) if chance(world.dice, 0.66) else _above(world)
    forms = ("Which {p} are {w}?", "List all {p} that are {w}.", "Show me the {p} {w}")
    if condition is None:
        return None
    text = world.dice.choice(forms).format(p=PLURALS[schema], w=words)
    return _wanted(world, "documents", text, Want(schema, "list", conditions=(condition,)))


def count(world: World) -> Question | None:
    """How many documents an issuer has, or are above an amount."""
    schema, condition, words = _from_issuer(world) if chance(world.dice, 0.7) else _above(world)
    forms = ("How many {p} are {w}?", "How many {p} {w} are there?", "Count the {p} {w}.", "Number of {p} {w}")
    if condition is None:
        return None
    text = world.dice.choice(forms).format(p=PLURALS[schema], w=words)
    return _wanted(world, "count", text, Want(schema, "count", conditions=(condition,)))


def total(world: World) -> Question | None:
    """What an issuer's documents come to, or all in a currency."""
    field = world.dice.choice(("total", "total", "total", "tax"))
    if chance(world.dice, 0.2):
        schema, currency = world.dice.choice(("invoice", "receipt")), world.dice.choice(CURRENCIES)
        all_in = ("What do all {p} in {c} come to?", "What is the total of all {p} in {c}?", "Sum of all {p} in {c}")
        said = world.dice.choice(all_in).format(p=PLURALS[schema], c=currency)
        return _wanted(world, "sum", said, Want(schema, "sum", "total", (Condition("total", currency=currency),)))
    schema, condition, words = _from_issuer(world, ("invoice", "receipt"))
    forms = {
        "total": (
            "What is the total of all {p} {w}?",
            "How much do the {p} {w} come to altogether?",
            "What is the sum of the {p} {w}?",
            "How much in total are the {p} {w}?",
        ),
        "tax": ("How much tax is on all {p} {w}?", "What is the sum of the tax of the {p} {w}?"),
    }[field]
    if condition is None:
        return None
    text = world.dice.choice(forms).format(p=PLURALS[schema], w=words)
    return _wanted(world, "sum", text, Want(schema, "sum", field, (condition,)))


def extreme(world: World) -> Question | None:
    """The largest, smallest, earliest or latest of an issuer's documents."""
    schema, condition, words = _from_issuer(world, ("invoice", "receipt"))
    day = DAY[schema]
    one = PLURALS[schema][:-1]
    forms: dict[tuple[str, str], tuple[str, ...]] = {
        ("largest", "total"): ("What is the largest {o} {w}?", "Which {o} {w} has the highest total?"),
        ("smallest", "total"): ("What is the smallest {o} {w}?", "Which {o} {w} has the lowest total?"),
        ("smallest", day): ("What is the earliest {o} {w}?", "What is the date of the first {o} {w}?"),
        ("largest", day): ("What is the latest {o} {w}?", "When was the last {o} {w} issued?"),
    }
    if condition is None:
        return None
    intent, field = world.dice.choice(list(forms))
    text = world.dice.choice(forms[intent, field]).format(o=one, w=words)
    return _wanted(world, "extreme", text, Want(schema, intent, field, (condition,)))


def dates(world: World) -> Question | None:
    """How many, which, or how much within a month, a year, or between two days."""
    schema = world.dice.choice(("invoice", "invoice", "receipt"))
    day = DAY[schema]
    least, most, words = _span(world)
    conditions: tuple[Condition, ...] = (Condition(day, least=least, most=most),)
    _, named, whose = _from_issuer(world, (schema,))
    if named and chance(world.dice, 0.4):
        conditions, words = (*conditions, named), f"{whose} {words}"
    intent = world.dice.choice(("count", "count", "sum", "list") if len(conditions) > 1 else ("count", "list"))
    forms = {
        "count": ("How many {p} {w} are there?", "How many {p} do we have {w}?", "Number of {p} {w}"),
        "list": ("Which {p} are {w}?", "List the {p} {w}."),
        "sum": ("What is the total of the {p} {w}?", "How much do the {p} {w} come to?"),
    }[intent]
    text = world.dice.choice(forms).format(p=PLURALS[schema], w=words)
    want = Want(schema, intent, "total" if intent == "sum" else "", conditions)
    return _wanted(world, "dates", text, want)


def _span(world: World) -> tuple[str, str, str]:
    """First and last day, and how that is said."""
    year, month = world.dice.choice((2021, 2022, 2023)), world.dice.randint(1, 12)
    first = dt.date(year, month, 1)
    match world.dice.choice(("month", "month", "year", "between", "quarter")):
        case "year":
            return f"{year}-01-01", f"{year}-12-31", world.dice.choice((f"from {year}", f"dated in {year}"))
        case "month":
            last = (first + dt.timedelta(32)).replace(day=1) - dt.timedelta(1)
            return first.isoformat(), last.isoformat(), f"from {MONTHS[month - 1]} {year}"
        case "quarter":
            quarter = (month - 1) // 3
            start = dt.date(year, 3 * quarter + 1, 1)
            last = (start + dt.timedelta(95)).replace(day=1) - dt.timedelta(1)
            return (
                start.isoformat(),
                last.isoformat(),
                f"from the {QUARTERS[quarter]} quarter of {year}",
            )
    start = first + dt.timedelta(world.dice.randrange(28))
    last = start + dt.timedelta(world.dice.randint(20, 200))
    said = [f"{day.day} {MONTHS[day.month - 1]} {day.year}" for day in (start, last)]
    if chance(world.dice, 0.3):
        said = [start.isoformat(), last.isoformat()]
    return start.isoformat(), last.isoformat(), f"dated between {said[0]} and {said[1]}"


def _from_issuer(world: World, schemas: Sequence[str] = tuple(ISSUERS)) -> tuple[str, Condition | None, str]:
    schema = world.dice.choice(schemas)
    if not world.issuers[schema]:
        return schema, None, ""
    name = world.dice.choice(world.issuers[schema])
    return schema, Condition(ISSUERS[schema], name=name), f"from {name}"


def _above(world: World) -> tuple[str, Condition | None, str]:
    schema, currency = world.dice.choice(("invoice", "receipt")), world.dice.choice(CURRENCIES)
    least = world.dice.choice(LEAST_ROUND)
    text = world.dice.choice(
        (f"over {least} {currency}", f"above {least:,} {currency}", f"of more than {least} {currency}")
    )
    return schema, Condition("total", least=f"{least}.01", currency=currency), text


def _wanted(world: World, kind: str, text: str, want: Want) -> Question | None:
    """The question with its truth; none where an amount would mix currencies."""
    result = work_out(want, world.tables[want.schema])
    if not result.documents and not chance(world.dice, EMPTY):
        return None
    if want.intent not in {"count", "list", "per"} and len(result.numbers) != 1:
        return None
    pages = _pages(world, want)
    places = tuple((file, page) for file in sorted(result.documents) for page in pages[file])
    return Question(kind, text, tuple(result.numbers.values()), places, want.schema, want.field, want)


def _pages(world: World, want: Want) -> dict[str, list[int]]:
    """By document, the pages on which the fields of a want stand."""
    pages = defaultdict[str, list[int]](list)
    for known in world.archive:
        pages[known.file] = sorted({told.page for told in known.told if told.field in want.fields}) or [1]
    return pages
