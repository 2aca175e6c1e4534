"""The bundled model: one network from a page's pixels to answers with boxes and probabilities.

Finder (where lines of text stand) -> strips of one height -> reader (soft characters) -> words -> answerer (pointers).
A page is read once; any number of prompts are then answered in one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from workers.vlm.bundled.answerer import Answerer, PageStates, PageWords
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.finder import Finder, segments_from
from workers.vlm.bundled.reader import Reader, batches, cut, pyramid_of
from workers.vlm.bundled.words import Word, arrays_of, between, glyphs_of, text_of, words_of

TOP_STARTS = 3  # first words whose best endings are compared
SAME_LINE = 0.8  # in line heights: how far an answer's last word may stand above or below its first


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page after its one reading: everything that prompts need, and nothing of its pixels."""

    words: tuple[Word, ...]
    size: tuple[float, float]  # width and height in pixels
    arrays: PageWords  # (1, N, ...)
    states: PageStates


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says to one prompt. An absent answer has no words; `absent` is the probability of that."""

    text: str | None
    box: tuple[float, float, float, float] | None  # in pixels of the page that was read
    probabilities: tuple[float, ...]  # of the pointers, then of each character
    absent: float


@dataclass
class FolioscopeOutput(ModelOutput):  # type: ignore[misc]
    """What `generate` returns: ids (P, T) ended by eos, confidence (P,), boxes (P, 4) in 0..1, nan where absent."""

    sequences: Tensor | None = None
    probabilities: Tensor | None = None
    boxes: Tensor | None = None
    absent: Tensor | None = None


class FolioscopeForImageTextToText(PreTrainedModel):  # type: ignore[misc]
    """The three parts in a row."""

    config_class = FolioscopeConfig
    main_input_name = "pixel_values"
    input_modalities = ("image", "text")
    _no_split_modules = ("Finder", "Reader", "Answerer")

    def __init__(self, config: FolioscopeConfig) -> None:
        super().__init__(config)
        self.finder = Finder(config.finder_widths)
        self.reader = Reader(config.reader_widths, config.strip_height, config.characters)
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
    def words_on(self, ink: Tensor) -> list[Word]:
        """Read everything on a page: ink (1, 1, H, W), 0 white to 1 black, sides multiples of 32."""
        cells = self.finder(ink.contiguous(memory_format=torch.channels_last))[0].numpy()
        segments = segments_from(cells)
        pyramid, config = pyramid_of(ink), self.config
        height = config.strip_height
        lines: dict[int, list[Word]] = {}
        for group in batches(segments, height):
            strips = cut(pyramid, [segments[i] for i in group], height)
            frames = self.reader(strips.contiguous(memory_format=torch.channels_last)).numpy()
            for row, index in zip(frames, group, strict=True):
                glyphs = glyphs_of(row, segments[index], height, config.alternatives, config.reading_lag)
                lines[index] = words_of(glyphs, segments[index], index, config.alphabet)
        return [word for index in sorted(lines) for word in lines[index]]

    @torch.inference_mode()
    def read(self, ink: Tensor, size: tuple[float, float]) -> ReadPage | None:
        """Read a page once, for any number of prompts; None where no text was found. `size` is without padding."""
        words = self.words_on(ink)
        if not words:
            return None
        arrays = arrays_of(words, size, self.config.word_length, self.config.alternatives)
        batch = PageWords(
            torch.from_numpy(arrays["ids"]).long()[None],
            torch.from_numpy(arrays["probabilities"])[None],
            torch.from_numpy(arrays["features"])[None],
            torch.from_numpy(arrays["places"])[None],
            torch.ones(1, len(words), dtype=torch.bool),
        )
        return ReadPage(tuple(words), size, batch, self.answerer.read_page(batch))

    @torch.inference_mode()
    def answer(self, page: ReadPage, prompts: Tensor, there: Tensor) -> list[Answer]:
        """Answer prompts (P, T, L), `there` (P, T), each from the words of one page."""
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
        boxes = np.array([w.box for w in words])
        box = (*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
        letters = tuple(g.probabilities[0] for w in words for g in w.glyphs)
        return Answer(text_of(words, self.config.alphabet), box, (*pointers, *letters), absent)

    @torch.inference_mode()
    def generate(
        self,
        pixel_values: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        page_size: Tensor | None = None,
        *,
        return_dict_in_generate: bool = False,
        **_: object,
    ) -> FolioscopeOutput | Tensor:
        """Answers of one page (1, 1, H, W) to prompts (P, T, L), as ids or, if asked for, with boxes and confidence.

        `page_size` (1, 2) is the page's width and height unpadded.
        """
        size = (
            tuple(page_size[0].tolist())
            if page_size is not None
            else (float(pixel_values.shape[3]), float(pixel_values.shape[2]))
        )
        there = attention_mask.bool() if attention_mask is not None else input_ids.any(-1)
        page = self.read(pixel_values[:1], size)
        none = Answer(None, None, (1.0,), 1.0)
        answers = self.answer(page, input_ids, there) if page else [none] * len(input_ids)
        output = self._as_output(answers, size)
        return output if return_dict_in_generate or output.sequences is None else output.sequences

    def _as_output(self, answers: Sequence[Answer], size: tuple[float, float]) -> FolioscopeOutput:
        """Pad answers to tensors."""
        index = {c: i for i, c in enumerate(self.config.alphabet, start=1)}
        rows = [[*(index[c] for c in a.text or ""), self.config.eos_token_id] for a in answers]
        longest = max(map(len, rows))
        sequences = torch.tensor([r + [0] * (longest - len(r)) for r in rows])
        width, height = size
        scale = (width, height, width, height)
        boxes = [[v / s for v, s in zip(a.box, scale, strict=True)] if a.box else [float("nan")] * 4 for a in answers]
        confidence = torch.tensor([float(np.prod(a.probabilities)) for a in answers])
        return FolioscopeOutput(
            sequences=sequences,
            probabilities=confidence,
            boxes=torch.tensor(boxes),
            absent=torch.tensor([a.absent for a in answers]),
        )


def may_end(words: PageWords, starts: Tensor) -> Tensor:
    """Which words (B, P, N) may end an answer that starts at `starts` (B, P): about on the same line, not before it."""
    first = words.places.gather(1, starts[..., None].expand(-1, -1, 2))  # (B, P, 2)
    away = words.places[:, None] - first[:, :, None]  # (B, P, N, 2)
    return (away[..., 0] > -0.01) & (away[..., 1].abs() < SAME_LINE) & words.mask[:, None]  # noqa: PLR2004 - a hair
