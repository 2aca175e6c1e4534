"""A workspace's own calibration of a model: fitted on labelled values and on corrections, and its records made anew."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from core.errors import DocumentNotFound, InvalidRequest, TooLittleTruth
from core.records import FieldKind, LayerVerdict, ValueState
from storage import calibrations, corrections, documents, records
from storage.database import Session, Sessions
from storage.tables import Correction
from workers.confidence import Labelled, TrustTable, rows_of
from workers.merge import merge_again
from workers.typed import same

FEWEST = 50  # values: fewer tell next to nothing about a share of 98 %


def calibrate(session: Session, workspace_id: str, model: str, labelled: Sequence[Labelled]) -> TrustTable:
    """Fit the workspace's table of a model, on these values and on what people corrected, and keep it.

    Raises TooLittleTruth under FEWEST values that the model found, and InvalidRequest where scikit-learn is missing.
    Its records are not made anew by this: see `merge_model_again`.
    """
    if find_spec("sklearn") is None:
        raise InvalidRequest("This service fits no calibration: install it with folioscope[measure].")
    known = [*labelled, *corrected(session, workspace_id, model)]
    found = sum(one.kind is not None for one in known)
    if found < FEWEST:
        raise TooLittleTruth(
            f"A calibration needs at least {FEWEST} values that the model read and whose truth is known; "
            f"here are {found}.",
            values=found,
            needed=FEWEST,
        )
    from workers.fitting import fit  # noqa: PLC0415 - numpy and scikit-learn are wanted at a fit, not at the API's start

    table = fit(known)
    calibrations.replace(session, workspace_id, model, rows_of(table))
    return table


def corrected(session: Session, workspace_id: str, model: str) -> Iterator[Labelled]:
    """What people said about the model's values: wrong where they say something else, right where they say the same."""
    for correction in corrections.all_counting(session, workspace_id):
        if correction.before.get("model") == model:
            one = _labelled(correction)
            if one is not None:
                yield one


def merge_model_again(sessions: Sessions, workspace_id: str, model: str) -> int:
    """Make every record anew that this model read, each in a transaction of its own; returns how many.

    Harmless twice: what a killed process left is made anew the next time.
    """
    with sessions() as session:
        mine = records.read_by(session, workspace_id, model)
    merged = 0
    for document_id, schema_id in mine:
        with sessions.begin() as session:
            try:
                documents.get_document(session, workspace_id, document_id, for_update=True)
            except DocumentNotFound:
                continue  # deleted meanwhile
            record = records.find_record(session, document_id, schema_id)
            if record is not None:
                merge_again(session, record)
                merged += 1
    return merged


def _labelled(correction: Correction) -> Labelled | None:
    """A correction as a labelled value; None where the model gave no confidence, or said nothing that is known."""
    before = correction.before
    said: Mapping[str, Any]
    kind = FieldKind(before.get("kind") or FieldKind.TEXT)
    if before.get("corrected"):  # a second word on a field: what the model said stands beside the first
        said, absent = next(iter(before.get("alternatives") or []), {}), False
    else:
        said, absent = before, before.get("state") == ValueState.ABSENT.value
    confidence, raw = said.get("model_confidence"), said.get("raw")
    if confidence is None or (raw is None and not absent):
        return None
    if absent:
        return Labelled(None, confidence, correction.state is ValueState.ABSENT)
    right = correction.raw is not None and same(str(raw), correction.raw, kind)
    layer = said.get("layer")
    return Labelled(kind, confidence, right, said.get("verified"), None if layer is None else LayerVerdict(layer))
