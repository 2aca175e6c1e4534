"""What came of asking and of reading, prompt by prompt and line by line, and the figures of any group of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from training.measures import HALF, calibration_error, interval, ordering, reliability, resampled
from training.render.concepts import CONCEPTS
from training.render.fonts import face_of

Figures = dict[str, float | int | tuple[float, float]]
KINDS = {"label": "printed labels", "cell": "table cells"}
SURE = 0.8  # of confidence
STYLES = ("condensed", "bold", "italic", "light")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Origin:
    """The page that something was asked of or read from."""

    page: int  # its seed, or another number of its own
    sort: str
    grade: str
    family: str
    language: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prompt's outcome; `answered` is that something was said. What has a default is of present facts only."""

    origin: Origin
    field: str
    present: bool
    answered: bool
    confidence: float
    exact: bool = False
    anls: float = 0.0
    overlap: float = 0.0  # of the boxes, where present and answered
    font: str = ""  # key of the face that the value is set in
    unseen: bool = False  # whether the wording on the page is one that training never saw

    @property
    def kind(self) -> str:
        """Whether it was asked as a field, by a printed label, or as a table's cell."""
        return KINDS.get(self.field, "fields") if self.present else "absent"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one line of a page was read: edits, of so many characters."""

    origin: Origin
    font: str
    edits: int
    characters: int


def font_groups(key: str) -> list[str]:
    """The groups that a face belongs to: sans, serif or mono, and each style that it has."""
    if not key:
        return []
    face = face_of(key)
    return [face.kind, *(style for style in STYLES if getattr(face, style))]


def _wording(row: Outcome) -> list[str]:
    if row.kind != "fields":
        return []
    return ["unseen" if row.unseen else "seen"]


SIDES: dict[str, Callable[[Outcome], Sequence[str]]] = {
    "kind": lambda row: [row.kind],
    "sort": lambda row: [row.origin.sort],
    "family": lambda row: [row.origin.family],
    "font": lambda row: font_groups(row.font),
    "wording": _wording,
    "language": lambda row: [row.origin.language],
    "field": lambda row: ["concepts" if row.field in CONCEPTS else row.field],
}
SPELLING_SIDES: dict[str, Callable[[Spelling], Sequence[str]]] = {
    "all": lambda _: ["all"],
    "sort": lambda row: [row.origin.sort],
    "font": lambda row: font_groups(row.font),
    "language": lambda row: [row.origin.language],
}


def grouped(rows: Iterable[Row], side: Callable[[Row], Sequence[str]]) -> dict[str, list[Row]]:
    """Rows by the groups that they belong to, in the order that groups are met; none or several for a row."""
    groups = defaultdict[str, list[Row]](list)
    for row in rows:
        for name in side(row):
            groups[name].append(row)
    return dict(groups)


def summary(rows: Sequence[Outcome]) -> Figures:
    """The figures of a group of prompts: of what is there, of what is not, and of all that was said."""
    present = [r for r in rows if r.present]
    return {
        "pages": len({r.origin.page for r in rows}),
        "present": len(present),
        "exact": _mean([r.exact for r in present]),
        "exact_interval": _rounded(interval((r.origin.page, r.exact) for r in present)),
        "anls": _mean([r.anls for r in present]),
        **_boxes([r for r in present if r.exact]),
        **_silence(rows),
        **_trust([r for r in rows if r.answered]),
    }


def _boxes(right: Sequence[Outcome]) -> Figures:
    """How the boxes of right answers lie on the true ones."""
    return {
        "overlap": _mean([r.overlap for r in right]),
        "box_half": _mean([r.overlap >= HALF for r in right]),
        "box_interval": _rounded(interval((r.origin.page, r.overlap >= HALF) for r in right)),
    }


def _silence(rows: Sequence[Outcome]) -> Figures:
    """Whether "not here" is said where it is true, and only there."""
    absent, silent = [r for r in rows if not r.present], [r for r in rows if not r.answered]
    return {
        "absent": len(absent),
        "absent_answered": _mean([r.answered for r in absent]),
        "absent_interval": _rounded(interval((r.origin.page, r.answered) for r in absent)),
        "null_precision": _mean([not r.present for r in silent]),
        "null_recall": _mean([not r.answered for r in absent]),
    }


def _trust(said: Sequence[Outcome]) -> Figures:
    """Whether confidence means what it says."""
    sure = [r for r in said if r.confidence >= SURE]
    right, wrong = [r.confidence for r in said if r.exact], [r.confidence for r in said if not r.exact]
    return {
        "confidence_order": round(ordering(right, wrong), 3),
        "calibration_error": round(calibration_error([(r.confidence, r.exact) for r in said]), 3),
        "sure_share": round(len(sure) / max(1, len(said)), 3),
        "sure_exact": _mean([r.exact for r in sure]),
    }


def tables(rows: Sequence[Outcome]) -> dict[str, dict[str, Figures]]:
    """Figures overall and by each side of a prompt; those of what is absent stand beside those of what is there."""
    groups = {side: grouped(rows, of) for side, of in SIDES.items()}
    return {"all": {"all": summary(rows)}} | {
        side: {name: summary(named[name]) for name in (named if side == "sort" else sorted(named))}
        for side, named in groups.items()
    }


def spelling(rows: Sequence[Spelling]) -> Figures:
    """The character error rate of a group of lines, with its interval over pages."""
    edits, characters = defaultdict[int, int](int), defaultdict[int, int](int)
    for row in rows:
        edits[row.origin.page] += row.edits
        characters[row.origin.page] += row.characters
    total = sum(characters.values())
    return {
        "characters": total,
        "rate": round(sum(edits.values()) / max(1, total), 4),
        "interval": _rounded(resampled([edits[page] for page in characters], list(characters.values())), 4),
    }


def spelling_tables(rows: Sequence[Spelling]) -> dict[str, dict[str, Figures]]:
    """Character error rates overall and by each side of a line."""
    return {
        side: {name: spelling(group) for name, group in grouped(rows, of).items()}
        for side, of in SPELLING_SIDES.items()
    }


def trusted(rows: Sequence[Outcome]) -> list[tuple[int, float, float]]:
    """The reliability of all that was said: in ten steps of confidence, how many, how sure, how often right."""
    steps = reliability([(r.confidence, r.exact) for r in rows if r.answered])
    return [(count, round(mean, 3), round(share, 3)) for count, mean, share in steps]


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / max(1, len(values)), 3)


def _rounded(ends: tuple[float, float], digits: int = 3) -> tuple[float, float]:
    return (round(ends[0], digits), round(ends[1], digits))
