"""Commands that try the whole: demo on the samples, evaluate on documents whose truth is known."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from api.client import Client
from api.commands.demo import play
from api.commands.reach import read_settings
from api.commands.serving import Json
from api.commands.show import note, percent, print_plain_json, print_table, say, working
from api.evaluate import Reading, read_all, read_truth, report_on
from api.own_service import own_service
from api.results import Document
from api.running import address_of
from core.errors import EvaluationFailed, FolioscopeError, InvalidRequest
from core.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (demo, evaluate):
        app.command()(command)


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data; a second run is quicker.")] = Path(
        ".folioscope-demo"
    ),
    json_: Json = False,
) -> None:
    """Read the sample documents and show what is in them.

    It starts a service of its own, compares what was read with the truth, and ends. Exit code 5
    where less was read right than the bundled model's card promises.

    \b
    Example:
        folioscope demo
    """
    play(read_settings(), folder, json_=json_)


def evaluate(
    docs: Annotated[Path, typer.Argument(metavar="DOCS", help="The folder with the documents.")],
    truth: Annotated[Path, typer.Option(metavar="TRUTH.jsonl", help="A line of JSON for each document.")],
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="SHARE", help="Exit code 5 where exact_match is under it.")
    ] = None,
    json_: Json = False,
) -> None:
    """Measure how well your own documents are read.

    Exact match, ANLS, and values on fields that are absent, over all fields and for each.
    It asks the service that runs here, and deletes what it uploaded; without one it starts its own for a while.
    A line of the truth says what stands in a file, what does not, and may hold questions:

    \b
        {"file": "a.pdf", "fields": {"total": "$1,204.00"}, "absent": ["iban"],
         "qa": [["What is the total?", "$1,204.00"]]}

    \b
    Example:
        folioscope evaluate samples --truth samples/truth.jsonl --json
    """
    if not docs.is_dir():
        raise InvalidRequest(f"There is no folder {docs}.")
    truths = read_truth(truth)
    with _some_service(read_settings()) as folioscope:
        known = {document.id for document in folioscope.documents()}
        readings: list[Reading] = []
        try:
            with working("reading") as tell:
                readings = read_all(folioscope, docs, truths, tell)
        finally:
            _forget(folioscope, [r.document for r in readings if r.document and r.document.id not in known])
    report = report_on(readings)
    for error in report["errors"]:
        note(f"not read, counted as wrong: {error['file']}: {error['detail']} ({error['code']})")
    print_plain_json(report) if json_ else _show(report)
    share = report["overall"]["exact_match"]
    if at_least is not None and (share is None or share < at_least):
        raise EvaluationFailed(f"{percent(share) or 'Nothing'} was read exactly; {at_least:.0%} was asked for.")


@contextmanager
def _some_service(settings: Settings) -> Iterator[Client]:
    """The service that the settings name or that runs here; else one of our own for a while."""
    with Client(*address_of(settings)) as client:
        if settings.api_url is not None or client.is_there():
            yield client
            return
    with (
        tempfile.TemporaryDirectory(prefix="folioscope-") as folder,
        own_service(settings, Path(folder)) as service,
    ):
        yield service.client


def _forget(folioscope: Client, documents: list[Document]) -> None:
    for document in {document.id: document for document in documents}:
        try:
            folioscope.delete(document)
        except FolioscopeError as error:
            note(f"left behind: {document}: {error.detail} ({error.code})")


def _show(report: dict[str, Any]) -> None:
    heads = ("field", "exact", "anls", "on absent", "fields", "absent")
    rows = [_row(name, figures) for name, figures in report["fields"].items()]
    print_table(heads, [*rows, _row("all", report["overall"])], right=heads[1:])
    if report["qa"]["questions"]:
        qa = report["qa"]
        say(f"Questions answered exactly: {percent(qa['exact_match'])} of {qa['questions']} (ANLS {qa['anls']:.2f}).")


def _row(name: str, figures: dict[str, Any]) -> tuple[object, ...]:
    similar = "" if figures["anls"] is None else f"{figures['anls']:.2f}"
    on_absent = percent(figures["values_on_absent"])
    return (name, percent(figures["exact_match"]), similar, on_absent, figures["fields"], figures["absent"])
