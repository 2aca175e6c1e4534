"""What one process owns: database, blobs, sandbox, model. It is built after the fork and closed at the end."""

import os
import socket
import threading
import uuid
from collections.abc import Mapping, Sequence

from core.records import JobKind, Queue
from core.settings import Settings
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from storage.blobs import BlobStore
from storage.database import make_engine, make_sessions
from workers.every import Every
from workers.leaving import Leaving
from workers.overtaking import Overtaking
from workers.resting import Resting
from workers.seen import Seen
from workers.shelf import Shelf
from workers.turn import Turn
from workers.underway import UNDERWAY
from workers.vlm.catalog import read_catalog
from workers.vlm.embedding.interface import EmbeddingModel
from workers.vlm.embedding.registry import load_embedding_model
from workers.vlm.interface import Model
from workers.vlm.registry import load_model


class Desk:
    """Everything that work is done with, under one owner's name. One claim is worked on at a time."""

    def __init__(
        self,
        settings: Settings,
        queues: Sequence[Queue] = tuple(Queue),
        model: Model | None = None,
        models: Mapping[str, Model] | None = None,
        eye: EmbeddingModel | None = None,
    ) -> None:
        """Open what is cheap.

        Models are loaded at their first use, or given here: the default, others by name, the one of visual search.

        Raises ConfigurationError.
        """
        self.settings = settings
        self.catalog = read_catalog(settings)
        default = {} if model is None else dict.fromkeys((self.catalog.default, self.catalog.questions), model)
        self.shelf = Shelf(settings, self.catalog, load_model, {**default, **(models or {})})
        eyes = {} if eye is None else {eye.identity.name: eye}
        self.eyes = Shelf(settings, self.catalog, load_embedding_model, eyes)  # of visual search
        self.resting = Resting()
        self.queues = tuple(queues)
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.engine = make_engine(settings.database)
        self.sessions = make_sessions(self.engine)
        self.blobs = BlobStore(settings.blobs)
        self.sandbox = Sandbox(Limits.of(settings))
        self.overtaking = Overtaking(self.sessions)
        self.seen = Seen()  # what models may still know
        self.leaving = Leaving(self.owner)  # what models of other workers may still know
        self.turn = Turn()  # held by whoever works on a claim
        self.stopping = threading.Event()  # set: give back what is not done
        self.rounds: list[Every] = []  # threads that end with the desk

    @property
    def model(self) -> Model:
        """The default model. Raises ModelUnavailable or ConfigurationError."""
        return self.shelf.get(self.catalog.default)

    def model_named(self, asked: str | None, kind: JobKind) -> str:
        """The name of the model that reads a job's pages: the one that it asks for, or the default of its kind."""
        return asked or (self.catalog.questions if kind in {JobKind.ASK, JobKind.CHAT} else self.catalog.default)

    def close(self) -> None:
        """Let the work in hand be given back, then end what was opened. Safe to call twice."""
        self.stopping.set()
        for round_ in self.rounds:
            round_.end()
        with self.turn:
            self.sandbox.close()
            self.shelf.close()
            self.eyes.close()
            self.engine.dispose()


_desks: dict[int, Desk] = {}  # by process id, so that a forked child never takes its parent's


def open_desk(settings: Settings, queues: Sequence[Queue]) -> Desk:
    """The one desk of this process, opened now."""
    desk = _desks[os.getpid()] = Desk(settings, queues)
    UNDERWAY.lease_seconds = settings.lease_seconds
    return desk


def get_desk() -> Desk:
    """The desk that this process opened."""
    return _desks[os.getpid()]
