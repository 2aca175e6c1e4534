"""A prompt of a page as one family reads it: the whole text, marks for pages included, and what a reply may be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image

from workers.vlm.asking import instruction_for
from workers.vlm.interface import PageRequest, Prompt, PromptKind, Role, Turn
from workers.vlm.local.families import Entry
from workers.vlm.local.loading import Checkpoint

READING = 1024  # new tokens for all that is printed on a page
REPLY = 128  # new tokens for a value, an answer, or places
TALK = 512  # new tokens for a turn of a chat


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt, ready for the processor."""

    prompt: Prompt
    images: tuple[Image.Image, ...]
    text: str
    budget: int  # new tokens at most


def ask(checkpoint: Checkpoint, request: PageRequest, prompt: Prompt, said: Sequence[Turn] = ()) -> Asked:
    """A prompt as this checkpoint's family reads it; `said` is a reply that was not valid, and why."""
    cut = (_cut(image, prompt) for image in (request.image, *request.more))
    images = tuple(_within(image, checkpoint.most_pixels).convert("RGB") for image in cut)
    if checkpoint.family.chat and getattr(checkpoint.processor, "chat_template", None):
        text = _chat(checkpoint, prompt, len(images), said)
    else:
        text = _marked(checkpoint, _task(checkpoint, prompt), len(images))
    budget = _budget(prompt)
    budget = min(budget, checkpoint.most_new_tokens or budget, prompt.budget or budget)
    return Asked(prompt, images, text, budget)


def _cut(image: Image.Image, prompt: Prompt) -> Image.Image:
    """The part of the page that is to be read."""
    if prompt.region is None:
        return image
    box, (width, height) = prompt.region, image.size
    left, top = min(width - 1, int(box.x0 * width)), min(height - 1, int(box.y0 * height))
    return image.crop((left, top, max(left + 1, round(box.x1 * width)), max(top + 1, round(box.y1 * height))))


def _within(image: Image.Image, pixels: int | None) -> Image.Image:
    """A page scaled down to so many pixels, where it has more."""
    if pixels is None or image.width * image.height <= pixels:
        return image
    scale = (pixels / (image.width * image.height)) ** 0.5
    return image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))


def _budget(prompt: Prompt) -> int:
    match prompt.kind:
        case PromptKind.READ:
            return READING
        case PromptKind.CHAT:
            return TALK
        case _:
            return REPLY


def _task(checkpoint: Checkpoint, prompt: Prompt) -> str:
    """A prompt in the family's own words, or as an instruction."""
    words = checkpoint.family.tasks.get(prompt.kind)
    if words is None or prompt.kind is PromptKind.CLASSIFY:
        plain = plainly(checkpoint, instruction_for(prompt))
        return plain if words is None else words.format(text=plain)
    return words.format(text=plainly(checkpoint, prompt.text))


def _chat(checkpoint: Checkpoint, prompt: Prompt, pages: int, said: Sequence[Turn]) -> str:
    """The talk as the chat template writes it, ended where the reply begins. Pages come before the first words."""
    turns = [*prompt.turns, *said]
    if prompt.kind is not PromptKind.CHAT:
        turns = [*prompt.turns, Turn(Role.USER, _task(checkpoint, prompt)), *said]
    messages: list[dict[str, Any]] = []
    shown = False
    for turn in turns:
        content: list[dict[str, str]] = [{"type": "text", "text": plainly(checkpoint, turn.text)}]
        if turn.role is Role.USER and not shown:
            content, shown = [{"type": "image"}] * pages + content, True
        messages.append({"role": turn.role.value, "content": content})
    text: str = checkpoint.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    return text


def _marked(checkpoint: Checkpoint, task: str, pages: int) -> str:
    """A task after the marks of its pages, where the text carries such marks."""
    mark = mark_of(checkpoint)
    if mark is None or checkpoint.family.entry is not Entry.TEXT:
        return task
    return f"{mark * pages}{task}" if not checkpoint.family.chat else f"{mark * pages}\n{task}\n"


def mark_of(checkpoint: Checkpoint) -> str | None:
    """The token that stands for a page in the text; None where the processor sets pages in by itself."""
    mark: str | None = getattr(checkpoint.processor, "image_token", None)
    return None if checkpoint.model.config.model_type == "florence2" else mark


def plainly(checkpoint: Checkpoint, text: str) -> str:
    """A text of others without the tokens that steer a model: a question is to be read, not obeyed as a page mark."""
    return _steering(checkpoint.tokenizer).sub(" ", text)


@lru_cache(maxsize=8)
def _steering(tokenizer: Any) -> re.Pattern[str]:
    """Tokens that nobody writes by chance."""
    tokens = {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}
    odd = sorted((t for t in tokens if t.strip() and not t.isalnum()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, odd)) or r"(?!)")
