"""Commands about documents whose truth is known: evaluate measures on them, calibrate learns what confidence means."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from api.calibrating import Calibration
from api.client import Client
from api.commands.calibrations import packaged_beside
from api.commands.reach import open_client, read_settings
from api.commands.serving import Json
from api.commands.show import note, percent, print_plain_json, print_table, say, working
from api.evaluate import Evaluation, Wish, read_all, report_on
from api.own_service import own_service
from api.results import as_json
from api.running import address_of
from api.truth import Truth, read_truth
from core.errors import EvaluationFailed, InvalidRequest, TooLittleTruth
from core.settings import Settings

Docs = Annotated[Path, typer.Argument(metavar="DOCS", help="The folder with the documents.")]
SchemaName = Annotated[
    str | None, typer.Option("--schema", metavar="NAME", help="Read all of them with it; default: as the truth says.")
]
ModelName = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="One of folioscope models list; default: that of jobs.")
]
NoTextLayer = Annotated[
    bool, typer.Option("--no-text-layer", help="Compare nothing with the words that a PDF itself has.")
]
_TRUTH = "A line of JSON for each document."
_PIXELS_ALONE = "From the pixels alone: the words that the PDFs themselves have were left aside."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (evaluate, calibrate):
        app.command()(command)


def evaluate(
    docs: Docs,
    truth: Annotated[Path, typer.Option(metavar="TRUTH.jsonl", help=_TRUTH)],
    schema: SchemaName = None,
    model: ModelName = None,
    no_text_layer: NoTextLayer = False,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="SHARE", help="Exit code 5 where exact_match is under it.")
    ] = None,
    json_: Json = False,
) -> None:
    """Measure how well your own documents are read.

    Exact match, precision and recall, values on fields that are absent, whether confidence means what it says, seconds
    a page; each with its 95 % interval, over all fields and for each. It asks the service that runs here, in a
    workspace of its own that is deleted afterwards; without a service it starts one for a while.
    A line of the truth says what stands in a file, what does not, and may hold boxes and questions:

    \b
        {"file": "a.pdf", "fields": {"total": "$1,204.00"}, "absent": ["iban"],
         "qa": [["What is the total?", "$1,204.00"]]}

    \b
    Example:
        folioscope evaluate samples --truth samples/truth.jsonl --json
    """
    truths = _truths(docs, truth)
    wish = Wish(schema, model, text_layer=not no_text_layer, measured=True)
    with _some_service(read_settings()) as folioscope:
        report = report_on(_read(folioscope, docs, truths, wish))
    _tell_errors(report)
    print_plain_json(report) if json_ else _show(report)
    share = report["overall"]["exact_match"]
    if at_least is not None and (share is None or share < at_least):
        raise EvaluationFailed(f"{percent(share) or 'Nothing'} was read exactly; {at_least:.0%} was asked for.")


def calibrate(
    docs: Docs,
    truth: Annotated[
        Path | None, typer.Option(metavar="TRUTH.jsonl", help=f"{_TRUTH} Left out: DOCS is this file.")
    ] = None,
    schema: SchemaName = None,
    model: ModelName = None,
    no_text_layer: NoTextLayer = False,
    json_: Json = False,
) -> None:
    """Let confidence mean, in your workspace, what it is worth on your own documents.

    They are read in a workspace for a while, and what was read is compared with the truth. By that, and by all
    corrections, the confidence of every value of this model is told from now on; records are made anew. A few dozen
    documents do; fewer than 50 values are refused. `folioscope calibrations forget MODEL` takes it back.

    \b
    Example:
        folioscope calibrate my-documents --truth truth.jsonl --schema invoice
    """
    if truth is None:
        docs, truth = docs.parent, docs
    truths = _truths(docs, truth)
    with open_client() as folioscope:
        evaluation = _read(folioscope, docs, truths, Wish(schema, model, text_layer=not no_text_layer))
        report = report_on(evaluation)
        _tell_errors(report)
        labelled = evaluation.labelled
        if not labelled:
            raise TooLittleTruth("Nothing was read of which the truth is known and the model says how sure it is.")
        made = [folioscope.calibrate(name, values) for name, values in labelled.items()]
    if json_:
        print_plain_json([{**as_json(one), "text_layer": evaluation.text_layer} for one in made])
        return
    if not evaluation.text_layer:
        say(_PIXELS_ALONE)
    _show_calibrations(made)


def _truths(docs: Path, truth: Path) -> list[Truth]:
    if not docs.is_dir():
        raise InvalidRequest(f"There is no folder {docs}.")
    return read_truth(truth)


def _read(folioscope: Client, docs: Path, truths: list[Truth], wish: Wish) -> Evaluation:
    """Everything read in a workspace for a while, with a bar."""
    with folioscope.temporary() as inside, working("reading") as tell:
        return read_all(inside, docs, truths, tell, wish)


def _tell_errors(report: dict[str, Any]) -> None:
    for error in report["errors"]:
        note(f"not read, counted as wrong: {error['file']}: {error['detail']} ({error['code']})")


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


def _show(report: dict[str, Any]) -> None:
    heads = ("field", "exact", "anls", "precision", "on absent", "ece", "fields", "absent")
    rows = [_row(name, figures) for name, figures in report["fields"].items()]
    if report["without_text_layer"] is not None:
        rows.append(_row("all, without text layer", report["without_text_layer"]))
    print_table(heads, [*rows, _row("all", report["overall"])], right=heads[1:])
    if not report["text_layer"]:
        say(_PIXELS_ALONE)
    overall = report["overall"]
    ends = overall["intervals"]["exact_match"]
    if ends is not None:
        say(f"Exact: {percent(overall['exact_match'])}, in 95 % of such samples {ends[0]:.0%} to {ends[1]:.0%}.")
    if overall["accepted"] is not None and overall["accepted"]["values"]:
        taken = overall["accepted"]
        say(f"Accepted by the schema's target: {percent(taken['coverage'])}; of these {taken['wrong']:.1%} are wrong.")
    if overall["seconds_per_page"] is not None:
        say(f"Seconds a page: {overall['seconds_per_page']:.2f}.")
    if report["qa"]["questions"]:
        qa = report["qa"]
        say(f"Questions answered exactly: {percent(qa['exact_match'])} of {qa['questions']} (ANLS {qa['anls']:.2f}).")


def _row(name: str, figures: dict[str, Any]) -> tuple[object, ...]:
    return (
        name,
        percent(figures["exact_match"]),
        _hundredths(figures["anls"]),
        percent(figures["precision"]),
        percent(figures["values_on_absent"]),
        _hundredths(figures["ece"]),
        figures["fields"],
        figures["absent"],
    )


def _hundredths(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.2f}"


def _show_calibrations(made: list[Calibration]) -> None:
    for one in made:
        say(f"{one.model}: calibrated; {one.records} records were made anew. Curves of your own:")
        rows = [
            (kind, curve.values, percent(curve.meant[0]), percent(curve.meant[-1]))
            for kind, curve in one.curves.items()
        ]
        print_table(("kind", "values", "least sure", "surest"), rows, right=("values", "least sure", "surest"))
        say(packaged_beside(one))
