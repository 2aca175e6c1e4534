from core.records import ClaimedItem, JobKind, Queue
from workers.seen import Seen


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
