"""Every family of the table, as a tiny checkpoint made here, against what the library itself makes of the same."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.records import Box, StopReason
from tests.workers.vlm.local import checkpoints
from workers.vlm.interface import Capability, PageRequest, Prompt, PromptKind, Role, Turn
from workers.vlm.local.backend import LocalModel, Question
from workers.vlm.local.classify import candidates, verdict
from workers.vlm.local.decode import Spoken, end_tokens
from workers.vlm.local.families import Entry, Shared
from workers.vlm.local.loading import Checkpoint
from workers.vlm.local.prompting import Asked, ask, pictures_of
from workers.vlm.local.replies import generation
from workers.vlm.local.ways import process, token_ids

# The processor of PaliGemma makes an array of a tensor in a way that numpy will not take for ever.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

NEW = 6  # tokens of a reply
SIZE = (56, 84)  # of a picture that families with pixels in their text were shown
INVOICE = {"enum": ["invoice", "letter"]}


def noise(seed: int, width: int, height: int) -> Image.Image:
    dots = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(dots)


TALL, WIDE = noise(1, 48, 64), noise(2, 60, 40)
ASKED = (
    Prompt("total", PromptKind.FIELD, "total"),
    Prompt("answer", PromptKind.QUESTION, "What is the date of this rather long letter?"),
)
FOUND = (Prompt("text", PromptKind.READ, ""), Prompt("place", PromptKind.LOCATE, "the total of it"))


@pytest.fixture(scope="module", params=list(checkpoints.FAMILIES))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    folder = tmp_path_factory.mktemp(request.param)
    checkpoints.FAMILIES[request.param](folder)
    return LocalModel.load(str(folder), max_new_tokens=NEW)


@pytest.fixture(scope="module")
def questions(model: LocalModel) -> list[Question]:
    prompts = ASKED if Capability.ASK in model.capabilities else FOUND
    return [Question(PageRequest(page, prompts), prompt) for page in (TALL, WIDE) for prompt in prompts]


@pytest.fixture(scope="module")
def expected(model: LocalModel, questions: list[Question]) -> list[Spoken]:
    return [by_the_library(model.checkpoint, asked_of(model, q)) for q in questions]


def asked_of(model: LocalModel, question: Question) -> Asked:
    return ask(model.checkpoint, pictures_of(model.checkpoint, question.request, None), question.prompt)


def by_the_library(checkpoint: Checkpoint, asked: Asked) -> Spoken:
    """One prompt alone through processor and `generate`, no page shared, and the chances of plain forward passes."""
    if checkpoint.family.entry is Entry.DECODER:
        made = checkpoint.processor(images=asked.images[0], text=asked.text, return_tensors="pt")
        inputs = {"pixel_values": made["pixel_values"], "decoder_input_ids": made["input_ids"]}
    else:
        inputs = process(checkpoint, [asked.images], [asked.text])
    output = checkpoint.model.generate(
        **inputs,
        max_new_tokens=asked.budget,
        do_sample=False,
        num_beams=1,
        eos_token_id=list(end_tokens(checkpoint)),
        output_logits=True,
        return_dict_in_generate=True,
    )
    tokens = output.sequences[0, -len(output.logits) :].tolist()
    steps = zip(output.logits, tokens, strict=True)
    chances = tuple(logits[0].log_softmax(-1)[token].exp().item() for logits, token in steps)
    return Spoken(tuple(t for t in tokens if t not in end_tokens(checkpoint)), chances, StopReason.BUDGET)


def said(model: LocalModel, questions: Sequence[Question]) -> list[Spoken]:
    return model._run(model._jobs(questions, lambda: False), lambda: False)


def agree(ours: Sequence[Spoken], theirs: Sequence[Spoken]) -> bool:
    assert [o.tokens for o in ours] == [t.tokens for t in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert our.chances == pytest.approx(their.chances, abs=1e-4)
    return True


def test_a_reply_is_the_librarys_own_alone_and_among_others(
    model: LocalModel, questions: list[Question], expected: list[Spoken]
) -> None:
    assert agree([said(model, [question])[0] for question in questions], expected)
    assert agree(said(model, questions), expected)


def test_a_page_that_is_kept_says_the_same_as_one_that_is_read_again(
    model: LocalModel, questions: list[Question], expected: list[Spoken]
) -> None:
    shares = model.checkpoint.family.shared is not Shared.NOTHING
    said(model, questions)
    assert len(model.pages) == (2 if shares else 0)
    forgetful = LocalModel(model.checkpoint, kept_bytes=0)
    assert agree(said(forgetful, questions), expected)
    assert len(forgetful.pages) == 0
    assert agree(said(model, questions[::-1]), expected[::-1])


def test_a_cancel_is_seen_at_the_next_token(model: LocalModel, questions: list[Question]) -> None:
    asked = iter([False] * 3)  # for the page, the batch, and its first token
    (told,) = model._answers(questions[:1], lambda: next(asked, True))
    assert told.stop is StopReason.CANCELLED
    assert told.text is None
    assert len(told.probabilities or ()) == 2


def test_a_schema_is_kept_even_by_random_weights(model: LocalModel) -> None:
    patient = LocalModel(replace(model.checkpoint, most_new_tokens=48))
    schemas: list[dict[str, Any]] = [
        INVOICE,
        {"type": "integer", "minimum": 0, "maximum": 999},
        {"type": "string", "maxLength": 4},
    ]
    prompts = tuple(Prompt(str(n), PromptKind.FIELD, "kind", schema=schema) for n, schema in enumerate(schemas))
    (told,) = patient.generate([PageRequest(TALL, prompts)])
    if Capability.EXTRACT not in model.capabilities:
        assert [g.error for g in told] == ["model-cannot"] * 3
    elif model.checkpoint.family.chat:
        assert [(g.error, g.stop) for g in told] == [(None, StopReason.END)] * 3
        assert told[0].text in {"invoice", "letter", None}
        assert told[1].text is None or 0 <= int(told[1].text) <= 999
        assert told[2].text is None or len(told[2].text) <= 4
        assert all(g.probabilities and g.confidence is not None for g in told)
    else:
        assert [g.text for g in told[:2] if g.text not in {"invoice", "letter"}] == [None] * 2


def test_a_box_comes_back_to_where_it_was(model: LocalModel) -> None:
    family = model.checkpoint.family
    for form, kind in ((family.places, PromptKind.LOCATE), (family.lines, PromptKind.READ)):
        if form is None:
            continue
        box = Box(0.123, 0.246, 0.71, 0.333)
        written = form.write("total", box, SIZE)
        ids = model.checkpoint.tokenizer(written, add_special_tokens=False)["input_ids"]
        reply = Spoken(tuple(ids), (0.9,) * len(ids), StopReason.END)
        told = generation(model.checkpoint, Prompt("p", kind, "total"), reply, SIZE, 0.0)
        (line,) = told.lines
        assert line.text == "total"
        bins = (form.bins, form.bins) if form.bins else SIZE
        for back, true, steps in zip(line.box.as_list(), box.as_list(), (*bins, *bins), strict=True):
            assert abs(back - true) <= 1 / steps


def chances_in_one_pass(checkpoint: Checkpoint, asked: Asked, reply: Sequence[int]) -> Spoken:
    """How likely a reply is by one plain forward pass over all of it."""
    inputs = process(checkpoint, [asked.images], [asked.text])
    length = inputs["input_ids"].shape[1]
    tail = torch.tensor([reply])
    for name, value in inputs.items():
        if name == "input_ids":
            inputs[name] = torch.cat([value, tail], dim=1)
        elif name == "cross_attention_mask":
            inputs[name] = torch.cat([value, value[:, -1:].expand(-1, len(reply), -1, -1)], dim=1)
        elif value.ndim == 2 and value.shape[1] == length:
            inputs[name] = torch.cat([value, torch.full_like(tail, int(name == "attention_mask"))], dim=1)
    with torch.inference_mode():
        logits = checkpoint.model(**inputs).logits[0, length - 1 : -1]  # (T, V)
    chances = logits.log_softmax(-1).gather(1, tail.T)[:, 0].exp().tolist()
    return Spoken(tuple(reply), tuple(chances), StopReason.END)


def test_a_label_is_as_likely_as_its_tokens_in_one_pass(model: LocalModel) -> None:
    if Capability.CLASSIFY not in model.capabilities:
        return
    checkpoint = model.checkpoint
    prompt = Prompt("kind", PromptKind.CLASSIFY, "", labels=("ad", "memo"))
    question = Question(PageRequest(WIDE, (prompt,)), prompt)
    told = model._answers([question], lambda: False)[0]
    assert told.text in {"ad", "memo", None}
    if checkpoint.model.config.model_type == "paligemma":
        return  # what follows its prompt is of another kind of token, and a plain pass does not know that
    asked, names = asked_of(model, question), candidates(prompt.labels)
    replies = [[*token_ids(checkpoint, name).tolist(), end_tokens(checkpoint)[0]] for name in names]
    true = verdict(names, [chances_in_one_pass(checkpoint, asked, reply) for reply in replies], 0.0)
    assert told.text == true.text
    assert told.confidence == pytest.approx(true.confidence, abs=1e-3)


def test_a_talk_has_turns_and_pages(model: LocalModel) -> None:
    if Capability.CHAT not in model.capabilities:
        return
    turns = (
        Turn(Role.SYSTEM, "Be brief."),
        Turn(Role.USER, "What are these?"),
        Turn(Role.ASSISTANT, "Two pages."),
        Turn(Role.USER, "Which has the total?"),
    )
    prompt = Prompt("reply", PromptKind.CHAT, "", turns=turns)
    question = Question(PageRequest(TALL, (prompt,), more=(WIDE,)), prompt)
    asked = replace(asked_of(model, question), budget=NEW)
    assert asked.text.index("Be brief.") < asked.text.index("What are these?") < asked.text.index("Two pages.")
    assert agree(said(model, [question]), [by_the_library(model.checkpoint, asked)])


def test_a_description_is_all_that_the_model_says_to_its_family_s_words(model: LocalModel) -> None:
    if Capability.DESCRIBE not in model.capabilities:
        return
    prompt = Prompt("description", PromptKind.DESCRIBE, "page")
    question = Question(PageRequest(TALL, (prompt,)), prompt)
    asked = asked_of(model, question)
    words = model.checkpoint.family.tasks.get(PromptKind.DESCRIBE, "Describe this page in one or two sentences")
    assert words in asked.text
    (expected,) = [by_the_library(model.checkpoint, asked)]
    assert agree(said(model, [question]), [expected])
    told = generation(model.checkpoint, prompt, replace(expected, stop=StopReason.END), SIZE, 0.0)
    assert told.text or told.error == "empty-output"
    if told.text:
        assert told.confidence == pytest.approx(sum(expected.chances) / len(expected.chances))
