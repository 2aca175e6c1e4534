"""Listening to a question from Python and in a terminal."""

import io

import pytest
from rich.console import Console

from api.answers import Answer, LookedAt, Searched
from api.client import Client
from api.commands.listening import answer_heard, told
from api.listening import AskEvent, LookingAt, Searching
from core.errors import DocumentNotFound, ServiceUnavailable
from tests.api.commands.conftest import Live
from tests.api.commands.test_client import losing_the_first_answer

pytestmark = pytest.mark.timeout(120)
QUESTION = "What is due?"


def heard(folioscope: Client, document_id: str) -> list[AskEvent]:
    return list(folioscope.ask_events(QUESTION, [document_id]))


def test_a_question_is_heard_from_its_search_to_its_answer(live: Live) -> None:
    with live.client() as folioscope:
        document = folioscope.upload_file(live.picture("heard.png", 11))
        searching, *looking, answer = heard(folioscope, document.id)
        assert isinstance(searching, Searching)
        assert searching.to_look_at == 1
        pages = [page for event in looking if isinstance(event, LookingAt) for page in event.pages]
        assert pages == [LookedAt(document.id, "heard.png", 1)]
        assert isinstance(answer, Answer)
        assert (answer.text, answer.job_id) == ("12 dollars", searching.job_id)
        with pytest.raises(DocumentNotFound):
            heard(folioscope, "0" * 32)


def test_a_stream_that_is_lost_is_taken_up_again_and_asks_nothing_twice(live: Live) -> None:
    with live.client() as folioscope:
        document = folioscope.upload_file(live.picture("lost.png", 11))
        before = len(list(folioscope.jobs()))
        with losing_the_first_answer(live.url) as url, Client(url, live.key) as far:
            events = heard(far, document.id)
        assert [type(event) for event in (events[0], events[-1])] == [Searching, Answer]
        assert len(list(folioscope.jobs())) == before + 1


def test_a_person_at_a_terminal_is_told_which_page_is_looked_at() -> None:
    searching = Searching("j", Searched(("iban", "meyer"), 3012, 4), 8)
    assert told(searching) == "searching 3012 pages for iban, meyer, 4 not read yet; 8 to look at"
    looking = LookingAt("j", 3, 8, (LookedAt("d", "a.pdf", 1), LookedAt("d", "[bold]march.pdf", 2)))
    assert told(looking) == "looking at page 3 of 8: [bold]march.pdf, page 2"
    answer = Answer("found", "$12.00", 0.9, None)
    terminal = Console(file=io.StringIO(), force_terminal=True)
    events: list[AskEvent] = [searching, looking, answer]
    assert answer_heard(events, terminal) == answer
    with pytest.raises(ServiceUnavailable):
        answer_heard(events[:1], terminal)
