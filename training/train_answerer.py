"""Train the answerer on composed pages without pictures: `python -m training.train_answerer --minutes 60`."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from training.checkpoints import Keeper, precision
from training.questions import PRINTED, TAGS, Batch, Sheet, ask, batch_of, simulate
from training.readings import kept_sheets
from training.recipes import Recipe
from training.render import compose
from training.render.concepts import meant_anywhere
from training.render.languages import FOREIGN
from training.render.page import ENGLISH, Split
from workers.vlm.bundled.answerer import Answerer
from workers.vlm.bundled.configuration import ALPHABET, FolioscopeConfig
from workers.vlm.bundled.modeling import may_end
from workers.vlm.bundled.words import text_of

WORDS_A_STEP = 950  # padding included
FIRST_PRINTED = min(TAGS[name] for name in PRINTED)
SLIP_SHARE = (0.6, 0.35)  # of all sheets, before real readings are at hand and then: slips teach what labels mean
FOREIGN_SLIPS = 0.75  # of slips, in other languages than English: each has its own words for every concept
REAL_SHARE = 0.6  # of the pages, where real readings are at hand
POOL = 40  # pages that are sorted into batches
LONGEST_PAGE = 320  # words; fuller pages are cut out of training
FAMILIES = ("form", "invoice", "form", "receipt", "letter", "statement", "invoice", "form")
USUAL = Recipe(Path("runs/answerer"), minutes=60, rate=1e-3, final_rate=1e-4, first_seed=2_000_000)


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
        allowed = may_end(batch.words, starts)
        ends = answerer.end_scores(page, states, starts, allowed)
        asked = answerer.prompt_tags(states)
    first = F.cross_entropy(scores.flatten(0, 1), batch.first.flatten(), ignore_index=-100)
    reached = allowed.gather(2, batch.last.clamp_min(0)[..., None])[..., 0]  # a line that bends too much is not taught
    last = F.cross_entropy(ends.flatten(0, 1), batch.last.where(reached, -100).flatten(), ignore_index=-100)
    tag = F.nll_loss(page.tags.flatten(0, 1), batch.tags.flatten(), ignore_index=-100)
    meant = F.cross_entropy(asked.flatten(0, 1), batch.meant.flatten(), ignore_index=-100)
    present, absent = batch.first > 0, batch.first == 0
    guess = scores.argmax(-1)
    right = (guess == batch.first) & (ends.argmax(-1) == batch.last)
    other = present & (batch.meant >= FIRST_PRINTED)
    named = present & ~other
    seen = {
        "exact": right[present].float().mean().item(),
        "named": right[named].float().mean().item() if named.any() else 0.0,
        "other": right[other].float().mean().item() if other.any() else 0.0,
        "false": (guess[absent] > 0).float().mean().item(),
    }
    return first + last + 0.5 * tag + 0.5 * meant, seen


def sheets(seed: int, split: Split) -> Iterator[Sheet]:
    """Endless simulated pages."""
    while True:
        page = compose(seed, split, FAMILIES[seed % len(FAMILIES)])
        sheet = simulate(page, random.Random(seed))
        if sheet.facts and len(sheet.words) <= LONGEST_PAGE:
            yield sheet
        seed += 1


def slips(seed: int, split: Split) -> Iterator[Sheet]:
    """Endless simulated slips."""
    while True:
        dice = random.Random(seed)
        language = dice.choice(FOREIGN) if dice.random() < FOREIGN_SLIPS else ENGLISH
        sheet = simulate(compose(seed, split, "slip", language=language), dice)
        if sheet.facts:
            yield sheet
        seed += 1


def mixed(seed: int, readings: Path) -> Iterator[Sheet]:
    """Simulated slips and pages of the training split and, as soon as there are some, real readings of others."""
    dice = random.Random(seed)
    simulated, short, real = sheets(seed, Split.TRAIN), slips(seed, Split.TRAIN), kept_sheets(readings, dice)
    slip_share = SLIP_SHARE[next(readings.glob("*.npz"), None) is not None]
    while True:
        if dice.random() < slip_share:
            yield next(short)
            continue
        sheet = next(real) if dice.random() < REAL_SHARE else None
        usable = sheet is not None and sheet.facts and len(sheet.words) <= LONGEST_PAGE
        yield sheet if sheet is not None and usable else next(simulated)


def batches(seed: int, pages: Iterator[Sheet]) -> Iterator[Batch]:
    """Endless batches of pages of like size; a page's labels are asked of the others too, where they do not stand."""
    dice = random.Random(seed)
    while True:
        pool = sorted((next(pages) for _ in range(POOL)), key=lambda s: len(s.words))
        known = {(s.language, f.prompts[0]) for s in pool for f in s.facts if not f.named}
        labels = sorted(label for label in known if not meant_anywhere(label[1]))  # these may stand in other words
        groups: list[list[Sheet]] = [[]]
        for sheet in pool:
            if groups[-1] and (len(groups[-1]) + 1) * len(sheet.words) > WORDS_A_STEP:
                groups.append([])
            groups[-1].append(sheet)
        for group in dice.sample(groups, len(groups)):
            yield batch_of(group, [ask(sheet, strange(sheet, labels, dice), dice) for sheet in group])


def strange(sheet: Sheet, labels: Sequence[tuple[str, str]], dice: random.Random) -> list[str]:
    """Some labels of other pages in the same language that stand nowhere on this one; `labels` are (language, label).

    In another language the same thing may well stand here under its own name.
    """
    text = " ".join(text_of([w], ALPHABET) for w in sheet.words).lower()
    asked = " ".join(p.lower() for f in sheet.facts for p in f.prompts)
    near = [label for language, label in labels if language == sheet.language]
    chosen = dice.sample(near, min(len(near), 12))
    return [t for t in chosen if t.lower() not in text and t.lower() not in asked]


@torch.inference_mode()
def examine(answerer: Answerer, exam: list[Batch]) -> dict[str, float]:
    """Shares over the exam's batches: present answers right, absent ones answered."""
    answerer.eval()
    rows = [loss_of(answerer, batch)[1] for batch in exam]
    answerer.train()
    return {key: sum(r[key] for r in rows) / len(rows) for key in rows[0]}


def train(recipe: Recipe) -> None:
    """Go on from the last checkpoint for so many minutes."""
    torch.set_num_threads(recipe.threads)
    answerer = answerer_of(FolioscopeConfig())
    keeper = Keeper(answerer, recipe.run, recipe.rate, recipe.final_rate, recipe.minutes)
    seed = recipe.first_seed + keeper.step * 12
    data = batches(seed, mixed(seed, recipe.run.parent / "readings"))
    examiner = batches(910_000, sheets(910_000, Split.HELD_OUT))
    exam = [next(examiner) for _ in range(12)]
    short = batches(920_000, slips(920_000, Split.HELD_OUT))
    short_exam = [next(short) for _ in range(2)]
    lately: list[dict[str, float]] = []
    while keeper.going():
        loss, seen = loss_of(answerer, keeper.placed(next(data)))
        keeper.learn(loss)
        lately = [*lately[-40:], seen]
        if keeper.due():
            learned = sum(seen["named"] for seen in lately) / len(lately)
            keeper.save(_scores(keeper, exam, short_exam) | {"train_named": learned})
    keeper.save(_scores(keeper, exam, short_exam))


def _scores(keeper: Keeper[Answerer], exam: list[Batch], slips_exam: list[Batch]) -> dict[str, float]:
    """What both exams say; of the slips, the share of labels that are understood."""
    pupil = keeper.examinee()
    return examine(pupil, exam) | {"slips": examine(pupil, slips_exam)["named"]}


def main() -> None:
    """Train as the command line says."""
    train(Recipe.asked(__doc__, USUAL))


if __name__ == "__main__":
    main()
