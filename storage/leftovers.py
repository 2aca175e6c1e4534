"""Blobs that nobody names any more, swept a day later."""

from datetime import timedelta

from sqlalchemy import delete, exists, select

from core.logs import get_log
from storage.blobs import BlobStore
from storage.database import Sessions, clock, new_id, now
from storage.paging import in_parts
from storage.tables import Blob, Document, Office, Page, PageEmbedding

_STORE = "blob-store"  # the office whose owner is the mark that store and database share

_log = get_log(__name__)


def sweep_blobs(sessions: Sessions, blobs: BlobStore, older_than: timedelta = timedelta(days=1)) -> int:
    """Forget blobs that no row names and that nobody put for so long; tells how many files went.

    A store that another database's service has used is never swept: its bytes are not ours to judge.
    Rows go first: who names a blob meanwhile writes its row anew, and who puts it meanwhile makes its file fresh.
    """
    if not _is_ours(sessions, blobs):
        _log.error("the blob store belongs to another database and is not swept")
        return 0
    _forget_rows(sessions, older_than)
    moment = now() - older_than  # files carry the time of their machine
    gone = 0
    for some in in_parts(blobs.older_than(moment)):
        with sessions() as session:
            named = set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(some))))
        gone += sum(blobs.delete_if_older(sha256, moment) for sha256 in some if sha256 not in named)
    return gone + blobs.sweep_unfinished(moment)


def _is_ours(sessions: Sessions, blobs: BlobStore) -> bool:
    """Whether store and database bear the same mark. Both get it at the first sweep of a store that bears none."""
    with sessions.begin() as session:
        known = session.get(Office, _STORE)
        mark = known.owner if known else new_id()
        if blobs.mark(mark) != mark:
            return False
        if known is None:
            session.add(Office(name=_STORE, owner=mark, until=clock(session)))
    return True


def _forget_rows(sessions: Sessions, older_than: timedelta) -> None:
    names = (Document.sha256, Page.image_sha256, PageEmbedding.vectors_sha256)
    named = [exists().where(name == Blob.sha256) for name in names]
    with sessions.begin() as session:
        long_ago = Blob.named_at < clock(session) - older_than
        session.execute(delete(Blob).where(long_ago, *(~one for one in named)))
