"""What the answerer learns from: pages as words, read truly or with simulated errors, and prompts with their words."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.render import Absent, Page
from workers.vlm.bundled.answerer import PageWords
from workers.vlm.bundled.configuration import ALPHABET, IDS
from workers.vlm.bundled.finder import Segment
from workers.vlm.bundled.prompts import prompt_ids
from workers.vlm.bundled.words import SPACE, Glyph, Word, arrays_of, between, words_of

ERROR_RATES = (0.0, 0.005, 0.02, 0.05, 0.10)  # of a page's characters
FACTS_A_PAGE, ABSENT_A_PAGE = 14, 10
FIELDS = (
    "invoice_number", "invoice_date", "due_date", "vendor_name", "customer_name", "vat_number", "iban", "subtotal",
    "tax", "total", "purchase_order", "merchant", "date", "time", "payment_method", "receipt_number", "cashier",
    "sender", "recipient", "subject", "reference", "signed_by", "first_name", "last_name", "date_of_birth", "phone",
    "email", "city", "postal_code", "form_number", "bank_name", "account_holder", "bic", "statement_number",
    "period_start", "period_end", "opening_balance", "closing_balance", "label", "cell",
)  # fmt: skip
PRINTED = ("label", "cell")  # asked by what is printed, not by a field's name
TAGS = {name: number for number, name in enumerate(FIELDS, start=2)}  # 0: no field, 1: a field not listed


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt on a page, the field it means, and the words that answer it: first and last, or -1 for absent."""

    prompt: str
    field: str
    first: int = -1
    last: int = -1


@dataclass(frozen=True, slots=True)
class Stated:
    """Something that stands on a page: its field, its wordings, and its first and last word."""

    field: str
    prompts: tuple[str, ...]
    first: int
    last: int

    @property
    def named(self) -> bool:
        """Whether it is a field with a name, and not a printed label or a table's cell."""
        return self.field not in PRINTED


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as the answerer sees it: words, everything that may be asked, a field tag for each word."""

    words: tuple[Word, ...]
    size: tuple[float, float]
    facts: tuple[Stated, ...]
    absent: tuple[Absent, ...]
    tags: tuple[int, ...]
    language: str


def simulate(page: Page, dice: random.Random, rates: Sequence[float] = ERROR_RATES) -> Sheet:
    """The page as a reader with one of some error rates would read it, without any picture; in points."""
    rate = dice.choice(rates)
    lines: list[tuple[Segment, list[Glyph]]] = []
    for group in _joined(page, dice):
        glyphs: list[Glyph] = []
        for number in group:
            run = page.runs[number]
            if glyphs:
                glyphs.append(Glyph((SPACE,), (0.99,), run.x))
            glyphs += _noisy(run.text, (run.x, *run.edges), rate, dice)
        first, last = page.runs[group[0]], page.runs[group[-1]]
        height = first.ascent + first.descent
        middle = first.baseline + (first.descent - first.ascent) / 2 + dice.gauss(0, 0.03) * height
        lines.append((Segment(first.x, last.edges[-1], middle, middle, height * dice.uniform(0.92, 1.1)), glyphs))
    lines.sort(key=lambda line: (line[0].y0, line[0].x0))
    words = [w for number, (segment, glyphs) in enumerate(lines) for w in words_of(glyphs, segment, number, ALPHABET)]
    return sheet_of(page, words, (page.width, page.height), 1.0, np.eye(2, 3))


def _joined(page: Page, dice: random.Random) -> list[list[int]]:
    """Runs side by side that a finder would take for one line: near ones on one baseline, by chance."""
    order = sorted(range(len(page.runs)), key=lambda i: (round(page.runs[i].baseline), page.runs[i].x))
    groups: list[list[int]] = []
    for index in order:
        run = page.runs[index]
        before = page.runs[groups[-1][-1]] if groups else None
        near = (
            before is not None
            and abs(before.baseline - run.baseline) < 1
            and 0 <= run.x - before.edges[-1] < 0.9 * run.size
        )
        if near and dice.random() < 0.6:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _noisy(text: str, edges: Sequence[float], rate: float, dice: random.Random) -> list[Glyph]:
    """Characters with their places, some read wrong: substituted, dropped, doubled; spaces lost and found."""
    glyphs = []
    for index, character in enumerate(text):
        x = (edges[index] + edges[index + 1]) / 2
        true = IDS[character]
        luck = dice.random()
        if luck >= rate * 1.6 or (true == SPACE and luck >= rate):
            sure = 1 - dice.random() ** 4 * min(0.5, 5 * rate + 0.02)
            other = dice.randrange(2, len(ALPHABET) + 1)
            glyphs.append(Glyph((true, other), (sure, (1 - sure) * 0.7), x))
        elif luck < rate:
            if true == SPACE:
                continue
            wrong, sure = dice.randrange(2, 96), dice.uniform(0.3, 0.95)
            glyphs.append(Glyph((wrong, true), (sure, (1 - sure) * dice.random()), x))
        elif luck < rate * 1.2:
            glyphs += [Glyph((true,), (0.6,), x - 0.5), Glyph((true,), (0.6,), x + 0.5)]
        elif luck < rate * 1.35:
            glyphs += [Glyph((true,), (0.7,), x - 0.5), Glyph((SPACE,), (0.6,), x)]
    return glyphs


def sheet_of(
    page: Page, words: Sequence[Word], size: tuple[float, float], scale: float, affine: NDArray[np.float64]
) -> Sheet:
    """Find each fact's words by place. A fact whose words are not there, or not together, is left out."""
    boxes = np.array([w.box for w in words], np.float64).reshape(-1, 4)
    centres = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2], 1)
    facts, tags = [], np.zeros(len(words), int)
    for fact in page.facts:
        run = page.runs[fact.span.run]
        x0 = run.x if fact.span.start == 0 else run.edges[fact.span.start - 1]
        x1 = run.edges[fact.span.stop - 1]
        middle = run.baseline + (run.descent - run.ascent) / 2
        left, right = (affine @ (x * scale, middle * scale, 1.0) for x in (x0, x1))
        reach = 0.35 * (run.ascent + run.descent) * scale * np.hypot(affine[0, 0], affine[1, 0])
        slack = 0.3 * reach  # a last dot may be said beyond its end
        inside = (centres[:, 0] > left[0] - slack) & (centres[:, 0] < right[0] + slack)
        inside &= np.abs(centres[:, 1] - (left[1] + right[1]) / 2) < reach + abs(left[1] - right[1]) / 2
        found = np.flatnonzero(inside)
        if not len(found):
            continue
        by_x = found[centres[found, 0].argsort()]
        first, last = int(by_x[0]), int(by_x[-1])
        if sorted(between(words, first, last)) == found.tolist():
            facts.append(Stated(fact.field, fact.prompts, first, last))
            if fact.field not in PRINTED or not tags[found].any():
                tags[found] = TAGS.get(fact.field, 1)
    return Sheet(tuple(words), size, tuple(facts), page.absent, tuple(tags.tolist()), page.language)


def ask(sheet: Sheet, strange: Sequence[str], dice: random.Random) -> list[Asked]:
    """A mix of what stands on the page, named fields first, and what does not; `strange` are labels of other pages."""
    named, others = [f for f in sheet.facts if f.named], [f for f in sheet.facts if not f.named]
    named = dice.sample(named, min(FACTS_A_PAGE - min(4, len(others)), len(named)))
    facts = named + dice.sample(others, min(FACTS_A_PAGE - len(named), len(others)))
    asked = [Asked(_cased(dice.choice(f.prompts), dice), f.field, f.first, f.last) for f in facts]
    missing = dice.sample(sheet.absent, min(ABSENT_A_PAGE - 3, len(sheet.absent)))
    asked += [Asked(_cased(dice.choice(a.prompts), dice), a.field) for a in missing]
    foreign = dice.sample(strange, min(len(strange), ABSENT_A_PAGE - len(missing)))
    return asked + [Asked(_cased(label, dice), "label") for label in foreign]


def _cased(prompt: str, dice: random.Random) -> str:
    """The same prompt in another hand: lower case, capitals, without its question mark."""
    luck = dice.random()
    if luck < 0.25:
        return prompt.lower()
    if luck < 0.3:
        return prompt.upper() if all(c.upper() in ALPHABET for c in prompt) else prompt
    return prompt.rstrip("?:") if luck < 0.4 else prompt


@dataclass(frozen=True, slots=True)
class Batch:
    """Sheets and prompts as tensors. `first` counts from 1, 0 is absent; -100 is padding."""

    words: PageWords
    prompts: Tensor  # (B, P, T, L)
    there: Tensor  # (B, P, T)
    first: Tensor  # (B, P)
    last: Tensor  # (B, P), word index, -100 where absent or padding
    tags: Tensor  # (B, N)
    meant: Tensor  # (B, P), tag of the field that a prompt means, -100 where padding


def batch_of(
    sheets: Sequence[Sheet], asked: Sequence[Sequence[Asked]], length: int = 20, alternatives: int = 3
) -> Batch:
    """Pad pages to the longest, prompts to the most."""
    words = page_words([(s.words, s.size) for s in sheets], length, alternatives)
    most = max(len(a) for a in asked)
    prompts, there = prompt_ids([a.prompt for row in asked for a in row], length)
    b, t = len(sheets), prompts.shape[1]
    ids = torch.zeros(b, most, t, length, dtype=torch.long)
    mask = torch.zeros(b, most, t, dtype=torch.bool)
    first, last = torch.full((b, most), -100), torch.full((b, most), -100)
    tags, meant = torch.full(words.mask.shape, -100), torch.full((b, most), -100)
    at = 0
    for row, (sheet, mine) in enumerate(zip(sheets, asked, strict=True)):
        ids[row, : len(mine)], mask[row, : len(mine)] = prompts[at : at + len(mine)], there[at : at + len(mine)]
        at += len(mine)
        first[row, : len(mine)] = torch.tensor([a.first + 1 for a in mine])
        last[row, : len(mine)] = torch.tensor([a.last if a.last >= 0 else -100 for a in mine])
        meant[row, : len(mine)] = torch.tensor([TAGS.get(a.field, 1) for a in mine])
        tags[row, : len(sheet.tags)] = torch.tensor(sheet.tags)
    return Batch(words, ids, mask, first, last, tags, meant)


def page_words(
    pages: Sequence[tuple[Sequence[Word], tuple[float, float]]], length: int, alternatives: int
) -> PageWords:
    """Words of several pages with their sizes, padded to the fullest."""
    most = max(len(words) for words, _ in pages)
    ids = np.zeros((len(pages), most, length, alternatives), np.float32)
    probabilities = np.zeros_like(ids)
    features = np.zeros((len(pages), most, 10), np.float32)
    places = np.zeros((len(pages), most, 2), np.float32)
    mask = np.zeros((len(pages), most), bool)
    for row, (words, size) in enumerate(pages):
        arrays = arrays_of(words, size, length, alternatives)
        n = len(words)
        ids[row, :n], probabilities[row, :n] = arrays["ids"], arrays["probabilities"]
        features[row, :n], places[row, :n], mask[row, :n] = arrays["features"], arrays["places"], True
    return PageWords(
        torch.from_numpy(ids).long(),
        torch.from_numpy(probabilities),
        torch.from_numpy(features),
        torch.from_numpy(places),
        torch.from_numpy(mask),
    )
