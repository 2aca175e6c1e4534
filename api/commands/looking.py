"""Commands that look at pages: describe, classify, locate; and findings, which shows what they found."""

import sys
from codecs import iterdecode
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Annotated, Literal

import typer

from api.client import Client
from api.commands.asking import Documents, Model, ids_of
from api.commands.jobs import JobId, show_end, watch
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, percent, print_json, print_table, say
from api.looking import DocumentFinding, Finding
from api.results import Job, WireBox
from core.errors import InvalidRequest
from core.records import JobKind

Page = Annotated[
    int | None, typer.Option("--page", min=1, metavar="N", help="Only this page of one document, at once.")
]
Region = Annotated[
    str | None,
    typer.Option("--region", metavar="BOX", help='Only this part of the page: "x0 y0 x1 y1" in shares 0 to 1.'),
]
Wait = Annotated[bool, typer.Option(help="Wait until all is looked at.")]
Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Show at most so many.")]
_SHOWN = 50
_SIDES = 4
_STATES = {"nothing": "-", "blank": "blank page", "waiting": "not looked at yet", "cancelled": "cancelled"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (describe, classify, locate, findings):
        app.command()(command)


def describe(
    documents: Documents = None,
    page: Page = None,
    region: Region = None,
    model: Model = None,
    wait: Wait = True,
    limit: Limit = _SHOWN,
    json_: Json = False,
) -> None:
    """Describe pages in a sentence or two: of every document, of some, or of one page.

    \b
    Example:
        folioscope describe --documents march.pdf
        folioscope describe --documents march.pdf --page 1 --region "0 0 1 0.3"
    """
    box = _box_in(region, page)
    with open_client() as folioscope:
        if page is not None:
            (one,) = _one(folioscope, documents)
            _show_page(folioscope.describe_page(one, page, region=box, model=model), json_=json_)
            return
        job = folioscope.describe(ids_of(folioscope, documents), model=model)
        _end(folioscope, job, wait=wait, json_=json_, limit=limit)


def classify(
    labels: Annotated[str, typer.Option("--labels", metavar="LABELS", help="In words; commas between them.")],
    documents: Documents = None,
    page: Page = None,
    model: Model = None,
    wait: Wait = True,
    limit: Limit = _SHOWN,
    json_: Json = False,
) -> None:
    """Sort documents by labels: each page gets one of them, or none, and each document that of its pages.

    \b
    Example:
        folioscope classify --labels invoice,receipt,letter,form
        folioscope classify --labels lease,invoice --documents a.pdf --page 2
    """
    named = [label.strip() for label in labels.split(",") if label.strip()]
    with open_client() as folioscope:
        if page is not None:
            (one,) = _one(folioscope, documents)
            _show_page(folioscope.classify_page(one, page, named, model=model), json_=json_)
            return
        job = folioscope.classify(named, ids_of(folioscope, documents), model=model)
        _end(folioscope, job, wait=wait, json_=json_, limit=limit)


def locate(  # noqa: PLR0913, PLR0917 - the options of a command
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A text as printed, a thing, or a question for it.")],
    documents: Documents = None,
    page: Page = None,
    region: Region = None,
    model: Model = None,
    wait: Wait = True,
    limit: Limit = _SHOWN,
    json_: Json = False,
) -> None:
    """Find where something stands. The bundled model finds what is printed; signatures and the like need another one.

    \b
    Example:
        folioscope locate "Total due"
        folioscope locate "signature" --documents contract.pdf --model big
        folioscope locate "Date" --documents a.pdf --page 3 --region "0 0.7 1 1"
    """
    box = _box_in(region, page)
    with open_client() as folioscope:
        if page is not None:
            (one,) = _one(folioscope, documents)
            _show_page(folioscope.locate_on_page(one, page, text, region=box, model=model), json_=json_)
            return
        job = folioscope.locate(text, ids_of(folioscope, documents), model=model)
        _end(folioscope, job, wait=wait, json_=json_, limit=limit)


def findings(
    job_id: JobId,
    by: Annotated[
        Literal["page", "document"] | None,
        typer.Option("--by", metavar="WHAT", help="page or document; default: as its command shows it."),
    ] = None,
    found: Annotated[bool, typer.Option("--found", help="Only pages that said something.")] = False,
    limit: Limit = _SHOWN,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="All of them, a line of JSON each, for programs.")] = False,
    json_: Json = False,
) -> None:
    """Show what the pages said to a job of describe, classify or locate, also while it goes on.

    \b
    Example:
        folioscope findings 0192f4c1d1a27d52b1b8e6a1c6a0c111 --by page
        folioscope findings 0192f4c1d1a27d52b1b8e6a1c6a0c111 --jsonl > all
    """
    with open_client() as folioscope:
        job = folioscope.job(job_id)
        by_document = by == "document" or (by is None and job.kind is JobKind.CLASSIFY)
        if jsonl:
            pieces = folioscope.export_findings(job, "documents" if by_document else "pages")
            sys.stdout.writelines(iterdecode(pieces, "utf-8"))
            return
        _show(folioscope, job, by_document=by_document, found=found, limit=limit, json_=json_)


def _end(folioscope: Client, job: Job, *, wait: bool, json_: bool, limit: int) -> None:
    """Wait for a job and show what it found, then how it ended."""
    if wait:
        job = watch(folioscope, job, f"to {job.kind.value}")
    if wait and not json_:
        by_document = job.kind is JobKind.CLASSIFY
        _show(folioscope, job, by_document=by_document, found=job.kind is JobKind.LOCATE, limit=limit, json_=False)
    show_end(job, json_=json_, hint=f"folioscope findings {job.id}")


def _show(folioscope: Client, job: Job, *, by_document: bool, found: bool, limit: int, json_: bool) -> None:
    if by_document:
        _show_documents(list(islice(folioscope.document_findings(job), limit + 1)), limit, json_=json_)
    else:
        _show_pages(list(islice(folioscope.findings(job, found=found), limit + 1)), limit, json_=json_)


def _show_pages(pages: Sequence[Finding], limit: int, *, json_: bool) -> None:
    def row(one: Finding) -> tuple[object, ...]:
        return (one.document_name, one.page, _said(one), percent(one.confidence), _sides(one.box))

    heads = ("document", "page", "says", "sure", "box")
    _table(pages, limit, heads, row, json_=json_)


def _show_documents(documents: Sequence[DocumentFinding], limit: int, *, json_: bool) -> None:
    def row(one: DocumentFinding) -> tuple[object, ...]:
        others = ", ".join(f"{page.page}: {page.text or '-'}" for page in one.differing[:5])
        more = ", ..." if one.differing_count > len(one.differing[:5]) else ""
        said = one.text or (one.error.detail if one.error else None) or "-"
        return (one.document_name, said, percent(one.confidence), f"{one.pages_with_it}/{one.pages}", others + more)

    heads = ("document", "says", "sure", "pages", "pages that differ")
    _table(documents, limit, heads, row, json_=json_)


def _table(
    found: Sequence[Finding] | Sequence[DocumentFinding],
    limit: int,
    heads: Sequence[str],
    row: Callable[..., tuple[object, ...]],
    *,
    json_: bool,
) -> None:
    if json_:
        print_json(list(found[:limit]))
    elif not found:
        say("Nothing was found.")
    else:
        print_table(heads, [row(one) for one in found[:limit]], right=("page", "sure", "pages"), whole=("box",))
        if len(found) > limit:
            note(f"The first {limit} are shown; more with --limit.")


def _show_page(finding: Finding, *, json_: bool) -> None:
    """What one page said."""
    if json_:
        print_json(finding)
        return
    say(_said(finding) if finding.found or finding.state == "blank" else "Nothing that fits was found.")
    if finding.confidence is not None:
        note(f"{percent(finding.confidence)} sure: {finding.document_name}, page {finding.page}")
    for place in finding.places:
        say(f"  {_sides(place.box)}  {place.text}  ({percent(place.confidence)})")


def _said(finding: Finding) -> str:
    failed = finding.error.detail if finding.error else None
    return finding.text or failed or _STATES.get(finding.state, finding.state)


def _sides(box: WireBox | None) -> str:
    return "" if box is None else " ".join(f"{side:.2f}" for side in box.as_list())


def _one(folioscope: Client, documents: Sequence[str] | None) -> list[str]:
    """The one document whose page is meant."""
    ids = ids_of(folioscope, documents) or []
    if len(ids) != 1:
        raise InvalidRequest("A page is one of a document; name that, and no other, with --documents.")
    return ids


def _box_in(text: str | None, page: int | None) -> list[float] | None:
    """A region of a page, where one is named."""
    if text is None:
        return None
    if page is None:
        raise InvalidRequest("A region is one of a page; name it with --page.")
    try:
        sides = [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        sides = []
    if len(sides) != _SIDES:
        raise InvalidRequest('A region is four numbers in shares 0 to 1, as in --region "0 0 1 0.3".')
    return sides
