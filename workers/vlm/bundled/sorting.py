"""Which of some labels a page fits, by what is printed on it: its title before all, then words that go with a kind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from workers.vlm.bundled.kinds import KINDS, Kind, kind_called
from workers.vlm.bundled.printed import PrintedLine, usual_height
from workers.vlm.bundled.reading import PixelBox
from workers.vlm.titles import ALIKE, alike, fold

# What speaks for a label, in the same measure; set by hand, and looked at on rendered training pages: docs/log.md.
TITLE, SMALL, LATE, LEAST_COVER = 4.0, 0.55, 0.6, 0.35
CUES = (0.9, 0.8, 0.7, 0.6)  # the first, the second, ... of different ones
WORD = 0.7  # of a label that names no known kind: each of its words that stands on the page
OWN = 0.5  # of a known kind: its label itself is the title, which parts two labels of one kind
PART = 0.5  # what speaks for a known kind that is a part of the label: `rental contract` is a contract
ROLL = 2.2  # for a receipt: the page is as narrow as a till's roll
NARROW = 32.0  # usual line heights: a page that is less wide
LEAST_END = 6  # letters of a title that a longer word may end with: `Handwerkerrechnung`
EARLY = 0.35  # of what is printed: a title stands above
SCALE = 1.2  # from what speaks for a label to the logarithm of its chance
NONE = 1.6  # what speaks for none of the labels
_KNOWN = frozenset(title for kind in KINDS for title in kind.titles)  # what is not misread for another title
SURE = 0.5  # a label that is less likely is none


@dataclass(frozen=True, slots=True)
class Verdict:
    """The label that fits, None where none does; how sure that is; the line that says most for it."""

    label: str | None
    confidence: float
    box: PixelBox | None


@dataclass(frozen=True, slots=True)
class _Found:
    """How much speaks for a kind, and the line that says most."""

    score: float
    box: PixelBox | None


def sort_page(lines: Sequence[PrintedLine], width: float, labels: Sequence[str]) -> Verdict:
    """The label that a page fits best; `width` is the page's in pixels."""
    seen = _Page(lines, width)
    found = {label: _for_label(seen, label) for label in dict.fromkeys(labels)}
    chances = _chances([*(one.score for one in found.values()), NONE])
    best, sure = max(zip(found, chances, strict=False), key=lambda pair: pair[1], default=("", 0.0))
    if sure < SURE:
        return Verdict(None, 1 - sure, None)
    return Verdict(best, sure, found[best].box)


def kind_of(lines: Sequence[PrintedLine], width: float) -> tuple[Kind | None, float]:
    """The kind of document that a page is of, among all that are known, and how sure that is."""
    names = [kind.name for kind in KINDS]
    verdict = sort_page(lines, width, names)
    return (None if verdict.label is None else KINDS[names.index(verdict.label)]), verdict.confidence


class _Page:
    """A page as labels are looked up on it."""

    def __init__(self, lines: Sequence[PrintedLine], width: float) -> None:
        self.narrow = bool(lines) and width < NARROW * usual_height(lines)
        self.phrases: dict[str, list[PrintedLine]] = {}
        for line in lines:
            for phrase in line.phrases():
                self.phrases.setdefault(phrase, []).append(line)
        self.heads = [line for line in lines if line.large or (line.place < EARLY and len(line.words) <= 4)]  # noqa: PLR2004 - a title is short
        self._scores: dict[str, _Found] = {}

    def of_kind(self, kind: Kind) -> _Found:
        """What speaks for a kind."""
        if kind.name not in self._scores:
            title = self.title(kind.titles)
            cues = sum(CUES[: sum(cue in self.phrases for cue in kind.cues)])
            roll = ROLL if kind.narrow and self.narrow else 0.0
            self._scores[kind.name] = _Found(title.score + cues + roll, title.box or self._first(kind.cues))
        return self._scores[kind.name]

    def title(self, titles: Sequence[str]) -> _Found:
        """How much of a title one of these is, where it stands as one most."""
        found = [(line, phrase) for phrase in titles for line in self.phrases.get(phrase, ())]
        ends = tuple(title for title in titles if len(title) >= LEAST_END and " " not in title)
        longer = [(line, word) for line in self.heads for word in line.words if word.endswith(ends)]
        found += [(line, word) for line, word in longer if word not in ends]
        if not found:
            found = [(line, title) for line in self.heads for title in titles if _reads(line, title)]
        scores = [(_as_title(line, phrase), line.box) for line, phrase in found if not self._is_part(line, phrase)]
        return _Found(*max(scores, key=lambda one: one[0])) if scores else _Found(0.0, None)

    def has(self, word: str) -> bool:
        """Whether a word stands on the page, in the singular or the plural."""
        return any(form in self.phrases for form in (word, f"{word}s", word.removesuffix("s")))

    def _is_part(self, line: PrintedLine, phrase: str) -> bool:
        """Whether a longer title, which is another one, has the phrase on this line: `tax notice` is no notice."""
        return any(line in self.phrases.get(title, ()) for title in _wider(phrase))

    def _first(self, phrases: Sequence[str]) -> PixelBox | None:
        boxes = [self.phrases[phrase][0].box for phrase in phrases if phrase in self.phrases]
        return min(boxes, key=lambda box: box[1], default=None)


def _for_label(page: _Page, label: str) -> _Found:
    """What speaks for a label: of a kind that is known, or by its own words."""
    kind = kind_called(label)
    said = fold(label)
    if kind is not None:
        found = page.of_kind(kind)
        own = page.title([said]) if said not in {kind.name, f"{kind.name}s"} else _Found(0.0, None)
        return _Found(
            found.score + 0.5 * own.score, own.box or found.box
        )  # the one that says more of two names of a kind
    title = page.title([said])
    words = [word for word in said.split() if len(word) > 2]  # noqa: PLR2004 - articles and the like
    score = title.score + WORD * sum(page.has(word) for word in words) / max(1, len(words)) * min(3, len(words))
    part = max((page.of_kind(kind) for kind in _parts(said)), key=lambda one: one.score, default=_Found(0.0, None))
    return _Found(score + PART * part.score, title.box or part.box)


@lru_cache(maxsize=1024)
def _parts(said: str) -> tuple[Kind, ...]:
    """The known kinds that words of a label name."""
    kinds = (kind_called(word) for word in said.split())
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))


def _reads(line: PrintedLine, title: str) -> bool:
    """Whether a title stands in a line, though a letter of it was misread."""
    count = len(title.split())
    rows = (" ".join(line.words[at : at + count]) for at in range(len(line.words) - count + 1))
    return any(row not in _KNOWN and _is_near(row, title) and alike(row, title) >= ALIKE for row in rows)


def _is_near(one: str, other: str) -> bool:
    """A quick look first: most texts are nothing like each other."""
    return abs(len(one) - len(other)) <= 1 and (one[:2] == other[:2] or one[-2:] == other[-2:])


def _as_title(line: PrintedLine, phrase: str) -> float:
    """How much a phrase is the title of its page: alone in its line, large, and above."""
    cover = len(phrase) / max(1, len(" ".join(line.words)))
    score = TITLE * min(1.0, LEAST_COVER + (1 - LEAST_COVER) * cover)
    return score * (1.0 if line.large else SMALL) * (1.0 if line.place < EARLY else LATE)


def _chances(scores: Sequence[float]) -> list[float]:
    most = max(scores)
    weights = [math.exp(SCALE * (score - most)) for score in scores]
    return [weight / sum(weights) for weight in weights]


@lru_cache(maxsize=4096)
def _wider(phrase: str) -> tuple[str, ...]:
    """The known titles that a phrase is a part of."""
    within = f" {phrase} "
    return tuple(t for kind in KINDS for t in kind.titles if t != phrase and within in f" {t} ")
