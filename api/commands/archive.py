"""Commands about documents: upload, documents, unlock, delete."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, print_json, print_plain_json, print_table, say, sending
from api.results import Document, Refused, Uploaded, as_json
from core.errors import RejectedFile
from core.records import DocumentState


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (upload, documents, unlock, delete):
        app.command()(command)


def upload(
    paths: Annotated[list[Path], typer.Argument(metavar="PATHS", help="Files, folders, zips.")],
    password: Annotated[str | None, typer.Option(help="Opens the protected files among them.")] = None,
    json_: Json = False,
) -> None:
    """Upload files, folders and zips. Each refused file is named with its reason; the others go in.

    \b
    Example:
        folioscope upload ~/invoices more.zip scan.tiff
    """
    with open_client() as folioscope, sending(0) as progress:
        done = folioscope.upload(paths, password=password, progress=progress)
    if json_:
        print_plain_json({"documents": as_json(done.documents), "refused": as_json(done.refused)})
    else:
        say(_summary(done))
    for document in done.documents:
        if document.state is DocumentState.NEEDS_PASSWORD:
            note(f"waits for its password: {document.name}: folioscope unlock {document.id}")
    for file in done.refused:
        note(_refusal(file))
    if done.refused:
        raise typer.Exit(RejectedFile.exit_code)


def documents(
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 100,
    json_: Json = False,
) -> None:
    """List the documents, the newest first.

    \b
    Example:
        folioscope documents --state needs_password
    """
    with open_client() as folioscope:
        found = [document for document, _ in zip(folioscope.documents(state=state), range(limit), strict=False)]
    if json_:
        print_json(found)
    elif not found:
        say("There are no documents yet: folioscope upload FILES..." if state is None else f"None is {state}.")
    else:
        rows = [(d.name, _pages(d), _state(d), d.id) for d in found]
        print_table(("document", "pages", "state", "id"), rows, right=("pages",), whole=("id",))


def unlock(
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="The document's id.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, help="Asked for where it is not given.")],
    json_: Json = False,
) -> None:
    """Open a document that waits for its password.

    \b
    Example:
        folioscope unlock 0192f4c1d1a27d52b1b8e6a1c6a0c111
    """
    with open_client() as folioscope:
        opened = folioscope.unlock(document, password)
    print_json(opened) if json_ else say(f"{opened.name} is open: {opened.page_count} pages.")


def delete(
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENTS", help="Ids of documents.")],
    json_: Json = False,
) -> None:
    """Delete documents with everything that was read from them.

    \b
    Example:
        folioscope delete 0192f4c1d1a27d52b1b8e6a1c6a0c111
    """
    with open_client() as folioscope:
        for document in documents:
            folioscope.delete(document)
    print_plain_json({"deleted": documents}) if json_ else say(f"Deleted: {', '.join(documents)}.")


def _summary(done: Uploaded) -> str:
    new = sum(d.created is not False for d in done.documents)
    known, refused = len(done.documents) - new, len(done.refused)
    parts = [f"{new} new {'document' if new == 1 else 'documents'}"] if new or not (known or refused) else []
    parts += [f"{known} known already"] if known else []
    parts += [f"{refused} refused"] if refused else []
    return ", ".join(parts) + "."


def _refusal(file: Refused) -> str:
    return f"refused: {file.name}: {file.detail} ({file.code})"


def _pages(document: Document) -> str:
    return "" if document.page_count is None else str(document.page_count)


def _state(document: Document) -> str:
    why = document.warning or (document.error and document.error.detail)
    return f"{document.state}: {why}" if why else document.state
