"""The pages that a worker showed to a model for somebody who waits: the model may still know them."""

import threading
from collections import OrderedDict

from core.records import ClaimedItem, Queue

MOST_SEEN = 256  # about as many as the bundled model keeps


class Seen:
    """The pages of questions that this worker was asked about lately. For many threads.

    Whoever asks goes on asking about the same pages, and each process keeps what it has read of them to itself: of a
    question's pages a worker takes those that it knows before others.
    """

    def __init__(self, most: int = MOST_SEEN) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._pages: OrderedDict[tuple[str, int], None] = OrderedDict()

    def add(self, item: ClaimedItem) -> None:
        """The model was shown the item's page just now; pages in bulk, and items without one, leave no trace."""
        if item.queue is not Queue.INTERACTIVE or not item.document_id:
            return
        page = (item.document_id, item.first_page)
        with self._lock:
            self._pages[page] = None
            self._pages.move_to_end(page)
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)

    def pages(self) -> list[tuple[str, int]]:
        """Document and number of these pages."""
        with self._lock:
            return list(self._pages)
