"""What a person sees while a question is on its way to its answer: what is searched, which page is looked at."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from api.answers import Answer
from api.listening import AskEvent, LookingAt, Searching
from core.errors import ServiceUnavailable

_MOST_WORDS = 8


def answer_heard(events: Iterable[AskEvent], console: Console) -> Answer:
    """The answer, and until it comes a line that tells how far it is and then is gone."""
    with console.status(Text("searching")) as status:
        for event in events:
            if isinstance(event, Answer):
                return event
            status.update(Text(told(event)))
    raise ServiceUnavailable("The events of the question ended without its answer.")


def told(event: Searching | LookingAt) -> str:
    """An event for people."""
    if isinstance(event, LookingAt):
        last = event.pages[-1]
        return f"looking at page {event.looked_at} of {event.to_look_at}: {last.document_name}, page {last.page}"
    searched = event.searched
    words = ", ".join(searched.words[:_MOST_WORDS])
    among = f" {searched.pages} pages" if searched.pages else ""
    unread = f", {searched.unread} not read yet" if searched.unread else ""
    return f"searching{among}{f' for {words}' if words else ''}{unread}; {event.to_look_at} to look at"
