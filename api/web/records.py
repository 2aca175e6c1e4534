"""Records as a table: filtered, sorted, with what they add up to, each cell a way to where it stands; and as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.export import Format
from api.routes.asked import Asked, RecordsAsked
from api.routes.given import Cursor, SchemaNamed, Version
from api.routes.records import export_records
from api.web.filter_form import form_of, said_by, sorted_by
from api.web.site import render
from api.web.values import anchor_of, shown_values
from api.web.visitor import Visitor, VisitorDep
from core.errors import InvalidColumn, InvalidFilter
from core.records import FieldKind
from storage import queries, schemas, totals
from storage.database import Session
from storage.filter_texts import is_number
from storage.tables import Schema
from storage.totals import Total

router = APIRouter(prefix="/records", include_in_schema=False)

A_PAGE = 50  # records
_CENTS = Decimal("0.01")

TextGiven = Annotated[str, Query(max_length=10_000)]
ColumnsGiven = Annotated[str, Query(max_length=20_000)]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: what it is called, how it is sorted by, and where a click on it leads."""

    path: str
    title: str
    order: str  # ascending, descending or none
    link: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the address says. Only what differs from the usual goes into links."""

    where: str
    sort: str
    columns: str
    version: int | None

    def link(self, **changes: str | int | None) -> str:
        """The address's words with these changed."""
        words = {"where": self.where, "sort": self.sort, "columns": self.columns, "version": self.version}
        return urlencode({word: said for word, said in (words | changes).items() if said})

    def asked(self, visitor: Visitor) -> RecordsAsked:
        """As the API takes it."""
        return RecordsAsked(
            visitor.caller, self.where or None, self.sort or None, self.columns or None, None, self.version
        )


@router.get("")
def show_all(visitor: VisitorDep) -> Response:
    """The schemas, with how many records each has in its latest version."""
    workspace_id = visitor.caller.workspace_id
    with visitor.caller.sessions() as session:
        found = sorted(schemas.list_schemas(session, workspace_id), key=lambda one: one.name)
        counts = totals.count_versions(session, workspace_id, [one.id for one in found])
        rows = [(one.name, one.version, counts.get(one.id, 0)) for one in found]
    return render(visitor, "records_list.html", rows=rows)


@router.get("/{schema}")
def show_records(
    schema: SchemaNamed,
    visitor: VisitorDep,
    where: TextGiven = "",
    sort: TextGiven = "",
    columns: ColumnsGiven = "",
    version: Version = None,
    cursor: Cursor = None,
) -> Response:
    """One part of the records that pass. What is wrong with a filter stands beside it."""
    said = Said(where.strip(), sort.strip(), columns.strip(), version)
    try:
        return _table(visitor, schema, said, said, cursor)
    except (InvalidFilter, InvalidColumn) as error:
        return _table(visitor, schema, said, Said("", "", "", version), None, wrong=error)


@router.get("/{schema}/filter")
def compile_filter(schema: SchemaNamed, visitor: VisitorDep, request: Request, version: Version = None) -> Response:
    """From the form to the address of the records that pass: the filter is a text from there on."""
    given = request.query_params
    with visitor.caller.sessions() as session:
        found = schemas.get_schema(session, visitor.caller.workspace_id, schema, version)
    wanted = schemas.wanted_of(found.body)
    known = [field.path for field in wanted.fields]
    ticked = set(given.getlist("column"))
    chosen = [path for path in known if path in ticked]
    columns = "" if len(chosen) in {0, len(known)} else ",".join(chosen)
    link = Said(said_by(given, wanted), given.get("sort", "")[:1_000], columns, version).link()
    return RedirectResponse(f"/records/{schema}?{link}" if link else f"/records/{schema}", 303)


@router.get("/{schema}/totals")
def show_totals(
    schema: SchemaNamed, visitor: VisitorDep, request: Request, where: TextGiven = "", version: Version = None
) -> Response:
    """How many records pass, and what their amounts and numbers add up to. Raises InvalidFilter."""
    with visitor.caller.sessions() as session:
        read = Said(where.strip(), "", "", version).asked(visitor).read(session, schema)
        fields = {field.path: field for field in schemas.wanted_of(read.schema.body).fields if is_number(field.kind)}
        count = totals.count_records(session, read.query)
        sums = totals.totals(session, read.query, list(fields))
    rows = [(fields[one.field].title, *exact(one, fields[one.field].kind), one) for one in sums]
    template = "record_totals.html" if request.headers.get("hx-request") else "records_total.html"
    return render(visitor, template, name=schema, count=count, rows=rows, where=where)


@router.get("/{schema}/export")
def export(
    schema: SchemaNamed,
    visitor: VisitorDep,
    where: TextGiven = "",
    sort: TextGiven = "",
    columns: ColumnsGiven = "",
    version: Version = None,
    format_: Annotated[Format, Query(alias="format")] = Format.CSV,
) -> Response:
    """All records that pass, as a file."""
    return export_records(schema, Said(where, sort, columns, version).asked(visitor), format_)


def exact(total: Total, kind: FieldKind) -> tuple[str, bool]:
    """A sum with all its digits, and whether it is money: that has two digits behind the point at least."""
    amount = (Decimal(total.millionths) / 1_000_000).normalize()
    digits = amount.as_tuple().exponent
    if kind is FieldKind.MONEY and isinstance(digits, int) and digits > -2:  # noqa: PLR2004 - cents
        amount = amount.quantize(_CENTS)
    return f"{amount:,f}", kind is FieldKind.MONEY


def _table(
    visitor: Visitor,
    name: str,
    said: Said,
    asked: Said,
    cursor: str | None,
    wrong: InvalidFilter | InvalidColumn | None = None,
) -> Response:
    """The page; `asked` is what of the address is heard."""
    with visitor.caller.sessions() as session:
        read = asked.asked(visitor).read(session, name)
        wanted = schemas.wanted_of(read.schema.body)
        listing = queries.find_records(session, read.query, cursor, A_PAGE, tables=False)
        rows = _rows(session, read, listing.items)
        versions = _versions(session, read.schema)
    node = read.query.where.node if read.query.where else None
    return render(
        visitor,
        "records.html",
        status=wrong.status if wrong else 200,
        schema=read.schema,
        said=said,
        wrong=wrong.detail if wrong else "",
        form=form_of(node, wanted),
        fields=[(field.path, field.title) for field in wanted.fields],
        shown={field.path for field in read.chosen.fields},
        headings=[_heading(field.path, field.title, asked) for field in read.chosen.fields],
        tables=[(table.path, table.title) for table in read.chosen.tables],
        rows=rows,
        cursor=cursor,
        next_cursor=listing.next_cursor,
        versions=versions,
        formats=[form.value for form in Format],
    )


def _rows(session: Session, read: Asked, items: list[Any]) -> list[Mapping[str, Any]]:
    """Each record with its values in the order of the columns, and how many rows its tables have."""
    counted = totals.count_rows(session, [record.id for record, _ in items], read.chosen.tables)
    rows: list[Mapping[str, Any]] = []
    for record, document in items:
        values = {value.path: value for value in shown_values(record, read.schema)}
        cells = [values.get(field.path) for field in read.chosen.fields]
        counts = [
            (counted.get(record.id, {}).get(table.path, 0), anchor_of(f"{table.path}[0].{table.fields[0].path}"))
            for table in read.chosen.tables
        ]
        rows.append({"record": record, "document": document, "cells": cells, "counts": counts})
    return rows


def _versions(session: Session, schema: Schema) -> list[tuple[int, int]]:
    """The versions that have records, with how many."""
    found = schemas.list_versions(session, schema.workspace_id, schema.name)
    counts = totals.count_versions(session, schema.workspace_id, [one.id for one in found])
    return [(one.version, counts[one.id]) for one in found if one.id in counts]


def _heading(path: str, title: str, said: Said) -> Heading:
    sort = [part.strip() for part in said.sort.split(",") if part.strip()]
    first = sort[0] if sort else ""
    order = {path: "ascending", f"-{path}": "descending"}.get(first, "none")
    return Heading(path, title, order, said.link(sort=sorted_by(sort, path)))
