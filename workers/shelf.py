"""The models that one process holds, by their names: the default one always, others from their first use on."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from core.errors import ModelUnavailable, UnknownModel
from core.logs import get_log
from core.settings import Settings
from workers.vlm import memory
from workers.vlm.catalog import Catalog
from workers.vlm.interface import ModelIdentity

REST_SECONDS = 30.0  # until a model that could not be loaded is tried again

_log = get_log(__name__)


class Identified(Protocol):
    """A model of whichever interface."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model it is."""
        ...


M = TypeVar("M", bound=Identified)
Load = Callable[[Settings, str, Catalog], M]


class Shelf(Generic[M]):
    """Loads models when they are asked for, and lets the least recently used go. For many threads."""

    def __init__(
        self, settings: Settings, catalog: Catalog, load: Load[M], given: Mapping[str, M] | None = None
    ) -> None:
        """`given` are held already, and for good; the others are loaded by `load`."""
        self._settings, self._catalog, self._load = settings, catalog, load
        self._given = dict(given or {})
        self._held: OrderedDict[str, M] = OrderedDict()  # the least recently used first
        self._failed: dict[str, tuple[float, ModelUnavailable]] = {}
        self._lock = threading.RLock()

    def get(self, name: str) -> M:
        """The model of this name.

        Raises ModelUnavailable where it cannot be loaded, at once for a while after it was tried, or where this
        process's catalog does not have it: another worker's may. Raises ConfigurationError.
        """
        if name in self._given:
            return self._given[name]
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
            until, failure = self._failed.get(name, (0.0, None))
            if failure is not None and (left := until - time.monotonic()) > 0:
                raise ModelUnavailable(failure.detail, model=name, wait=round(left, 3))
            model = self._held[name] = self._loaded(name)
            return model

    def concurrency_of(self, name: str) -> int:
        """How many pages may be shown to a model at a time, as far as that is known without loading it."""
        if name in self._given:
            return int(getattr(self._given[name], "concurrency", 1))
        entry = self._catalog.models.get(name)
        return entry.concurrency if entry is not None and entry.is_remote else 1

    def batches(self, name: str) -> bool:
        """Whether a model is known to be quicker about several pages at once; of one that is not held nothing is."""
        return bool(getattr(self._given.get(name) or self._held.get(name), "batches", False))

    def keeps(self, name: str) -> bool:
        """Whether a model is known to keep the pages that it was asked about; of one that is not held nothing is."""
        return bool(getattr(self._given.get(name) or self._held.get(name), "keeps", False))

    def is_remote(self, name: str) -> bool:
        """Whether a model is asked over a line, so that a request under way cannot be called back."""
        if name in self._given:
            return hasattr(self._given[name], "concurrency")
        entry = self._catalog.models.get(name)
        return entry is not None and entry.is_remote

    def close(self) -> None:
        """Let all go."""
        with self._lock:
            while self._held:
                self._drop(next(iter(self._held)))

    def _loaded(self, name: str) -> M:
        self._make_room_for(name)
        began = time.monotonic()
        try:
            model = self._load(self._settings, name, self._catalog)
        except (ModelUnavailable, UnknownModel) as error:
            failure = ModelUnavailable(error.detail, model=name, wait=REST_SECONDS)
            self._failed[name] = (time.monotonic() + REST_SECONDS, failure)
            raise failure from error
        known = model.identity
        seconds = round(time.monotonic() - began, 1)
        _log.info("model loaded", name=name, model=known.name, revision=known.revision, seconds=seconds)
        return model

    def _make_room_for(self, name: str) -> None:
        """Let models go until this one may come: the default stays, and those behind an API take no room."""
        if not self._takes_room(name):
            return
        default = self._catalog.default
        room = self._settings.models_loaded - (1 if self._takes_room(default) and name != default else 0)
        droppable = [held for held in self._held if self._takes_room(held) and held != default]
        for held in droppable[: max(0, len(droppable) - max(1, room) + 1)]:
            self._drop(held)
            memory.free()

    def _takes_room(self, name: str) -> bool:
        entry = self._catalog.models.get(name)
        return entry is not None and not entry.is_remote

    def _drop(self, name: str) -> None:
        model = self._held.pop(name)
        close = getattr(model, "close", None)
        if close is not None:
            close()
        _log.info("model let go", name=name)
