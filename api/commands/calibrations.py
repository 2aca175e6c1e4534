"""Commands about what confidence means in a workspace: which models were calibrated, and away with one."""

from typing import Annotated

import typer

from api.calibrating import Calibration
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import percent, print_json, print_plain_json, print_table, say

calibrations = typer.Typer(
    name="calibrations",
    help="List the models whose confidence was calibrated on your documents; forget one.",
    rich_markup_mode=None,
    add_completion=False,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(calibrations)


@calibrations.callback(invoke_without_command=True)
def calibrations_alone(context: typer.Context, json_: Json = False) -> None:
    """List the models whose confidence was calibrated on your documents; forget one."""
    if context.invoked_subcommand is None:
        list_calibrations(json_)


@calibrations.command("list")
def list_calibrations(json_: Json = False) -> None:
    """List the models whose confidence was calibrated on your documents, with a line for each kind of value.

    \b
    Example:
        folioscope calibrations list
    """
    with open_client() as folioscope:
        found = folioscope.calibrations()
    if json_:
        print_json(found)
        return
    rows = [
        (one.model, kind, curve.values, percent(curve.meant[0]), percent(curve.meant[-1]))
        for one in found
        for kind, curve in one.curves.items()
    ]
    right = ("values", "least sure", "surest")
    print_table(("model", "kind", "values", "least sure", "surest"), rows, right=right, whole=("model",))
    for one in found:
        say(f"{one.model}: {packaged_beside(one)}")


@calibrations.command("forget")
def forget_calibration(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="One that folioscope calibrations list shows.")],
    json_: Json = False,
) -> None:
    """Let a model's confidence mean again what it came with; its records are made anew.

    \b
    Example:
        folioscope calibrations forget bundled
    """
    with open_client() as folioscope:
        folioscope.forget_calibration(model)
    if json_:
        print_plain_json({"model": model})
    else:
        say(f"{model}: its confidence means again what it came with.")


def packaged_beside(one: Calibration) -> str:
    """Which curves of the package go on to count beside one's own, as a sentence."""
    if not one.packaged:
        return "No curve of the package counts beside them."
    return f"Curves of the package, of what your documents have too little of: {', '.join(one.packaged)}."
