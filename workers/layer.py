"""What the page's own text layer says of values that a model read from the pixels: it agrees, mends or clashes.

The model never sees the layer. A layer that cannot be right (codes in place of letters, letters strewn about) says
nothing; one that clashes with most of a page's values mends none of them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.records import Box, FieldKind, FieldValue, LayerVerdict, TypedValue, ValueState, Word
from workers.nearness import edits
from workers.typed import folded, read_value, same

LONGEST = 300  # characters of a value whose near misses are told; a longer one agrees or says nothing
NEAR = 0.2  # of a value's characters may be other ones in a near miss
LEAST_NEAR = 3  # characters; a shorter text has no near misses
WITHIN = 0.5  # of the narrower of a word and the value's box lie over each other
LEAN = 0.25  # of a word's height, by which its middle may stand above or below the box
SURE, SURE_UNCHECKED = 0.5, 0.8  # confidence of a reading that is not mended: one that came back, one not checked
TRIMMED = 4  # pieces at each end of what stands in the box that may be of something else
FEWEST = 3  # values that a layer has to clash with before it is thought of as another page's

_BROKEN = re.compile(r"\(cid:\d+\)|\ufffd|Ã[\x80-\xbf¤¶¼Ÿ©¨]|â€|Â[°§£©«»\xa0]")
_PIECE = re.compile(r"[^\s:=|()\[\]]*[^\s:=|()\[\].,;]|\S")
_AMOUNT = re.compile(r"[^\s:=|]+|\S")
_NUMBERS = frozenset({FieldKind.MONEY, FieldKind.NUMBER, FieldKind.INTEGER})  # brackets round them mean something
_FREE = frozenset({FieldKind.TEXT, FieldKind.CHOICE})  # any text may be one
_PRIVATE = frozenset({"Co", "Cn", "Cs"})
_VOWELS, _COMMON = frozenset("aeiou"), frozenset("etaoinrs")
MOST_BROKEN = 0.05  # of a sound layer's words
FEW_LETTERS = 60  # Latin letters that a count needs
FEWEST_VOWELS, FEWEST_COMMON = 0.22, 0.42  # of Latin letters; 0.33 and 0.5 are the least in ten languages
FEW_WORDS, MOST_SINGLE = 20, 0.6  # words that a count needs; the share of those with one letter


@dataclass(frozen=True, slots=True)
class LayerWords:
    """The words of a page's layer, and their boxes as one array (n, 4)."""

    words: tuple[Word, ...]
    boxes: NDArray[np.float64]

    @classmethod
    def of(cls, plain: Iterable[Sequence[Any]], *, hidden: bool = False) -> Self:
        """From `[text, x0, y0, x1, y1]` of each word, as a page's row has them.

        Words that nobody sees have a mark behind that, and are left out unless `hidden` asks for them, too: they are
        another program's reading of the page, or a lie.
        """
        all_ = (Word(str(text), Box(*map(float, rest[:4])), hidden=any(rest[4:])) for text, *rest in plain)
        words = tuple(word for word in all_ if hidden or not word.hidden)
        sides = [(w.box.x0, w.box.y0, w.box.x1, w.box.y1) for w in words]
        return cls(words, np.array(sides, np.float64).reshape(-1, 4))

    def in_box(self, box: Box) -> list[Word]:
        """The words that stand in a box, in reading order."""
        x0, y0, x1, y1 = self.boxes.T
        over = np.minimum(x1, box.x1) - np.maximum(x0, box.x0)
        middle, lean = (y0 + y1) / 2, LEAN * (y1 - y0)
        inside = (middle >= box.y0 - lean) & (middle <= box.y1 + lean)
        inside &= over > WITHIN * np.minimum(x1 - x0, box.x1 - box.x0)
        return _in_order([self.words[i] for i in np.flatnonzero(inside).tolist()])


def is_sound(words: Sequence[Word]) -> bool:
    """Whether a layer's texts can be what the page shows: letters of a language, in words."""
    if not words:
        return False
    broken = sum(
        bool(_BROKEN.search(w.text)) or any(unicodedata.category(c) in _PRIVATE for c in w.text) for w in words
    )
    if broken > MOST_BROKEN * len(words):
        return False
    return not _is_strewn(words) and not _is_coded(words)


def judge_all(values: Sequence[FieldValue], layer: LayerWords, kinds: Mapping[str, FieldKind]) -> list[FieldValue]:
    """Every value with what the layer says of it, in order; as they are where the layer is not sound.

    A layer that clashes with more values than it agrees with mends nothing: its near misses are clashes.
    """
    if not is_sound(layer.words):
        return list(values)
    judged = [judge(value, layer, kinds.get(value.field, FieldKind.TEXT)) for value in values]
    clashes = sum(value.layer is LayerVerdict.CLASHES for value in judged)
    agrees = sum(value.layer is LayerVerdict.AGREES for value in judged)
    if clashes < FEWEST or clashes <= agrees:
        return judged
    return [
        replace(before, layer=LayerVerdict.CLASHES) if value.layer is LayerVerdict.SNAPPED else value
        for before, value in zip(values, judged, strict=True)
    ]


def judge(value: FieldValue, layer: LayerWords, kind: FieldKind) -> FieldValue:
    """A value with what a sound layer says of it; as it is where the layer has no words in its box.

    A near miss takes the layer's characters, if these are as good a text of its kind as those that were read, and the
    reading was not sure: many layers are what another program once read, and as often wrong.
    """
    if value.state is not ValueState.FOUND or value.raw is None or value.box is None:
        return value
    there = _line_of(layer.in_box(value.box))
    if not there:
        return value
    runs = _runs(there, kind)
    if any(_is_same(value.raw, run, kind) for run in runs):
        return replace(value, layer=LayerVerdict.AGREES)
    if len(value.raw) > LONGEST:
        return value
    near = None if _is_sure(value) else _nearest(value.raw, runs)
    if near is None or not _is_as_good(near, value.raw, kind):
        return replace(value, layer=LayerVerdict.CLASHES)
    return replace(value, raw=near, seen=value.raw, layer=LayerVerdict.SNAPPED)


def _is_sure(value: FieldValue) -> bool:
    """Whether what was read is likelier right than a layer that says nearly the same."""
    if value.verified is False or value.confidence is None:
        return value.verified is True
    return value.confidence >= (SURE if value.verified else SURE_UNCHECKED)


def _is_strewn(words: Sequence[Word]) -> bool:
    """Whether most words are single letters, as where a layer sets each letter by itself."""
    spelled = [w.text for w in words if any(c.isalpha() and c.isascii() for c in w.text)]
    return len(spelled) >= FEW_WORDS and sum(len(text) == 1 for text in spelled) > MOST_SINGLE * len(spelled)


def _is_coded(words: Sequence[Word]) -> bool:
    """Whether Latin letters stand for other ones: then few are those that every language is full of."""
    letters = [c for w in words for c in unicodedata.normalize("NFD", w.text).casefold() if "a" <= c <= "z"]
    if len(letters) < FEW_LETTERS:
        return False
    vowels, common = (sum(c in some for c in letters) / len(letters) for some in (_VOWELS, _COMMON))
    return vowels < FEWEST_VOWELS or common < FEWEST_COMMON


def rows_in(words: Sequence[Word]) -> list[list[Word]]:
    """The words by rows, each from left to right; from right to left where that is how the script runs."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.box.y0 + w.box.y1):
        last = rows[-1][0].box if rows else None
        if last is not None and word.box.y0 + word.box.y1 < 2 * last.y1:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda w: w.box.x0, reverse=_runs_left(row)) for row in rows]


def _in_order(words: Sequence[Word]) -> list[Word]:
    return [word for row in rows_in(words) for word in row]


def _runs_left(words: Sequence[Word]) -> bool:
    """Whether the first letter among these words is of a script that runs from right to left."""
    letters = (unicodedata.bidirectional(c) for w in words for c in w.text)
    return next((side in {"R", "AL"} for side in letters if side in {"L", "R", "AL"}), False)


def _line_of(words: Sequence[Word]) -> str:
    """The words as one text, without what nobody sees: soft hyphens, joined letters, hard blanks."""
    text = " ".join(w.text for w in words)
    apart = "".join(unicodedata.normalize("NFKC", c) if "\ufb00" <= c <= "\ufb06" else c for c in text)
    seen = "".join(c for c in apart if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def _runs(text: str, kind: FieldKind) -> list[str]:
    """What stands in the box, whole and without some of its first and last pieces: a label, a mark, a unit."""
    pieces = list((_AMOUNT if kind in _NUMBERS else _PIECE).finditer(text))
    starts = [piece.start() for piece in pieces[: TRIMMED + 1]]
    ends = [piece.end() for piece in pieces[-TRIMMED - 1 :]]
    cut = [text[start:end] for start in starts for end in reversed(ends) if start < end]
    return list(dict.fromkeys([text, *cut]))


def _is_same(raw: str, run: str, kind: FieldKind) -> bool:
    """Whether a text of the layer is what was read, blanks aside, or means the same."""
    return _tight(raw) == _tight(run) or same(raw, run, kind)


def _tight(text: str) -> str:
    return "".join(folded(text).split())


def _nearest(raw: str, runs: Sequence[str]) -> str | None:
    """The text of the layer that is a near miss of what was read, the nearest first; None where none is near."""
    said = _tight(raw)
    most = 0 if len(said) < LEAST_NEAR else max(1, int(NEAR * len(said)))
    found: tuple[int, str] | None = None
    for run in runs:
        away = edits(said, _tight(run), most)
        if away <= most and (found is None or away < found[0]):
            found = (away, run)
    return found and found[1]


def _is_as_good(run: str, raw: str, kind: FieldKind) -> bool:
    """Whether a text is of its kind, at least as surely as what was read."""
    if kind in _FREE:
        return True
    one, other = _goodness(read_value(run, kind)), _goodness(read_value(raw, kind))
    return one > 0 and one >= other


def _goodness(typed: TypedValue) -> int:
    """0: not of its kind; 1: it may mean several things; 2: it means one."""
    if typed.problem is None:
        return 2
    return 1 if typed.readings else 0
