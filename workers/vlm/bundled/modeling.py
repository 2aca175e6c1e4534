"""The bundled model: one network from a page's pixels to answers with boxes and probabilities.

Finder (where lines of text stand) -> strips of one height -> reader (soft characters) -> words -> answerer (pointers).
A page is read once; any number of prompts are then answered in one batch. Its words are read out, or a text is looked
for among them, without the answerer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from workers.vlm.bundled.answerer import Answerer, PageStates, PageWords
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.finder import SIDE, Finder, Segment, segments_from, without_ground
from workers.vlm.bundled.locating import locate
from workers.vlm.bundled.prompts import Locate, Read, Region, Task, tasks_of
from workers.vlm.bundled.reader import Reader, batches, cut, pyramid_of
from workers.vlm.bundled.reading import Passage, PixelBox, box_of, lines_of, passage_of, within
from workers.vlm.bundled.sizing import zoom_for, zoomed
from workers.vlm.bundled.words import Word, arrays_of, between, glyphs_of, text_of, words_of

TOP_STARTS = 3  # first words whose best endings are compared
LONGEST_READING = 100_000  # ids: the pipeline would end a reading after 256
NOWHERE = (math.nan,) * 4
SAME_LINE = 0.8  # in line heights: how far an answer's last word may stand above or below its first


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page after its one reading: everything that prompts need, and nothing of its pixels."""

    words: tuple[Word, ...]
    size: tuple[float, float]  # width and height in pixels, as it was read: maybe enlarged
    arrays: PageWords  # (1, N, ...)
    states: PageStates


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says to one prompt. An absent answer has no words; `absent` is the probability of that."""

    text: str | None
    box: tuple[float, float, float, float] | None  # in pixels of the page that was read
    probabilities: tuple[float, ...]  # of the pointers where it was pointed at, then of each character
    absent: float
    sure: float | None = None  # its confidence, where that is not the product of its probabilities
    lines: tuple[Passage, ...] = ()  # of a reading, top to bottom; of a text that was looked for, all its places

    @property
    def confidence(self) -> float:
        """That all of it is right; of a reading: the share of its characters that may be expected to be right."""
        return self.sure if self.sure is not None else float(np.prod(np.minimum(self.probabilities, 1.0)))


NOTHING = Answer(None, None, (1.0,), 1.0)  # what a page without text says to every prompt


@dataclass
class FolioscopeOutput(ModelOutput):  # type: ignore[misc]
    """What `generate` returns: ids (P, T) ended by eos, confidence (P,), boxes (P, 4) in 0..1, nan where absent.

    Lines of a reading and places of a text: `line_boxes` (P, R, 4), nan where there is none, and their confidence.
    """

    sequences: Tensor | None = None
    probabilities: Tensor | None = None
    boxes: Tensor | None = None
    absent: Tensor | None = None
    line_boxes: Tensor | None = None
    line_probabilities: Tensor | None = None


class FolioscopeForImageTextToText(PreTrainedModel):  # type: ignore[misc]
    """The three parts in a row."""

    config_class = FolioscopeConfig
    main_input_name = "pixel_values"
    input_modalities = ("image", "text")
    _no_split_modules = ("Finder", "Reader", "Answerer")

    def __init__(self, config: FolioscopeConfig) -> None:
        super().__init__(config)
        self.generation_config.max_new_tokens = LONGEST_READING
        self.finder = Finder(config.finder_widths)
        self.reader = Reader(config.reader_widths, config.strip_height, config.characters, config.reader_steps)
        layers = (config.page_layers, config.prompt_layers)
        self.answerer = Answerer(
            config.characters, config.character_width, config.width, config.heads, layers, config.field_tags
        )
        self.post_init()

    def _init_weights(self, module: torch.nn.Module) -> None:
        """Leave torch's own initial weights: the parts are trained apart."""

    def can_generate(self) -> bool:
        """It does, by pointing."""
        return True

    @torch.inference_mode()
    def words_on(self, ink: Tensor, size: tuple[float, float]) -> tuple[list[Word], tuple[float, float]]:
        """Read everything on a page, and the width and height in which its words stand: small type is read enlarged.

        `ink` is (1, 1, H, W), 0 white to 1 black, sides multiples of SIDE; `size` is without padding.
        """
        ink = without_ground(ink)
        segments = self._segments_on(ink)
        zoom = zoom_for(segments, size)
        if zoom != 1.0:
            ink, size = zoomed(ink, size, zoom)
            segments = self._segments_on(ink)
        return self._words_in(ink, segments), size

    def _segments_on(self, ink: Tensor) -> list[Segment]:
        return segments_from(self.finder(self._placed(ink))[0].float().cpu().numpy())

    def _words_in(self, ink: Tensor, segments: Sequence[Segment]) -> list[Word]:
        pyramid, config = pyramid_of(ink), self.config
        height = config.strip_height
        lines: dict[int, list[Word]] = {}
        for group in batches(segments, height):
            strips = cut(pyramid, [segments[i] for i in group], height)
            frames = self.reader(self._placed(strips)).cpu().numpy()
            for row, index in zip(frames, group, strict=True):
                glyphs = glyphs_of(row, segments[index], height, config.alternatives, config.reading_lag)
                lines[index] = words_of(glyphs, segments[index], index, config.alphabet)
        return [word for index in sorted(lines) for word in lines[index]]

    def _placed(self, pictures: Tensor) -> Tensor:
        """Pictures where the weights are, in their precision, laid out as convolutions like it."""
        return pictures.to(self.device, self.dtype).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def read(self, ink: Tensor, size: tuple[float, float]) -> ReadPage | None:
        """Read a page once, for any number of prompts; None where no text was found. `size` is without padding."""
        words, size = self.words_on(ink, size)
        if not words:
            return None
        arrays = arrays_of(words, size, self.config.word_length, self.config.alternatives)
        batch = PageWords(
            torch.from_numpy(arrays["ids"]).to(self.device, torch.long)[None],
            torch.from_numpy(arrays["probabilities"]).to(self.device, self.dtype)[None],
            torch.from_numpy(arrays["features"]).to(self.device, self.dtype)[None],
            torch.from_numpy(arrays["places"]).to(self.device)[None],
            torch.ones(1, len(words), dtype=torch.bool, device=self.device),
        )
        return ReadPage(tuple(words), size, batch, self.answerer.read_page(batch))

    @torch.inference_mode()
    def answer(self, page: ReadPage, prompts: Tensor, there: Tensor) -> list[Answer]:
        """Answer prompts (P, T, L), `there` (P, T), each from the words of one page."""
        prompts, there = prompts.to(self.device), there.to(self.device)
        scores, states = self.answerer.ask_page(page.states, page.arrays, prompts[None], there[None])
        first = scores[0].softmax(-1)  # (P, 1 + N)
        top = min(TOP_STARTS, len(page.words))
        share, starts = first[:, 1:].topk(top)  # (P, top)
        spread = states[0][:, None].expand(-1, top, -1).flatten(0, 1)[None]  # (1, P·top, width)
        flat = starts.flatten()[None]  # (1, P·top)
        ends = self.answerer.end_scores(page.states, spread, flat, may_end(page.arrays, flat))[0].softmax(-1)
        end_share, end = ends.max(-1)  # (P·top,)
        both = share * end_share.view(-1, top)  # (P, top)
        chosen = both.argmax(-1)  # (P,)
        answers = []
        for row, pick in enumerate(chosen.tolist()):
            span = (int(starts[row, pick]), int(end.view(-1, top)[row, pick]))
            pointers = (float(share[row, pick]), float(end_share.view(-1, top)[row, pick]))
            answers.append(self._spoken(page, span, pointers, float(first[row, 0])))
        return answers

    def _spoken(self, page: ReadPage, span: tuple[int, int], pointers: tuple[float, float], absent: float) -> Answer:
        """Words pointed at become text, box and probabilities; or an absence, where that is likelier."""
        if absent > self.config.null_threshold:
            return Answer(None, None, (absent,), absent)
        words = [page.words[i] for i in between(page.words, *span)]
        box = box_of([w.box for w in words])
        letters = tuple(g.probabilities[0] for w in words for g in w.glyphs)
        shares = (*pointers, *letters)
        return Answer(text_of(words, self.config.alphabet), box, shares, absent, trusted(shares, self.config))

    def reply(
        self, page: ReadPage | None, prompts: Tensor, there: Tensor, tasks: Sequence[Task | None]
    ) -> list[Answer]:
        """Answer prompts (P, T, L), `there` (P, T): those without a task by pointing, the others from the words."""
        if page is None:
            return [NOTHING] * len(tasks)
        pointed = [row for row, task in enumerate(tasks) if task is None]
        answers = (
            dict(zip(pointed, self.answer(page, prompts[pointed], there[pointed]), strict=True)) if pointed else {}
        )
        return [answers[row] if task is None else self.look(page, task) for row, task in enumerate(tasks)]

    def look(self, page: ReadPage, task: Task) -> Answer:
        """Do a task that needs the words of a page alone."""
        match task:
            case Read(region):
                return self.transcribe(page, region)
            case Locate(wanted):
                return self.locate(page, wanted)

    def transcribe(self, page: ReadPage, region: Region | None = None) -> Answer:
        """The lines of a page, or of a region in shares of it, parted by line feeds."""
        scale = (*page.size, *page.size)
        words = page.words
        if region is not None:
            x0, y0, x1, y1 = (side * by for side, by in zip(region, scale, strict=True))
            words = tuple(within(words, (x0, y0, x1, y1)))
        if not words:
            return NOTHING
        lines = tuple(passage_of(line, self.config.alphabet) for line in lines_of(words))
        letters = tuple(p for line in lines for p in line.probabilities)
        text = "\n".join(line.text for line in lines)
        return Answer(text, box_of([line.box for line in lines]), letters, 0.0, float(np.mean(letters)), lines)

    def locate(self, page: ReadPage, wanted: str) -> Answer:
        """Where a text stands on a page: the surest place, as it was read there, and all places in `lines`."""
        places, sure = locate(lines_of(page.words), wanted, self.config.alphabet)
        if not places:
            return Answer(None, None, (1 - sure,), 1 - sure)
        best = places[0]
        return Answer(best.text, best.box, best.probabilities, 1 - sure, best.confidence, tuple(places))

    @torch.inference_mode()
    def generate(
        self,
        pixel_values: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        page_size: Tensor | None = None,
        tasks: Tensor | None = None,
        *,
        max_new_tokens: int | None = None,
        return_dict_in_generate: bool = False,
        **_: object,
    ) -> FolioscopeOutput | Tensor:
        """Answers of pages (B, 1, H, W) to prompts (P, T, L), as ids or, if asked for, with boxes and confidence.

        One page answers all prompts; of several, each answers the prompt of its place. `page_size` (B, 2) is their
        width and height unpadded, `tasks` (P, K) as in `prompts.task_rows`; ids end after `max_new_tokens`.
        """
        count, pages = len(input_ids), len(pixel_values)
        if pages not in {1, count}:
            raise ValueError(f"{pages} pages and {count} prompts: give one page, or one page a prompt.")
        there = attention_mask.bool() if attention_mask is not None else input_ids.any(-1)
        asked = tasks_of(tasks) if tasks is not None else [None] * count
        answers: list[Answer] = []
        for number in range(pages):
            rows = slice(None) if pages == 1 else slice(number, number + 1)
            size = _size_of(pixel_values, page_size, number)
            width, height = (-(-int(side) // SIDE) * SIDE for side in size)
            page = self.read(pixel_values[number : number + 1, :, :height, :width].float().cpu(), size)
            said = self.reply(page, input_ids[rows], there[rows], asked[rows])
            answers += [in_shares(answer, page.size if page else size) for answer in said]
        output = self._as_output(answers, max_new_tokens)
        return output if return_dict_in_generate or output.sequences is None else output.sequences

    def _as_output(self, answers: Sequence[Answer], most: int | None) -> FolioscopeOutput:
        """Pad answers, boxes in shares of their page, to tensors."""
        index = {c: i for i, c in enumerate(self.config.alphabet, start=1)} | {"\n": self.config.line_token_id}
        rows = [[*(index[c] for c in a.text or ""), self.config.eos_token_id][:most] for a in answers]
        lines = [[line.box for line in a.lines] for a in answers]
        return FolioscopeOutput(
            sequences=torch.tensor(_even(rows, 0)),
            probabilities=torch.tensor([a.confidence for a in answers]),
            boxes=torch.tensor([a.box or NOWHERE for a in answers]),
            absent=torch.tensor([a.absent for a in answers]),
            line_boxes=torch.tensor(_even(lines, NOWHERE)).view(len(answers), -1, 4),
            line_probabilities=torch.tensor(_even([[line.confidence for line in a.lines] for a in answers], math.nan)),
        )


def in_shares(answer: Answer, size: tuple[float, float]) -> Answer:
    """An answer whose boxes are shares 0..1 of its page, which is this wide and high in pixels."""
    lines = tuple(replace(line, box=_share_of(line.box, size)) for line in answer.lines)
    return replace(answer, box=None if answer.box is None else _share_of(answer.box, size), lines=lines)


def _share_of(box: PixelBox, size: tuple[float, float]) -> PixelBox:
    x0, y0, x1, y1 = (min(1.0, max(0.0, side / by)) for side, by in zip(box, (*size, *size), strict=True))
    return x0, y0, x1, y1


def _size_of(pixel_values: Tensor, page_size: Tensor | None, number: int) -> tuple[float, float]:
    """A page's width and height, by its picture's where nothing else is said."""
    if page_size is None:
        return float(pixel_values.shape[3]), float(pixel_values.shape[2])
    width, height = page_size[number].tolist()
    return float(width), float(height)


def _even(rows: Sequence[Sequence[Any]], filler: Any) -> list[list[Any]]:
    """Rows of one length."""
    longest = max(map(len, rows))
    return [[*row, *[filler] * (longest - len(row))] for row in rows]


def trusted(probabilities: Sequence[float], config: FolioscopeConfig) -> float:
    """How often answers are right whose probabilities have this product: on the logistic scale, as was calibrated."""
    product = float(np.prod(np.minimum(probabilities, 1.0)))
    if (config.confidence_scale, config.confidence_shift) == (1.0, 0.0):
        return product
    held = min(max(product, 1e-6), 1 - 1e-6)
    return 1 / (1 + math.exp(-config.confidence_scale * math.log(held / (1 - held)) - config.confidence_shift))


def may_end(words: PageWords, starts: Tensor) -> Tensor:
    """Which words (B, P, N) may end an answer that starts at `starts` (B, P): about on the same line, not before it."""
    first = words.places.gather(1, starts[..., None].expand(-1, -1, 2))  # (B, P, 2)
    away = words.places[:, None] - first[:, :, None]  # (B, P, N, 2)
    return (away[..., 0] > -0.01) & (away[..., 1].abs() < SAME_LINE) & words.mask[:, None]  # noqa: PLR2004 - a hair
