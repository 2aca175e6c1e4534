"""Commands about models: which are configured, and whether one works."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.child import said_by
from api.commands.reach import read_settings
from api.commands.serving import Json
from api.commands.show import note, percent, print_plain_json, print_table, say
from core.errors import ConfigurationError, ModelFailed
from workers.vlm.catalog import ONLY_EMBEDS, Catalog, Entry, Kind, read_catalog

_SAMPLE = Path(__file__).parents[2] / "samples" / "invoice-01.pdf"
_LONGEST = 60  # characters of what a model said, in the table
_MEGABYTE = 1_000_000

models = typer.Typer(
    name="models",
    help="Show which models are configured, and try one.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(models)


@models.command("list")
def list_models(json_: Json = False) -> None:
    """List the models that jobs may name, and that of visual search: what kind each is, and what it can do.

    They stand in models.toml and in FOLIOSCOPE_MODEL; docs/models.md tells how. What a checkpoint can do is told by its
    folder's config.json, without loading it.

    \b
    Example:
        folioscope models list
    """
    catalog = read_catalog(read_settings())
    listed = [_described(catalog, name, entry) for name, entry in catalog.models.items()]
    if catalog.visual is not None:
        listed.append(_described(catalog, str(catalog.visual.name), catalog.visual))
    if json_:
        print_plain_json(listed)
        return
    heads = ("name", "kind", "model", "can", "default for")
    rows = [(m["name"], m["kind"], m["model"], ", ".join(m["capabilities"] or ["?"]), _defaults(m)) for m in listed]
    print_table(heads, rows, whole=("name", "kind"))
    if any(m["capabilities"] is None for m in listed):
        note("?: its folder is not here; told by folioscope models check NAME.")


@models.command("check")
def check_model(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of folioscope models list.")],
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Whose first page to show it; default a sample invoice.")
    ] = None,
    json_: Json = False,
) -> None:
    """Load a model, show it a page, and print what it got, how long it took and how much memory.

    It is asked once for everything that it says it can do.

    \b
    Example:
        folioscope models check bundled
        folioscope models check big --page my-invoice.pdf
    """
    if read_catalog(read_settings()).entry(name).capabilities == ONLY_EMBEDS:
        raise ConfigurationError(
            f"The model {name!r} embeds pages and reads none; FOLIOSCOPE_VISUAL_MODEL={name} searches by it."
        )
    said = _checked(name, page or _SAMPLE)
    print_plain_json(said) if json_ else _show(said)
    failed = [tried["capability"] for tried in said["capabilities"] if _is_failure(tried)]
    if failed:
        raise ModelFailed(f"The model {name!r} does not do all that it says it can: {', '.join(failed)}.")


def _described(catalog: Catalog, name: str, entry: Entry) -> dict[str, Any]:
    is_visual = entry is catalog.visual
    can = ONLY_EMBEDS if is_visual else entry.capabilities
    return {
        "name": name,
        "kind": entry.kind.value,
        "model": entry.name,
        "base_url": entry.base_url,
        "capabilities": None if can is None else sorted(can),
        "default_for_jobs": name == catalog.default,
        "default_for_questions": name == catalog.questions,
        "default_for_visual_search": is_visual,
    }


def _defaults(described: dict[str, Any]) -> str:
    defaults = {
        "jobs": described["default_for_jobs"],
        "questions": described["default_for_questions"],
        "visual search": described["default_for_visual_search"],
    }
    return ", ".join(work for work, is_default in defaults.items() if is_default)


def _checked(name: str, page: Path) -> dict[str, Any]:
    """What the check says, in a process of its own. Raises the error that it ended by."""
    if not page.is_file():
        raise ConfigurationError(f"There is no file {page}; name one with --page.")
    return said_by("workers.check", [name, str(page)], f"the model {name!r}")


def _show(said: dict[str, Any]) -> None:
    say(f"{said['name']}: {said['model']}, revision {said['revision']}, {said['kind']}")
    where = "" if said["kind"] in {Kind.OPENAI, Kind.HUGGINGFACE} else f", {_megabytes(said['memory_bytes'])} of memory"
    on_device = f" and {_megabytes(said['device_bytes'])} on the device" if said["device_bytes"] else ""
    size = " x ".join(str(side) for side in said["page"])
    say(f"Ready in {said['load_seconds']:.1f} s{where}{on_device}; the page has {size} pixels.")
    say()
    rows = [row for tried in said["capabilities"] for row in _rows(tried)]
    print_table(("can", "asked", "got", "sure", "seconds", "tokens"), rows, right=("sure", "seconds", "tokens"))
    say()
    say(f"At most {_megabytes(said['peak_bytes'])} at a time, the program included.")


def _rows(tried: dict[str, Any]) -> list[tuple[object, ...]]:
    if tried["error"] is not None:
        return [(tried["capability"], "", f"({tried['error']['code']}: {tried['error']['detail']})", "", "", "")]
    first: tuple[object, ...] = (f"{tried['seconds']:.2f}", tried["tokens"])
    rows = []
    for number, got in enumerate(tried["got"]):
        head, tail = (tried["capability"], first) if number == 0 else ("", ("", ""))
        said = _said(got) + (_where(got) if tried["capability"] == "locate" else "")
        rows.append((head, got["asked"], said, percent(got["confidence"]), *tail))
    return rows


def _said(got: dict[str, Any]) -> str:
    if got["failure"]:
        return f"({got['failure']})"
    if got["rows"] is not None:
        return f"{got['rows']} rows"
    if got["text"] is None:
        return "(not on the page)"
    first, *more = str(got["text"]).splitlines() or [""]
    shown = first if len(first) <= _LONGEST else first[:_LONGEST] + "..."
    count = max(len(more) + 1, got["lines"])
    return f"{shown} (and {count - 1} more lines)" if more else shown


def _where(got: dict[str, Any]) -> str:
    """The box as shares of the page, for the eye of whoever has the page before them."""
    return "" if got["box"] is None else " at " + " ".join(f"{side:.2f}" for side in got["box"])


def _is_failure(tried: dict[str, Any]) -> bool:
    return tried["error"] is not None or all(got["failure"] for got in tried["got"])


def _megabytes(count: int) -> str:
    return f"{count / _MEGABYTE:,.0f} MB"
