"""Prompts as the model takes them: words of character ids to point by, and the tasks `<read>` and `<locate>`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workers.vlm.bundled.configuration import ALPHABET, IDS
from workers.vlm.bundled.words import split_marks

LONGEST = 24  # words of a prompt that are looked at
SHARE = 10_000  # a region's sides travel as whole ten-thousandths of the page
_READ = re.compile(r"<read(?:\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+))?\s*>")
_LOCATE = re.compile(r"<locate>(.*)", re.DOTALL)

Region = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Read:
    """Read the page, or a region of it in shares 0..1 of the page, as lines."""

    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Locate:
    """Find where a text stands on the page."""

    wanted: str


Task = Read | Locate


def task_of(prompt: str) -> Task | None:
    """What `<read>`, `<read 0 0 0.5 1>` or `<locate>some words` asks for; None for every other prompt.

    Raises ValueError for a prompt that begins like a task and is none.
    """
    said = prompt.strip()
    if not said.startswith(("<read", "<locate")):
        return None
    if found := _LOCATE.fullmatch(said):
        return Locate(found[1])
    if (found := _READ.fullmatch(said)) is None:
        raise ValueError("A task is `<read>`, `<read x0 y0 x1 y1>` with shares 0..1 of the page, or `<locate>words`.")
    if found[1] is None:
        return Read()
    x0, y0, x1, y1 = map(float, found.groups())
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ValueError("A region is x0 y0 x1 y1, left of right and top above bottom, in shares 0..1 of the page.")
    return Read((x0, y0, x1, y1))


def task_rows(tasks: Sequence[Task | None]) -> Tensor:
    """Tasks as whole numbers (P, K): 0 none; 1 and a region's sides, all 0 for the page; 2 and the wanted ids."""
    rows: list[list[int]] = []
    for task in tasks:
        match task:
            case None:
                rows.append([0])
            case Read(region):
                rows.append([1, *(round(side * SHARE) for side in region or (0, 0, 0, 0))])
            case Locate(wanted):
                rows.append([2, *(IDS[c] for c in " ".join(wanted.split()) if c in IDS)])
    longest = max(5, *map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


def tasks_of(rows: Tensor) -> list[Task | None]:
    """The tasks again."""
    tasks: list[Task | None] = []
    for kind, *rest in rows.tolist():
        if kind == 1:
            x0, y0, x1, y1 = (side / SHARE for side in rest[:4])
            tasks.append(Read((x0, y0, x1, y1) if x1 else None))
        else:
            tasks.append(Locate("".join(ALPHABET[i - 1] for i in rest if i)) if kind else None)
    return tasks


def prompt_words(prompt: str) -> list[str]:
    """A prompt's words, marks apart, as a page's words are parted."""
    words = [word[a:b] for word in prompt.replace("_", " ").split() for a, b in split_marks(word)]
    return words[:LONGEST] or ["?"]


def prompt_ids(prompts: Sequence[str], length: int) -> tuple[Tensor, Tensor]:
    """Ids (n, T, length) and which words are there (n, T); characters outside the alphabet are left out."""
    parted = [prompt_words(p) for p in prompts]
    most = max(len(words) for words in parted)
    ids = torch.zeros(len(prompts), most, length, dtype=torch.long)
    there = torch.zeros(len(prompts), most, dtype=torch.bool)
    for row, words in enumerate(parted):
        for column, word in enumerate(words):
            known = [IDS[c] for c in word if c in IDS][:length]
            ids[row, column, : len(known)] = torch.tensor(known)
            there[row, column] = True
    return ids, there
