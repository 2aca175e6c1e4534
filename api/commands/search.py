"""Commands of search: read pages whole, see what they look like, and find those that have some words or looks."""

from itertools import islice
from typing import Annotated

import typer

from api.commands.asking import Documents, Model, ids_of
from api.commands.jobs import show_end, watch
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, print_json, say
from api.hits import Hit
from api.wire.search import SearchMode

_SOURCES = {"layer": "by their own text", "model": "by the model", "blank": "blank", "failed": "not"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (read, embed, search):
        app.command()(command)


def read(
    documents: Documents = None,
    model: Model = None,
    wait: Annotated[bool, typer.Option(help="Wait until all is read.")] = True,
    text_layer: Annotated[
        bool, typer.Option(help="Take the words that a PDF itself has, where they are sound.")
    ] = True,
    json_: Json = False,
) -> None:
    """Read whole pages, so that search finds them. Pages that were extracted or asked about are mostly read already.

    \b
    Example:
        folioscope read
        folioscope read --documents march.pdf --no-text-layer
    """
    with open_client() as folioscope:
        job = folioscope.read(ids_of(folioscope, documents), model=model, text_layer=text_layer)
        if wait:
            job = watch(folioscope, job, "reading pages")
    if job.result and not json_:
        counts = ", ".join(f"{job.result[key]} {how}" for key, how in _SOURCES.items() if job.result.get(key))
        note(f"Pages read: {counts or 'none'}.")
    show_end(job, json_=json_, hint='folioscope search "words"')


def embed(
    documents: Documents = None,
    wait: Annotated[bool, typer.Option(help="Wait until all pages were seen.")] = True,
    json_: Json = False,
) -> None:
    """See what pages look like, so that visual search finds them. What was seen already is not seen again.

    \b
    Example:
        folioscope embed
        folioscope embed --documents march.pdf
    """
    with open_client() as folioscope:
        job = folioscope.embed(ids_of(folioscope, documents))
        if wait:
            job = watch(folioscope, job, "seeing pages")
    if job.result and not json_:
        note(f"Pages seen: {job.result['seen']}, {job.result['blank']} blank, {job.result['failed']} not.")
    show_end(job, json_=json_, hint='folioscope search --mode both "what it looks like"')


def search(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help='Words, "phrases", beginnings (inv*), either OR or, and -not.')
    ],
    documents: Documents = None,
    mode: Annotated[
        SearchMode, typer.Option(help="By words, by looks (folioscope embed), or by both.")
    ] = SearchMode.TEXT,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many pages.")] = 10,
    json_: Json = False,
) -> None:
    """Find the pages that have all of these words, in their text or in what was extracted from them, the best first.

    \b
    Example:
        folioscope search "rent due"
        folioscope search '"total due" acme OR meyer -draft'
        folioscope search vendor_name:acme --documents march.pdf
        folioscope search --mode visual "a table with a stamp beside it"
    """
    with open_client() as folioscope:
        found = list(islice(folioscope.search(text, ids_of(folioscope, documents), mode=mode), limit))
    if json_:
        print_json(found)
    elif not found and mode is not SearchMode.TEXT:
        say("No page was found; folioscope embed has those seen that were not.")
    elif not found:
        say("No page that was read has these words; folioscope read reads those that were not.")
    else:
        for hit in found:
            _show(hit)


def _show(hit: Hit) -> None:
    say(f"{hit.document_name}, page {hit.page}")
    text, end, shown = hit.snippet.text, 0, ""
    for start, stop in hit.snippet.marks:
        shown += f"{text[end:start]}[{text[start:stop]}]"
        end = stop
    say(f"  {shown}{text[end:]}")
    if hit.source is not None:
        for value in hit.values:
            say(f"  {value.field}: {value.raw}")
