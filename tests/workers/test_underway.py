"""What one thread is asking a model, another does not pay for again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from core.errors import ModelFailed
from core.records import JobState, StopReason
from storage import values
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.tables import Workspace
from tests.scripted_model import ScriptedModel, picture
from tests.workers.conftest import Bench
from workers.infer import Interrupted, infer
from workers.inference import Inference
from workers.vlm.interface import Generation, ModelIdentity, PageRequest, Prompt, PromptKind

TOTAL, IBAN = (Prompt(key, PromptKind.FIELD, key) for key in ("total", "iban"))
LONG = 60.0  # seconds: longer than anything here takes
IDENTITY = ModelIdentity("slow", "1", "once")


@dataclass
class Slow:
    """A model that is at its first request until `go`, and may then fail."""

    fails: bool = False
    calls: list[tuple[str, ...]] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    identity: ModelIdentity = IDENTITY

    def generate(
        self, requests: Sequence[PageRequest], _cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        self.calls.append(tuple(prompt.key for prompt in requests[0].prompts))
        first = len(self.calls) == 1
        self.asked.set()
        if first and not (self.go.wait(LONG) and not self.fails):
            raise ModelFailed
        return [[Generation(p.text, None, None, StopReason.END, 0.0) for p in r.prompts] for r in requests]


@dataclass
class Page:
    """A page that threads of one process want something of."""

    sessions: Sessions
    blobs: BlobStore
    workspace_id: str
    sha256: str
    pool: ThreadPoolExecutor

    def wants(
        self, model: Slow, *prompts: Prompt, cancelled: Callable[[], bool] = lambda: False
    ) -> Future[list[Inference]]:
        """Ask in a thread of its own."""
        of = (self.sessions, self.blobs, model, self.workspace_id, self.sha256)
        return self.pool.submit(infer, *of, prompts, cancelled)


@pytest.fixture
def page(sessions: Sessions, blobs: BlobStore, workspace: Workspace) -> Iterator[Page]:
    with ThreadPoolExecutor(3) as pool:
        yield Page(sessions, blobs, workspace.id, blobs.put(picture(1)).sha256, pool)


def both(page: Page, model: Slow) -> tuple[Future[list[Inference]], Future[list[Inference]]]:
    """One who asks, and one who comes while the model is at it, for the same and for something more."""
    first = page.wants(model, TOTAL)
    assert model.asked.wait(LONG)
    came = threading.Event()

    def looks() -> bool:
        came.set()
        return False

    second = page.wants(model, TOTAL, IBAN, cancelled=looks)
    assert came.wait(LONG)
    model.go.set()
    return first, second


def test_who_wants_what_is_being_asked_waits_for_it_and_asks_only_for_the_rest(page: Page) -> None:
    model = Slow()
    first, second = both(page, model)
    (said,) = first.result(LONG)
    told, more = second.result(LONG)
    assert (told.generation, told.key, more.generation.text) == (said.generation, said.key, "iban")
    assert sorted(model.calls) == [("iban",), ("total",)]


def test_where_who_asked_dies_the_next_one_asks(page: Page) -> None:
    model = Slow(fails=True)
    first, second = both(page, model)
    assert isinstance(first.exception(LONG), ModelFailed)
    assert [one.generation.text for one in second.result(LONG)] == ["total", "iban"]
    assert sorted(model.calls) == [("iban",), ("total",), ("total",)]


def test_who_waits_for_another_hears_of_a_cancel(page: Page) -> None:
    model = Slow()
    first = page.wants(model, TOTAL)
    assert model.asked.wait(LONG)
    with pytest.raises(Interrupted):
        page.wants(model, TOTAL, cancelled=lambda: True).result(LONG)
    model.go.set()
    assert len(first.result(LONG)) == len(model.calls) == 1


@dataclass
class SideBySide(ScriptedModel):
    """A model that takes two requests at a time, and is at the first until a second comes, or a second has passed."""

    concurrency: int = 2

    def __post_init__(self) -> None:
        self.met = threading.Barrier(2)

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        try:
            self.met.wait(1.0)
        except threading.BrokenBarrierError:
            self.met.reset()
        return super().generate(requests, cancelled)


def test_two_jobs_over_one_page_at_once_pay_once(bench: Bench) -> None:
    bench.model = SideBySide()
    schema, document = bench.schema(total="total amount"), bench.document(1)
    jobs = [bench.extract(schema, document) for _ in range(2)]
    bench.run()
    assert bench.model.calls == [(1, ("total",))]
    assert [bench.state(job) for job in jobs] == [JobState.SUCCEEDED] * 2
    with bench.sessions() as session:
        assert [value.raw for _, value in values.values_of(session, document, schema)] == ["total amount 1"]
