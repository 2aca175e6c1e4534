"""Pages read whole: by their own words where these are sound, else by a model, and along with other work where free."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from core.errors import InvalidRequest
from core.records import Box, DocumentState, JobKind, JobState, Queue, ReadingSource, StopReason, Word
from ingest.words import PlacedWord
from storage import documents, jobs, ledger, planning
from storage.documents import DrawnPage
from storage.planning import NewJob
from storage.readings import NewReading, put_reading
from storage.search import Hit, find_pages
from storage.search_query import parse_search
from storage.tables import Reading
from tests.scripted_model import ScriptedModel, picture
from tests.workers.conftest import Bench
from workers.offered import read_unread
from workers.settle import settle_item
from workers.transcribe import layer_reading, read_layers
from workers.vlm.catalog import read_catalog
from workers.vlm.interface import Capability, Generation, Line, Prompt, PromptKind

SOUND = (("Total", 0.1, 0.2, 0.15, 0.22), ("due", 0.16, 0.2, 0.2, 0.22), ("1,204.00", 0.6, 0.2, 0.7, 0.22))
BROKEN = (("(cid:3)(cid:7)", 0.1, 0.2, 0.3, 0.22),)
READS = frozenset({Capability.EXTRACT, Capability.ASK, Capability.READ})


@dataclass
class Reader(ScriptedModel):
    """Reads two lines of every page."""

    sheets: bool = True
    capabilities: frozenset[Capability] = READS
    stop: StopReason = StopReason.END
    lines: tuple[str, ...] = ("Rent of page", "due monthly")
    places: bool = True

    def _answer(self, number: int, prompt: Prompt) -> Generation:
        if prompt.kind is not PromptKind.READ:
            return super()._answer(number, prompt)
        lines = tuple(Line(text, Box(0.1, at / 10, 0.9, at / 10 + 0.05), 0.8) for at, text in enumerate(self.lines, 1))
        return Generation("\n".join(self.lines), (0.9,), None, self.stop, 0.0, 0.8, lines if self.places else ())


def read(bench: Bench, *document_ids: str, text_layer: bool = True) -> str:
    """A job that reads whole pages, done; its id."""
    params = {} if text_layer else {"text_layer": False}
    with bench.sessions.begin() as session:
        new = NewJob(JobKind.READ, Queue.BULK, params=params)
        job_id = planning.plan(session, bench.workspace_id, new, list(document_ids)).id
    bench.run()
    return job_id


def readings(bench: Bench) -> list[tuple[ReadingSource, str | None, str]]:
    with bench.sessions() as session:
        return [(row.source, row.model, row.text) for row in session.query(Reading).order_by(Reading.text)]


def found(bench: Bench, asked: str) -> list[Hit]:
    with bench.sessions() as session:
        return find_pages(session, bench.workspace_id, parse_search(asked)).hits


def prompts(model: ScriptedModel) -> list[str]:
    return [key for _, keys in model.calls for key in keys]


def test_a_page_with_sound_words_of_its_own_needs_no_model(bench: Bench) -> None:
    job_id = read(bench, bench.document(1, words=SOUND))
    assert bench.model.calls == []
    assert readings(bench) == [(ReadingSource.LAYER, None, "Total due\n1,204.00")]
    (hit,) = found(bench, '"due 1,204.00"')
    assert hit.boxes == (Box(0.1, 0.2, 0.2, 0.22), Box(0.6, 0.2, 0.7, 0.22))
    assert bench.state(job_id) is JobState.SUCCEEDED
    assert bench.job(job_id).result == {"pages": 1, "layer": 1, "model": 0, "blank": 0, "failed": 0}


@pytest.mark.parametrize(("words", "text_layer"), [((), True), (BROKEN, True), (SOUND, False)])
def test_a_page_without_sound_words_or_in_a_job_that_wants_none_is_read_by_the_model(
    words: Sequence[tuple[str, float, float, float, float]],
    text_layer: bool,  # noqa: FBT001 - a case
    bench: Bench,
) -> None:
    bench.model = Reader()
    job_id = read(bench, bench.document(1, words=words), text_layer=text_layer)
    assert readings(bench) == [(ReadingSource.MODEL, "scripted", "Rent of page\ndue monthly")]
    (hit,) = found(bench, "monthly")
    assert (hit.boxes, hit.source) == ((Box(0.1, 0.2, 0.9, 0.25),), ReadingSource.MODEL)
    assert bench.job(job_id).result == {"pages": 1, "layer": 0, "model": 1, "blank": 0, "failed": 0}


def test_a_page_that_is_read_again_is_not_asked_again_and_is_there_once(bench: Bench) -> None:
    bench.model = Reader()
    document = bench.document(1)
    read(bench, document)
    read(bench, document)
    assert prompts(bench.model) == ["page"]
    assert len(readings(bench)) == 1
    bench.model.revision = "2"
    bench.model.lines = ("Other words",)
    read(bench, document)
    assert [text for _, _, text in readings(bench)] == ["Other words"]
    assert (found(bench, "rent"), len(found(bench, "other"))) == ([], 1)


def test_only_pages_that_nobody_has_read_are_read_at_an_answers_word(bench: Bench) -> None:
    bench.model = Reader()
    read(bench, bench.document(1, words=SOUND), text_layer=False)
    bench.document(2, name="b.pdf")
    with bench.sessions.begin() as session:
        asked = planning.plan(session, bench.workspace_id, NewJob(JobKind.ASK, Queue.INTERACTIVE), None)
        jobs.cancel(session, asked)
        started = read_unread(session, read_catalog(bench.settings), bench.workspace_id, asked.id).id
        assert jobs.progress(session, started).total == 1
    bench.run()
    assert bench.job(started).result == {"pages": 1, "layer": 0, "model": 1, "blank": 0, "failed": 0}
    assert [source for source, _, _ in readings(bench)] == [ReadingSource.MODEL] * 2  # no page went back to its layer
    with pytest.raises(InvalidRequest, match="left to read"), bench.sessions.begin() as session:
        read_unread(session, read_catalog(bench.settings), bench.workspace_id, asked.id)


def test_a_reading_that_came_meanwhile_stays(bench: Bench) -> None:
    bench.model = Reader()
    document = bench.document(1)
    with bench.sessions.begin() as session:
        new = NewJob(JobKind.READ, Queue.BULK, params={"unread": True})
        job_id = planning.plan(session, bench.workspace_id, new, [document]).id
        page = documents.get_page(session, bench.workspace_id, document, 1).id
        put_reading(session, bench.workspace_id, document, page, NewReading(ReadingSource.LAYER, None, ()))
    bench.run()
    assert (bench.model.calls, bench.state(job_id)) == ([], JobState.SUCCEEDED)
    assert [source for source, _, _ in readings(bench)] == [ReadingSource.LAYER]


def test_blank_pages_are_read_by_nobody_and_pages_without_a_picture_are_gaps(bench: Bench) -> None:
    bench.model = Reader()
    job_id = read(bench, bench.document(1, 2, 3, blank=[1], failed=[2]))
    assert [source for source, _, _ in readings(bench)] == [ReadingSource.BLANK, ReadingSource.MODEL]
    assert bench.gaps(job_id) == [(2, "unreadable-page")]
    assert bench.job(job_id).result == {"pages": 3, "layer": 0, "model": 1, "blank": 1, "failed": 1}


def test_a_model_that_reads_no_text_says_so_and_one_that_runs_in_circles_writes_nothing(bench: Bench) -> None:
    document = bench.document(1)
    assert bench.gaps(read(bench, document)) == [(1, "model-cannot")]
    bench.desks[0].close()
    bench.desks.clear()
    bench.model = Reader(stop=StopReason.LOOP)
    assert bench.gaps(read(bench, document)) == [(1, "generation-loops")]
    assert readings(bench) == []


def test_lines_without_places_are_on_the_whole_page(bench: Bench) -> None:
    bench.model = Reader(places=False)
    read(bench, bench.document(1))
    assert [hit.boxes for hit in found(bench, "monthly")] == [(Box(0, 0, 1, 1),)]


def test_extraction_and_questions_read_along_what_costs_nothing(bench: Bench) -> None:
    schema = bench.schema(total="total")
    bench.extract(schema, bench.document(1, words=SOUND))
    bench.ask("How much?", bench.document(2, words=SOUND, name="b.pdf"))
    bench.extract(schema, bench.document(3, blank=[1], name="c.pdf"))
    bench.extract(schema, bench.document(4, name="d.pdf"))  # the model is not asked for more
    bench.run()
    assert sorted(source for source, _, _ in readings(bench)) == ["blank", "layer", "layer"]
    assert sorted(prompts(bench.model)) == ["answer", "total", "total"]


def test_a_model_that_has_read_the_page_anyhow_tells_its_text_along_once(bench: Bench) -> None:
    bench.model = Reader()
    document = bench.document(1)
    bench.extract(bench.schema(total="total"), document)
    bench.run()
    assert readings(bench) == [(ReadingSource.MODEL, "scripted", "Rent of page\ndue monthly")]
    bench.ask("How much?", document)
    bench.run()
    assert prompts(bench.model).count("page") == 1


def test_what_was_extracted_is_found_by_its_field(bench: Bench) -> None:
    bench.model.answers = {"1": {"total": "12.00"}}
    document = bench.document(1)
    bench.extract(bench.schema(total="total"), document)
    bench.run()
    (hit,) = found(bench, "total:12.00")
    assert [(value.field, value.raw) for value in hit.values] == [("total", "12.00")]


def draw(bench: Bench, *pages: Sequence[PlacedWord], blank: Sequence[int] = ()) -> str:
    """A document that was just drawn with these words, and what follows from that; its id."""
    document_id = bench.waiting_document(len(pages))
    desk = bench.desk()
    with bench.sessions.begin() as session:
        claim = ledger.claim(session, "drawer", [Queue.RASTERIZE], 100, 60)
        assert claim is not None
        for item in claim.items:
            ledger.finish(session, "drawer", item.id, item.attempt)
        for number, words in enumerate(pages, 1):
            shown = bench.blobs.put(picture(number)).sha256
            drawn = DrawnPage(number, 612, 792, 150, "mupdf", shown, 96, 48, number in blank, words)
            documents.finish_page(session, document_id, drawn)
    for item in claim.items:
        settle_item(desk, item)
    return document_id


def test_a_document_with_sound_words_is_searched_as_soon_as_it_is_drawn(bench: Bench) -> None:
    draw(bench, SOUND, BROKEN, (), (), blank=[4])
    assert readings(bench) == [(ReadingSource.BLANK, None, ""), (ReadingSource.LAYER, None, "Total due\n1,204.00")]
    assert [hit.page for hit in found(bench, "total due")] == [1]
    assert bench.model.calls == []


def test_what_follows_the_drawing_keeps_what_was_read_meanwhile(bench: Bench) -> None:
    bench.model = Reader()
    document_id = draw(bench, SOUND)
    read(bench, document_id, text_layer=False)
    read_layers(bench.sessions, bench.workspace_id, document_id)
    assert [source for source, _, _ in readings(bench)] == [ReadingSource.MODEL]


def test_words_that_nobody_can_make_sense_of_keep_no_page_from_being_drawn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.transcribe.is_sound", lambda _: 1 / 0)
    document_id = draw(bench, SOUND)
    with bench.sessions() as session:
        assert documents.get_document(session, bench.workspace_id, document_id).state is DocumentState.READY
    assert readings(bench) == []


def test_words_of_a_row_with_a_wide_gap_are_two_lines() -> None:
    words = [Word(text, Box(*box)) for text, *box in (*SOUND, ("Next", 0.1, 0.3, 0.2, 0.32))]
    assert [line.text for line in layer_reading(words).lines] == ["Total due", "1,204.00", "Next"]
