"""The command about what was read: records, filtered, sorted, and written to files."""

import sys
from codecs import iterdecode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.client import Client
from api.commands.asking import Documents, ids_of
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, percent, print_json, print_table, say
from api.results import Record, Value
from core.errors import ConfigurationError
from core.records import Decision, ValueState

Where = Annotated[
    str | None, typer.Option(metavar="FILTER", help="As in 'total >= 1000 and vendor_name ~ \"acme ltd\"'.")
]
Sort = Annotated[str | None, typer.Option(metavar="COLUMNS", help="As in total,-invoice_date; a minus turns around.")]
Columns = Annotated[str | None, typer.Option(metavar="COLUMNS", help="Show these fields and tables only.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(records)


def records(  # noqa: PLR0913, PLR0917 - the options of a command
    schema: Annotated[str, typer.Argument(metavar="NAME", help="The schema that was extracted.")],
    where: Where = None,
    sort: Sort = None,
    columns: Columns = None,
    documents: Documents = None,
    version: Annotated[int | None, typer.Option(min=1, metavar="N", help="The schema's version; the latest.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="At most so many; not for files.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV: a row a document, a column a field.")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="Write a line of JSON a document.")] = False,
    as_parquet: Annotated[bool, typer.Option("--parquet", help="Write Parquet; needs --to.")] = False,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write; else to stdout.")] = None,
    table: Annotated[str | None, typer.Option(metavar="TABLE", help="A row for each row of this table.")] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Also state, raw text, confidence, decision and page, in files.")
    ] = False,
    json_: Json = False,
) -> None:
    """Show what was read under a schema. Each value comes with its confidence and page.

    \b
    Example:
        folioscope records invoice
        folioscope records invoice --where "total >= 1000" --sort=-total
        folioscope records invoice --columns vendor_name,total --csv
        folioscope records invoice --parquet --to invoices.parquet
    """
    form = _form(as_csv=as_csv, as_jsonl=as_jsonl, as_parquet=as_parquet)
    if form is None and (to is not None or table is not None or evidence):
        raise ConfigurationError("--to, --table and --evidence are for files; say --csv, --jsonl or --parquet.")
    asked: dict[str, Any] = {"version": version, "where": where, "sort": sort, "columns": columns}
    with open_client() as folioscope:
        asked["documents"] = ids_of(folioscope, documents)
        older = folioscope.older_records(schema, asked["documents"]) if version is None else {}
        if form is not None:
            _write(folioscope, schema, form, to, {**asked, "table": table, "evidence": True if evidence else None})
        else:
            found = [record for record, _ in zip(folioscope.records(schema, **asked), _counted(limit), strict=False)]
            _show(found, columns, _none(schema, where, older), json_=json_)
    for number, count in older.items():
        note(f"{count} records stand under version {number} and not under the latest one.")
        note(f"See them: folioscope records {schema} --version {number}")
    if older:
        note(f"Or read what changed: folioscope extract --schema {schema}")


def _show(found: Sequence[Record], columns: str | None, none: str, *, json_: bool) -> None:
    if json_:
        print_json(found)
    elif not found:
        say(none)
    elif columns is not None:
        _print_columns(found)
    else:
        print_values(found)


def _none(schema: str, where: str | None, older: Mapping[int, int]) -> str:
    """Why there is nothing to show."""
    if where:
        return "None of the records passes."
    if older:
        return "Nothing was read under the latest version yet."
    return f"Nothing was read yet: folioscope extract --schema {schema}"


def print_values(found: Sequence[Record]) -> None:
    """A row for each value that was found, or that is there and could not be read; and what does not hold."""
    rows: list[tuple[object, ...]] = []
    for record in found:
        first = record.document_name if record.complete else f"{record.document_name} (incomplete)"
        for field, value in [*record.values.items(), *_cells_of(record)]:
            if value.state is ValueState.ABSENT:
                continue
            text = value.raw if value.state is ValueState.FOUND else f"({value.state}: {value.reason})"
            rows.append((first, field, text, percent(value.confidence), value.page, _remark(value)))
            first = ""
        if first:
            rows.append((first, "(nothing found)", "", "", "", ""))
    heads = ("document", "field", "value", "sure", "page", *(["remark"] if any(row[-1] for row in rows) else []))
    print_table(heads, [row[: len(heads)] for row in rows], right=("sure", "page"))
    for record in found:
        for gap in record.gaps:
            page = f", page {gap.page}" if gap.page else ""
            note(f"missing: {record.document_name}{page}: {gap.detail} ({gap.code})")
        for flag in record.flags:
            note(f"does not hold: {record.document_name}: {flag.get('detail') or flag.get('rule')}")


def _print_columns(found: Sequence[Record]) -> None:
    """A row for each record with the chosen fields, and how many rows its chosen tables have."""
    fields = list(dict.fromkeys(field for record in found for field in record.values))
    tables = list(dict.fromkeys(path for record in found for path in record.tables))
    rows = []
    for record in found:
        texts = [_shown(record.values.get(field)) for field in fields]
        counts = [f"{len(record.tables[path].rows)} rows" if path in record.tables else "" for path in tables]
        rows.append((record.document_name, *texts, *counts))
    print_table(("document", *fields, *tables), rows)


def _shown(value: Value | None) -> str | None:
    if value is None or value.state is ValueState.ABSENT:
        return None
    return value.raw if value.state is ValueState.FOUND else f"({value.state})"


def _cells_of(record: Record) -> Iterator[tuple[str, Value]]:
    for path, table in record.tables.items():
        for number, row in enumerate(table.rows):
            for name, cell in row.cells.items():
                yield f"{path}[{number}].{name}", cell


def _remark(value: Value) -> str:
    """What people should know of a value at a glance."""
    said = ["corrected"] if value.corrected else []
    said += [value.problem] if value.problem else []
    said += ["needs review"] if value.decision is Decision.NEEDS_REVIEW else []
    return ", ".join(said)


def _form(**chosen: bool) -> str | None:
    """The one kind of file that was asked for. Raises ConfigurationError where there are several."""
    forms = [name.removeprefix("as_") for name, wanted in chosen.items() if wanted]
    if len(forms) > 1:
        raise ConfigurationError(f"--{' and --'.join(forms)} are different files; choose one.")
    return forms[0] if forms else None


def _write(folioscope: Client, schema: str, form: str, to: Path | None, asked: dict[str, Any]) -> None:
    """The file as it comes, to a file or to stdout."""
    pieces = folioscope.export(schema, form, **asked)
    if to is not None:
        _save(pieces, to)
    elif form == "parquet":
        if sys.stdout.isatty():
            raise ConfigurationError("Parquet is for programs; write it with --to FILE.")
        sys.stdout.flush()
        for piece in pieces:
            sys.stdout.buffer.write(piece)
    else:
        for text in iterdecode(pieces, "utf-8"):
            sys.stdout.write(text)


def _save(pieces: Iterable[bytes], to: Path) -> None:
    """A file that has its name once it is whole; one that breaks off leaves nothing behind."""
    part = to.with_name(f"{to.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(to)
    except OSError as error:
        raise ConfigurationError(f"{to} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def _counted(limit: int | None) -> Iterator[int]:
    number = 0
    while limit is None or number < limit:
        yield number
        number += 1
