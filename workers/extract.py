"""One page's fields and tables: ask what is not known yet, then write values and the item's end at once."""

from collections.abc import Callable
from typing import Any

from core.records import ClaimedItem, FieldValue, ValueState
from storage import jobs, ledger, schemas, values
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from storage.tables import Schema
from workers.evidence import check_values, find_layer
from workers.infer import infer
from workers.inference import Inference, confidence_of, failure_of, is_kept
from workers.layer import LayerWords
from workers.pages import Picture, find_picture
from workers.prompts import prompts_of
from workers.receipt import gap_of, receipt_of_page
from workers.rows import blank_cells, cells_of, tables_asked
from workers.transcribe import put_along, reading_along
from workers.verify import Asked
from workers.vlm.interface import Model, Prompt, PromptKind


def extract_page(
    sessions: Sessions, blobs: BlobStore, model: Model, owner: str, item: ClaimedItem, cancelled: Callable[[], bool]
) -> None:
    """Read the fields and tables of the job's schema on the item's page, and finish the item.

    A blank page has nothing, and the model is not asked. Raises LeaseLost where somebody else has the item
    by now, Interrupted on a cancel, and the page's own failure where it has no picture.
    """
    with sessions() as session:
        picture = find_picture(session, item)
        schema = schema_of(session, item)
        wanted = schemas.wanted_of(schema.body)
        layer = None if picture.blank else find_layer(session, item, wanted)

    asked = Asked(sessions, blobs, model, item.workspace_id, picture.sha256, cancelled)
    made, found, receipt = read_fields(asked, picture, schema.body, layer)
    along = reading_along(sessions, blobs, model, item, picture, made, cancelled)
    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt, receipt, gap_of(receipt))
        put_along(session, item, picture, along)
        values.replace_values(
            session,
            item.workspace_id,
            item.document_id,
            picture.page_id,
            schema.id,
            item.job_id,
            model.identity.name,
            found,
        )


def read_fields(
    asked: Asked, picture: Picture, body: dict[str, Any], layer: LayerWords | None
) -> tuple[list[Inference], list[FieldValue], dict[str, Any]]:
    """What a page says about the fields and tables of a schema: inferences, values, and the page's receipt.

    Nothing is written but what the model said. Raises Interrupted.
    """
    wanted, prompts = schemas.wanted_of(body), prompts_of(body)
    if picture.blank:
        absent = [FieldValue(p.key, ValueState.ABSENT, None, None, None, None) for p in prompts]
        return [], absent, receipt_of_page(absent, blank_cells(wanted).counts, blank=True)
    model = asked.model
    of = (asked.sessions, asked.blobs, model, asked.workspace_id, picture.sha256)
    made = infer(*of, [*prompts, *tables_asked(model, wanted)], asked.cancelled)
    cells = cells_of(wanted, made)
    said = [value_of(inference) for inference in made if inference.prompt.kind is PromptKind.FIELD]
    checked, again = check_values(asked, [*said, *cells.values], wanted, layer)
    found = cells.signed(checked)
    return [*made, *again], found, receipt_of_page(found, cells.counts, blank=False)


def fields_asked(session: Session, item: ClaimedItem) -> list[Prompt]:
    """A prompt for each field of the schema of the item's job."""
    return prompts_of(schema_of(session, item).body)


def schema_of(session: Session, item: ClaimedItem) -> Schema:
    """The schema of the item's job."""
    job = jobs.get_job(session, item.workspace_id, item.job_id)
    return schemas.get_schema_by_id(session, item.workspace_id, job.schema_id)


def value_of(inference: Inference) -> FieldValue:
    """What an inference says about its field. A generation that failed in any way is unreadable, never a value."""
    field, generation = inference.prompt.key, inference.generation
    failure = failure_of(generation)
    if failure is not None:
        known = inference.key if is_kept(inference) else None
        return FieldValue(field, ValueState.UNREADABLE, None, None, None, known, failure)
    state = ValueState.ABSENT if generation.text is None else ValueState.FOUND
    return FieldValue(field, state, generation.text, confidence_of(generation), generation.box, inference.key)
