"""Questions in a conversation, from the turns before them to what a model is asked."""

from dataclasses import dataclass, field

from core.records import JobState
from storage import conversations
from storage.tables import Turn
from tests.scripted_model import ScriptedModel
from tests.workers.conftest import Bench
from workers.conversing import ask_in
from workers.vlm.catalog import read_catalog
from workers.vlm.interface import Capability, Generation, Prompt


@dataclass
class Listening(ScriptedModel):
    """A scripted model that keeps what it is asked."""

    prompts: list[Prompt] = field(default_factory=list)

    def _answer(self, number: int, prompt: Prompt) -> Generation:
        self.prompts.append(prompt)
        return super()._answer(number, prompt)


def ask(bench: Bench, conversation: str, question: str) -> Turn:
    """Ask, and let it be answered."""
    catalog = read_catalog(bench.settings)
    with bench.sessions.begin() as session:
        turn, job = ask_in(session, bench.settings, catalog, bench.workspace_id, conversation, question)
        number, job_id = turn.number, job.id
    bench.run()
    assert bench.job(job_id).state is JobState.SUCCEEDED
    with bench.sessions() as session:
        return conversations.get_turn(session, conversation, number)[0]


def begun(bench: Bench) -> str:
    with bench.sessions.begin() as session:
        return conversations.create(session, bench.workspace_id, {}, None).id


def test_a_model_that_holds_talks_is_told_the_turns_before_what_no_rule_understands(bench: Bench) -> None:
    talks = {Capability.EXTRACT, Capability.ASK, Capability.CHAT}
    model = bench.model = Listening(answers={"1": {"answer": None}}, capabilities=frozenset(talks))
    bench.document(1)
    conversation = begun(bench)
    for question in ("Where was it made?", "and why?", "How was it packed?"):
        ask(bench, conversation, question)
    asked = {prompt.text: [turn.text for turn in prompt.turns] for prompt in model.prompts if prompt.key == "answer"}
    assert asked == {
        "Where was it made?": [],
        "and why?": ["Where was it made?", "Not in these documents."],
        "How was it packed?": [
            "Where was it made?",
            "Not in these documents.",
            "and why?",
            "Not in these documents.",
        ],
    }


def test_another_model_is_asked_the_question_alone(bench: Bench) -> None:
    model = bench.model = Listening(answers={"1": {"answer": None}})
    bench.document(1)
    conversation = begun(bench)
    for question in ("Where was it made?", "and why?"):
        ask(bench, conversation, question)
    assert [prompt.turns for prompt in model.prompts if prompt.key == "answer"] == [(), ()]
