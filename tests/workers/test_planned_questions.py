"""Questions that the grammar leaves alone, planned by a model that holds talks, where the settings say so."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from core.records import JobState, StopReason
from tests.scripted_model import ScriptedModel
from tests.workers.conftest import Bench
from workers.asking import Asked, start_ask
from workers.vlm.interface import Capability, Generation, PageRequest, PromptKind

QUESTION = "so, kindly tell: thing tally?"


@dataclass
class Planner(ScriptedModel):
    """Answers about pages as scripted, and writes this plan for any question."""

    plan: Any = None
    capabilities: frozenset[Capability] = ScriptedModel.capabilities | {Capability.CHAT}

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """A plan where one is asked for."""
        ((prompt, *_), *_) = (request.prompts for request in requests)
        if prompt.kind is PromptKind.CHAT:
            return [[Generation(json.dumps({"plan": self.plan}), None, None, StopReason.END, 0.0)]]
        return super().generate(requests, cancelled)


@pytest.fixture
def planner(bench: Bench) -> Planner:
    """The bench's model writes plans, and two documents were read under a schema."""
    model = Planner(answers={str(number): {"total": "12.00", "answer": f"{number}.50"} for number in (1, 2)})
    bench.model = model
    bench.settings = bench.settings.model_copy(update={"plan_with_model": True})
    schema = bench.schema(total="total")
    bench.extract(schema, bench.document(1, name="a.pdf"), bench.document(2, name="b.pdf"))
    bench.run()
    return model


def ask(bench: Bench) -> dict[str, Any]:
    desk = bench.desks[0]
    with bench.sessions.begin() as session:
        job_id = start_ask(session, bench.settings, desk.catalog, bench.workspace_id, Asked(QUESTION)).id
    bench.run()
    assert bench.state(job_id) is JobState.SUCCEEDED
    result = bench.job(job_id).result
    assert result is not None
    return result


def test_a_plan_that_the_model_writes_is_worked_out_from_records(bench: Bench, planner: Planner) -> None:
    planner.plan = {"intent": "count", "schema": "thing", "where": []}
    result = ask(bench)
    assert result["kind"] == "exact"
    assert result["plan"]["number"] == 2
    assert len(result["plan"]["citations"]) == 2


@pytest.mark.parametrize("plan", [None, {"intent": "count", "schema": "nothing"}, "DROP TABLE records"])
def test_without_a_plan_that_holds_the_pages_are_asked(plan: Any, bench: Bench, planner: Planner) -> None:
    planner.plan = plan
    result = ask(bench)
    assert result["kind"] == "read"
    assert result["pages_looked_at"] == 2


def test_a_model_that_holds_no_talks_is_asked_about_pages_alone(bench: Bench, planner: Planner) -> None:
    planner.capabilities = ScriptedModel.capabilities
    planner.plan = {"intent": "count", "schema": "thing", "where": []}
    assert ask(bench)["kind"] == "read"
