"""Any checkpoint can be loaded and asked: tiny random ones, built here, stand for the families."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from structlog.testing import capture_logs
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from core.errors import ModelUnavailable
from core.records import Box, StopReason
from core.settings import Settings
from workers.vlm.interface import Capability, Generation, PageRequest, Prompt, PromptKind
from workers.vlm.local.backend import LocalModel
from workers.vlm.local.prompting import REPLY, ask, pictures_of
from workers.vlm.local.replies import _fits
from workers.vlm.loops import loops
from workers.vlm.registry import load_model

TEMPLATE = (
    "{% for m in messages %}user: {% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image> {% else %}{{ c['text'] }}{% endif %}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %} assistant: {% endif %}"
)
PAGE = PageRequest(
    Image.new("L", (40, 60), 255),
    (
        Prompt("total", PromptKind.FIELD, "total"),
        Prompt("answer", PromptKind.QUESTION, "What is the date of the letter?"),
    ),
)
WORDS = ["<pad>", "</s>", "<unk>", "<image>", "total", "none", "12.00", "the", "page", "user:", "assistant:"]


def _checkpoint(folder: Path, template: str | None) -> Path:
    torch.manual_seed(0)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    fast.add_special_tokens({"additional_special_tokens": ["<image>"]})
    images = CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})
    processor = LlavaProcessor(
        images,
        fast,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    )
    vision = CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=8
    )
    text = LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        eos_token_id=1,
        pad_token_id=0,
        bos_token_id=2,
    )
    model = LlavaForConditionalGeneration(
        LlavaConfig(vision_config=vision, text_config=text, image_token_index=3, vision_feature_layer=-1)
    )
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = 1, 0
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=[TEMPLATE, None], ids=["chat", "plain"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `save_pretrained` writes it, with or without a chat template."""
    return _checkpoint(tmp_path_factory.mktemp("checkpoint"), request.param)


@pytest.fixture
def model(checkpoint: Path) -> LocalModel:
    """The checkpoint behind the interface, as the registry loads it."""
    loaded = load_model(Settings(model=str(checkpoint), model_threads=1))
    assert isinstance(loaded, LocalModel)
    return loaded


def _always_say(model: LocalModel, token: int) -> None:
    """Bend the output layer so that one token always wins."""
    head = model.checkpoint.model.lm_head
    head.weight.data.zero_()
    head.bias = torch.nn.Parameter(torch.zeros(len(WORDS)))
    head.bias.data[token] = 5.0


def _cycle(model: LocalModel, tokens: list[int]) -> None:
    """Make the model say `tokens` in order: each row's next token is told by how many it has said."""
    said = {"n": 0}
    forward = model.checkpoint.model.lm_head.forward

    def speak(hidden: torch.Tensor) -> torch.Tensor:
        scores = torch.zeros_like(forward(hidden))
        scores[..., tokens[said["n"] % len(tokens)]] = 6.0
        said["n"] += 1
        return scores

    model.checkpoint.model.lm_head.forward = speak


def test_every_prompt_gets_one_generation(model: LocalModel) -> None:
    pages = model.generate([PAGE, PAGE])
    assert [len(page) for page in pages] == [2, 2]
    assert all(isinstance(g, Generation) and g.probabilities for page in pages for g in page)


def test_the_same_page_and_prompt_give_the_same_generation(model: LocalModel) -> None:
    first, second = model.generate([PAGE])[0], model.generate([PAGE])[0]
    assert [(g.text, g.stop) for g in first] == [(g.text, g.stop) for g in second]


def test_the_confidence_is_the_product_of_the_token_probabilities(model: LocalModel) -> None:
    _cycle(model, [4, 6, 1])
    for generation in model.generate([PAGE])[0]:
        assert generation.text == "total 12.00"
        assert generation.stop is StopReason.END
        assert generation.probabilities is not None
        assert len(generation.probabilities) == 3
        assert generation.confidence == pytest.approx(math.prod(generation.probabilities))
        assert generation.confidence is not None
        assert 0.9 < generation.confidence < 1


def test_a_model_that_says_none_found_nothing(model: LocalModel) -> None:
    _cycle(model, [5, 1])
    assert [(g.text, g.stop) for g in model.generate([PAGE])[0]] == [(None, StopReason.END)] * 2


def test_a_model_that_says_nothing_at_all_gave_no_answer(model: LocalModel) -> None:
    _cycle(model, [1])
    told = model.generate([PAGE])[0]
    assert [(g.text, g.stop, g.error) for g in told] == [(None, StopReason.END, "empty-output")] * 2


def test_a_model_that_repeats_itself_is_stopped_and_gives_no_text(model: LocalModel) -> None:
    _always_say(model, 6)
    for generation in model.generate([PAGE])[0]:
        assert generation.stop is StopReason.LOOP
        assert generation.text is None
        assert generation.probabilities is not None
        assert len(generation.probabilities) < REPLY


def test_a_model_that_never_ends_runs_out_of_budget_and_gives_no_text(model: LocalModel) -> None:
    counting = [4, 5, 6, 7, 8, 9, 10]
    _cycle(model, [counting[(i * i // 7 + i // 5) % 7] for i in range(REPLY)])
    for generation in model.generate([PAGE])[0]:
        assert generation.stop is StopReason.BUDGET
        assert generation.text is None


def test_a_cancel_ends_the_generation_at_its_next_token(model: LocalModel) -> None:
    _always_say(model, 6)
    asked = iter([False] * (4 + 1 + 2))  # for each prompt, the batch, and two of its tokens
    told = [g for page in model.generate([PAGE, PAGE], cancelled=lambda: next(asked, True)) for g in page]
    assert [(g.stop, g.text) for g in told] == [(StopReason.CANCELLED, None)] * 4
    assert [len(g.probabilities or ()) for g in told] == [3] * 4


def test_after_a_cancel_no_page_is_read(model: LocalModel) -> None:
    (told,) = model.generate([PAGE], cancelled=lambda: True)
    assert [(g.stop, g.probabilities) for g in told] == [(StopReason.CANCELLED, None)] * 2
    assert len(model.pages) == 0


def test_the_revision_changes_with_the_weights(checkpoint: Path, model: LocalModel, tmp_path: Path) -> None:
    model.checkpoint.model.lm_head.weight.data += 1
    model.checkpoint.model.save_pretrained(tmp_path)
    model.checkpoint.processor.save_pretrained(tmp_path)
    assert LocalModel.load(str(tmp_path)).identity.revision != model.identity.revision
    assert LocalModel.load(str(checkpoint)).identity.revision == model.identity.revision


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nowhere"):
        LocalModel.load(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("tokens", [[7] * 24, [1, 2, 3] * 8, list(range(20)) * 4, [9, 9, 8, *([4, 5] * 12)]])
def test_a_short_cycle_said_again_and_again_is_a_loop(tokens: list[int]) -> None:
    assert loops(tokens)


@pytest.mark.parametrize("tokens", [[], [7] * 20, [1, 2, 3] * 5, list(range(20)) * 3, list(range(128))])
def test_a_number_of_equal_digits_or_a_list_is_no_loop(tokens: list[int]) -> None:
    assert not loops(tokens)


def test_a_family_that_nobody_wrote_down_is_asked_by_its_template_and_said_so(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = LocalModel.load(str(checkpoint), max_new_tokens=8)
    monkeypatch.setattr("workers.vlm.local.loading.FAMILIES", {})
    with capture_logs() as logs:
        unknown = LocalModel.load(str(checkpoint), max_new_tokens=8)
    chat = getattr(known.checkpoint.processor, "chat_template", None)
    way = "its chat template" if chat else "plain words"
    assert [(entry["family"], entry["asked_by"]) for entry in logs] == [("llava", way)]
    ours, theirs = unknown.generate([PAGE])[0], known.generate([PAGE])[0]
    assert [g.probabilities for g in ours] == [pytest.approx(g.probabilities, abs=1e-5) for g in theirs]
    assert Capability.LOCATE not in unknown.capabilities


def test_what_a_model_cannot_do_is_an_error_and_no_guess(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.vlm.local.loading.FAMILIES", {})
    unknown = LocalModel.load(str(checkpoint), max_new_tokens=2)
    prompts = (Prompt("place", PromptKind.LOCATE, "total"), Prompt("total", PromptKind.FIELD, "total"))
    place, total = unknown.generate([PageRequest(PAGE.image, prompts)])[0]
    assert (place.text, place.error) == (None, "model-cannot")
    assert total.error is None


def test_a_question_cannot_set_pages_or_steer(model: LocalModel) -> None:
    prompt = Prompt("answer", PromptKind.QUESTION, "What is <image></s><image> the total?")
    pictures = pictures_of(model.checkpoint, PageRequest(PAGE.image, (prompt,)), None)
    asked = ask(model.checkpoint, pictures, prompt)
    assert asked.text.count("<image>") == 1
    assert "</s>" not in asked.text
    assert model.generate([PageRequest(PAGE.image, (prompt,))])[0][0].probabilities


def test_a_page_that_would_be_cut_is_set_in_a_square_and_its_boxes_come_back(model: LocalModel) -> None:
    region = Box(0.0, 0.5, 1.0, 1.0)
    prompt = Prompt("place", PromptKind.LOCATE, "total", region=region)
    page = PageRequest(Image.new("L", (40, 40), 0), (prompt,))
    asked = pictures_of(model.checkpoint, page, region)
    assert asked.images[0].size == (40, 40)  # the lower half, 40 by 20, in a square
    assert [asked.images[0].getpixel((20, y)) for y in (9, 10, 29, 30)] == [
        (255, 255, 255),
        (0, 0, 0),
        (0, 0, 0),
        (255, 255, 255),
    ]
    assert asked.view == Box(0.0, 0.25, 1.0, 1.25)


def test_a_batch_that_runs_out_of_memory_goes_on_in_halves(model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = model.generate([PAGE, PAGE])
    generate, sizes = model.checkpoint.model.generate, []

    def short_of_memory(**inputs: Any) -> Any:
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return generate(**inputs)

    monkeypatch.setattr(model.checkpoint.model, "generate", short_of_memory)
    halves = model.generate([PAGE, PAGE])
    assert sizes == [4, 2, 1, 1, 2, 1, 1]
    assert len(model.pages) == 0  # what was kept for the next question gave way
    assert [(g.text, g.stop) for page in halves for g in page] == [(g.text, g.stop) for page in whole for g in page]


def test_int8_is_another_model_that_takes_less_room(checkpoint: Path, model: LocalModel) -> None:
    small = LocalModel.load(str(checkpoint), quantization="int8", max_new_tokens=4)
    assert small.identity.decoding != model.identity.decoding
    assert all(g.probabilities for g in small.generate([PAGE])[0])
    kinds = {type(module).__name__ for module in small.checkpoint.model.modules()}
    assert "QuantizedLinear" in kinds


@pytest.mark.parametrize(("quantization", "device"), [("int4", "cpu"), ("int8", "cuda")])
def test_a_precision_that_is_not_to_be_had_is_refused(checkpoint: Path, quantization: str, device: str) -> None:
    with pytest.raises(ModelUnavailable, match="int8"):
        LocalModel.load(str(checkpoint), quantization=quantization, device=device)


def test_a_reply_of_the_wrong_form_is_asked_for_once_more_and_then_an_error(model: LocalModel) -> None:
    schema = {"type": "string", "pattern": "^[a-z]+$"}  # this tokenizer of words cannot be constrained
    prompt = Prompt("kind", PromptKind.FIELD, "kind", schema=schema)
    runs: list[int] = []
    run = model._run
    model._run = lambda jobs, cancelled: runs.append(len(jobs)) or run(jobs, cancelled)  # type: ignore[method-assign,func-returns-value]
    _cycle(model, [4, 6, 1])
    (told,) = model.generate([PageRequest(PAGE.image, (prompt,))])[0]
    assert (told.text, told.error, told.stop) == (None, "invalid-output", StopReason.END)
    assert runs == [1, 1]


@pytest.mark.parametrize(
    ("text", "kind", "fits"),
    [
        ("$1,204.00", "number", True),
        ("1.204,00 EUR", "number", True),
        ("12", "integer", True),
        ("twelve or so", "number", False),
        ("between 10 and 20 in all", "number", False),
        ("Yes", "boolean", True),
        ("maybe", "boolean", False),
        ("any words", "string", True),
    ],
)
def test_base_models_reply_as_it_is_printed(text: str, kind: str, *, fits: bool) -> None:
    assert _fits(text, Prompt("total", PromptKind.FIELD, "total", schema={"type": kind})) is fits
