"""What a person sees while a question is on its way to its answer: what is searched, which page is looked at."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from api.answers import Answer
from api.listening import AskEvent, LookingAt, Searching, Step
from core.errors import ServiceUnavailable

_MOST_WORDS = 8
E = TypeVar("E")


def answer_heard(events: Iterable[AskEvent], console: Console) -> Answer:
    """The answer, and until it comes a line that tells how far it is and then is gone."""
    return last_heard(events, console, lambda _: None)


def last_heard(events: Iterable[Step | E], console: Console, show: Callable[[E], None]) -> E:
    """The last event, and until it comes a line that tells how far it is; the first that is no step is shown at once.

    Raises ServiceUnavailable where there is none but steps.
    """
    last: E | None = None
    with console.status(Text("searching")) as status:
        for event in events:
            if isinstance(event, Searching | LookingAt):
                status.update(Text(told(event)))
                continue
            if last is None:
                status.stop()
                show(event)
                status.start()
            last = event
    if last is None:
        raise ServiceUnavailable("The events of the question ended without its answer.")
    return last


def told(event: Step) -> str:
    """An event for people."""
    if isinstance(event, LookingAt):
        last = event.pages[-1]
        return f"looking at page {event.looked_at} of {event.to_look_at}: {last.document_name}, page {last.page}"
    searched = event.searched
    words = ", ".join(searched.words[:_MOST_WORDS])
    among = f" {searched.pages} pages" if searched.pages else ""
    unread = f", {searched.unread} not read yet" if searched.unread else ""
    chosen = f"; {event.to_look_at} to look at" if event.to_look_at else ""
    return f"searching{among}{f' for {words}' if words else ''}{unread}{chosen}"
