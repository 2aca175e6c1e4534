"""A held-out page as the weights see it: the lines found, the words read, and the answers beside what is true."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import torch

from core.records import caseless
from training.exams import PICTURED
from training.render import Fact, Grade, Split
from training.score import ask, box_of, picture_of
from training.truth import Shown, show_seed
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.modeling import ReadPage
from workers.vlm.bundled.words import Word, text_of
from workers.vlm.interface import Generation

Colour = tuple[float, float, float]
SAMPLES = (("invoice", Grade.CLEAN), ("form", Grade.SCAN))
MARGIN, HEAD = 24.0, 44.0  # points
LINE: Colour = (0.35, 0.6, 0.9)
RIGHT: Colour = (0.05, 0.55, 0.25)
WRONG: Colour = (0.8, 0.15, 0.1)
INK: Colour = (0.1, 0.1, 0.12)
UNSURE: Colour = (0.85, 0.45, 0.05)
SURE = 0.9  # of a word's least sure character
DOTS = 130  # an inch
FONT = pymupdf.Font("helv")


def draw_samples(folder: Path, home: Path) -> None:
    """Write `sample-*.png`: one page of each kind in SAMPLES, read by the weights in the folder."""
    torch.set_num_threads(1)
    model = BundledModel.load(folder)
    for number, (family, grade) in enumerate(SAMPLES):
        shown = show_seed(PICTURED + number, Split.HELD_OUT, family, grade)
        with draw_sample(model, shown, f"A held-out {family}, {grade}") as document:
            (home / f"sample-{family}-{grade}.png").write_bytes(document[0].get_pixmap(dpi=DOTS).tobytes("png"))


def draw_sample(model: BundledModel, shown: Shown, title: str) -> pymupdf.Document:
    """Two pages side by side: the picture with lines and answers, and what was read, each word at its place."""
    width, height = (side / shown.scale for side in shown.size)
    document = pymupdf.open()
    paper = document.new_page(width=3 * MARGIN + 2 * width, height=HEAD + MARGIN + height)
    left = pymupdf.Rect(MARGIN, HEAD, MARGIN + width, HEAD + height)
    right = pymupdf.Rect(left.x1 + MARGIN, left.y0, left.x1 + MARGIN + width, left.y1)
    paper.insert_image(left, pixmap=_pixmap(shown))
    paper.draw_rect(left, color=(0.7, 0.7, 0.7), width=0.5)
    paper.draw_rect(right, color=(0.7, 0.7, 0.7), width=0.5)
    read = model.read(picture_of(shown))
    if read:
        draw_words(paper, read, left, right)
    answers = ask(model, shown)[: len(shown.page.facts)]
    exact = draw_answers(paper, shown, answers, left)
    paper.insert_text((MARGIN, 18), title, fontname="hebo", fontsize=11, color=INK)
    legend = (
        ("lines found", LINE),
        (f"answers that are right: {exact}", RIGHT),
        (f"wrong or missing, with what was said: {len(answers) - exact}", WRONG),
    )
    draw_legend(paper, legend, MARGIN)
    draw_legend(paper, (("read, every character surely", INK), ("read, less surely", UNSURE)), right.x0)
    return document


def draw_legend(paper: pymupdf.Page, entries: Sequence[tuple[str, Colour]], pen: float) -> None:
    """Colours and what they stand for, in a row under the title."""
    for text, colour in entries:
        paper.draw_rect(pymupdf.Rect(pen, 27, pen + 10, 35), color=colour, width=1.2)
        paper.insert_text((pen + 14, 34), text, fontsize=8.5, color=INK)
        pen += 32 + pymupdf.get_text_length(text, fontsize=8.5)


def draw_words(paper: pymupdf.Page, read: ReadPage, left: pymupdf.Rect, right: pymupdf.Rect) -> None:
    """Found lines on the picture; on the other side each word, as large as it stands there."""
    scale = left.width / read.size[0]
    lines = defaultdict[int, list[Word]](list)
    for word in read.words:
        lines[word.segment].append(word)
    for words in lines.values():
        sides = list(zip(*(word.box for word in words), strict=True))
        ends = (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))
        paper.draw_rect(_placed(ends, scale, left), color=LINE, width=0.5)
    for word in read.words:
        text, box = text_of([word], ALPHABET), _placed(word.box, scale, right)
        size = min(0.8 * box.height, box.width / max(FONT.text_length(text, 1.0), 1e-3))
        surely = min(glyph.probabilities[0] for glyph in word.glyphs) >= SURE
        _write(paper, (box.x0, box.y1 - 0.24 * box.height), text, max(size, 2.0), INK if surely else UNSURE)


def draw_answers(paper: pymupdf.Page, shown: Shown, answers: Sequence[Generation], left: pymupdf.Rect) -> int:
    """Each answer's box, or the true one where nothing was said; how many are right. Wrong ones say what was said."""
    exact = 0
    for fact, answer in zip(shown.page.facts, answers, strict=True):
        right = answer.text is not None and caseless(answer.text) == caseless(fact.value)
        box = _answer_box(fact, answer, shown, left)
        paper.draw_rect(box, color=RIGHT if right else WRONG, width=1.1)
        if not right:
            _write(paper, (box.x1 + 2, box.y1 - 2.5), answer.text or "not here", 6.5, WRONG)
        exact += right
    return exact


def _answer_box(fact: Fact, answer: Generation, shown: Shown, left: pymupdf.Rect) -> pymupdf.Rect:
    if answer.box is None:
        return _placed(box_of(fact, shown), 1 / shown.scale, left)
    width, height = left.width, left.height
    ends = (answer.box.x0 * width, answer.box.y0 * height, answer.box.x1 * width, answer.box.y1 * height)
    return _placed(ends, 1.0, left)


def _placed(ends: tuple[float, float, float, float], scale: float, on: pymupdf.Rect) -> pymupdf.Rect:
    x0, y0, x1, y1 = (end * scale for end in ends)
    return pymupdf.Rect(on.x0 + x0, on.y0 + y0, on.x0 + x1, on.y0 + y1)


def _pixmap(shown: Shown) -> pymupdf.Pixmap:
    width, height = shown.size
    return pymupdf.Pixmap(pymupdf.csGRAY, width, height, picture_of(shown).tobytes(), 0)


def _write(paper: pymupdf.Page, at: tuple[float, float], text: str, size: float, colour: Colour) -> None:
    """Set a text with all its signs: a page's own way of setting text has only those of Latin-1."""
    writer = pymupdf.TextWriter(paper.rect, color=colour)
    writer.append(at, text, font=FONT, fontsize=size)
    writer.write_text(paper)
