"""What one web process owns: database, blobs, a sandbox to open uploaded files in, a folder for uploads under way."""

import threading

import anyio

from api.fetch import Fetcher
from api.landing import Landing
from api.metrics import Metrics
from core.settings import Settings
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from storage.blobs import BlobStore
from storage.database import make_engine, make_sessions
from workers.vlm.catalog import read_catalog

CHILDREN = 2  # files opened at a time
UPLOADS = 4  # uploads and unlocks at a time; the threads of all other requests stay free
CHATS = 4  # chats at a time whose pictures are fetched and drawn
STREAMS = 100  # event streams at a time


class FrontDesk:
    """Everything that requests are answered with. It is opened when the app starts and closed when it ends."""

    def __init__(self, settings: Settings, closing: threading.Event) -> None:
        """Open what is cheap; the database is connected at the first request. `closing` ends streams and waits.

        Raises ConfigurationError.
        """
        self.settings = settings
        self.catalog = read_catalog(settings)
        self.closing = closing
        self.engine = make_engine(settings.database)
        self.sessions = make_sessions(self.engine)
        self.blobs = BlobStore(settings.blobs)
        self.sandbox = Sandbox(Limits.of(settings), CHILDREN)
        self.landing = Landing(settings.data_dir / "uploads")
        self.uploads = anyio.CapacityLimiter(UPLOADS)
        self.chats = anyio.CapacityLimiter(CHATS)
        self.fetcher = Fetcher()
        self.streams = threading.BoundedSemaphore(STREAMS)
        self.metrics = Metrics(self.sessions)

    def close(self) -> None:
        """End the children, let go of the database, remove what uploads left behind."""
        self.closing.set()
        self.sandbox.close()
        self.landing.close()
        self.engine.dispose()
