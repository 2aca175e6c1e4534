"""The bundled model behind the model interface."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from core.errors import ModelUnavailable
from core.records import Box, StopReason
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.describing import Fact, describe_page, facts_asked, hardly_read, nothing_read
from workers.vlm.bundled.doubt import LEGIBLE as LEAST_LEGIBLE
from workers.vlm.bundled.doubt import Legibility, doubted
from workers.vlm.bundled.finder import Block, Down
from workers.vlm.bundled.folding import fold_norms
from workers.vlm.bundled.kept import KeptPages
from workers.vlm.bundled.modeling import Answer, FolioscopeForImageTextToText, ReadPage, in_shares
from workers.vlm.bundled.printed import lines_on
from workers.vlm.bundled.processing import FolioscopeProcessor
from workers.vlm.bundled.prompts import Locate, Read, Task, prompt_ids
from workers.vlm.bundled.reading import PixelBox, box_of
from workers.vlm.bundled.rows import find_rows
from workers.vlm.bundled.sorting import kind_of, sort_page
from workers.vlm.bundled.tables.cell import PageCell
from workers.vlm.bundled.tables.sheet import strips_of
from workers.vlm.interface import (
    Capability,
    Cell,
    Generation,
    Line,
    ModelIdentity,
    PageRequest,
    Prompt,
    PromptKind,
    Table,
)

FOLDER = Path(__file__).parent
DECODING = "pointers-6"  # changes when the way from scores to text does
DTYPES = {"auto": torch.float32, "float32": torch.float32, "bfloat16": torch.bfloat16}
WHOLE = "page"  # what a description is of, where nothing else is said
UNREAD = 0.5  # how sure it is that a page fits no label on which no text was found
_OF_PEOPLE = frozenset({PromptKind.QUESTION, PromptKind.CHAT})  # who asked once asks again


class _Stopped(Exception):
    """Nobody waits for the page any more."""


@dataclass
class BundledModel:
    """Reads a page once, answers all its prompts in one batch, and keeps recent pages for follow-up questions.

    It points at words and lays out rows of them; it sorts pages by what is printed, and puts a description together of
    that. Of a talk it answers the last turn, as a question.
    """

    capabilities: ClassVar = frozenset(
        {Capability.EXTRACT, Capability.ASK, Capability.READ, Capability.LOCATE, Capability.ROWS}
        | {Capability.CLASSIFY, Capability.DESCRIBE}
    )
    sheets: ClassVar = True
    keeps: ClassVar = True
    points: ClassVar = True  # at words of one page: a question without the name of its document

    model: FolioscopeForImageTextToText
    processor: FolioscopeProcessor
    identity: ModelIdentity

    def __post_init__(self) -> None:
        """Begin with no page kept; before each step of reading one, look whether anybody waits for it."""
        self.pages = KeptPages()
        self._stops: Callable[[], bool] = _never
        steps = [part for part in self.model.finder.modules() if isinstance(part, Block | Down)]
        for part in (*steps, self.model.reader):
            part.register_forward_pre_hook(self._look)

    @classmethod
    def load(cls, folder: Path = FOLDER, threads: int = 0, device: str = "cpu", dtype: str = "auto") -> Self:
        """Load weights that match their checksum; `threads` 0 leaves torch's own choice, `auto` is float32.

        Raises ModelUnavailable where weights, device or precision are not to be had.
        """
        if dtype not in DTYPES:
            raise ModelUnavailable(f"The bundled model knows the dtypes {', '.join(DTYPES)}, and not {dtype!r}.")
        _check_device(device)
        if threads:
            torch.set_num_threads(threads)
        weights = folder / "model.safetensors"
        if not weights.exists():
            raise ModelUnavailable("The bundled model's weights are not installed; install the package whole.")
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        _check(folder, digest)
        model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
        fold_norms(model)
        model = model.to(device, DTYPES[dtype])
        processor = AutoProcessor.from_pretrained(folder)
        decoding = DECODING if DTYPES[dtype] is torch.float32 else f"{DECODING}-{dtype}"
        return cls(model, processor, ModelIdentity("bundled", digest[:16], decoding))

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Answer every prompt of every page; a cancel is seen within them, and answers the rest with `cancelled`.

        Not to be called by several threads at once.
        """
        self._stops = cancelled
        try:
            return [self._unless_stopped(request) for request in requests]
        finally:
            self._stops = _never

    def _unless_stopped(self, request: PageRequest) -> list[Generation]:
        try:
            return self._cancelled(request) if self._stops() else self._page(request)
        except _Stopped:
            return self._cancelled(request)

    def _look(self, _module: object, _inputs: object) -> None:
        if self._stops():
            raise _Stopped

    def _cancelled(self, request: PageRequest) -> list[Generation]:
        return [Generation(None, None, None, StopReason.CANCELLED, 0.0) for _ in request.prompts]

    def _page(self, request: PageRequest) -> list[Generation]:
        start = time.perf_counter()
        page = self.read(request.image, asked=any(p.kind in _OF_PEOPLE for p in request.prompts))
        if not request.prompts:
            return []
        laid_out = {PromptKind.ROWS: _rows, PromptKind.CLASSIFY: _label, PromptKind.DESCRIBE: self._described}
        said = iter(self._answers(page, [p for p in request.prompts if p.kind not in laid_out]))
        made = [laid_out[p.kind](page, p) if p.kind in laid_out else next(said) for p in request.prompts]
        seconds = (time.perf_counter() - start) / len(request.prompts)
        return [replace(generation, seconds=seconds) for generation in made]

    def _answers(self, page: ReadPage | None, prompts: Sequence[Prompt]) -> list[Generation]:
        """What the words of a page say to prompts, all in one batch."""
        if not prompts:
            return []
        ids, there = prompt_ids([_asked(p) for p in prompts], self.model.config.word_length)
        answers = self.model.reply(page, ids, there, [_task_of(p) for p in prompts])
        size = page.size if page else (1.0, 1.0)
        legible = Legibility.of(page.words, ALPHABET) if page else Legibility()
        made = [
            (prompt, answer, _generation(in_shares(answer, size)))
            for prompt, answer in zip(prompts, answers, strict=True)
        ]
        return [doubted(g, a.absent, legible) if p.kind is PromptKind.FIELD else g for p, a, g in made]

    def _described(self, page: ReadPage | None, prompt: Prompt) -> Generation:
        """A caption of what is printed on a page, with the facts that pages of its kind have."""
        if page is None:
            return Generation(nothing_read(prompt.text or WHOLE), None, None, StopReason.END, 0.0)
        lines, what = lines_on(page.words, ALPHABET), prompt.text or WHOLE
        box = _in_shares(box_of([line.box for line in lines]), page.size)
        if Legibility.of(page.words, ALPHABET).all < LEAST_LEGIBLE:
            return Generation(hardly_read(lines, what), None, box, StopReason.END, 0.0)
        kind, sure = kind_of(lines, page.size[0])
        name = None if kind is None else kind.name
        asked = facts_asked(name)
        answers = self._answers(page, [Prompt(key, PromptKind.FIELD, key) for key, _ in asked])
        facts = [Fact(said, g.text, g.confidence or 0.0) for (_, said), g in zip(asked, answers, strict=True)]
        strips = strips_of(page.words, ALPHABET)
        told = describe_page(lines, strips, (name, sure), facts, what)
        return Generation(told.text, None, box, StopReason.END, 0.0, told.confidence)

    def forget(self) -> None:
        """Keep no page that was read."""
        self.pages.clear()

    def read(self, image: Image.Image, *, asked: bool = False) -> ReadPage | None:
        """The page as words, from the kept pages where it is among them; None where no text was found.

        One that people `asked` about is kept for longer.
        """
        key = hashlib.sha256(image.tobytes() + str(image.size).encode()).hexdigest()
        if key in self.pages:
            return self.pages.take(key, asked=asked)
        inputs = self.processor.image_processor.preprocess(image, return_tensors="pt")
        width, height = inputs["page_size"][0].tolist()
        page = self.model.read(inputs["pixel_values"], (width, height))
        self.pages.put(key, page, asked=asked)
        return page


def _never() -> bool:
    return False


def _check(folder: Path, digest: str) -> None:
    """Refuse weights that are not the ones that were released."""
    sums = folder / "SHA256SUMS"
    if sums.exists() and f"{digest}  model.safetensors" not in sums.read_text().splitlines():
        raise ModelUnavailable("The bundled model's weights do not match their checksum; install the package again.")


def _check_device(name: str) -> None:
    """Refuse a device that this machine, or this build of torch, does not have."""
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelUnavailable(f"The device {name!r} is not to be had here: {said}", device=name) from error


def _asked(prompt: Prompt) -> str:
    """The words that are asked: of a talk, its last turn."""
    return prompt.turns[-1].text if prompt.kind is PromptKind.CHAT and prompt.turns else prompt.text


def _task_of(prompt: Prompt) -> Task | None:
    """What a prompt wants beside pointing."""
    match prompt.kind:
        case PromptKind.FIELD | PromptKind.QUESTION | PromptKind.CHAT:
            return None
        case PromptKind.CLASSIFY | PromptKind.DESCRIBE | PromptKind.ROWS:
            return None
        case PromptKind.READ:
            region = prompt.region
            return Read(None if region is None else (region.x0, region.y0, region.x1, region.y1))
        case PromptKind.LOCATE:
            return Locate(prompt.text)


def _label(page: ReadPage | None, prompt: Prompt) -> Generation:
    """The label that fits what is printed on a page, with the line that says most for it."""
    if page is None:
        return Generation(None, None, None, StopReason.END, 0.0, UNREAD)
    told = sort_page(lines_on(page.words, ALPHABET), page.size[0], prompt.labels)
    box = None if told.box is None else _in_shares(told.box, page.size)
    return Generation(told.label, None, box, StopReason.END, 0.0, told.confidence)


def _rows(page: ReadPage | None, prompt: Prompt) -> Generation:
    """The rows of the table that a prompt wants; as sure as its cells are on average."""
    found = find_rows(page.words, prompt.columns, ALPHABET) if page else None
    if page is None or found is None:
        return Generation(None, None, None, StopReason.END, 0.0)
    rows = [{key: _cell(cell, page.size) for key, cell in row.items()} for row in found.rows]
    sure = [cell.confidence for row in found.rows for cell in row.values()]
    table = Table(tuple(rows), found.seen)
    return Generation(None, None, None, StopReason.END, 0.0, sum(sure) / len(sure) if sure else None, table=table)


def _cell(cell: PageCell, size: tuple[float, float]) -> Cell:
    """A cell in page space."""
    return Cell(cell.text, _in_shares(cell.box, size), cell.confidence)


def _in_shares(box: PixelBox, size: tuple[float, float]) -> Box:
    x0, y0, x1, y1 = (min(1.0, max(0.0, side / by)) for side, by in zip(box, (*size, *size), strict=True))
    return Box(x0, y0, x1, y1)


def _generation(answer: Answer) -> Generation:
    """An answer with boxes in page space: confidence is that of the value, or of its absence."""
    box = None if answer.box is None else Box(*answer.box)
    lines = tuple(Line(line.text, Box(*line.box), line.confidence) for line in answer.lines)
    return Generation(answer.text, answer.probabilities, box, StopReason.END, 0.0, answer.confidence, lines)


def promised_share(folder: Path = FOLDER) -> float:
    """The share of sample fields that the model card promises to be read exactly."""
    share: float = json.loads((folder / "promise.json").read_text())["promised_share"]
    return share
