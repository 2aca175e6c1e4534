"""Embeddings of pages and of texts: the one interface between the workers and every model of visual search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PIL import Image

from workers.vlm.interface import ModelIdentity

if TYPE_CHECKING:  # who names a model of this kind need not have loaded numpy
    import numpy as np
    from numpy.typing import NDArray

FAMILIES = ("colpali", "colqwen2")  # by the names of their checkpoints' config.json
PAGES_AT_ONCE = 4  # of a batch: bounds memory


class EmbeddingModel(Protocol):
    """A model of late interaction: a vector for each patch of a page and for each token of a text, all of length 1.

    A page is the likelier to hold what a text asks for, the larger the sum over the text's tokens of the closest
    patch of the page. It may have `close`, which lets it go.
    """

    @property
    def identity(self) -> ModelIdentity:
        """Name and revision: vectors of two revisions do not compare."""
        ...

    def embed_pages(self, images: Sequence[Image.Image]) -> "list[NDArray[np.float32]]":
        """Of each page, in order, its vectors: (patches, width). No page's depend on its neighbours."""
        ...

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """The vectors of what is asked: (tokens, width)."""
        ...
