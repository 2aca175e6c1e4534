"""Which records are asked for: the filter, the order and the columns of a request, checked against the schema."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from api.caller import Caller, CallerDep
from api.routes.given import OfDocuments, Version
from storage import documents, queries, schemas
from storage.columns import choose_columns
from storage.database import Session
from storage.filters import LONGEST, parse_filter
from storage.sorting import parse_sort
from storage.tables import Schema
from storage.wanted import Wanted

_WHERE = 'A condition on typed values, as in `total >= 1000 and vendor_name ~ "acme ltd"`; see docs/sql.md.'
_SORT = "Columns to sort by, the first counts most; a minus turns one around; records without a value come last."

Where = Annotated[str | None, Query(description=_WHERE, examples=["total >= 1000"])]
Sort = Annotated[str | None, Query(max_length=LONGEST, description=_SORT, examples=["-invoice_date,total"])]
Columns = Annotated[
    str | None, Query(max_length=100_000, description="Fields and tables to give; default: all.", examples=["total"])
]
Evidence = Annotated[
    bool | None,
    Query(description="Whether values carry page, box and confidence; default: yes, but in CSV and Parquet."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for records."""

    schema: Schema
    chosen: Wanted  # what of the schema is to be shown
    query: queries.Query
    evidence: bool | None  # None: as is usual
    latest: bool  # no version was named


class RecordsAsked:
    """What a request says about the records that it wants."""

    def __init__(
        self,
        caller: CallerDep,
        where: Where = None,
        sort: Sort = None,
        columns: Columns = None,
        evidence: Evidence = None,
        version: Version = None,
        document: OfDocuments = None,
    ) -> None:
        self.caller: Caller = caller
        self._version = version
        self._said = (where, sort, columns)
        self._documents: Collection[str] | None = document
        self._evidence = evidence

    def read(self, session: Session, name: str) -> Asked:
        """The request under the schema of this name.

        Raises SchemaNotFound, DocumentNotFound, InvalidFilter or InvalidColumn.
        """
        workspace_id = self.caller.workspace_id
        schema = schemas.get_schema(session, workspace_id, name, self._version)
        wanted = schemas.wanted_of(schema.body)
        where, sort, columns = self._said
        only = self._documents and [documents.get_document(session, workspace_id, one).id for one in self._documents]
        query = queries.Query(
            workspace_id,
            schema.id,
            None if where is None or not where.strip() else parse_filter(where, wanted),
            parse_sort(sort, wanted),
            only or None,
        )
        return Asked(schema, choose_columns(columns, wanted), query, self._evidence, self._version is None)


RecordsAskedDep = Annotated[RecordsAsked, Depends()]
