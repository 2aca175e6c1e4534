"""Jobs that describe, classify and locate: one prompt a page, kept, counted honestly, and never paid for twice."""

from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from core.records import Box, JobKind, JobState, Queue
from storage import findings
from storage.planning import NewJob
from tests.scripted_model import number_of
from tests.workers.conftest import Bench
from workers.describe import cut_out
from workers.vlm.interface import Capability, Generation, PageRequest

LOOKS = frozenset({Capability.DESCRIBE, Capability.CLASSIFY, Capability.LOCATE})
LABELS = {"labels": ["invoice", "letter"]}
KINDS = [(JobKind.DESCRIBE, {}), (JobKind.CLASSIFY, LABELS), (JobKind.LOCATE, {"text": "Where is the total?"})]


@pytest.fixture(autouse=True)
def able(bench: Bench) -> None:
    """The model can do all three."""
    bench.model.capabilities = LOOKS


def look(bench: Bench, kind: JobKind, params: dict[str, Any], *documents: str) -> str:
    """A job of this kind over documents; its id."""
    return bench._plan(NewJob(kind, Queue.BULK, params=params), documents)


def said(bench: Bench, job_id: str) -> list[tuple[int, Any]]:
    """Each page with what it said."""
    with bench.sessions() as session:
        return [(page.page, page.result.get("text")) for page in findings.list_pages(session, job_id).items]


def test_each_page_is_described(bench: Bench) -> None:
    bench.model.answers = {"1": {"description": "A letter about rent. @0.9"}, "2": {"description": "A plan."}}
    job = look(bench, JobKind.DESCRIBE, {}, bench.document(1, 2, 3, blank=[3]))
    bench.run()
    assert said(bench, job) == [(1, "A letter about rent."), (2, "A plan."), (3, None)]
    assert bench.state(job) is JobState.SUCCEEDED
    counts = {"pages": 3, "described": 2, "blank": 1, "without_a_description": 0, "failed": 0}
    assert bench.job(job).result == counts
    first = bench.items(job)[1].result
    assert first is not None
    assert (first["confidence"], first["model"]) == (0.9, "scripted")


def test_documents_are_counted_by_the_labels_of_their_pages(bench: Bench) -> None:
    bench.model.answers = {
        "1": {"label": "invoice @0.9"},
        "2": {"label": "letter @0.6"},
        "3": {"label": "letter @0.8"},
        "4": {"label": None},
    }
    mixed, plain, none = bench.document(1, 2, name="a"), bench.document(3, 4, name="b"), bench.document(4, name="c")
    job = look(bench, JobKind.CLASSIFY, LABELS, mixed, plain, none)
    bench.run()
    assert bench.job(job).result == {
        "labels": {"invoice": {"documents": 1, "pages": 1}, "letter": {"documents": 1, "pages": 2}},
        "none": {"documents": 1, "pages": 2},
        "mixed_documents": 2,
        "pages": 5,
        "failed": 0,
    }


def test_places_are_kept_with_their_boxes_and_counted(bench: Bench) -> None:
    bench.model.answers = {"1": {"place": "Total @0.9"}, "2": {"place": None}}
    job = look(bench, JobKind.LOCATE, {"text": "Where is the total?"}, bench.document(1, 2))
    bench.run()
    found = bench.items(job)[1].result
    assert found is not None
    assert found["places"] == [{"text": "Total", "confidence": 0.9, "box": [0.1, 0.2, 0.3, 0.4]}]
    assert said(bench, job) == [(1, "Total"), (2, None)]
    counts = {"pages": 2, "pages_with_it": 1, "documents_with_it": 1, "places": 1, "failed": 0}
    assert bench.job(job).result == counts


@pytest.mark.parametrize(("kind", "params"), KINDS)
def test_the_same_of_the_same_page_is_not_asked_again(bench: Bench, kind: JobKind, params: dict[str, Any]) -> None:
    document = bench.document(1, 2)
    first = look(bench, kind, params, document)
    bench.run()
    bench.model.calls.clear()
    second = look(bench, kind, params, document)
    bench.run()
    assert bench.model.calls == []
    assert said(bench, second) == said(bench, first)


@pytest.mark.parametrize(("kind", "params"), KINDS)
def test_a_page_whose_reply_loops_is_a_gap_and_not_paid_for_again(
    bench: Bench, kind: JobKind, params: dict[str, Any]
) -> None:
    bench.model.acts = {"2": "loop"}
    document = bench.document(1, 2, 3, failed=[3])
    job = look(bench, kind, params, document)
    bench.run()
    assert bench.state(job) is JobState.PARTIAL
    assert bench.gaps(job) == [(2, "generation-loops"), (3, "unreadable-page")]
    result = bench.job(job).result
    assert result is not None
    assert (result["pages"], result["failed"]) == (3, 2)
    bench.model.calls.clear()
    look(bench, kind, params, document)
    bench.run()
    assert bench.model.calls == []


def test_a_job_of_which_no_page_said_anything_has_failed(bench: Bench) -> None:
    bench.model.acts = {"1": "budget"}
    job = look(bench, JobKind.DESCRIBE, {}, bench.document(1))
    bench.run()
    assert (bench.state(job), bench.gaps(job)) == (JobState.FAILED, [(1, "generation-cut-short")])


@pytest.mark.parametrize(("kind", "params"), KINDS)
def test_a_model_that_is_none_for_it_is_not_asked(bench: Bench, kind: JobKind, params: dict[str, Any]) -> None:
    bench.model.capabilities = LOOKS - {Capability(kind.value)}
    job = look(bench, kind, params, bench.document(1))
    bench.run()
    assert (bench.state(job), bench.gaps(job)) == (JobState.FAILED, [(1, "model-cannot")])
    assert bench.model.calls == []


def test_a_region_is_shown_alone_and_kept_apart_from_the_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[int, int]] = []
    document = bench.document(5)
    plain = bench.model.generate

    def watched(requests: Sequence[PageRequest], *more: Any) -> list[list[Generation]]:
        shown.extend(request.image.size for request in requests)
        return plain(requests, *more)

    monkeypatch.setattr(bench.model, "generate", watched)
    whole = look(bench, JobKind.DESCRIBE, {}, document)
    part = look(bench, JobKind.DESCRIBE, {"page": 1, "region": [0, 0, 1, 0.5]}, document)
    bench.run()
    assert shown == [(96, 48), (96, 24)]
    assert bench.state(whole) is bench.state(part) is JobState.SUCCEEDED
    result = bench.items(part)[1].result
    assert result is not None
    assert result["box"] == [0, 0, 1, 0.5]


def test_what_is_located_in_a_region_has_its_place_on_the_page(bench: Bench) -> None:
    document = bench.document(5)
    whole = look(bench, JobKind.LOCATE, {"text": "Total"}, document)
    part = look(bench, JobKind.LOCATE, {"text": "Total", "page": 1, "region": [0, 0, 1, 0.5]}, document)
    bench.run()
    boxes = []
    for job in (whole, part):
        result = bench.items(job)[1].result
        assert result is not None
        assert [place["box"] for place in result["places"]] == [result["box"]]
        boxes.append(result["box"])
    assert boxes == [[0.1, 0.2, 0.3, 0.4], [0.1, 0.1, 0.3, 0.2]]


def test_pages_of_a_claim_are_shown_to_a_model_that_batches_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[list[int]] = []
    plain = bench.model.generate

    def watched(requests: Sequence[PageRequest], *more: Any) -> list[list[Generation]]:
        batches.append([number_of(request.image) for request in requests])
        return plain(requests, *more)

    monkeypatch.setattr(bench.model, "generate", watched)
    monkeypatch.setattr(bench.model, "batches", True, raising=False)
    look(bench, JobKind.CLASSIFY, LABELS, bench.document(1, 2, 3))
    bench.run()
    assert batches == [[1, 2, 3]]


def test_the_least_region_of_a_page_is_a_pixel() -> None:
    page = Image.new("L", (10, 20))
    assert cut_out(page, Box(0.99, 0.99, 1, 1)).size == (1, 1)
    assert cut_out(page, Box(0, 0, 1, 1)).size == (10, 20)
