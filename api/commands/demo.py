"""The demo: a whole service on a folder of its own, the samples through it, and what came out beside the truth."""

import importlib.resources
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.client import Client
from api.commands.answering import page_and_box_of
from api.commands.show import console, percent, print_plain_json, print_table, say, working
from api.evaluate import Reading, read_all, report_on
from api.own_service import OwnService, own_service
from api.results import Refused, as_json
from api.samples import FOLDER as SAMPLES
from api.samples import TRUTH
from api.truth import Truth, read_truth
from core.errors import ConfigurationError, EvaluationFailed
from core.records import LayerVerdict, ValueState
from core.settings import Settings
from workers.vlm.catalog import BUNDLED, read_catalog

_WIDE = 110  # columns from which the truth stands beside what was read


def play(settings: Settings, folder: Path, *, json_: bool) -> None:
    """Read the samples and show what is in them. Raises EvaluationFailed under the promised share."""
    truths, others = _samples()
    began = time.monotonic()
    tell = _silent if json_ else say
    tell(f"Starting Folioscope on this machine, with its data in {folder}{'/' if folder.is_dir() else '/ (new)'}")
    with own_service(settings, folder) as service:
        tell(f"Ready at {service.url} after {time.monotonic() - began:.0f} s. Reading {len(truths)} documents.")
        refused = _refused_of(service.client, others)
        with working("reading") as progress:
            evaluation = read_all(service.client, SAMPLES, truths, progress)
    seconds = time.monotonic() - began
    readings, report = evaluation.readings, report_on(evaluation)
    promised = _promised_share() if read_catalog(settings).default == BUNDLED else None
    if json_:
        print_plain_json(_as_plain(service, readings, refused, report, promised))
    else:
        _show_values(readings)
        _show_answers(readings)
        _show_refused(readings, refused)
        _show_shares(report, promised, seconds, _mended(readings))
        _show_way_on(service)
    overall = report["overall"]
    share = overall["exact_match"] - _mended(readings) / overall["fields"]
    if promised is not None and share < promised:
        raise EvaluationFailed(f"The model read {share:.1%} of the fields exactly; its card promises {promised:.1%}.")


def _samples() -> tuple[list[Truth], list[Path]]:
    """The truth of the samples, and the samples that have none, as no service should take them."""
    if not TRUTH.exists():
        raise ConfigurationError("The samples are not here; install Folioscope again, or run `make demo` in a clone.")
    truths = read_truth(TRUTH)
    named = {truth.file for truth in truths}
    return truths, sorted(path for path in SAMPLES.glob("*.pdf") if path.name not in named)


def _refused_of(folioscope: Client, paths: Sequence[Path]) -> Sequence[Refused]:
    return folioscope.upload(paths).refused


def _promised_share() -> float | None:
    """The share of sample fields that the model's card promises.

    Read as a file and not through workers.vlm: importing a model imports torch, and the command line has none.
    """
    promise = importlib.resources.files("workers") / "vlm" / "bundled" / "promise.json"
    try:
        return float(json.loads(promise.read_text())["promised_share"])
    except FileNotFoundError:
        return None


def _show_values(readings: Sequence[Reading]) -> None:
    """A row a field: what was read, and whether it is what stands there."""
    wide = console().width >= _WIDE
    rows: list[Sequence[object]] = []
    for reading in readings:
        rows += _rows_of(reading, wide=wide)
    heads = ("document", "field", "value", "sure", "page", "")
    print_table((*heads, "as printed") if wide else heads, rows, right=("sure", "page"), whole=("document",))
    say()
    say("✓ read exactly as printed   ✗ not so   Fields that a page rightly does not have are left out.")


def _rows_of(reading: Reading, *, wide: bool) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = []
    name = reading.truth.file
    for outcome in reading.outcomes():
        if outcome.truth is None and outcome.said is None:
            continue
        value = reading.value_of(outcome.field)
        found = value is not None and value.state is ValueState.FOUND
        sure, page = (percent(value.confidence), value.page) if value and found else ("", "")
        mark = "✓" if outcome.exact else "✗"
        row = (name, outcome.field, outcome.said if found else "–", sure, page, mark)
        beside = "" if outcome.exact else (outcome.truth or "(not there)")
        rows.append((*row, beside) if wide else row)
        name = ""
    return rows or [(name, "(nothing in it)", "", "", "", "✓", "")[: 7 if wide else 6]]


def _show_answers(readings: Sequence[Reading]) -> None:
    """Each question with its answer and where that stands."""
    for reading in readings:
        if reading.answers:
            say()
        for reply, answer in zip(reading.replies(), reading.answers, strict=False):
            say(f"{reading.truth.file}: {reply.field}")
            mark = "✓" if reply.exact else "✗"
            if answer and answer.found and answer.evidence:
                say(f"  {mark} {answer.text}   ({percent(answer.confidence)} sure, {page_and_box_of(answer.evidence)})")
            else:
                say(f"  {mark} not in this document")


def _show_refused(readings: Sequence[Reading], refused: Sequence[Refused]) -> None:
    say()
    for file in refused:
        say(f"Refused, as it should be: {file.name}: {file.detail} ({file.code})")
    for reading in readings:
        if reading.error is not None:
            say(f"Refused: {reading.truth.file}: {reading.error.detail} ({reading.error.code})")


def _mended(readings: Sequence[Reading]) -> int:
    """How many of the right values have characters from the PDF's own text: no merit of the model's."""
    right = (reading.value_of(o.field) for reading in readings for o in reading.outcomes() if o.exact)
    return sum(value is not None and value.layer is LayerVerdict.SNAPPED for value in right)


def _show_shares(report: dict[str, Any], promised: float | None, seconds: float, mended: int) -> None:
    overall, qa = report["overall"], report["qa"]
    promise = "" if promised is None else f"; the model's card promises {promised:.0%}"
    right = round(overall["exact_match"] * overall["fields"])
    wrongly = round(overall["values_on_absent"] * overall["absent"])
    say(f"Read exactly as printed: {right} of {overall['fields']} fields, {overall['exact_match']:.0%}{promise}.")
    if mended:
        say(f"{mended} of them were mended by the PDF's own text; the model reads pixels alone.")
    say(f"Values for fields that are not there: {wrongly} of {overall['absent']}, {overall['values_on_absent']:.0%}.")
    say(f"Questions answered exactly: {qa['exact_match']:.0%} of {qa['questions']}. All of it took {seconds:.0f} s.")


def _show_way_on(service: OwnService) -> None:
    command = "folioscope" if shutil.which("folioscope") else str(Path(sys.executable).parent / "folioscope")
    say()
    say(f"The demo's service at {service.url} has ended with the demo. To start yours and keep it running:")
    say(f"    {command} up")
    say("and in a second terminal, with your own files:")
    say(f"    {command} upload FILES...")
    say(f"    {command} extract --schema invoice")
    say(f"    {command} records invoice")


def _as_plain(
    service: OwnService,
    readings: Sequence[Reading],
    refused: Sequence[Refused],
    report: dict[str, Any],
    promised: float | None,
) -> dict[str, Any]:
    return {
        "url": service.url,
        "records": [as_json(r.record) for r in readings if r.record],
        "answers": [
            {"file": r.truth.file, "question": question, "answer": as_json(answer)}
            for r in readings
            for (question, _), answer in zip(r.truth.qa, r.answers, strict=False)
        ],
        "refused": as_json(list(refused)),
        "report": report,
        "promised_share": promised,
    }


def _silent(_text: str) -> None:
    """Programs read JSON alone."""
