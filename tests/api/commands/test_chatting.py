import json
import re

import pytest

from api.client import Client
from api.conversing import Turn
from api.listening import LookingAt, Searching
from core.errors import ConversationNotFound
from tests.api.commands.conftest import Live

pytestmark = pytest.mark.timeout(180)
QUESTIONS = "Who was the cashier?\n\nWho signed it?\nand in 2023?\n"


@pytest.fixture(scope="module")
def documents(live: Live) -> None:
    """Two uploaded pages, of which one answers every question."""
    live.machine.run("upload", *(str(live.picture(f"{n}.png", n)) for n in (11, 12)))


def test_questions_from_a_pipe_are_answered_line_by_line(live: Live, documents: None) -> None:
    done = live.machine.spawn("chat", said=QUESTIONS)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("> ")] == [
        "> Who was the cashier?",
        "> Who signed it?",
        "> and in 2023?",
    ]
    assert "  understood as: Who signed the document?  [in 11.png]\n" in done.stdout
    assert "  understood as: Who signed the document in 2023?\n" in done.stdout
    assert done.stdout.count("12 dollars\n") >= 2
    assert "11.png, page 1" in done.stdout


def test_a_conversation_goes_on_where_it_ended(live: Live, documents: None) -> None:
    first = live.machine.spawn("chat", "--documents", "11.png", "--json", said="Who was the cashier?\n")
    (name,) = re.findall(r"chat --continue ([0-9a-f]{32})", first.stderr)
    again = live.machine.spawn("chat", "--continue", name, "--json", said="Who signed it?\nexit\nnever asked\n")
    turns = [json.loads(line) for line in (first.stdout + again.stdout).splitlines()]
    assert [turn["number"] for turn in turns] == [1, 2]
    assert turns[1]["meant"] == "Who signed the document?"
    assert turns[1]["answer"]["evidence"]["document_name"] == "11.png"
    refused = live.machine.run("chat", "--continue", name, "--records", "invoice")
    assert "goes on with what it was begun about" in refused.stderr


def test_a_program_talks_through_the_client(live: Live, documents: None) -> None:
    with Client(live.url, live.key) as folioscope:
        made = folioscope.begin_conversation(records="invoice")
        assert made.records is not None
        assert (made.records.schema, made.turns) == ("invoice", 0)
        free = folioscope.begin_conversation()
        turn = folioscope.ask_in(free.id, "Who was the cashier?")
        assert turn.answer is not None
        assert turn.answer.text == "12 dollars"
        understood, *steps, answered = folioscope.ask_in_events(free.id, "and the tax?")
        assert isinstance(understood, Turn)
        assert isinstance(answered, Turn)
        assert (understood.meant, understood.answer) == ("What is the tax?", None)
        assert {type(step) for step in steps} == {Searching, LookingAt}
        assert answered.answer is not None
        assert (answered.number, answered.answer.text) == (understood.number, "12 dollars")
        assert [one.number for one in folioscope.turns(free.id)] == [1, 2]
        assert folioscope.conversation(free.id).first_question == "Who was the cashier?"
        assert {made.id, free.id} <= {one.id for one in folioscope.conversations()}
        folioscope.delete_conversation(free.id)
        with pytest.raises(ConversationNotFound):
            folioscope.ask_in(free.id, "and then?")


def test_a_question_that_is_refused_ends_a_pipe_with_its_reason(live: Live) -> None:
    done = live.machine.spawn("chat", said="x" * 1001 + "\nWhat is the total?\n")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "(invalid-request)" in done.stderr
