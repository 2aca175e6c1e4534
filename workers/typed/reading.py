"""From a raw text to its typed value, kind by kind."""

from collections.abc import Sequence

from core.records import FieldKind, TypedValue
from workers.typed.folding import plain
from workers.typed.hints import NO_HINTS, Hints


def read_value(
    raw: str,
    kind: FieldKind,  # noqa: ARG001 - kinds come next
    *,
    choices: Sequence[str] = (),  # noqa: ARG001 - kinds come next
    hints: Hints = NO_HINTS,  # noqa: ARG001 - kinds come next
) -> TypedValue:
    """What `raw` means as a `kind`: its value, or the problem, or the readings among which nothing decides."""
    return TypedValue(plain(raw))
