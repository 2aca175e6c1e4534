"""Why a value is not sure, in sentences."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.records import Decision, LayerVerdict, ValueState


def doubts_of(entry: Mapping[str, Any], broken: Iterable[str], target: float | None) -> tuple[str, ...]:
    """What speaks against a value that no person has decided, the plainest first; `broken` says which rules."""
    if entry.get("corrected"):
        return ()
    return (*_about_text(entry), *broken, *_about_evidence(entry), *_about_confidence(entry, target))


def _about_text(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry.get("state") == ValueState.UNREADABLE:
        yield f"It could not be read: {_plain(entry.get('reason') or 'unreadable-page')}."
    if entry.get("readings"):
        yield f"It may mean {' or '.join(map(_meant, entry['readings']))}."
    elif entry.get("problem"):
        yield f"Its text is {_plain(entry['problem'])}."


def _about_evidence(entry: Mapping[str, Any]) -> Iterator[str]:
    match entry.get("layer"):
        case LayerVerdict.CLASHES:
            yield "The PDF's own text says something else here."
        case LayerVerdict.SNAPPED:
            yield f"The model read “{entry.get('seen')}”; the PDF's own text mended it."
    if entry.get("verified") is False:
        yield "Read again by itself, its box gave something else."
    if entry.get("alternatives"):
        yield "It was read differently elsewhere in the document."


def _about_confidence(entry: Mapping[str, Any], target: float | None) -> Iterator[str]:
    """What the bar of a value does not show."""
    confidence, state = entry.get("confidence"), entry.get("state")
    if entry.get("decision") != Decision.NEEDS_REVIEW:
        return
    if state == ValueState.FOUND and confidence is None:
        yield "The model does not tell how sure it is."
    if state == ValueState.ABSENT and target is not None and (confidence or 0.0) >= target:
        yield "It may stand on one of the pages that gave no result."


def meaning_of(entry: Mapping[str, Any]) -> str:
    """What a value's confidence says; nothing where there is none."""
    confidence = entry.get("confidence")
    if confidence is None:
        return ""
    is_absent = entry.get("state") == ValueState.ABSENT
    return f"{100 * confidence:.0f} of 100 such {'fields are really absent' if is_absent else 'values are right'}"


def _plain(code: str) -> str:
    words = str(code).replace("-", " ")
    return words.replace("iban", "IBAN").replace("vat ", "VAT ")


def _meant(reading: Any) -> str:
    if isinstance(reading, Mapping):
        return " ".join(str(part) for part in reading.values() if part is not None)
    return str(reading)
