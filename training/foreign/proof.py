"""Whether a print says what its draft promises, and the line of truth that follows."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from training.foreign.draft import Draft
from training.foreign.locate import Layer, places_of
from training.foreign.truth import stated


def faults_of(draft: Draft, layers: Sequence[Layer]) -> Iterator[str]:
    """Values that do not stand where the draft says, and absent ones that are named or stand there."""
    for field, value in draft.fields.items():
        count, index = len(places_of(value, layers)), draft.places.get(field)
        right = count == 1 if index is None and field not in draft.same else count > (index or 0)
        if not right:
            yield f"{field} {value!r} stands {count} times"
    for field in draft.absent:
        if found := stated(field, layers):
            yield f"{field} is called absent, but there stands {found!r}"


def truth_of(name: str, draft: Draft, layers: Sequence[Layer]) -> dict[str, Any]:
    """A line of truth.jsonl."""
    return {
        "file": f"{name}.pdf",
        "look": re.sub(r"-\d+$", "", name),
        "tool": draft.tool.name.lower(),
        "language": draft.language,
        "grade": "clean",
        "fields": dict(draft.fields),
        "absent": list(draft.absent),
        "asked": dict(draft.asked),
        "boxes": {field: _box(draft, field, layers) for field in draft.fields},
    }


def _box(draft: Draft, field: str, layers: Sequence[Layer]) -> dict[str, Any]:
    """The place that is meant, and the others where all mean the same."""
    found = [{"page": place.page, "box": place.box} for place in places_of(draft.fields[field], layers)]
    if field in draft.same:
        return {**found[0], "also": found[1:]} if found[1:] else found[0]
    index = draft.places.get(field, 0)
    return found[index] if index < len(found) else {}
