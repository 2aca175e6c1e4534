"""Whole pages read for search: by the words that a PDF has itself where these are sound and seen, else by a model.

Until a model has read it, a scan is found by the words that another program put under it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from core.errors import DocumentNotFound, ModelCannot, error_named
from core.logs import get_log
from core.records import Box, ClaimedItem, ReadingSource, Word
from storage import documents, jobs, ledger, readings
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from storage.readings import NewReading, ReadLine
from workers.infer import infer
from workers.inference import Inference, confidence_of, failure_of
from workers.layer import LayerWords, is_sound, rows_in
from workers.pages import Picture, find_picture
from workers.verify import reads_sheets
from workers.vlm.interface import Capability, Generation, Model, Prompt, PromptKind, capabilities_of

READ = Prompt("page", PromptKind.READ, "")
WIDE_GAP = 0.04  # of a page's width
BLANK = NewReading(ReadingSource.BLANK, None, ())
LAYERS_AT_A_TIME = 20  # pages of a transaction

_log = get_log(__name__)


def read_page(
    sessions: Sessions,
    blobs: BlobStore,
    get_model: Callable[[], Model],
    owner: str,
    item: ClaimedItem,
    cancelled: Callable[[], bool],
) -> None:
    """Write the reading of the item's page anew, and finish the item; the model is got only where it is needed.

    A job over `unread` pages keeps a reading that came meanwhile. Raises ModelCannot for a model that reads no text,
    LeaseLost, Interrupted, and the page's own failure.
    """
    with sessions() as session:
        picture = find_picture(session, item)
        keeps = jobs.get_job(session, item.workspace_id, item.job_id).params.get("unread") is True
        known = readings.find_made(session, picture.page_id) if keeps else None
        new = None if known else free_reading(session, item, picture)
    if known is not None:
        with sessions.begin() as session:
            ledger.finish(session, owner, item.id, item.attempt, _receipt(*known))
        return
    if new is None:
        model = get_model()
        if Capability.READ not in capabilities_of(model):
            raise ModelCannot(f"The model {model.identity.name} cannot read the text of a page.")
        (read,) = infer(sessions, blobs, model, item.workspace_id, picture.sha256, [READ], cancelled)
        failure = failure_of(read.generation)
        if failure is not None:
            raise error_named(failure, None)
        new = model_reading(read.generation, model.identity.name)
    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt, _receipt(new.source, len(new.lines)))
        put = readings.put_first_readings if keeps else readings.put_readings
        put(session, item.workspace_id, item.document_id, {picture.page_id: new})


def reading_along(
    sessions: Sessions,
    blobs: BlobStore,
    model: Model,
    item: ClaimedItem,
    picture: Picture,
    made: Sequence[Inference],
    cancelled: Callable[[], bool],
) -> NewReading | None:
    """A reading of a page that has none, where it is next to free: its layer's, or that of a model that just saw it.

    `made` is what the item asked of the page. Raises Interrupted, and BlobMissing.
    """
    with sessions() as session:
        if readings.has_reading(session, picture.page_id):
            return None
        new = free_reading(session, item, picture)
    if new is not None or not is_cheap(model) or not any(inference.fresh for inference in made):
        return new
    (read,) = infer(sessions, blobs, model, item.workspace_id, picture.sha256, [READ], cancelled)
    return None if failure_of(read.generation) else model_reading(read.generation, model.identity.name)


def put_along(session: Session, item: ClaimedItem, picture: Picture, along: NewReading | None) -> None:
    """Write down the reading that came along, if any, in the transaction that ends the item."""
    if along is not None:
        readings.put_reading(session, item.workspace_id, item.document_id, picture.page_id, along)


def is_cheap(model: Model) -> bool:
    """Whether a model that was asked about a page tells its text at next to no further cost."""
    return Capability.READ in capabilities_of(model) and reads_sheets(model)


def read_layers(sessions: Sessions, workspace_id: str, document_id: str) -> None:
    """Write the readings of pages that are read without a model: blank ones, and those with sound words of their own.

    Sound words that nobody sees are a reading to find the page by, until a model reads it.
    Pages that were read keep their readings, so it may be done twice. It raises nothing: a page without a reading is
    one that waits for a model.
    """
    after = 0
    try:
        while True:
            with sessions() as session:
                pages = readings.unread_pages(session, document_id, after, LAYERS_AT_A_TIME)
            if not pages:
                return
            after = pages[-1].number
            made = {page.id: new for page in pages if (new := _own_reading(page.words, blank=page.blank is True))}
            if made:
                with sessions.begin() as session:
                    readings.put_first_readings(session, workspace_id, document_id, made)
    except DocumentNotFound:
        return
    except Exception as error:  # noqa: BLE001 - whatever words a file has: its pages are drawn, and that is to stay
        _log.warning("pages are left without a reading", document=document_id, after=after, cause=type(error).__name__)


def free_reading(session: Session, item: ClaimedItem, picture: Picture) -> NewReading | None:
    """What is known of a page without any model: that it is blank, or its own words where these are seen and sound."""
    if picture.blank:
        return BLANK
    if jobs.get_job(session, item.workspace_id, item.job_id).params.get("text_layer") is False:
        return None
    page = documents.get_page(session, item.workspace_id, item.document_id, item.first_page)
    own = _own_reading(page.words, blank=False)
    return None if own is None or own.source is ReadingSource.HIDDEN else own


def layer_reading(words: Sequence[Word]) -> NewReading:
    """A page's own words, row by row; a row is several lines where it has wide gaps."""
    lines = [_line_of(part) for row in rows_in(words) for part in _parts(row)]
    return NewReading(ReadingSource.LAYER, None, lines)


def model_reading(generation: Generation, model: str) -> NewReading:
    """What a model transcribed. One that gives no lines with places has the whole page for each."""
    lines = [ReadLine(line.text, line.box, line.confidence) for line in generation.lines]
    if not lines and generation.text:
        sure = confidence_of(generation)
        lines = [ReadLine(line, Box(0, 0, 1, 1), sure) for line in generation.text.splitlines()]
    return NewReading(ReadingSource.MODEL, model, lines)


def readings_made(results: Iterable[Mapping[str, Any]], failed: int) -> dict[str, int]:
    """Of a job its pages, by where their text comes from."""
    counted = Counter(str(result.get("source")) for result in results)
    by_source = {source.value: counted[source.value] for source in ReadingSource if source is not ReadingSource.HIDDEN}
    return {"pages": sum(by_source.values()) + failed, **by_source, "failed": failed}


def _receipt(source: ReadingSource, lines: int) -> dict[str, Any]:
    return {"source": source.value, "lines": lines}


def _own_reading(plain: Iterable[Sequence[Any]], *, blank: bool) -> NewReading | None:
    """What a page tells without a model, by the words of its layer; None where it tells nothing sound."""
    if blank:
        return BLANK
    words = LayerWords.of(plain, hidden=True).words
    if not is_sound(words):
        return None
    own = layer_reading(words)
    return replace(own, source=ReadingSource.HIDDEN) if any(word.hidden for word in words) else own


def _parts(row: Sequence[Word]) -> list[list[Word]]:
    parts = [[row[0]]]
    for last, word in pairwise(row):
        if max(word.box.x0 - last.box.x1, last.box.x0 - word.box.x1) > WIDE_GAP:
            parts.append([])
        parts[-1].append(word)
    return parts


def _line_of(row: Sequence[Word]) -> ReadLine:
    boxes = [word.box for word in row]
    around = Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
    return ReadLine(" ".join(word.text for word in row), around, None)
