"""A caption put together of what is known of a page: its kind, its title, a few facts, how much text, and its table.

The bundled model writes no prose of its own. Every part is either printed on the page or counted, or it is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workers.vlm.bundled.printed import LARGE, PrintedLine
from workers.vlm.bundled.tables.sheet import Strip, pieces_of, text_in
from workers.vlm.figures import FIGURES, look_of
from workers.vlm.titles import fold

SURE = 0.75  # a kind or a fact that is less sure is not told
LEGIBLE = 0.5  # of a title: all of it is likelier right than not
LONGEST_TITLE = 80  # characters
LOWEST_TITLE = 0.6  # of what is printed
LEAST_ROWS, LEAST_CELLS = 3, 3  # of a table
FEW = 3  # lines that are no body of text

# What is asked of a page of a kind, and how its description tells it.
FACTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "invoice": (("vendor name", "from {}"), ("invoice date", "of {}"), ("total", "over {}")),
    "receipt": (("merchant", "from {}"), ("date", "of {}"), ("total", "over {}")),
    "letter": (("sender", "from {}"), ("date", "of {}"), ("subject", "about “{}”")),
    "bank statement": (("bank name", "from {}"), ("period end", "up to {}"), ("closing balance", "closing with {}")),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What the page says to one of the prompts of its kind."""

    said: str  # with its place for the text: `from {}`
    text: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Described:
    """A caption, as sure as the least sure of what it tells."""

    text: str
    confidence: float


def facts_asked(kind: str | None) -> tuple[tuple[str, str], ...]:
    """What to ask of a page of this kind, and how it is told."""
    return FACTS.get(kind or "", ())


def describe_page(
    lines: Sequence[PrintedLine],
    strips: Sequence[Strip],
    kind: tuple[str | None, float],
    facts: Sequence[Fact],
    what: str = "page",
) -> Described:
    """The caption of a page, or of a part of one, as `what` says."""
    name, sure = kind if kind[0] is not None and kind[1] >= SURE else (None, 1.0)
    title = title_of(lines)
    headed = fold(title.text) if title else None
    known = [fact for fact in facts if name and _is_told(fact, headed)]
    about = [f"headed “{_cut(title.text)}”"] if title else []
    about += [fact.said.format(_cut(fact.text or "")) for fact in known]
    opening = _opening(name, what) + "".join(f" {part}" for part in about)
    parts = [_amount(len(lines)), table_on(strips)]
    held = " and ".join(part for part in parts if part)
    sures = [sure, *(fact.confidence for fact in known), *([title.confidence] if title else [])]
    return Described(f"{opening}, with {held}.", min(sures))


def nothing_read(what: str = "page") -> str:
    """The caption of a page on which no text was found."""
    return f"A {what} without any text that could be read."


def hardly_read(lines: Sequence[PrintedLine], what: str = "page") -> str:
    """The caption of a page whose characters cannot be made out."""
    return f"A {what} with {_amount(len(lines))} that can hardly be made out."


def title_of(lines: Sequence[PrintedLine]) -> PrintedLine | None:
    """The line that is set largest, of those that stand high enough to head the page; None where all are alike."""
    heads = [
        line
        for line in lines
        if line.size >= LARGE and line.place <= LOWEST_TITLE and sum(c.isalpha() for c in line.text) >= FEW
    ]
    best = max(heads, key=lambda line: (round(line.size, 1), -line.place), default=None)
    return best if best is not None and best.confidence >= LEGIBLE else None


def table_on(strips: Sequence[Strip]) -> str:
    """The longest run of rows with cells beside each other and figures among them, and where it stands; or nothing."""
    best: list[Strip] = []
    run: list[Strip] = []
    for strip in strips:
        run = [*run, strip] if _is_row(strip) else []
        best = max(best, run, key=len)
    if len(best) < LEAST_ROWS:
        return ""
    low, high = strips[0].middle, strips[-1].middle
    return f"a table of about {len(best)} rows {_where(best, low, high)}"


def _is_told(fact: Fact, headed: str | None) -> bool:
    """Whether a fact is sure, and not what the title says already."""
    return fact.text is not None and fact.confidence >= SURE and fold(fact.text) != headed


def _is_row(strip: Strip) -> bool:
    pieces = pieces_of(strip.tokens)
    return len(pieces) >= LEAST_CELLS and any(look_of(text_in(piece)) in FIGURES for piece in pieces)


def _where(rows: Sequence[Strip], low: float, high: float) -> str:
    """Where on what is printed the middle of some rows stands."""
    middle = ((rows[0].middle + rows[-1].middle) / 2 - low) / max(1.0, high - low)
    return "at its top" if middle < 1 / 3 else "in its middle" if middle < 2 / 3 else "at its foot"


def _opening(name: str | None, what: str) -> str:
    if name is None:
        return f"A {what}"
    article = "An" if name[0] in "aeiou" else "A"
    return f"{article} {name}" if what == "page" else f"A {what}, of {article.lower()} {name}"


def _amount(lines: int) -> str:
    return "1 line of text" if lines == 1 else f"{lines} lines of text"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1].rstrip()}…"
