"""Which of several readings is believed: by confidence, with equal texts counted as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.records import Box
from workers.typed.folding import folded

SUPPORT = 0.5  # what a second reading of the same text counts for: pages of one document are not independent witnesses


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that was read on a page of a document."""

    text: str
    confidence: float | None
    document_id: str
    page: int
    box: Box | None
    also_on: tuple[int, ...] = ()  # further pages of the same document that say the same


def ranked(readings: Iterable[Reading]) -> list[Reading]:
    """The best reading of each text, most confident first; ties go to the earlier page."""
    best: dict[str, Reading] = {}
    for reading in sorted(readings, key=_rank):
        first = best.setdefault(folded(reading.text), reading)
        if first is not reading and first.document_id == reading.document_id:
            best[folded(reading.text)] = replace(first, also_on=(*first.also_on, reading.page))
    return list(best.values())


def supported(readings: Sequence[Reading]) -> list[Reading]:
    """As `ranked`, with each text's confidence raised by the other pages that say the same."""
    known: dict[str, list[float]] = {}
    for reading in readings:
        if reading.confidence is not None:
            known.setdefault(folded(reading.text), []).append(reading.confidence)
    raised = [replace(r, confidence=_together(known.get(folded(r.text), ()))) for r in ranked(readings)]
    return sorted(raised, key=_rank)


def ranked_texts(weighed: Sequence[tuple[Reading, float]]) -> list[list[Reading]]:
    """Readings by what they say, blanks aside, the likeliest text first, and within it the likeliest reading.

    Each comes with a weight: how far it counts beside the others. The first reading of a text has its confidence raised
    by the others, which is not changed by weights.
    """
    groups: dict[str, list[tuple[Reading, float]]] = {}
    for reading, weight in weighed:
        groups.setdefault("".join(folded(reading.text).split()), []).append((reading, weight))
    ranked: list[tuple[tuple[float, str, int], list[Reading]]] = []
    for group in groups.values():
        group.sort(key=lambda one: _weighed(*one))
        (best, weight), *others = group
        known = [reading.confidence for reading, _ in group if reading.confidence is not None]
        best = replace(best, confidence=_together(known))
        ranked.append((_weighed(best, weight), [best, *(reading for reading, _ in others)]))
    return [readings for _, readings in sorted(ranked, key=lambda one: one[0])]


def _weighed(reading: Reading, weight: float) -> tuple[float, str, int]:
    confidence, document_id, page = _rank(reading)
    return (confidence if reading.confidence is None else confidence * weight, document_id, page)


def _rank(reading: Reading) -> tuple[float, str, int]:
    confidence = -1.0 if reading.confidence is None else reading.confidence
    return (-confidence, reading.document_id, reading.page)


def _together(confidences: Sequence[float]) -> float | None:
    """The best one's doubt, made smaller by each of the others; None where the model gives none."""
    if not confidences:
        return None
    best, *others = sorted(confidences, reverse=True)
    doubt = 1 - best
    for other in others:
        doubt *= 1 - SUPPORT * other
    return 1 - doubt
