"""Records that an older version made, made anew after an upgrade: of what is stored of their pages, by no model."""

from core.errors import DocumentNotFound, ServiceUnavailable
from core.logs import get_log
from storage import documents, records
from storage.database import Sessions
from storage.tables import Record
from workers.merge import merge_again

_log = get_log(__name__)


def refresh_records(sessions: Sessions, most: int) -> int:
    """Make at most so many stale records anew, each in a transaction of its own; returns how many. Harmless twice.

    One that cannot be made anew stays as it is, and is not tried again: its values are read as before, and no filter
    finds them until the document is extracted again.
    """
    with sessions() as session:
        found = records.stale(session, most)
    for record in found:
        try:
            _refresh(sessions, record)
        except ServiceUnavailable:
            raise  # nothing else can be done now either
        except Exception:  # noqa: BLE001 - whatever it is, the other records go on
            _log.exception("a record could not be made anew", record=record.id, document=record.document_id)
            with sessions.begin() as session:
                records.refreshed(session, record.id)
    return len(found)


def _refresh(sessions: Sessions, record: Record) -> None:
    with sessions.begin() as session:
        try:
            documents.get_document(session, record.workspace_id, record.document_id, for_update=True)
        except DocumentNotFound:
            return  # deleted meanwhile, and its record with it
        merge_again(session, record)
        records.refreshed(session, record.id)
