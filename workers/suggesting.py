"""A schema suggested by the texts of documents that were read already: no model is asked, and nothing is kept."""

from collections.abc import Sequence
from typing import Any

from storage import documents, readings
from storage.database import Session
from workers.proposal import propose
from workers.vlm.interface import Line

_MOST_PAGES = 3  # of a document: what a schema asks for stands at its beginning


def suggest_from(session: Session, workspace_id: str, document_ids: Sequence[str]) -> dict[str, Any]:
    """The body for what the first pages of these documents have in common; without properties where that is nothing.

    Born-digital documents have a text as soon as they are drawn, others once they were read. Raises DocumentNotFound.
    """
    found = []
    for document_id in document_ids:
        documents.get_document(session, workspace_id, document_id)
        pages = readings.lines_of(session, workspace_id, document_id, _MOST_PAGES)
        found.append([[Line(line.text, line.box, line.confidence) for line in page] for page in pages])
    return propose(found).body
