"""How well texts were read: exact match after typed normalisation, ANLS, and the figures over many fields."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.measures import Interval, bootstrap, calibration_error, calibration_interval, risk_intervals, risks, wilson
from api.results import Value
from core.records import Box, Decision, FieldKind, caseless
from workers.typed import same

_ANLS_THRESHOLD = 0.5  # of the measure itself: Biten et al. 2019, https://arxiv.org/abs/1905.13648
_HIT = 0.5  # of the union of two boxes, that both cover, where one hits the other
_DIGITS = 4


def is_exact(said: str | None, truth: str, kind: FieldKind = FieldKind.TEXT) -> bool:
    """Whether the text was read as it stands, or means the same under its kind."""
    return said is not None and (caseless(said) == caseless(truth) or same(said, truth, kind))


def anls(said: str | None, truth: str) -> float:
    """Normalized Levenshtein similarity, nothing under one half: 1 minus edits over the longer length."""
    if said is None:
        return 0.0
    a, b = caseless(said), caseless(truth)
    longer = max(len(a), len(b))
    share = 1 - _edits(a, b) / longer if longer else 1.0
    return share if share >= _ANLS_THRESHOLD else 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the truth says that a value stands."""

    box: Box
    page: int | None = None  # None: on any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one field of the truth. `truth` is None for a field that the document does not have."""

    field: str
    truth: str | None
    said: str | None
    value: Value | None = None  # with all that is known of what was said; None of an answer, or where nothing came
    place: Place | None = None
    file: str = ""

    @property
    def kind(self) -> FieldKind:
        """Of the field, as its schema has it."""
        return (self.value and self.value.kind) or FieldKind.TEXT

    @property
    def exact(self) -> bool:
        """Whether it was read as it stands."""
        return self.truth is not None and is_exact(self.said, self.truth, self.kind)

    @property
    def hit(self) -> bool | None:
        """Whether the value's box lies on the true one; None where the truth has none, or nothing was said."""
        if self.place is None or self.value is None or self.said is None:
            return None
        if self.value.box is None or self.place.page not in {None, self.value.page}:
            return False
        return _overlap(self.value.box, self.place.box) >= _HIT


def shares(outcomes: Iterable[Outcome], seconds_per_page: float | None = None, *, whole: bool = True) -> dict[str, Any]:
    """The figures over these outcomes. A share of nothing is None. Intervals take time: only if `whole`."""
    rows = _Counted.of(outcomes)
    present, absent, said = len(rows.present), len(rows.absent), len(rows.said)
    right, on_absent = sum(o.exact for o in rows.present), sum(o.said is not None for o in rows.absent)
    similar = [anls(o.said, o.truth or "") for o in rows.present]
    figures = {
        "exact_match": _share(right, present),
        "anls": _share(sum(similar), present),
        "precision": _share(right, said),
        "recall": _share(right, present),
        "f1": _share(2 * right, said + present),
        "values_on_absent": _share(on_absent, absent),
        "ece": _rounded(calibration_error(rows.sure)),
        "risk_at_coverage": {at: _rounded(risk) for at, risk in risks(rows.sure).items()},
        "accepted": _accepted(rows.said),
        "box_hit_rate": _share(sum(rows.hits), len(rows.hits)),
        "seconds_per_page": seconds_per_page,
        "fields": present,
        "absent": absent,
        "values": said,
    }
    return figures | ({"intervals": _intervals(rows, right, on_absent)} if whole else {})


@dataclass(frozen=True, slots=True)
class _Counted:
    """Outcomes apart: what is there, what is not, what was said, how surely, and which boxes hit."""

    present: Sequence[Outcome]
    absent: Sequence[Outcome]
    said: Sequence[Outcome]
    sure: Sequence[tuple[float, bool]]
    hits: Sequence[bool]

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> "_Counted":
        every = list(outcomes)
        said = [o for o in every if o.said is not None]
        return cls(
            [o for o in every if o.truth is not None],
            [o for o in every if o.truth is None],
            said,
            [(o.value.confidence, o.exact) for o in said if o.value and o.value.confidence is not None],
            [o.hit for o in every if o.hit is not None],
        )


def _accepted(said: Sequence[Outcome]) -> dict[str, Any] | None:
    """The values that reached their schema's target: how many of all, and the share of them that is wrong."""
    judged = [o for o in said if o.value is not None and o.value.decision is not None]
    if not judged:
        return None
    taken = [o for o in judged if o.value is not None and o.value.decision is Decision.ACCEPTED]
    wrong = sum(not o.exact for o in taken)
    return {
        "coverage": _share(len(taken), len(judged)),
        "coverage_interval": _ends(wilson(len(taken), len(judged))),
        "wrong": _share(wrong, len(taken)),
        "wrong_interval": _ends(wilson(wrong, len(taken))),
        "values": len(taken),
    }


def _intervals(rows: _Counted, right: int, on_absent: int) -> dict[str, Any]:
    """95 %: Wilson's of shares; of what is no share, documents drawn anew."""
    by_file: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for o in rows.present:
        sums = by_file[o.file]
        sums[0], sums[1], sums[3] = sums[0] + o.exact, sums[1] + 1, sums[3] + anls(o.said, o.truth or "")
    for o in rows.said:
        by_file[o.file][2] += 1
    parts = [tuple(sums) for sums in by_file.values()]
    ends: Mapping[str, Interval | None] = {
        "exact_match": wilson(right, len(rows.present)),
        "anls": bootstrap(parts, lambda s: s[3] / s[1] if s[1] else None),
        "precision": wilson(right, len(rows.said)),
        "recall": wilson(right, len(rows.present)),
        "f1": bootstrap(parts, lambda s: 2 * s[0] / (s[1] + s[2]) if s[1] + s[2] else None),
        "values_on_absent": wilson(on_absent, len(rows.absent)),
        "ece": calibration_interval(rows.sure),
        "box_hit_rate": wilson(sum(rows.hits), len(rows.hits)),
    }
    risk = {at: _ends(pair) for at, pair in risk_intervals(rows.sure).items()}
    return {name: _ends(pair) for name, pair in ends.items()} | {"risk_at_coverage": risk}


def _overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    shared = max(0.0, min(a.x1, b.x1) - max(a.x0, b.x0)) * max(0.0, min(a.y1, b.y1) - max(a.y0, b.y0))
    areas = (a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0)
    return shared / (areas - shared) if areas > shared else 0.0


def _share(part: float, total: int) -> float | None:
    return round(part / total, _DIGITS) if total else None


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, _DIGITS)


def _ends(pair: Interval | None) -> list[float] | None:
    return None if pair is None else [round(end, _DIGITS) for end in pair]


def _edits(a: str, b: str) -> int:
    """Levenshtein distance, row by row."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
