"""Questions about an archive, of every kind, with their truth: answers, documents and pages."""

from collections.abc import Callable, Sequence
from random import Random

from benchmarks.archive_counts import count, dates, documents, extreme, total
from benchmarks.archive_documents import Known
from benchmarks.archive_lookups import lookup
from benchmarks.archive_refusals import unanswerable
from benchmarks.archive_world import Question, World
from training.render.page import Split

SHARES = {
    "lookup": 0.3,
    "documents": 0.1,
    "count": 0.12,
    "sum": 0.12,
    "extreme": 0.08,
    "dates": 0.08,
    "unanswerable": 0.2,
}
MAKERS: dict[str, Callable[[World], Question | None]] = {
    "lookup": lookup,
    "documents": documents,
    "count": count,
    "sum": total,
    "extreme": extreme,
    "dates": dates,
    "unanswerable": unanswerable,
}
KINDS = tuple(SHARES)
ENOUGH = 60  # tries for a question that has not been asked


def ask(archive: Sequence[Known], questions: int, split: Split, seed: int = 0) -> list[Question]:
    """So many questions, no two alike, in random order; fewer where the archive is small."""
    dice = Random(f"{split}:archive:{seed}:questions")  # noqa: S311 - dice for made-up questions, no secret
    world = World(archive, split, dice)
    asked: dict[str, Question] = {}
    for kind, share in SHARES.items():
        wanted = len(asked) + max(1, round(questions * share))
        for _ in range(ENOUGH * max(1, round(questions * share))):
            made = MAKERS[kind](world)
            if made is not None:
                asked.setdefault(made.text, made)
            if len(asked) == wanted:
                break
    return dice.sample(list(asked.values()), len(asked))
