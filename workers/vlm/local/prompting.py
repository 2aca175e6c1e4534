"""A prompt of a page as one family reads it: the whole text, marks for pages included, and what a reply may be."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image

from core.records import Box
from workers.vlm.asking import instruction_for
from workers.vlm.interface import PageRequest, Prompt, PromptKind, Role, Turn
from workers.vlm.local.families import Entry
from workers.vlm.local.loading import Checkpoint

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
READING = 1024  # new tokens for all that is printed on a page
REPLY = 128  # new tokens for a value, an answer, or places
LISTING = 2048  # new tokens for the rows of a table
CAPTION = 256  # new tokens for what a page shows
TALK = 512  # new tokens for a turn of a chat


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pages as the processor gets them, prepared once for all prompts."""

    images: tuple[Image.Image, ...]
    view: Box  # what of the page the first picture shows; it may be wider than the page
    name: str  # the same for the same pixels


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt, ready for the processor."""

    prompt: Prompt
    pictures: Pictures
    text: str
    budget: int  # new tokens at most

    @property
    def images(self) -> tuple[Image.Image, ...]:
        """The pages."""
        return self.pictures.images


def pictures_of(checkpoint: Checkpoint, request: PageRequest, region: Box | None) -> Pictures:
    """A request's pages, or a region of them, in colour and no larger than allowed."""
    cut = (_cut(image, region) for image in (request.image, *request.more))
    images = tuple(_within(image, checkpoint.most_pixels).convert("RGB") for image in cut)
    view = region or WHOLE
    if _crops(checkpoint):
        view = _view_of_square(images[0], view)
        images = tuple(_squared(image) for image in images)
    digest = hashlib.sha256()
    for image in images:
        digest.update(f"{image.size}".encode())
        digest.update(image.tobytes())
    return Pictures(images, view, digest.hexdigest())


def ask(checkpoint: Checkpoint, pictures: Pictures, prompt: Prompt, said: Sequence[Turn] = ()) -> Asked:
    """A prompt as this checkpoint's family reads it; `said` is a reply that was not valid, and why."""
    pages = len(pictures.images)
    if checkpoint.family.chat and getattr(checkpoint.processor, "chat_template", None):
        text = _chat(checkpoint, prompt, pages, said)
    else:
        text = _marked(checkpoint, _task(checkpoint, prompt), pages)
    budget = _budget(prompt)
    budget = min(budget, checkpoint.most_new_tokens or budget, prompt.budget or budget)
    return Asked(prompt, pictures, text, budget)


def _cut(image: Image.Image, box: Box | None) -> Image.Image:
    """The part of the page that is to be read."""
    if box is None:
        return image
    width, height = image.size
    left, top = min(width - 1, int(box.x0 * width)), min(height - 1, int(box.y0 * height))
    return image.crop((left, top, max(left + 1, round(box.x1 * width)), max(top + 1, round(box.y1 * height))))


def _within(image: Image.Image, pixels: int | None) -> Image.Image:
    """A page scaled down to so many pixels, where it has more."""
    if pixels is None or image.width * image.height <= pixels:
        return image
    scale = (pixels / (image.width * image.height)) ** 0.5
    return image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))


def _crops(checkpoint: Checkpoint) -> bool:
    """Whether the processor would cut the ends off a page that is not square."""
    images = getattr(checkpoint.processor, "image_processor", None)
    shortest = getattr(getattr(images, "size", None), "shortest_edge", None)
    return bool(getattr(images, "do_center_crop", False)) and shortest is not None


def _squared(image: Image.Image) -> Image.Image:
    """The page in the middle of a white square."""
    side = max(image.size)
    square = Image.new("RGB", (side, side), "white")
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def _view_of_square(image: Image.Image, view: Box) -> Box:
    """What the square around a picture shows, of the page that the picture shows `view` of."""
    side = max(image.size)
    left, top = (side - image.width) // 2 / image.width, (side - image.height) // 2 / image.height
    wide, high = view.x1 - view.x0, view.y1 - view.y0
    x0, y0 = view.x0 - left * wide, view.y0 - top * high
    return Box(x0, y0, x0 + side / image.width * wide, y0 + side / image.height * high)


def _budget(prompt: Prompt) -> int:
    match prompt.kind:
        case PromptKind.READ:
            return READING
        case PromptKind.DESCRIBE:
            return CAPTION
        case PromptKind.CHAT:
            return TALK
        case PromptKind.ROWS:
            return LISTING
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
