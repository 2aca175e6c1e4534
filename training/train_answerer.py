"""Train the answerer on composed pages without pictures: `python -m training.train_answerer --minutes 60`."""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from training.checkpoints import Keeper, precision
from training.questions import Batch, Sheet, ask, batch_of, simulate
from training.render import compose
from training.render.page import Split
from workers.vlm.bundled.answerer import Answerer
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.modeling import may_end

PAGES_A_STEP = 8
LONGEST_PAGE = 320  # words; fuller pages are cut out of training
FAMILIES = ("form", "invoice", "form", "receipt", "letter", "statement", "invoice", "form")


def answerer_of(config: FolioscopeConfig) -> Answerer:
    """An untrained answerer of the configuration's sizes."""
    layers = (config.page_layers, config.prompt_layers)
    return Answerer(config.characters, config.character_width, config.width, config.heads, layers, config.field_tags)


def loss_of(answerer: Answerer, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """First pointer, last pointer and field tags; and shares right on the way."""
    with precision():
        page = answerer.read_page(batch.words)
        scores, states = answerer.ask_page(page, batch.words, batch.prompts, batch.there)
        starts = (batch.first - 1).clamp_min(0)
        ends = answerer.end_scores(page, states, starts, may_end(batch.words, starts))
        tags = answerer.tag(page).float()
    first = F.cross_entropy(scores.flatten(0, 1), batch.first.flatten(), ignore_index=-100)
    last = F.cross_entropy(ends.flatten(0, 1), batch.last.flatten(), ignore_index=-100)
    tag = F.cross_entropy(tags.flatten(0, 1), batch.tags.flatten(), ignore_index=-100)
    present, absent = batch.first > 0, batch.first == 0
    guess = scores.argmax(-1)
    right = (guess == batch.first) & (ends.argmax(-1) == batch.last)
    seen = {"exact": right[present].float().mean().item(), "false": (guess[absent] > 0).float().mean().item()}
    return first + last + 0.5 * tag, seen


def sheets(seed: int, split: Split) -> Iterator[Sheet]:
    """Endless simulated pages."""
    while True:
        page = compose(seed, split, FAMILIES[seed % len(FAMILIES)])
        sheet = simulate(page, random.Random(seed))  # noqa: S311 - not for secrets
        if sheet.facts and len(sheet.words) <= LONGEST_PAGE:
            yield sheet
        seed += 1


def batches(seed: int, split: Split) -> Iterator[Batch]:
    """Endless batches; labels of one page are asked of the others too, where they do not stand."""
    dice = random.Random(seed)  # noqa: S311
    pages = sheets(seed, split)
    while True:
        chosen = [next(pages) for _ in range(PAGES_A_STEP)]
        labels = [[p[0] for p, _, _ in s.facts] for s in chosen]
        asked = []
        for number, sheet in enumerate(chosen):
            mine = {p.lower() for prompts, _, _ in sheet.facts for p in prompts}
            others = [t for k, row in enumerate(labels) if k != number for t in row if t.lower() not in mine and "_" not in t]
            strange = [t for t in others if not _stands(t, sheet)]
            asked.append(ask(sheet, strange[:40], dice))
        yield batch_of(chosen, asked)


def _stands(prompt: str, sheet: Sheet) -> bool:
    """Whether another page's prompt could be answered here: a field of the same name is asked here as present."""
    return any(prompt.lower() in (p.lower() for p in prompts) for prompts, _, _ in sheet.facts)


@torch.inference_mode()
def examine(answerer: Answerer, exam: list[Batch]) -> dict[str, float]:
    """Shares over the exam's batches: present answers right, absent ones answered."""
    answerer.eval()
    rows = [loss_of(answerer, batch)[1] for batch in exam]
    answerer.train()
    return {key: sum(r[key] for r in rows) / len(rows) for key in rows[0]}


def main() -> None:
    """Go on from the last checkpoint for so many minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--run", type=Path, default=Path("runs/answerer"))
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--final-rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    answerer = answerer_of(FolioscopeConfig())
    keeper = Keeper(answerer, given.run, given.rate, given.final_rate, given.minutes)
    data = batches(2_000_000 + keeper.step * PAGES_A_STEP * 2, Split.TRAIN)
    examiner = batches(910_000, Split.HELD_OUT)
    exam = [next(examiner) for _ in range(12)]
    train: list[dict[str, float]] = []
    while keeper.going():
        loss, seen = loss_of(answerer, next(data))
        keeper.learn(loss)
        train = [*train[-40:], seen]
        if keeper.due():
            keeper.save(examine(keeper.averaged, exam) | {"train_exact": sum(s["exact"] for s in train) / len(train)})
    keeper.save(examine(keeper.averaged, exam))


if __name__ == "__main__":
    main()
