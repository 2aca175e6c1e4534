"""Tables without a header: the list of a receipt, and what goes on from a page before."""

import re
from collections.abc import Sequence
from itertools import pairwise

from workers.vlm.bundled.tables.body import Body, body_of, label_of
from workers.vlm.bundled.tables.cell import PageCell
from workers.vlm.bundled.tables.columns import Span, parted
from workers.vlm.bundled.tables.count import is_narrow
from workers.vlm.bundled.tables.dated import date_in
from workers.vlm.bundled.tables.header import Target
from workers.vlm.bundled.tables.sheet import Strip, Token, pieces_of, text_in
from workers.vlm.figures import FIGURES, Look, is_flag, look_of
from workers.vlm.titles import Means, is_all, is_payment, sum_of

FLUSH = 0.8  # in line heights: how far right edges of one column of amounts may stand apart
CROSSING = 0.12  # of the strips: so many may have words where the others part
MOST_COUNT = 99  # a larger number before each thing is a code
_TIMES = re.compile(r"(\d{1,4}(?:[.,]\d{1,3})?)\s*(?:[xX×*@]|à)\s*(.*)")  # noqa: RUF001 - as it is printed


def list_of(strips: Sequence[Strip], targets: Sequence[Target]) -> tuple[Body, list[Span]] | None:
    """Strips that end in amounts at one right edge, as a table; None where there are none."""
    if not any(Means.AMOUNT in target.means for target in targets):
        return None
    ended = [(strip, edge) for strip in strips if (edge := _edge_of(strip)) is not None]
    flush = _flush(ended)
    if not flush:
        return None
    spans = _spans(flush)
    if len(spans) < 2:  # noqa: PLR2004 - words and an amount
        return None
    begin = next(i for i, strip in enumerate(strips) if strip is flush[0])
    if begin and _counts(flush[0]):
        begin -= 1
    while begin and _is_movement_above(strips[begin - 1], strips[begin]):
        begin -= 1
    body = body_of(_named(strips[begin:]), spans, lambda _: False)
    return (body, spans) if len(body.rows) > 1 or (body.rows and is_narrow(strips)) else None


def counted(rows: Sequence[dict[str, PageCell]], targets: Sequence[Target]) -> list[dict[str, PageCell]]:
    """Rows with the counts and prices that stand among their words, `2 x Tea` or `2 x 1.50` below, in cells."""
    keys = {target.means[0]: target.column.key for target in targets if target.means}
    what, count = keys.get(Means.DESCRIPTION), keys.get(Means.QUANTITY)
    if what is None or any(count in row for row in rows):
        return list(rows)
    told = [_apart(row, what, count, keys.get(Means.UNIT_PRICE)) for row in rows]
    return _led(told, what, count)


def _edge_of(strip: Strip) -> float | None:
    """The right edge of the amount that ends a strip of words and an amount; None of others."""
    pieces = pieces_of(strip.tokens)
    tokens = list(pieces[-1])
    while len(tokens) > 1 and is_flag(tokens[-1].text):
        tokens.pop()
    if len(pieces) > 1 and len(tokens) == 1 and is_flag(tokens[0].text):
        tokens = list(pieces[-2])
        pieces = pieces[:-1]
    if len(pieces) < 2 or not any(c.isalnum() for c in text_in(pieces[0])):  # noqa: PLR2004 - few, as its words say
        return None
    amount = any(look_of(text_in(tokens[-count:])) is Look.MONEY for count in (1, 2, 3))
    return tokens[-1].x1 if amount else None


def _flush(ended: Sequence[tuple[Strip, float]]) -> list[Strip]:
    """The strips, no sums and no `label: value`, whose amounts end at the edge where most do."""
    rows = [(s, edge) for s, edge in ended if not _is_sum(s) and not any(t.text.endswith(":") for t in s.tokens)]
    rows = [(s, edge) for s, edge in rows if not _is_led(s)] or rows
    best: list[Strip] = []
    for _, edge in rows:
        near = [s for s, other in rows if abs(other - edge) <= FLUSH * s.height]
        best = max(best, near, key=len)
    return best


def _is_movement_above(strip: Strip, below: Strip) -> bool:
    """Whether a strip begins with a date where the one below does, and ends in an amount, be it at another edge."""
    level = abs(strip.tokens[0].x0 - below.tokens[0].x0) <= FLUSH * strip.height
    return level and bool(date_in(strip.tokens) and date_in(below.tokens)) and _edge_of(strip) is not None


def _is_led(strip: Strip) -> bool:
    """Whether dots lead from a label to what stands at the edge."""
    label = pieces_of(strip.tokens)[0][-1].text
    return label.endswith(".") or any(".." in token.text or "…" in token.text for token in strip.tokens)


def _is_sum(strip: Strip) -> bool:
    """Whether a strip says nothing but the words of a sum."""
    label = label_of(strip)
    phrase = sum_of(label)
    return phrase is not None and is_all(label, phrase) and not is_payment(phrase)


def _named(strips: Sequence[Strip]) -> list[Strip]:
    """Strips that say `2 x 1.50` and an amount joined to the name above them."""
    joined: list[Strip] = []
    for strip in strips:
        if joined and _counts(strip) and _edge_of(joined[-1]) is None and _edge_of(strip) is not None:
            joined[-1] = Strip((*joined[-1].tokens, *strip.tokens))
        else:
            joined.append(strip)
    return joined


def _counts(strip: Strip) -> bool:
    """Whether the words before an amount are `2 x 1.50`."""
    found = _TIMES.fullmatch(" ".join(map(text_in, pieces_of(strip.tokens)[:-1])))
    return found is not None and look_of(found[2]) in FIGURES


def _loose(strip: Strip) -> list[tuple[Token, ...]]:
    """The pieces of a strip, an amount at a piece's end by itself."""
    loose: list[tuple[Token, ...]] = []
    for piece in pieces_of(strip.tokens):
        ends = (
            len(piece) > 1
            and _TIMES.fullmatch(text_in(piece)) is None
            and look_of(piece[-1].text) is Look.MONEY
            and look_of(text_in(piece)) is not Look.MONEY
        )
        loose += [piece[:-1], piece[-1:]] if ends else [piece]
    return loose


def _spans(strips: Sequence[Strip]) -> list[Span]:
    """Columns where nearly all strips part."""
    pieces = [(piece[0].x0, piece[-1].x1) for strip in strips for piece in _loose(strip)]
    stops = sorted({x for piece in pieces for x in piece})
    most = int(CROSSING * len(strips))
    edges: list[tuple[float, float, str]] = []
    for x0, x1 in pairwise(stops):
        middle = (x0 + x1) / 2
        if sum(a < middle < b for a, b in pieces) <= most:
            continue
        if edges and edges[-1][1] == x0:
            edges[-1] = (edges[-1][0], x1, "")
        else:
            edges.append((x0, x1, ""))
    return parted(edges, strips) if edges else []


def _apart(row: dict[str, PageCell], what: str, count: str | None, price: str | None) -> dict[str, PageCell]:
    """A row whose count, and price of one, are cells of their own."""
    cell = row.get(what)
    if cell is None:
        return row
    for start in range(len(cell.tokens)):
        found = _TIMES.fullmatch(text_in(cell.tokens[start:]))
        each = found[2] if found else ""
        if found and (start == 0 or look_of(each) in FIGURES) and (each or start):
            return _retold(row, what, start, count, price)
    return row


def _retold(
    row: dict[str, PageCell], what: str, start: int, count: str | None, price: str | None
) -> dict[str, PageCell]:
    """The cells of `2 x Tea` and of `Tea 2 x 1.50`, where `2` is the token at `start`."""
    tokens = row[what].tokens
    head, tail = tokens[:start], tokens[start:]
    times = next((i for i, token in enumerate(tail) if _is_times(token.text) and i), 0)
    number, rest = tail[: max(1, times)], tail[times + 1 :]
    found = {key: cell for key, cell in row.items() if key != what}
    words = head if start or look_of(text_in(rest)) in FIGURES else rest
    if words:
        found[what] = _cell(words)
    if count is not None:
        digits = re.match(r"\d+(?:[.,]\d+)?", number[0].text)
        found[count] = PageCell(digits[0] if digits else text_in(number), tuple(number))
    if price is not None and rest and words is head and look_of(text_in(rest)) in FIGURES:
        found.setdefault(price, _cell(rest))
    return found


def _is_times(text: str) -> bool:
    return re.fullmatch(r"[xX×*@à]", text) is not None  # noqa: RUF001 - signs as they are printed


def _led(rows: Sequence[dict[str, PageCell]], what: str, count: str | None) -> list[dict[str, PageCell]]:
    """Rows that all begin with a number: how many, or a code that is not wanted."""
    firsts = [row[what].tokens for row in rows if what in row]
    numbers = [int(tokens[0].text) for tokens in firsts if len(tokens) > 1 and tokens[0].text.isdecimal()]
    if not numbers or len(numbers) < len(rows) or any(count in row for row in rows):
        return list(rows)
    told = []
    for row in rows:
        tokens = row[what].tokens
        new = dict(row) | {what: _cell(tokens[1:])}
        if count is not None and max(numbers) <= MOST_COUNT:
            new[count] = _cell(tokens[:1])
        told.append(new)
    return told


def _cell(tokens: Sequence[Token]) -> PageCell:
    return PageCell(text_in(tokens), tuple(tokens))
