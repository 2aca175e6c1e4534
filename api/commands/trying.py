"""The command that tries the whole on the samples: demo."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.demo import play
from api.commands.reach import read_settings
from api.commands.serving import Json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


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
