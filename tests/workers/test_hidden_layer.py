"""Words that nobody sees make nothing stand on a page: a scan is found by its hidden layer, until a model reads it."""

import io
from pathlib import Path

import pymupdf
import pytest

from core.records import JobKind, Queue, ReadingSource
from ingest.intake import Upload, accept
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from storage.planning import NewJob
from storage.tables import Page
from tests.ingest import files
from tests.workers.conftest import Bench
from tests.workers.test_transcribe import Reader, found, readings
from workers.desk import Desk
from workers.question import texts_of
from workers.subject_words import Kind, Subject
from workers.support import stands_on
from workers.work import work_until_idle

pytestmark = pytest.mark.parametrize("each_database_url", ["sqlite"], indirect=True)

PRINTED = ("Rechnung an Hafen AG", "zahlbar bis Montag auf das genannte Konto")
UNDER = ("Invoice for Meyer GmbH", "IBAN DE89 3704 0044 0532 0130 00", "due on Monday")
NAMES = ("meyer gmbh", "schulze ag", "weber kg", "hafen ag")


def _hiding(path: Path) -> Path:
    """An invoice to Hafen AG with three more names on it that nobody sees."""
    document = pymupdf.open()
    page = document.new_page()
    for number, line in enumerate(PRINTED):
        page.insert_text((60, 80 + 20 * number), line, fontsize=11)
    page.insert_text((60, 200), "Meyer GmbH", fontsize=11, render_mode=3)
    page.insert_text((60, 240), "Schulze AG", fontsize=11, color=(1, 1, 1))
    page.insert_text((60, 280), "Weber KG", fontsize=0.6)
    document.save(path)
    return path


def _scan(path: Path) -> Path:
    """A scan of something else than what the layer under it says."""
    buffer = io.BytesIO()
    files.grainy().save(buffer, "JPEG")
    document = pymupdf.open()
    page = document.new_page(width=612, height=792)
    page.insert_image(page.rect, stream=buffer.getvalue())
    for number, line in enumerate(UNDER):
        page.insert_text((80, 75 + 29 * number), line, fontsize=14, render_mode=3)
    document.save(path)
    return path


def _upload(bench: Bench, path: Path) -> str:
    """A file, taken in and drawn; its document's id."""
    with Sandbox(Limits.of(bench.settings)) as sandbox:
        upload = Upload(path.name, path)
        document_id = accept(bench.sessions, bench.blobs, bench.workspace_id, upload, sandbox).document_id
    desk = Desk(bench.settings, tuple(Queue), bench.model)
    bench.desks.append(desk)
    work_until_idle(desk, tuple(Queue))
    return document_id


def _standing(bench: Bench, document_id: str) -> list[str]:
    """The names that a question finds on the page."""
    with bench.sessions() as session:
        text = texts_of(session, [(document_id, 1)])[document_id][1]
    return [name for name in NAMES if stands_on(Subject(Kind.NAME, tuple(name.split())), text)]


def test_a_name_hidden_on_a_page_does_not_stand_on_it(bench: Bench, tmp_path: Path) -> None:
    document_id = _upload(bench, _hiding(tmp_path / "a.pdf"))
    assert readings(bench) == [(ReadingSource.LAYER, None, "\n".join(PRINTED))]
    assert _standing(bench, document_id) == ["hafen ag"]
    assert [len(found(bench, name)) for name in NAMES] == [0, 0, 0, 1]


def test_a_scan_is_found_by_its_hidden_layer_which_makes_no_name_stand_on_it(bench: Bench, tmp_path: Path) -> None:
    document_id = _upload(bench, _scan(tmp_path / "a.pdf"))
    assert readings(bench) == [(ReadingSource.HIDDEN, None, "\n".join(UNDER))]
    (hit,) = found(bench, "meyer gmbh")
    assert hit.source is ReadingSource.HIDDEN
    assert _standing(bench, document_id) == []
    with bench.sessions() as session:
        assert not texts_of(session, [(document_id, 1)])[document_id][1].is_read


@pytest.mark.parametrize("text_layer", [True, False])
def test_a_scan_that_is_to_be_read_is_read_by_the_model_and_found_by_that_alone(
    bench: Bench, tmp_path: Path, *, text_layer: bool
) -> None:
    bench.model = Reader(lines=("Rechnung an Hafen AG",))
    document_id = _upload(bench, _scan(tmp_path / "a.pdf"))
    bench._plan(NewJob(JobKind.READ, Queue.BULK, params={"text_layer": text_layer}), [document_id])
    bench.run()
    assert readings(bench) == [(ReadingSource.MODEL, "scripted", "Rechnung an Hafen AG")]
    assert (found(bench, "meyer"), len(found(bench, "hafen"))) == ([], 1)


def test_a_model_that_has_seen_a_scan_anyhow_tells_its_text_along(bench: Bench, tmp_path: Path) -> None:
    bench.model = Reader(lines=("Rechnung an Hafen AG",))
    document_id = _upload(bench, _scan(tmp_path / "a.pdf"))
    bench.ask("What is the IBAN of Meyer GmbH?", document_id)
    bench.run()
    assert readings(bench) == [(ReadingSource.MODEL, "scripted", "Rechnung an Hafen AG")]


def test_words_of_pages_that_were_drawn_before_words_were_told_apart_stay_the_pages_words(
    bench: Bench, tmp_path: Path
) -> None:
    document_id = bench.document(1, words=[(word, 0.1, n / 10, 0.2, n / 10 + 0.02) for n, word in enumerate(NAMES)])
    _upload(bench, _scan(tmp_path / "a.pdf"))
    with bench.sessions() as session:
        marks = {page.document_id == document_id: {len(word) for word in page.words} for page in session.query(Page)}
    assert marks == {True: {5}, False: {6}}
