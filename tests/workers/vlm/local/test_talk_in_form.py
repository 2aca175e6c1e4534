"""A talk whose reply is to be JSON: held to its schema token by token, validated, and told with its tokens."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.records import StopReason
from tests.workers.vlm.local import checkpoints
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind, Role, Turn
from workers.vlm.local.backend import LocalModel

PAGE = Image.linear_gradient("L").resize((40, 60))
KIND = {
    "type": "object",
    "properties": {"kind": {"enum": ["invoice", "Brief über alles"]}, "paid": {"type": "boolean"}},
    "required": ["kind", "paid"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    folder: Path = tmp_path_factory.mktemp("smolvlm")
    checkpoints.FAMILIES["smolvlm"](folder)
    return LocalModel.load(str(folder))


def talk(model: LocalModel, schema: dict[str, Any] | None, budget: int = 120) -> Generation:
    text = "What is it?"
    prompt = Prompt("reply", PromptKind.CHAT, text, schema=schema, turns=(Turn(Role.USER, text),), budget=budget)
    ((said,),) = model.generate([PageRequest(PAGE, (prompt,))])
    return said


def test_a_random_model_replies_in_json_of_the_schema_and_tells_its_tokens(model: LocalModel) -> None:
    said = talk(model, KIND)
    assert (said.error, said.stop) == (None, StopReason.END)
    body = json.loads(said.text or "")
    assert set(body) == {"kind", "paid"}
    assert body["kind"] in {"invoice", "Brief über alles"}
    assert said.tokens is not None
    assert b"".join(token.data for token in said.tokens).decode() == said.text
    assert said.probabilities is not None
    assert tuple(token.probability for token in said.tokens) == said.probabilities[: len(said.tokens)]


def test_half_of_a_reply_that_is_to_be_json_is_no_reply(model: LocalModel) -> None:
    said = talk(model, KIND, budget=4)
    assert (said.text, said.stop) == (None, StopReason.BUDGET)


def test_a_schema_that_cannot_be_held_to_is_validated_all_the_same(model: LocalModel) -> None:
    said = talk(model, {"type": "object", "not": {"required": ["x"]}}, budget=30)
    assert said.text is None
    assert said.error == "invalid-output" or said.stop is not StopReason.END


def test_a_turn_in_words_is_told_with_its_tokens(model: LocalModel) -> None:
    said = talk(model, None, budget=20)
    assert said.text
    assert said.tokens is not None
    assert said.text in b"".join(token.data for token in said.tokens).decode(errors="replace")
