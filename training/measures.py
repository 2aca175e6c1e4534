"""The measures of answers: exact match, ANLS, edits, intervals, how well confidence parts right from wrong."""

import math
from collections.abc import Sequence

Figures = dict[str, float | int | tuple[float, float]]
SURE = 0.8  # of confidence
HALF = 0.5  # under this similarity ANLS counts nothing; over this overlap a box is right


def folded(text: str) -> str:
    """White space and case do not count."""
    return " ".join(text.split()).casefold()


def distance(a: Sequence[object], b: Sequence[object]) -> int:
    """Levenshtein's distance of two texts or two rows of ids."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def anls(said: str, truth: str) -> float:
    """Average normalized Levenshtein similarity of one answer (Biten et al. 2019, threshold one half)."""
    a, b = folded(said), folded(truth)
    if not a and not b:
        return 1.0
    share = 1 - distance(a, b) / max(len(a), len(b))
    return share if share >= HALF else 0.0


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's)."""
    if not total:
        return (0.0, 1.0)
    z, p = 1.96, right / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return (max(0.0, centre - half), min(1.0, centre + half))


def ordering(right: Sequence[float], wrong: Sequence[float]) -> float:
    """How often a right answer's confidence is above a wrong one's (area under the curve): 0.5 is chance, 1 perfect."""
    pairs = len(right) * len(wrong)
    if not pairs:
        return HALF
    return sum((r > w) + HALF * (r == w) for r in right for w in wrong) / pairs


def figures_of(
    exact: Sequence[tuple[bool, float, float, float]], answered: Sequence[bool], said: Sequence[tuple[float, bool]] = ()
) -> Figures:
    """The figures of present prompts (exact, ANLS, overlap, confidence) and of absent ones (whether answered).

    `said` is all that was said: confidence, and whether it was right.
    """
    right = sum(e for e, _, _, _ in exact)
    false = sum(answered)
    overlaps = [overlap for e, _, overlap, _ in exact if e]
    low, high = wilson(right, len(exact))
    few, many = wilson(false, len(answered))
    sure = [c for e, _, _, c in exact if e]
    unsure = [c for e, _, overlap, c in exact if not e and overlap]
    kept = [right for confidence, right in said if confidence >= SURE]
    return {
        "present": len(exact),
        "exact": round(right / max(1, len(exact)), 3),
        "exact_interval": (round(low, 3), round(high, 3)),
        "anls": round(sum(a for _, a, _, _ in exact) / max(1, len(exact)), 3),
        "box_half": round(sum(o >= HALF for o in overlaps) / max(1, len(overlaps)), 3),
        "confidence_order": round(ordering(sure, unsure), 3),
        "sure_share": round(len(kept) / max(1, len(said)), 3),
        "sure_exact": round(sum(kept) / max(1, len(kept)), 3),
        "absent": len(answered),
        "absent_answered": round(false / max(1, len(answered)), 3),
        "absent_interval": (round(few, 3), round(many, 3)),
    }
