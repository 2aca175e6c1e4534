"""Which documents a question is about: some by their ids, those of records that pass a filter, or all there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidFilter, InvalidRequest
from storage import documents, queries, schemas
from storage.database import Session
from storage.filters import parse_filter

MOST_DOCUMENTS = 100_000  # of one question, unless it is about all


@dataclass(frozen=True, slots=True)
class Scope:
    """Documents by their ids, or a schema whose records pass a filter; neither: everything in the workspace."""

    documents: tuple[str, ...] | None = None
    schema: str | None = None
    where: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether it leaves nothing out."""
        return self.documents is None and self.schema is None

    def as_params(self) -> dict[str, Any]:
        """As a job, a conversation and the wire keep it; {} is everything."""
        if self.documents is not None:
            return {"documents": list(self.documents)}
        return {} if self.schema is None else {"records": {"schema": self.schema, "where": self.where}}

    @classmethod
    def of(cls, params: Mapping[str, Any] | None) -> "Scope":
        """From what `as_params` made."""
        match params or {}:
            case {"documents": [*ids]}:
                return cls(tuple(str(one) for one in ids))
            case {"records": {"schema": str() as schema, "where": str() | None as where}}:
                return cls(None, schema, where)
        return EVERYTHING


EVERYTHING = Scope()


def documents_in(session: Session, workspace_id: str, scope: Scope) -> list[str] | None:
    """The ids of the documents in a scope; None: all of the workspace. A filter is tried anew each time.

    Raises DocumentNotFound, SchemaNotFound, InvalidFilter with the `pointer` of the filter beside its `at`, and
    InvalidRequest where too many records pass.
    """
    if scope.documents is not None:
        wanted = list(dict.fromkeys(scope.documents))
        documents.check_all(session, workspace_id, wanted)
        return wanted
    if scope.schema is None:
        return None
    schema = schemas.get_schema(session, workspace_id, scope.schema)
    where = None
    if scope.where is not None and scope.where.strip():
        try:
            where = parse_filter(scope.where, schemas.wanted_of(schema.body))
        except InvalidFilter as error:
            raise InvalidFilter(error.detail, pointer="/records/where", **error.facts) from None
    query = queries.Query(workspace_id, schema.id, where)
    found = queries.find_documents(session, query, MOST_DOCUMENTS + 1)
    if len(found) > MOST_DOCUMENTS:
        raise InvalidRequest(
            f"More than {MOST_DOCUMENTS:,} records pass the filter; narrow it, or ask all documents.",
            pointer="/records/where",
        )
    return found
