"""What becomes of a reply that was cut off, and of probabilities that nobody wants."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from core.records import StopReason
from core.settings import Settings
from tests.workers.vlm.local import checkpoints
from workers.inference import confidence_of
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind, Role, Turn
from workers.vlm.local.backend import LocalModel
from workers.vlm.local.decode import Spoken
from workers.vlm.local.replies import generation
from workers.vlm.registry import load_model

PAGE = Image.linear_gradient("L").resize((40, 60))
TALK = Prompt("reply", PromptKind.CHAT, "Hello", turns=(Turn(Role.USER, "Hello"),), budget=12)
VALUES = (
    Prompt("total", PromptKind.FIELD, "total", budget=12),
    Prompt("answer", PromptKind.QUESTION, "What is the total?", budget=12),
    Prompt("page", PromptKind.READ, "", budget=12),
    Prompt("place", PromptKind.LOCATE, "Total", budget=12),
)
LABEL = Prompt("label", PromptKind.CLASSIFY, "kind", labels=("ad", "memo"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("llava")
    checkpoints.FAMILIES["llava"](made)
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> LocalModel:
    return LocalModel.load(str(folder))


def ask(model: LocalModel, *prompts: Prompt) -> list[Generation]:
    (told,) = model.generate([PageRequest(PAGE, prompts)])
    return told


def test_a_turn_that_was_cut_off_is_told_as_far_as_it_came_and_says_so(model: LocalModel) -> None:
    longer = replace(TALK, budget=20)
    short, long = ask(model, TALK, longer)
    assert (short.stop, long.stop) == (StopReason.BUDGET, StopReason.BUDGET)
    assert short.text
    assert long.text
    assert long.text.startswith(short.text)
    assert short.confidence is not None
    assert short.error is None


def test_a_value_that_was_cut_off_is_none(model: LocalModel) -> None:
    assert [(g.text, g.box, g.lines, g.stop) for g in ask(model, *VALUES)] == [(None, None, (), StopReason.BUDGET)] * 4


@pytest.mark.parametrize(("said", "text"), [("It is 5 ", "It is 5"), ("It costs", "It costs"), ("  ", None)])
def test_a_turn_does_not_end_in_half_a_character(model: LocalModel, said: str, text: str | None) -> None:
    tokenizer = model.checkpoint.tokenizer
    ids = tokenizer(said, add_special_tokens=False)["input_ids"]
    ids += tokenizer("€", add_special_tokens=False)["input_ids"][:2]  # two of its three bytes
    spoken = Spoken(tuple(ids), (0.9,) * len(ids), StopReason.BUDGET)
    assert generation(model.checkpoint, TALK, spoken, PAGE.size, 0.0).text == text


def test_a_model_that_is_to_tell_no_probabilities_reads_the_same_and_is_as_sure_as_nobody_knows(
    folder: Path, model: LocalModel, tmp_path: Path
) -> None:
    (tmp_path / "models.toml").write_text(f'[models.quiet]\nkind = "local"\nname = "{folder}"\nlogprobs = false\n')
    quiet = load_model(Settings(data_dir=tmp_path), "quiet")
    assert isinstance(quiet, LocalModel)
    prompts = (TALK, *VALUES, LABEL)
    told, known = ask(quiet, *prompts), ask(model, *prompts)
    assert [(g.text, g.stop) for g in told] == [(g.text, g.stop) for g in known]
    assert [(g.probabilities, confidence_of(g), g.tokens) for g in told] == [(None, None, None)] * 6
    assert known[0].tokens
    assert all(confidence_of(g) is not None for g in known)
    assert quiet.identity != model.identity  # what it has said is not taken for what the other says
