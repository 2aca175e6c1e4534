"""Pages that were read, kept for the next question: the latest, as many as fit into memory that is set aside.

Pages that people asked about have room of their own, so that others, read in bulk, do not push them out: who asks
goes on asking about the same pages, and bulk hardly ever comes back to one.
"""

from collections import OrderedDict

from torch import Tensor

from workers.vlm.bundled.modeling import ReadPage

# Of each process that holds the model: an invoice takes 0.4 MB, a page of dense print 4.9.
KEPT_ASKED = 96 * 2**20  # bytes: some 240 invoices, or 20 pages of dense print
KEPT_OTHERS = 32 * 2**20
NAME_BYTES = 300  # of a page without text
_WORD_BYTES = 300
_GLYPH_BYTES = 350  # of its likely ids and their probabilities, as Python has them


class KeptPages:
    """Read pages by the hash of their pictures; those used longest ago go first. For one thread.

    `asked` and `others` are bytes: what is kept of pages that people asked about, and of all others.
    """

    def __init__(self, asked: int = KEPT_ASKED, others: int = KEPT_OTHERS) -> None:
        self._asked, self._others = _Room(asked), _Room(others)

    def __contains__(self, key: str) -> bool:
        return key in self._asked.pages or key in self._others.pages

    def __len__(self) -> int:
        return len(self._asked.pages) + len(self._others.pages)

    @property
    def bytes(self) -> int:
        """About what all kept pages take of memory."""
        return self._asked.bytes + self._others.bytes

    def take(self, key: str, *, asked: bool) -> ReadPage | None:
        """A kept page, which counts as used; one that is asked about moves to those. Raises KeyError."""
        if key in self._asked.pages:
            return self._asked.use(key)
        page = self._others.use(key)
        if asked:
            self._others.drop(key)
            self._asked.put(key, page)
        return page

    def put(self, key: str, page: ReadPage | None, *, asked: bool) -> None:
        """Keep a page that was read just now; one that is larger than its room is not kept."""
        (self._asked if asked else self._others).put(key, page)

    def clear(self) -> None:
        """Keep none."""
        self._asked, self._others = _Room(self._asked.most), _Room(self._others.most)


class _Room:
    """Pages that share some memory."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self.pages: OrderedDict[str, tuple[ReadPage | None, int]] = OrderedDict()

    def use(self, key: str) -> ReadPage | None:
        page, _ = self.pages[key]
        self.pages.move_to_end(key)
        return page

    def put(self, key: str, page: ReadPage | None) -> None:
        size = bytes_of(page)
        if size > self.most:
            return
        self.pages[key] = (page, size)
        self.bytes += size
        while self.bytes > self.most:
            self.drop(next(iter(self.pages)))

    def drop(self, key: str) -> None:
        _, size = self.pages.pop(key)
        self.bytes -= size


def bytes_of(page: ReadPage | None) -> int:
    """About what a read page takes of memory."""
    if page is None:
        return NAME_BYTES
    parts = (page.arrays, page.states)
    tensors = [t for part in parts for t in (getattr(part, name) for name in part.__slots__) if isinstance(t, Tensor)]
    glyphs = sum(len(word.glyphs) for word in page.words)
    return sum(t.numel() * t.element_size() for t in tensors) + glyphs * _GLYPH_BYTES + len(page.words) * _WORD_BYTES
