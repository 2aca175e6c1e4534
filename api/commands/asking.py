"""Commands that read: extract, ask."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from api.client import Client
from api.commands.answering import show_answer
from api.commands.jobs import show_end, watch
from api.commands.listening import answer_heard
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import duration, print_json, say
from api.results import Estimate
from core.errors import DocumentNotFound

Documents = Annotated[
    list[str] | None, typer.Option("--documents", metavar="IDS", help="Only these, by id or name; commas between them.")
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Which model reads; see folioscope models list.")
]
_ID_LENGTH = 32
_CHECKS = {
    "records": "Boxes of values that it would read again alone: about {}, as in the latest records.",
    "fields": "Boxes of values that it would read again alone: at most {} of fields; those of rows are not known yet.",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (extract, ask):
        app.command()(command)


def extract(
    schema: Annotated[str, typer.Option(metavar="NAME", help="Whose fields to read; see folioscope schemas.")],
    documents: Documents = None,
    model: Model = None,
    wait: Annotated[bool, typer.Option(help="Wait until all is read.")] = True,
    text_layer: Annotated[bool, typer.Option(help="Compare values with the words that the PDF itself has.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would take, and start nothing.")] = False,
    json_: Json = False,
) -> None:
    """Read the fields of a schema from every document, or from some. What is known already is not read again.

    \b
    Example:
        folioscope extract --schema invoice
        folioscope extract --schema invoice --documents march.pdf,april.pdf
        folioscope extract --schema invoice --dry-run
    """
    with open_client() as folioscope:
        if dry_run:
            _show_estimate(folioscope.estimate(schema, ids_of(folioscope, documents), model=model), json_=json_)
            return
        job = folioscope.extract(schema, ids_of(folioscope, documents), model=model, text_layer=text_layer)
        if wait:
            job = watch(folioscope, job, f"reading {schema}")
    show_end(job, json_=json_, hint=f"folioscope records {schema}")


def _show_estimate(estimate: Estimate, *, json_: bool) -> None:
    if json_:
        print_json(estimate)
        return
    e = estimate
    apart = [f"{e.pages_known} known already", f"{e.pages_blank} blank", f"{e.pages_failed} could not be drawn"]
    say(f"{e.pages} pages of {e.documents} documents: {', '.join(apart)}.")
    if not e.pages_to_read:
        say("Nothing is left to read.")
        return
    say(f"The model {e.model} would see {e.pages_to_read} pages and answer {e.inferences} prompts.")
    if e.checks_by in _CHECKS:
        say(_CHECKS[e.checks_by].format(e.checks))
    pace = "How long that takes is not known: it has read nothing here yet."
    say(pace if e.seconds is None else f"About {duration(e.seconds)} of its time, shared by the workers.")


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words, in quotes.")],
    documents: Documents = None,
    records: Annotated[str | None, typer.Option(metavar="SCHEMA", help="Only documents with such a record.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="FILTER", help="Of these records those that pass, as in 'total >= 1000'.")
    ] = None,
    model: Model = None,
    json_: Json = False,
) -> None:
    """Ask the documents a question. The answer names document and page, or says that it stands in none of them.

    \b
    Example:
        folioscope ask "When is the rent due?"
        folioscope ask "What is the total?" --documents march.pdf
        folioscope ask "Who is billed?" --records invoice --where 'total > 1000'
    """
    with open_client() as folioscope:
        ids = ids_of(folioscope, documents)
        if json_ or not sys.stderr.isatty():
            answer = folioscope.ask(question, ids, records=records, where=where, model=model)
        else:
            events = folioscope.ask_events(question, ids, records=records, where=where, model=model)
            answer = answer_heard(events, Console(stderr=True))
    print_json(answer) if json_ else show_answer(answer)


def ids_of(folioscope: Client, named: Sequence[str] | None) -> list[str] | None:
    """Ids, given as they are or by their documents' names. Raises DocumentNotFound."""
    if not named:
        return None
    wanted = [part.strip() for text in named for part in text.split(",") if part.strip()]
    names = {part for part in wanted if len(part) != _ID_LENGTH}
    known: dict[str, str] = {}
    for document in folioscope.documents() if names else ():
        known.setdefault(document.name, document.id)  # the newest of a name
    missing = sorted(names - set(known))
    if missing:
        raise DocumentNotFound(f"There is no document named {missing[0]}; folioscope documents lists them.")
    return [known.get(part, part) for part in wanted]
