"""Pages that were read, kept for the next question: the latest, as many as fit into memory that is set aside."""

from collections import OrderedDict
from collections.abc import Callable

from torch import Tensor

from workers.vlm.bundled.modeling import ReadPage

KEPT_BYTES = 128 * 2**20  # some 270 invoices, or 40 pages of dense print, in each process that holds the model
_GLYPH_BYTES = 350  # of its likely ids and their probabilities, as Python has them
_WORD_BYTES = 300


class KeptPages:
    """Read pages by the hash of their pictures; those that were asked longest ago go first. For one thread."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self.most = most
        self.bytes = 0
        self._pages: OrderedDict[str, tuple[ReadPage | None, int]] = OrderedDict()

    def get(self, key: str, read: Callable[[], ReadPage | None]) -> ReadPage | None:
        """The kept page, or a new one; one that is larger than all that is set aside is not kept."""
        if key in self._pages:
            self._pages.move_to_end(key)
            return self._pages[key][0]
        page = read()
        size = bytes_of(page)
        if size <= self.most:
            self._pages[key] = (page, size)
            self.bytes += size
        while self.bytes > self.most:
            _, (_, gone) = self._pages.popitem(last=False)
            self.bytes -= gone
        return page

    def clear(self) -> None:
        """Keep none."""
        self._pages.clear()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._pages)


def bytes_of(page: ReadPage | None) -> int:
    """About what a read page takes of memory; one without text takes its name alone."""
    if page is None:
        return _WORD_BYTES
    parts = (page.arrays, page.states)
    tensors = [t for part in parts for t in (getattr(part, name) for name in part.__slots__) if isinstance(t, Tensor)]
    glyphs = sum(len(word.glyphs) for word in page.words)
    return sum(t.numel() * t.element_size() for t in tensors) + glyphs * _GLYPH_BYTES + len(page.words) * _WORD_BYTES
