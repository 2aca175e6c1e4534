"""From the values of a document's pages to its record: of each field the most confident, the others beside it."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from core.records import FieldValue, ValueState
from workers.best import Reading, ranked

MOST_ALTERNATIVES = 8

Json: TypeAlias = dict[str, object]


def merge_values(values: Iterable[tuple[int, FieldValue]]) -> dict[str, Json]:
    """One entry a field from (page number, value) pairs: found on any page, else unreadable on any, else absent."""
    fields: dict[str, list[tuple[int, FieldValue]]] = {}
    for page, value in values:
        fields.setdefault(value.field, []).append((page, value))
    return {field: _merged(found) for field, found in fields.items()}


def _merged(values: Sequence[tuple[int, FieldValue]]) -> Json:
    readings = [
        Reading(v.raw, v.confidence, "", page, v.box)
        for page, v in values
        if v.state is ValueState.FOUND and v.raw is not None
    ]
    if readings:
        best, *others = ranked(readings)
        return {
            "state": ValueState.FOUND.value,
            **_entry(best),
            "alternatives": [_entry(r) for r in others[:MOST_ALTERNATIVES]],
        }
    nothing: Json = {"raw": None, "page": None, "box": None, "alternatives": []}
    unreadable = [(page, v) for page, v in sorted(values, key=lambda pair: pair[0]) if v.state is ValueState.UNREADABLE]
    if unreadable:
        page, value = unreadable[0]
        return nothing | {
            "state": ValueState.UNREADABLE.value,
            "confidence": None,
            "page": page,
            "reason": value.reason,
        }
    doubts = [v.confidence for _, v in values if v.confidence is not None]
    return nothing | {
        "state": ValueState.ABSENT.value,
        "confidence": min(doubts, default=None),
    }  # as sure as the least sure page


def _entry(reading: Reading) -> Json:
    box = reading.box.as_list() if reading.box else None
    return {
        "raw": reading.text,
        "confidence": reading.confidence,
        "page": reading.page,
        "box": box,
        "also_on": list(reading.also_on),
    }
