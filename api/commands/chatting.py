"""The command that talks: question after question, each understood by those before it."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console

from api.client import Client
from api.commands.answering import show_answer
from api.commands.asking import Documents, Model, ids_of
from api.commands.listening import last_heard
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, say
from api.conversing import Conversation, Turn
from api.results import as_json
from core.errors import ConfigurationError, FolioscopeError, ServiceUnavailable, Unauthorized

_BY_ITSELF = {"first", "whole"}
_GOODBYE = {"exit", "quit"}
_MOST_NAMED = 3  # documents


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(chat)


def chat(
    documents: Documents = None,
    records: Annotated[str | None, typer.Option(metavar="SCHEMA", help="Only documents with such a record.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="FILTER", help="Of these records those that pass, as in 'total >= 1000'.")
    ] = None,
    model: Model = None,
    continue_: Annotated[
        str | None, typer.Option("--continue", metavar="ID", help="Go on with a conversation; its end told its id.")
    ] = None,
    json_: Json = False,
) -> None:
    """Ask question after question: "and in 2023?" and "who signed it?" are understood by the ones before. Ctrl-D ends.

    Shown is what a question was taken to mean. In a pipe, each line of stdin is a question; with --json, each line of
    stdout is a turn.

    \b
    Example:
        folioscope chat
        folioscope chat --records invoice --where 'total >= 1000'
        printf 'What is the total?\\nand the due date?\\n' | folioscope chat --json
    """
    with open_client() as folioscope:
        if continue_ is None:
            ids = ids_of(folioscope, documents)
            conversation = folioscope.begin_conversation(ids, records=records, where=where, model=model)
        elif documents or records or where or model:
            raise ConfigurationError("A conversation goes on with what it was begun about; name nothing beside its id.")
        else:
            conversation = folioscope.conversation(continue_)
        _talk(folioscope, conversation, json_=json_)


def _talk(folioscope: Client, conversation: Conversation, *, json_: bool) -> None:
    is_person = sys.stdin.isatty()
    if is_person and not json_:
        _welcome(folioscope, conversation)
    for question in _questions(prompted=is_person and not json_):
        try:
            turn = _answered(folioscope, conversation.id, question, listens=is_person and not json_)
        except (ServiceUnavailable, Unauthorized):
            raise
        except FolioscopeError as error:
            if not is_person:
                raise
            note(f"folioscope: {error.detail} ({error.code})")
            continue
        if json_:
            _print_line(turn)
        else:
            _show(turn, heard=is_person)
    note(f"Go on with: folioscope chat --continue {conversation.id}")


def _answered(folioscope: Client, conversation_id: str, question: str, *, listens: bool) -> Turn:
    """The next turn. A person is told meanwhile how the question was understood, and how far it is."""
    if not listens:
        return folioscope.ask_in(conversation_id, question)
    return last_heard(folioscope.ask_in_events(conversation_id, question), Console(stderr=True), _show_understood)


def _welcome(folioscope: Client, conversation: Conversation) -> None:
    if conversation.turns:
        *_, last = folioscope.turns(conversation.id)
        say(f"> {last.question}")
        if last.answer is not None:
            show_answer(last.answer)
        say()
    else:
        note("Ask away; Ctrl-D ends.")


def _questions(*, prompted: bool) -> Iterator[str]:
    """Line by line, until there are no more; empty ones are left out."""
    if prompted:
        with suppress(ImportError):
            import readline  # noqa: F401, PLC0415 - gives the prompt arrow keys and a memory, where there is one
    while True:
        try:
            line = input("> ") if prompted else next(sys.stdin)
        except (EOFError, StopIteration):
            if prompted:
                say()
            return
        question = line.strip()
        if question.lower() in _GOODBYE:
            return
        if question:
            yield question


def _show(turn: Turn, *, heard: bool) -> None:
    """A turn for people, with its question and how that was understood unless they have `heard` that."""
    if not heard:
        say(f"> {turn.question}")
        _show_understood(turn)
    if turn.answer is not None:
        show_answer(turn.answer)
    say()


def _show_understood(turn: Turn) -> None:
    if turn.rule == "open":
        note(f"  {turn.why} It is asked as it stands.")
    if turn.rule not in _BY_ITSELF and (turn.meant != turn.question or turn.narrowed_to):
        say(f"  understood as: {turn.meant}{_narrowed(turn)}")


def _narrowed(turn: Turn) -> str:
    if not turn.narrowed_to:
        return ""
    names = [one.document_name or one.document for one in turn.narrowed_to[:_MOST_NAMED]]
    more = (turn.narrowed_count or len(turn.narrowed_to)) - len(names)
    return f"  [in {', '.join(names)}{f' and {more} more' if more > 0 else ''}]"


def _print_line(turn: Turn) -> None:
    """A turn in the API's own form, in one line."""
    print(json.dumps(as_json(turn), ensure_ascii=False), flush=True)  # noqa: T201 - a command speaks
