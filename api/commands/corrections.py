"""Commands about corrections: correct, corrections."""

import re
from typing import Annotated

import typer

from api.client import Client
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, print_json, print_table, say
from api.correcting import CorrectedValue, Correction
from api.results import Record, Value
from core.errors import ConfigurationError, DocumentNotFound, RecordNotFound
from core.records import Box, ValueState

_ID = re.compile(r"[0-9a-f]{32}")
_SIDES = 4
_LONGEST = 40  # characters of a text in a table

corrections = typer.Typer(
    name="corrections",
    help="List what people said instead of a model, or write it as files to train on.",
    rich_markup_mode=None,
    add_completion=False,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(correct)
    app.add_typer(corrections)


def correct(  # noqa: PLR0913, PLR0917 - the options of a command
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="A document's id or name.")],
    field: Annotated[
        str, typer.Argument(metavar="FIELD", help="Its path; a cell as line_items[0].amount, rows from 0.")
    ],
    value: Annotated[
        str | None, typer.Argument(metavar="VALUE", help="The right one, as it is printed; -- before one with a minus.")
    ] = None,
    schema: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where the document was read under several that have the field.")
    ] = None,
    absent: Annotated[bool, typer.Option("--absent", help="The document has no such thing.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="It is right as it stands.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take it back: the model counts again.")] = False,
    page: Annotated[int | None, typer.Option(min=1, metavar="N", help="The page where it stands.")] = None,
    box: Annotated[
        str | None,
        typer.Option(
            metavar="X0,Y0,X1,Y1", help="Where on the page, in shares 0..1; without VALUE, the model reads it."
        ),
    ] = None,
    json_: Json = False,
) -> None:
    """Correct a value. It counts at once and for good; what the model said is kept beside it.

    \b
    Example:
        folioscope correct march.pdf total "$1,204.00"
        folioscope correct march.pdf line_items[2].amount -- -12.00
        folioscope correct march.pdf iban --absent
        folioscope correct march.pdf due_date --confirm
        folioscope correct march.pdf total --page 2 --box 0.7,0.8,0.9,0.83
    """
    words = {"absent": absent, "confirm": confirm, "undo": undo}
    alone = box is not None and not any(words.values())
    if [value is not None or alone, *words.values()].count(True) != 1:
        raise ConfigurationError("Say one thing: VALUE, --absent, --confirm, --undo, or a --box for the model to read.")
    sides = None if box is None else _box_of(box)
    with open_client() as folioscope:
        document_id = _id_of(folioscope, document)
        name = schema or _schema_of(folioscope, document_id, field)
        done = folioscope.correct(name, document_id, field, value, page=page, box=sides, **words)
    print_json(done) if json_ else _show(done)


@corrections.callback(invoke_without_command=True)
def corrections_alone(context: typer.Context, json_: Json = False) -> None:
    """List what people said instead of a model, or write it as files to train on."""
    if context.invoked_subcommand is None:
        list_corrections(None, 100, json_)


@corrections.command("list")
def list_corrections(
    schema: Annotated[str | None, typer.Option(metavar="NAME", help="Of this schema only.")] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 100,
    json_: Json = False,
) -> None:
    """List what people said instead of a model, the newest first.

    \b
    Example:
        folioscope corrections list --schema invoice
    """
    with open_client() as folioscope:
        found = [said for said, _ in zip(folioscope.corrections(schema), range(limit), strict=False)]
    if json_:
        print_json(found)
    elif not found:
        say("Nobody has corrected anything yet: folioscope correct DOCUMENT FIELD VALUE")
    else:
        print_table(("document", "schema", "field", "was", "is", "by", "when"), [_row(said) for said in found])


@corrections.command("export")
def export_corrections(
    form: Annotated[str, typer.Option("--format", metavar="sft|preference", help="For which trainer of TRL's.")],
    out: Annotated[str, typer.Option(metavar="FOLDER_OR_ZIP", help="A zip where it ends in .zip, else a new folder.")],
    schema: Annotated[str | None, typer.Option(metavar="NAME", help="Of this schema only.")] = None,
    json_: Json = False,
) -> None:
    """Write the corrections that count as examples to train on, with the pictures of their pages.

    docs/corrections.md tells what is in them, and how to train.

    \b
    Example:
        folioscope corrections export --format preference --out corrections.zip
    """
    with open_client() as folioscope:
        done = folioscope.export_corrections(form, out, schema=schema)
    if json_:
        print_json(done)
        return
    say(f"{_counted(done.examples, 'example')} on {_counted(done.pictures, 'page')}: {done.path}")
    for why, count in sorted(done.left_out.items()):
        note(f"left out: {_counted(count, 'correction')} ({why})")


def _id_of(folioscope: Client, named: str) -> str:
    """A document's id, from itself or from one of its names; of several documents the newest."""
    if _ID.fullmatch(named):
        return named
    for document in folioscope.documents():
        if named in {document.name, *document.names}:
            return document.id
    raise DocumentNotFound(f"There is no document named {named}; folioscope documents lists them.")


def _schema_of(folioscope: Client, document_id: str, field: str) -> str:
    """The one schema that has the field and that the document was read under."""
    read = [
        schema.name
        for schema in folioscope.schemas()
        if any(_has(record, field) for record in folioscope.records(schema.name, documents=[document_id]))
    ]
    if len(read) > 1:
        raise ConfigurationError(f"The document was read under {' and '.join(read)}; say which by --schema.")
    if not read:
        raise RecordNotFound(f"No record of the document has {field!r}: folioscope records SCHEMA shows what was read.")
    return read[0]


def _has(record: Record, field: str) -> bool:
    return field in record.values or field.partition("[")[0] in record.tables


def _box_of(text: str) -> Box:
    try:
        sides = [float(part) for part in text.split(",")]
    except ValueError:
        sides = []
    if len(sides) != _SIDES:
        raise ConfigurationError(f"{text!r} is no box; one looks like 0.7,0.8,0.9,0.83.")
    return Box(*sides)


def _show(done: CorrectedValue) -> None:
    spoken = "confirmed" if done.value.confirmed else "corrected"
    told = spoken if done.value.corrected else "what the model says counts"
    say(f"{done.field}: {_text(done.value)} ({told})")
    if done.value.problem:
        note(f"kept as it was given, but it is not a {done.value.kind}: {done.value.problem}")


def _row(said: Correction) -> tuple[object, ...]:
    now = "(undone)" if said.undone else _short(said.raw, said.state)
    was = _short(said.before.get("raw"), said.before.get("state"))
    when = said.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return (said.document_name or said.document_id, said.schema_name, said.field, was, now, said.made_by, when)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _text(value: Value) -> str:
    return value.raw if value.raw is not None else f"({value.state})"


def _short(raw: str | None, state: ValueState | str | None) -> str:
    text = f"({state})" if raw is None else raw
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
