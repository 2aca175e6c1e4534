"""Pages of different documents and jobs are one batch for a model that batches; a bad one costs the others nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.records import ItemState, JobState
from storage import values
from tests.scripted_model import ScriptedModel
from tests.workers.conftest import Bench
from workers.vlm.interface import Generation, PageRequest
from workers.work import MODEL_QUEUES, work_once, work_until_idle


@dataclass
class Batching(ScriptedModel):
    """A scripted model that likes to be asked about several pages at once."""

    batches: bool = True

    def __post_init__(self) -> None:
        """Begin without a request."""
        self.sizes: list[int] = []

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Write down how many pages came at once."""
        self.sizes.append(len(requests))
        return super().generate(requests, cancelled)


def batching(bench: Bench) -> Batching:
    model = Batching()
    bench.model = model
    return model


def raws(bench: Bench, document: str, schema: str) -> list[str | None]:
    with bench.sessions() as session:
        return [value.raw for _, value in values.values_of(session, document, schema)]


def test_pages_of_different_documents_and_jobs_are_asked_about_at_once(bench: Bench) -> None:
    model = batching(bench)
    schema = bench.schema(total="total amount")
    one, two = bench.document(1, 2), bench.document(3, 4, name="b.pdf")
    jobs = [bench.extract(schema, one), bench.extract(schema, two)]
    bench.run()
    assert model.sizes == [4]
    assert [bench.state(job) for job in jobs] == [JobState.SUCCEEDED] * 2
    assert raws(bench, one, schema) + raws(bench, two, schema) == [f"total amount {n}" for n in (1, 2, 3, 4)]


def test_pages_of_equal_pictures_are_shown_once_in_a_batch(bench: Bench) -> None:
    model = batching(bench)
    schema, document = bench.schema(total="total amount"), bench.document(1, 1, 2)
    job = bench.extract(schema, document)
    bench.run()
    assert (model.sizes, bench.state(job)) == ([2], JobState.SUCCEEDED)
    assert raws(bench, document, schema) == [f"total amount {n}" for n in (1, 1, 2)]


def test_a_model_that_does_not_batch_is_asked_page_by_page(bench: Bench) -> None:
    model = batching(bench)
    model.batches = False
    bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    bench.run()
    assert model.sizes == [1, 1]


def test_a_page_that_makes_the_batch_fail_is_found_and_costs_the_others_nothing(bench: Bench) -> None:
    model = batching(bench)
    model.acts = {"2": "raise"}
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3))
    bench.run()
    assert (bench.state(job), bench.gaps(job)) == (JobState.PARTIAL, [(2, "poison-page")])
    assert {page: item.attempt for page, item in bench.items(job).items()} == {1: 1, 2: 3, 3: 1}


def test_blank_pages_and_pages_without_a_picture_are_no_part_of_a_batch(bench: Bench) -> None:
    model = batching(bench)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3, 4, blank=(1,), failed=(4,)))
    bench.run()
    assert model.sizes == [2]
    assert (bench.state(job), bench.gaps(job)) == (JobState.PARTIAL, [(4, "unreadable-page")])


def test_a_model_that_is_away_loses_no_attempt_in_a_batch(bench: Bench) -> None:
    model = batching(bench)
    model.acts = {"1": "unavailable"}
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    desk = bench.desk(poll_seconds=5.0)
    work_once(desk, MODEL_QUEUES)
    assert {(item.state, item.attempt) for item in bench.items(job).values()} == {(ItemState.WAITING, 0)}
    model.acts = {}
    work_until_idle(bench.desk(), MODEL_QUEUES)
    assert bench.state(job) is JobState.SUCCEEDED


def test_what_is_known_already_is_not_asked_again_in_a_batch(bench: Bench) -> None:
    model = batching(bench)
    schema, document = bench.schema(total="total amount"), bench.document(1, 2, 3)
    bench.extract(schema, document)
    bench.run()
    again = bench.extract(schema, document)
    bench.run()
    assert (model.sizes, bench.state(again)) == ([3], JobState.SUCCEEDED)
