"""Tags: short words that people give to documents, to find them together."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select

from core.errors import InvalidRequest
from storage.database import Session, clock, insert_into
from storage.document_lists import folded_name
from storage.documents import check_all
from storage.paging import in_parts
from storage.tables import DocumentTag

LONGEST_TAG = 50  # characters
MOST_TAGS = 20  # of one document


def tags_in(text: str) -> list[str]:
    """The tags in a text that parts them by commas: in small letters, each once. Raises InvalidRequest."""
    tags = list(dict.fromkeys(tag for tag in map(folded_name, text.split(",")) if tag))
    if any(len(tag) > LONGEST_TAG for tag in tags):
        raise InvalidRequest(f"A tag has at most {LONGEST_TAG} characters.")
    if len(tags) > MOST_TAGS:
        raise InvalidRequest(f"A document has at most {MOST_TAGS} tags.")
    return tags


def tags_of(session: Session, document_ids: Iterable[str]) -> dict[str, list[str]]:
    """The tags of these documents, in the order of the alphabet; those without any are left out."""
    tags: dict[str, list[str]] = {}
    for some in in_parts(sorted(set(document_ids))):
        query = select(DocumentTag).where(DocumentTag.document_id.in_(some)).order_by(DocumentTag.tag)
        for row in session.scalars(query):
            tags.setdefault(row.document_id, []).append(row.tag)
    return tags


def known_tags(session: Session, workspace_id: str, most: int = 100) -> list[str]:
    """The tags of a workspace that most documents have, those first."""
    query = select(DocumentTag.tag).where(DocumentTag.workspace_id == workspace_id).group_by(DocumentTag.tag)
    return list(session.scalars(query.order_by(func.count().desc(), DocumentTag.tag).limit(most)))


def set_tags(session: Session, workspace_id: str, document_id: str, tags: Sequence[str]) -> None:
    """Give a document these tags and no others. Raises DocumentNotFound."""
    check_all(session, workspace_id, [document_id])
    session.execute(delete(DocumentTag).where(DocumentTag.document_id == document_id))
    _add(session, workspace_id, [document_id], tags)


def add_tags(session: Session, workspace_id: str, document_ids: Sequence[str], tags: Sequence[str]) -> None:
    """Give each of these documents these tags, too. Raises DocumentNotFound, or InvalidRequest past MOST_TAGS."""
    ids = list(dict.fromkeys(document_ids))
    check_all(session, workspace_id, ids)
    _add(session, workspace_id, ids, tags)
    if any(len(given) > MOST_TAGS for given in tags_of(session, ids).values()):
        raise InvalidRequest(f"A document has at most {MOST_TAGS} tags.")


def _add(session: Session, workspace_id: str, document_ids: Sequence[str], tags: Sequence[str]) -> None:
    shared = {"workspace_id": workspace_id, "created_at": clock(session)}
    rows = [shared | {"document_id": document_id, "tag": tag} for document_id in document_ids for tag in tags]
    for some in in_parts(rows, 200):
        session.execute(insert_into(session, DocumentTag).values(some).on_conflict_do_nothing())
