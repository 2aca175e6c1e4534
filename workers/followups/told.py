"""A turn as a follow-up looks back on it, and what is made of a question."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """How a question was understood."""

    FIRST = "first"  # nothing was asked before
    WHOLE = "whole"  # it says all that it is about
    PARTS = "parts"  # what it leaves out is that of the question before
    POINTS = "points"  # a word of it points to an answer
    OPEN = "open"  # it points back, and nothing there fits: it is asked as it stands


@dataclass(frozen=True, slots=True)
class Told:
    """An earlier turn: its question as it was understood, and what was answered."""

    question: str
    answer: str | None = None  # None: nothing was found, or nothing is known yet
    documents: tuple[str, ...] = ()  # that the answer stands in, the first row's first
    within: tuple[str, ...] | None = None  # the documents that the question was narrowed to
    names: tuple[str, ...] = ()  # that its filter on records compares with: `acme`


@dataclass(frozen=True, slots=True)
class Meant:
    """A question that stands by itself. With `documents`, it is about these alone; `why` is a sentence for people."""

    question: str
    rule: Rule
    why: str
    documents: tuple[str, ...] | None = None
