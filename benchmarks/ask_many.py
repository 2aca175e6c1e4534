"""The cost of further questions on a page relative to the first: `python -m benchmarks.ask_many [--model PATH]`.

A model reads a page for its first question, and keeps what it read for the next ones. Each question is asked by
itself, as people ask: the first on a page that the model has never seen, then nine more. Measured is processor time,
which other work on the machine bends less than the clock. A second table is that of a conversation: a question is
asked of `--conversation` pages at once, as of those that a search has found, and then another one of the same pages,
each page decoded anew as a worker does. Without `--model`, two models are measured: the bundled one,
and one in the shape of SmolVLM-256M with random weights, made here, whose pages are cut into four tiles or so and one
of the whole. A random model does not end by itself: both say as many tokens as `--tokens` tells.
"""

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.shaped import smolvlm_256m
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.interface import Model, PageRequest, Prompt, PromptKind
from workers.vlm.local.backend import LocalModel

TARGET = 0.25
SAMPLES = Path(__file__).parents[1] / "samples"
QUESTIONS = (
    "What is the invoice number?",
    "What is the total?",
    "Who is the vendor?",
    "What is the due date?",
    "What is the tax?",
    "To whom is it addressed?",
    "Which currency is it in?",
    "What is the date?",
    "How is it to be paid?",
    "What is the subtotal?",
)


def main() -> None:
    """Print the table; end with 1 where further questions cost more than their share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="bundled, or a checkpoint of your own, by path or hub id")
    parser.add_argument("--tokens", type=int, default=12, help="tokens of a reply at most")
    parser.add_argument("--conversation", type=int, default=8, help="pages of a conversation, at most 17")
    parser.add_argument("--pages", type=int, default=3, help="pages that are asked; the table has the medians")
    given = parser.parse_args()
    torch.set_num_threads(1)
    table = Table("model", "first, s", "2nd to 10th, s", "share", title="CPU seconds a question")
    talk = Table("model", "first turn, s", "second turn, s", "share", title=f"over {given.conversation} pages")
    shares = []
    with tempfile.TemporaryDirectory() as folder:
        for name, model in _models(given.model, given.tokens, Path(folder)):
            first, further = _measured(model, given.pages)
            shares.append(further / first)
            table.add_row(name, f"{first:.2f}", f"{further:.3f}", f"{shares[-1]:.3f}")
            first, further = _conversed(model, given.conversation)
            shares.append(further / first)
            talk.add_row(name, f"{first:.2f}", f"{further:.3f}", f"{shares[-1]:.3f}")
    Console().print(table)
    Console().print(talk)
    raise SystemExit(int(max(shares) > TARGET))


def _models(name: str | None, tokens: int, folder: Path) -> list[tuple[str, Model]]:
    if name == "bundled":
        return [("bundled", BundledModel.load(threads=1))]
    if name is not None:
        return [(name, LocalModel.load(name, max_new_tokens=tokens))]
    smolvlm_256m(folder)
    shaped = LocalModel.load(str(folder), max_new_tokens=tokens)
    return [("bundled", BundledModel.load(threads=1)), ("SmolVLM-256M in shape", shaped)]


def _measured(model: Model, pages: int) -> tuple[float, float]:
    """CPU seconds of a first question on a page, and of one of the next nine: medians over pages."""
    firsts, nexts = [], []
    for number in range(pages + 1):
        seconds = _asked(model, _page(number), QUESTIONS)
        if number:  # the first page warms the model up
            firsts.append(seconds[0])
            nexts += seconds[1:]
    return statistics.median(firsts), statistics.median(nexts)


def _conversed(model: Model, count: int) -> tuple[float, float]:
    """CPU seconds of a turn over pages that the model has never seen, and of the next over the same pages."""
    pages = [_png(_drawn(path)) for path in sorted(SAMPLES.glob("[!i]*-0?.pdf"))[:count]]
    turns = []
    for question in QUESTIONS[:2]:
        prompt = Prompt("answer", PromptKind.QUESTION, question)
        began = time.process_time()
        for page in pages:
            model.generate([PageRequest(_decoded(page), (prompt,))])
        turns.append(time.process_time() - began)
    return turns[0], turns[1]


def _png(page: Image.Image) -> bytes:
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


def _decoded(page: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(page))
    image.load()
    return image


def _asked(model: Model, page: Image.Image, questions: Sequence[str]) -> list[float]:
    seconds = []
    for question in questions:
        began = time.process_time()
        model.generate([PageRequest(page, (Prompt("answer", PromptKind.QUESTION, question),))])
        seconds.append(time.process_time() - began)
    return seconds


def _page(number: int) -> Image.Image:
    """The page of an invoice among the samples, another one for each number."""
    return _drawn(sorted(SAMPLES.glob("invoice-0*.pdf"))[number])


def _drawn(path: Path) -> Image.Image:
    """The first page of a document."""
    with pymupdf.open(path) as document:
        pixmap = document[0].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY, alpha=False)
        return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)


if __name__ == "__main__":
    main()
