"""The body of a table: which strips begin a row, which go on with one, which are sums, and where the table ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from statistics import median

from workers.vlm.bundled.tables.columns import Cells, Span, cells_of, look_of_column, texts_of
from workers.vlm.bundled.tables.sheet import Strip, Token, pieces_of, text_in
from workers.vlm.figures import FIGURES, Look, is_figure, look_of
from workers.vlm.titles import has_total, is_all, is_carried, is_payment, sum_of

USUAL = 0.75  # of the rows: columns that are filled in so many make a row's sign
FAR = 5.0  # in line heights: a strip that far below the last row is no more of the table, unless it has all signs
NEXT = 1.75  # in line heights: a wrapped line stands no farther from its row
SMALL = 0.7  # of a row's type: what is printed smaller is no more of it
FULL = 0.6  # of the most cells that a row has: strips with fewer tell no habits
HALF = 0.5  # of its signs: a strip that has fewer is no row
FEW = 2  # signs, such as words and an amount, that also a sum has
EVEN, HOLE = 0.1, (1.8, 2.2)  # rows that stand evenly, and a gap in which one of them is missing


LABELLED = ":"  # the mark of a strip that is `label: value` and no row
_STRICT = FIGURES | {Look.DATE, Look.CURRENCY}


@dataclass(slots=True)
class Row:
    """A row in the making: its own strip's cells, and wrapped lines of them above and below."""

    strip: Strip
    cells: Cells
    above: list[Cells] = field(default_factory=list)
    below: list[Cells] = field(default_factory=list)
    low: float = 0.0  # how far down it goes


@dataclass(frozen=True, slots=True)
class Body:
    """Rows top to bottom, and how many the page shows."""

    rows: tuple[Row, ...]
    looks: tuple[Look, ...]  # of the columns
    seen: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A strip by columns."""

    strip: Strip
    cells: Cells

    def is_figure(self, index: int) -> bool:
        """Whether a figure stands in a column."""
        return index in self.cells and look_of(text_in(self.cells[index])) in FIGURES


@dataclass(frozen=True, slots=True)
class _Habits:
    """What the rows of a table have in common."""

    looks: tuple[Look, ...]
    told: tuple[int, ...]  # columns of figures that tell a row, of money where there are any
    signs: frozenset[int]  # columns that are filled in nearly every row
    dates: frozenset[int]
    left: float  # where the table begins


def label_of(strip: Strip) -> str:
    """The words of a strip: no figures, no dates, no signs of currency."""
    words = (token.text for token in strip.tokens)
    return " ".join(w for w in words if look_of(w.strip(":")) in {Look.TEXT, Look.CODE})


def body_of(strips: Sequence[Strip], spans: Sequence[Span], is_header: Callable[[Strip], bool]) -> Body:
    """Read the strips below a header as rows; those that repeat the header are passed over."""
    lines = [_Line(strip, cells_of(strip.tokens, spans)) for strip in strips]
    near = [line for line in _near(lines) if not is_header(line.strip)]
    looks = tuple(look_of_column(texts_of([line.cells for line in near], i)) for i in range(len(spans)))
    lines = [_Line(line.strip, cells_of(line.strip.tokens, spans, looks)) for line in lines]
    habits = _habits_of(lines[: len(near)], looks)
    walk = _Walk(habits)
    for number, line in enumerate(lines):
        if is_header(line.strip):
            walk.closed = False
        elif not walk.take(line, lines[number + 1 :]):
            break
    return walk.body()


def until_sum(strips: Sequence[Strip], is_header: Callable[[Strip], bool]) -> list[Strip]:
    """The strips that are surely of the table: up to a closing sum, or a wide gap."""
    taken: list[Strip] = []
    for strip in strips:
        phrase = sum_of(label_of(strip))
        dated = look_of(strip.tokens[0].text) is Look.DATE
        if phrase is not None and is_all(label_of(strip), phrase) and not dated:
            if taken and not is_carried(phrase):
                break
            continue
        if taken and _jump(taken, strip) > FAR:
            break
        if not is_header(strip):
            taken.append(strip)
    return taken


def _jump(taken: Sequence[Strip], strip: Strip) -> float:
    """How much wider than usual the gap above a strip is, in line heights."""
    usual = median([b.middle - a.middle for a, b in pairwise(taken)] or [0.0])
    return (strip.middle - taken[-1].middle - usual) / strip.height


def _near(lines: Sequence[_Line]) -> list[_Line]:
    kept = {id(strip) for strip in until_sum([line.strip for line in lines], lambda _: False)}
    return [line for line in lines if id(line.strip) in kept]


def _habits_of(lines: Sequence[_Line], looks: tuple[Look, ...]) -> _Habits:
    dates = frozenset(i for i, look in enumerate(looks) if look is Look.DATE)
    figures = tuple(i for i, look in enumerate(looks) if look in FIGURES)
    money = tuple(i for i in figures if looks[i] is Look.MONEY)
    told = money or figures
    rows = [line for line in lines if _begins(line, told, looks) and sum_of(label_of(line.strip)) is None]
    rows = rows or [line for line in lines if _begins(line, told, looks)]
    most = max((len(row.cells) for row in rows), default=0)
    rows = [row for row in rows if len(row.cells) >= FULL * most]  # without sums that nobody knows
    filled = {i: sum(i in row.cells for row in rows) for i in range(len(looks))}
    usual = {i for i, count in filled.items() if rows and count >= USUAL * len(rows)}
    signs = frozenset(usual - _either(rows, told))
    left = min((row.strip.tokens[0].x0 for row in rows), default=0.0)
    return _Habits(looks, told, signs, dates, left)


def _either(rows: Sequence[_Line], told: Sequence[int]) -> set[int]:
    """Columns of figures of which each row fills one: debits and credits."""
    found: set[int] = set()
    for one, other in combinations(told, 2):
        both = sum(one in row.cells and other in row.cells for row in rows)
        any_ = sum(one in row.cells or other in row.cells for row in rows)
        found |= {one, other} if not both and any_ >= USUAL * len(rows) and len(told) > 1 else set()
    return found


def _begins(line: _Line, told: Sequence[int], looks: Sequence[Look]) -> bool:
    """Whether a strip has what begins a row: an amount where they stand; in a table without amounts, two cells."""
    if any(looks[i] is Look.MONEY for i in told):
        return any(line.is_figure(i) for i in told)
    return len(line.cells) > 1 or len(looks) == 1


def _fits(line: _Line, index: int, look: Look) -> bool:
    """Whether what stands in a column has its look: words are words, figures are figures, dates are dates."""
    if index not in line.cells:
        return False
    said = look_of(text_in(line.cells[index]))
    return said is look or {said, look} <= FIGURES or not {said, look} & _STRICT


def _digits(tokens: Sequence[Token]) -> int:
    """The figures of an amount, in its smallest unit."""
    return int("0" + "".join(c for c in text_in(tokens) if c.isdecimal()))


def is_labelled(strip: Strip) -> bool:
    """Whether a strip is `label: value`."""
    first = pieces_of(strip.tokens)[0]
    behind = strip.tokens[len(first)].text if len(strip.tokens) > len(first) else ""
    return first[-1].text.endswith(":") or behind[:1] == ":"


def _is_told(label: str) -> bool:
    """Whether a label is that of a sum by itself."""
    phrase = sum_of(label)
    return has_total(label) or (phrase is not None and is_all(label, phrase))


def _is_total(label: str) -> bool:
    """Whether a label says nothing but that a total follows."""
    phrase = sum_of(label)
    if phrase is None or is_carried(phrase) or is_payment(phrase):
        return False
    return has_total(label) and is_all(label, phrase)


class _Walk:
    """Down the strips of a table, row by row."""

    def __init__(self, habits: _Habits) -> None:
        self.habits = habits
        self.rows: list[Row] = []
        self.waiting: list[_Line] = []  # lines above the first row, or behind one, that may be of the next
        self.closed = False  # a closing sum was passed: only a whole row goes on
        self.odd: list[_Line] = []  # strips with figures that look like no row, since the last one
        self.missed = 0  # such strips between rows

    def take(self, line: _Line, rest: Sequence[_Line]) -> bool:
        """Read one more strip, `rest` below it; False where the table has ended."""
        if self.rows and self._is_far(line) and not self._is_whole(line):
            return False
        phrase = self._sum(line, rest)
        if phrase is not None:
            self.closed |= bool(self.rows) and (phrase == LABELLED or not is_carried(phrase))
            self.waiting = []
            return True
        if not _begins(line, self.habits.told, self.habits.looks):
            return self._go_on(line)
        if self._signs_in(line) < HALF * len(self.habits.signs):
            self.odd.append(line)
            return True
        if self.closed and not (len(self.habits.signs) > 2 and self._is_whole(line)):  # noqa: PLR2004 - words and a figure are too few
            return False
        self._begin(line)
        return True

    def body(self) -> Body:
        """What was read."""
        return Body(tuple(self.rows), self.habits.looks, len(self.rows) + self.missed + self._holes())

    def _begin(self, line: _Line) -> None:
        row = Row(line.strip, line.cells, low=line.strip.middle)
        if not self.rows:
            for other in self.waiting:
                if self._is_wrapped(other, row, line.strip.middle - other.strip.middle):
                    row.above.append(other.cells)
        self.waiting = []
        self.missed += len(self.odd) if self.rows else 0
        self.odd = []
        self.rows.append(row)
        self.closed = False

    def _go_on(self, line: _Line) -> bool:
        """A line without figures: more of the row above, a total whose amount stands elsewhere, or nothing."""
        if not self.rows:
            self.waiting.append(line)
            return True
        if len(self.habits.signs) <= FEW and _is_total(label_of(line.strip)):  # with more, a movement may be named so
            self.closed = True
            return True
        row = self.rows[-1]
        if not self.closed and self._is_wrapped(line, row, line.strip.middle - row.low):
            row.below.append(line.cells)
            row.low = line.strip.middle
        return True

    def _is_wrapped(self, line: _Line, row: Row, away: float) -> bool:
        """Whether a line goes on in the cells of a row: close, in type of the same size, in its columns of words."""
        height = line.strip.height
        if away > NEXT * row.strip.height or height < SMALL * row.strip.height:
            return False
        if any(self.habits.looks[i] in FIGURES for i in line.cells) or len(line.cells) > 1:
            return False
        (index,) = line.cells
        mine = row.cells.get(index)
        return mine is None or line.cells[index][0].x0 > mine[0].x0 - height

    def _is_far(self, line: _Line) -> bool:
        return line.strip.middle - self.rows[-1].low > FAR * line.strip.height

    def _is_whole(self, line: _Line) -> bool:
        """Whether all columns are filled that usually are, each as it usually is."""
        return self._signs_in(line) == len(self.habits.signs)

    def _signs_in(self, line: _Line) -> int:
        """How many of the columns that usually are filled are so here, as they usually are."""
        return sum(_fits(line, i, self.habits.looks[i]) for i in self.habits.signs)

    def _sum(self, line: _Line, rest: Sequence[_Line]) -> str | None:
        """The words of a sum: in a strip that lacks what a row has, or that says nothing else."""
        if not any(is_figure(token.text) for token in line.strip.tokens):
            return None
        whole = self._is_whole(line)
        if whole and len(self.habits.signs) > 2:  # noqa: PLR2004 - words and a figure are too few to tell
            return None
        label = label_of(line.strip)
        phrase = sum_of(label)
        if any(_fits(line, i, Look.DATE) for i in self.habits.dates):
            return phrase if phrase and is_carried(phrase) and is_all(label, phrase) else None
        if is_labelled(line.strip):
            return phrase or LABELLED
        return self._named_sum(line, label, phrase, rest) if whole else phrase

    def _named_sum(self, line: _Line, label: str, phrase: str | None, rest: Sequence[_Line]) -> str | None:
        """A sum that looks like a row: by its words, and where these may be a thing's, by its amount and its place."""
        known = phrase is not None and not is_payment(phrase)
        if phrase is not None and is_all(label, phrase):
            return phrase if known or self.closed or self._is_all_of_it(line) else None
        if not (has_total(label) or (known and len(self.rows) > 1)) or not self._is_all_of_it(line):
            return None
        below = next((label_of(other.strip) for other in rest if self._is_whole(other)), "")
        return (phrase or LABELLED) if not below or _is_told(below) else None

    def _is_all_of_it(self, line: _Line) -> bool:
        """Whether a strip's amount is no less than those of all rows together."""
        amounts = [_digits(row.cells.get(i, ())) for row in self.rows for i in self.habits.told[-1:]]
        return bool(amounts) and _digits(line.cells.get(self.habits.told[-1], ())) >= sum(amounts)

    def _holes(self) -> int:
        """Rows that are missing where all others stand evenly."""
        if any(row.above or row.below for row in self.rows):
            return 0
        gaps = [b.strip.middle - a.strip.middle for a, b in pairwise(self.rows)]
        usual = median(gaps) if len(gaps) > 5 else 0.0  # noqa: PLR2004 - too few to tell
        even = sum(abs(gap - usual) <= EVEN * usual for gap in gaps)
        wide = sum(HOLE[0] * usual <= gap <= HOLE[1] * usual for gap in gaps)
        return wide if usual and even + wide == len(gaps) and wide <= 0.15 * len(gaps) else 0


def merged(row: Row, index: int) -> tuple[Token, ...]:
    """All tokens of a row's cell, wrapped lines in order."""
    parts = [*row.above, row.cells, *row.below]
    return tuple(token for part in parts for token in part.get(index, ()))
