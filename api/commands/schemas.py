"""Commands about schemas: what can be extracted, and how to say what else."""

import json
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from api.client import Client
from api.commands.child import said_by
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, print_json, print_plain_json, print_table, say
from api.results import Schema, SchemaDiff, SchemaField, as_json
from core.errors import DocumentNotFound, InvalidSchema, PageNotFound
from core.records import DocumentState, PageState

_MOST_PAGES = 3  # of a document that is uploaded already: as many as are read of a file
_PAUSE = 0.2  # seconds between two looks at a document that is being drawn
_LONGEST = 50  # characters of an example

schemas = typer.Typer(
    name="schemas",
    help="List what can be extracted; add, show and compare schemas, or have one suggested.",
    rich_markup_mode=None,
    add_completion=False,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="A schema's name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(schemas)


@schemas.callback(invoke_without_command=True)
def schemas_alone(context: typer.Context, json_: Json = False) -> None:
    """List what can be extracted; add, show and compare schemas, or have one suggested."""
    if context.invoked_subcommand is None:
        list_schemas(json_)


@schemas.command("list")
def list_schemas(json_: Json = False) -> None:
    """List what can be extracted, each schema in its latest version.

    \b
    Example:
        folioscope schemas list
    """
    with open_client() as folioscope:
        found = folioscope.schemas()
    if json_:
        print_json(found)
        return
    rows = [(schema.name, schema.version, ", ".join(_paths(schema))) for schema in found]
    print_table(("schema", "version", "fields"), rows, right=("version",), whole=("schema",))


@schemas.command("add")
def add_schema(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON Schema, as of a Pydantic model.")],
    json_: Json = False,
) -> None:
    """Add a schema; another body under a known name is its next version.

    docs/your-own-schema.md tells what it may say. What cannot be read is refused with its JSON pointer.

    \b
    Example:
        folioscope schemas add policy policy.json
    """
    body = _body_in(file)
    with open_client() as folioscope:
        _show(folioscope.add_schema(name, body), json_=json_)


@schemas.command("show")
def show_schema(
    name: Name,
    version: Annotated[int | None, typer.Option(min=1, metavar="N", help="Default: the latest.")] = None,
    json_: Json = False,
) -> None:
    """Show the fields, tables and rules of a schema.

    \b
    Example:
        folioscope schemas show invoice
        folioscope schemas show policy --version 1 --json
    """
    with open_client() as folioscope:
        _show(folioscope.schema(name, version), json_=json_)


@schemas.command("diff")
def diff_schemas(
    name: Name,
    older: Annotated[int | None, typer.Argument(metavar="[V1]", min=1, help="Default: the one before V2.")] = None,
    newer: Annotated[int | None, typer.Argument(metavar="[V2]", min=1, help="Default: the latest.")] = None,
    json_: Json = False,
) -> None:
    """Show what a version of a schema asks for otherwise than an older one: only that is read anew.

    \b
    Example:
        folioscope schemas diff invoice
        folioscope schemas diff invoice 1 3
    """
    with open_client() as folioscope:
        found = folioscope.schema_diff(name, older, newer)
    print_json(found) if json_ else _show_difference(found)


@schemas.command("suggest")
def suggest_schema(
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENTS", help="Files, or names or ids of documents.")],
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Which model reads; see folioscope models list.")
    ] = None,
    json_: Json = False,
) -> None:
    """Propose a schema for documents like these, as JSON on stdout; what it was made from is told on stderr.

    The first pages are read on this machine, and nothing of them is kept. Take documents of one kind: what they print
    as label and value becomes fields, a table with headings becomes an array.

    \b
    Example:
        folioscope schemas suggest march.pdf april.pdf > policy.json
        folioscope schemas add policy policy.json
    """
    with tempfile.TemporaryDirectory(prefix="folioscope-") as folder:
        paths = [_path_of(document, Path(folder)) for document in documents]
        said = said_by("workers.suggest", [model or "", *(str(path) for path in paths)], "the model")
    if json_:
        print_plain_json(said)
        return
    if not said["body"]["properties"]:
        raise InvalidSchema("No label with a value was found on these pages; write the schema by hand.")
    print_plain_json(said["body"])
    for found in said["found"]:
        where = f"in {found['documents']} of {len(documents)} documents"
        note(f"{found['title']}: {found['kind']}, {where}, as {found['example'][:_LONGEST]!r}")


def _path_of(document: str, folder: Path) -> Path:
    """A file as it is; of an uploaded document, a folder with the pictures of its first pages."""
    if Path(document).exists():
        return Path(document)
    with open_client() as folioscope:
        return _fetched(folioscope, document, folder)


def _fetched(folioscope: Client, named: str, folder: Path) -> Path:
    """The pictures of a document that is uploaded already. Raises DocumentNotFound."""
    found = next((d for d in folioscope.documents() if named in {d.id, d.name, *d.names}), None)
    if found is None:
        raise DocumentNotFound(f"There is neither a file nor a document named {named}.")
    while folioscope.document(found.id).state is DocumentState.RASTERIZING:
        time.sleep(_PAUSE)
    drawn = [page.number for page in folioscope.pages(found.id)[:_MOST_PAGES] if page.state is PageState.READY]
    if not drawn:
        raise PageNotFound(f"{named} has no page that could be drawn.")
    place = folder / found.id
    place.mkdir(exist_ok=True)
    for number in drawn:
        (place / str(number)).write_bytes(folioscope.image(found.id, number))
    return place


def _paths(schema: Schema) -> list[str]:
    return [*(field.path for field in schema.fields), *(f"{table.path}[]" for table in schema.tables)]


def _show(schema: Schema, *, json_: bool) -> None:
    if json_:
        print_json(schema)
        return
    say(f"{schema.name}, version {schema.version}")
    columns = [(f"{table.path}[].{field.path}", field) for table in schema.tables for field in table.fields]
    fields = [*((field.path, field) for field in schema.fields), *columns]
    described = any(field.description for _, field in fields)
    heads = ("field", "kind", "title", *(["description"] if described else []))
    print_table(heads, [(path, _kind(field), field.title, field.description)[: len(heads)] for path, field in fields])
    for rule in schema.rules:
        say(f"rule: {rule.check}" + (f" ({rule.name})" if rule.name != rule.check else ""))
    if schema.target is not None:
        say(f"target: {schema.target:.0%} of the accepted values right")


def _kind(field: SchemaField) -> str:
    return f"{field.kind}: {', '.join(field.choices)}" if field.choices else field.kind


def _show_difference(found: SchemaDiff) -> None:
    say(f"{found.name}, from version {found.older} to {found.newer}")
    lines = [
        *(f"+ {path}" for path in found.added),
        *(f"- {path}" for path in found.removed),
        *(f"~ {c.path or 'schema'}: {c.word}: {_plain(c.before)} -> {_plain(c.after)}" for c in found.changes),
        *(f"+ rule: {rule}" for rule in found.rules_added),
        *(f"- rule: {rule}" for rule in found.rules_removed),
    ]
    for line in lines or ["They ask for the same."]:
        say(line)


def _plain(said: Any) -> str:
    return "nothing" if said in (None, [], {}) else json.dumps(as_json(said), ensure_ascii=False)


def _body_in(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InvalidSchema(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidSchema(f"{file} is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise InvalidSchema(f"{file} holds no JSON object.")
    return body
