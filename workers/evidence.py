"""What else speaks for the values of a page, or against them: its text layer, and a second reading of each box."""

from collections.abc import Mapping, Sequence

from core.records import ClaimedItem, FieldKind, FieldValue
from storage import documents, jobs
from storage.database import Session
from storage.wanted import Wanted
from workers.inference import Inference
from workers.layer import LayerWords, judge_all
from workers.verify import Asked, is_verified, marked, read_again


def find_layer(session: Session, item: ClaimedItem, wanted: Wanted) -> LayerWords | None:
    """The words of the item's page; None where its schema or its job wants nothing compared with them."""
    job = jobs.get_job(session, item.workspace_id, item.job_id)
    if not wanted.layer or job.params.get("text_layer") is False:
        return None
    return LayerWords.of(documents.get_page(session, item.workspace_id, item.document_id, item.first_page).words)


def check_values(
    asked: Asked, values: Sequence[FieldValue], wanted: Wanted, layer: LayerWords | None
) -> tuple[list[FieldValue], list[Inference]]:
    """Every value in order, with what its evidence says, and what was read for that.

    Boxes are read again first: the layer mends nothing that came back. A mended value is then compared with the second
    reading itself. Raises Interrupted, and BlobMissing.
    """
    kinds = _kinds_of(values, wanted)
    said, made = read_again(asked, values) if is_verified(asked.model, wanted.verify) else ({}, [])
    seen = marked(values, said, kinds)
    judged = seen if layer is None else judge_all(seen, layer, kinds)
    return marked(judged, said, kinds), made


def _kinds_of(values: Sequence[FieldValue], wanted: Wanted) -> Mapping[str, FieldKind]:
    found = ((value.field, wanted.find(value.field)) for value in values)
    return {path: field.kind for path, field in found if field is not None}
