from core.records import ClaimedItem, JobKind, Queue
from tests.workers.conftest import Bench
from workers.seen import Seen
from workers.work import MODEL_QUEUES, work_once


def page(number: int, queue: Queue = Queue.INTERACTIVE, document: str = "a") -> ClaimedItem:
    return ClaimedItem(number, 1, "w", "j", JobKind.ASK, queue, document, number, number)


def test_the_pages_of_questions_are_known_and_the_oldest_go_first() -> None:
    seen = Seen(most=2)
    for item in (page(1), page(2), page(1), page(3)):
        seen.add(item)
    assert seen.pages() == [("a", 1), ("a", 3)]


def test_pages_in_bulk_and_items_without_a_page_leave_no_trace() -> None:
    seen = Seen()
    seen.add(page(1, Queue.BULK))
    seen.add(page(1, document=""))
    assert seen.pages() == []


def test_a_worker_takes_the_pages_first_that_it_was_asked_about_before(bench: Bench) -> None:
    document = bench.document(1, 2, 3, 4)
    one, other = bench.desk(), bench.desk()
    bench.ask("What is the total?", document)
    for desk in (one, one, other, other):
        work_once(desk, MODEL_QUEUES)
    assert [number for number, _ in bench.model.calls] == [1, 2, 3, 4]
    bench.ask("What is the tax?", document)
    for desk in (other, one, other, one):
        work_once(desk, MODEL_QUEUES)
    assert [number for number, _ in bench.model.calls[4:]] == [3, 1, 4, 2]
