"""The sample documents, which lie beside the code: in a clone, and where it is installed."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from api.truth import Truth, read_truth

FOLDER = Path(__file__).parents[1] / "samples"
TRUTH = FOLDER / "truth.jsonl"
_EACH = 3  # documents of a schema, to begin with


@cache
def first_samples() -> Sequence[Truth]:
    """Some of each kind, of one page and open to everybody; none where the samples are not there."""
    if not TRUTH.exists():
        return ()
    chosen: dict[str, list[Truth]] = {}
    for truth in read_truth(TRUTH):
        if truth.schema_name and truth.fields and truth.password is None:
            chosen.setdefault(truth.schema_name, []).append(truth)
    return tuple(truth for of_kind in chosen.values() for truth in of_kind[:_EACH])
