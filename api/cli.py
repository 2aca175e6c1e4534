"""The command line. Commands talk to the service through the client; every failure is one line and an exit code."""

import os
import signal
import sys

import typer

from api.commands import (
    archive,
    asking,
    calibrations,
    chatting,
    corrections,
    jobs,
    looking,
    measuring,
    models,
    records,
    schemas,
    search,
    serving,
    trying,
)
from core.errors import FolioscopeError

app = typer.Typer(
    name="folioscope",
    help="Reads archives of PDFs with vision language models and turns them into rows that can be queried.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for room in (
    serving,
    archive,
    schemas,
    asking,
    chatting,
    search,
    records,
    corrections,
    looking,
    jobs,
    models,
    measuring,
    calibrations,
    trying,
):
    room.register(app)

_INTERRUPTED = 130  # as shells count: 128 and the signal's number


def main() -> None:
    """The console script: errors are one line on stderr and their own exit code, Ctrl-C ends quietly."""
    os.umask(0o077)  # what the service keeps is its owner's alone, whichever command makes it
    signal.signal(signal.SIGINT, lambda *_: sys.exit(_INTERRUPTED))
    try:
        app(prog_name="folioscope")
    except FolioscopeError as error:
        print(f"folioscope: {error.detail} ({error.code})", file=sys.stderr)  # noqa: T201 - a command speaks
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
