"""The held-out pages that weights are measured on: six sorts, from clean ones to low resolution, of every family.

Seeds of the held-out split never meet: trainers' own exams count from 900,000, scoring from 930,000, calibration from
940,000, the pages kept for the re-check from 950,000, those drawn as pictures from 960,000, and those on which trust in
values is measured from 970,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from training.render import Grade
from training.render.page import Split
from training.truth import Shown, show_seed

FAMILIES = ("invoice", "receipt", "form", "letter", "statement")
SCORED, CALIBRATED, KEPT, PICTURED, TRUSTED = 930_000, 940_000, 950_000, 960_000, 970_000  # first seeds
MOST = 1_000  # pages of a sort: its seeds begin so far after those of the sort before


@dataclass(frozen=True, slots=True)
class Sort:
    """Pages of one grade at one resolution; `weight` is their share of an exam, in parts of all weights."""

    name: str
    grade: Grade
    dpi: int
    weight: int


SORTS = (
    Sort("clean, 150 dpi", Grade.CLEAN, 150, 4),
    Sort("clean, 100 dpi", Grade.CLEAN, 100, 3),
    Sort("scan", Grade.SCAN, 150, 3),
    Sort("photo", Grade.PHOTO, 150, 2),
    Sort("faint", Grade.FAINT, 150, 2),
    Sort("low resolution", Grade.LOW, 150, 2),
)
UNITS = sum(sort.weight for sort in SORTS)


@dataclass(frozen=True, slots=True)
class ExamPage:
    """A page to be asked about, its sort, and the seed that makes it."""

    seed: int
    sort: Sort
    shown: Shown


def count_of(sort: Sort, pages: int) -> int:
    """How many of an exam's pages are of this sort: at least one."""
    return max(1, round(pages * sort.weight / UNITS))


def exam_pages(first_seed: int, pages: int, split: Split = Split.HELD_OUT) -> Iterator[ExamPage]:
    """About so many pages, sort by sort, of every family in turn."""
    for place, sort in enumerate(SORTS):
        for number in range(min(MOST, count_of(sort, pages))):
            seed = first_seed + place * MOST + number
            shown = show_seed(seed, split, FAMILIES[number % len(FAMILIES)], sort.grade, sort.dpi)
            yield ExamPage(seed, sort, shown)
