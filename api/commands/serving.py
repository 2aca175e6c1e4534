"""Commands that are the service: up, api, worker, migrate."""

import json
import os
import sys
import webbrowser
from typing import Annotated

import typer

from api.commands.reach import open_client, page_address, read_settings
from api.commands.show import note, print_plain_json, say
from core.errors import ConfigurationError
from core.logs import set_up_logs
from core.records import Queue
from core.settings import Settings

_ALL_QUEUES = "interactive,bulk,rasterize"

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (up, api, worker, migrate):
        app.command()(command)
    app.command("open")(open_page)


def up(
    json_: Json = False,
    private: Annotated[bool, typer.Option("--private", hidden=True)] = False,
) -> None:
    """Run everything on this machine: the API, the workers, a Redis. Ctrl-C stops it.

    \b
    Example:
        folioscope up
        FOLIOSCOPE_PORT=9000 FOLIOSCOPE_DATA_DIR=/srv/archive folioscope up
    """
    from api import serve  # noqa: PLC0415 - the database is nothing that the other commands should wait for

    settings = _begin()

    def ready(served: serve.Served) -> None:
        if json_:
            facts = {
                "url": served.url,
                "page": served.page,
                "data_dir": str(served.data_dir),
                "key_file": str(served.key_file),
            }
            print(json.dumps(facts), flush=True)  # noqa: T201 - a command speaks
            return
        say(f"Folioscope is ready at {served.url}, its description at {served.url}/docs")
        say(f"In a browser: {served.page}")
        say(f"Data and key: {served.data_dir}{os.sep}; programs send the key in {served.key_file}")
        say("In a second terminal: folioscope upload FILES...   Stop it here with Ctrl-C.")
        sys.stdout.flush()

    if serve.up(settings, ready, private=private):
        raise ConfigurationError("A part of the service can never start; the error above says why.")


def open_page(
    browser: Annotated[bool, typer.Option(help="Open the browser of this machine, too.")] = True,
    json_: Json = False,
) -> None:
    """Print a link to the web page that signs a browser in, once, and open it.

    \b
    Example:
        folioscope open
        folioscope open --no-browser
    """
    settings = read_settings()
    with open_client(settings) as folioscope:
        page = page_address(folioscope, settings)
    print_plain_json({"page": page}) if json_ else say(page)
    if browser and not json_:
        webbrowser.open(page)


def api(door: Annotated[int | None, typer.Option("--door", hidden=True)] = None) -> None:
    """Serve the HTTP API alone. For many machines: docs/many-machines.md tells more.

    \b
    Example:
        FOLIOSCOPE_DATABASE_URL=postgresql://... folioscope api
    """
    from api import serve  # noqa: PLC0415 - as above

    serve.serve_api(_begin(), door)


def worker(
    queues: Annotated[str, typer.Option(help="Which lines of work to serve, in order of preference.")] = _ALL_QUEUES,
    concurrency: Annotated[
        int, typer.Option(min=1, metavar="N", help="Processes that draw pages; the model has one.")
    ] = 1,
) -> None:
    """Draw pages and show them to the model. Start as many as you like, on any machine.

    \b
    Example:
        folioscope worker --queues rasterize --concurrency 8
        folioscope worker --queues interactive,bulk
    """
    from api import serve  # noqa: PLC0415 - as above

    read_settings()
    serve.become_worker(_queues_in(queues), concurrency)


def migrate(json_: Json = False) -> None:
    """Bring the database's tables up to date. The first time, it makes a workspace and prints its key, once.

    \b
    Example:
        folioscope migrate
    """
    from api import serve  # noqa: PLC0415 - as above

    settings = _begin()
    key = serve.migrate(settings)
    if json_:
        print_plain_json({"workspace": settings.workspace, "key": key})
    elif key is None:
        say("The tables are up to date.")
    else:
        note(f"The tables are up to date. The first key of workspace {settings.workspace}, shown this once:")
        say(key)


def _queues_in(text: str) -> list[Queue]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Queue)]
    if unknown or not names:
        raise ConfigurationError(f"There is no queue {', '.join(unknown) or 'named'}; there are {', '.join(Queue)}.")
    return [Queue(name) for name in names]


def _begin() -> Settings:
    settings = read_settings()
    set_up_logs(settings.log_level, as_json=settings.log_json)
    return settings
