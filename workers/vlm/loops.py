"""Whether a text runs in circles. It knows no tensors: what other machines say is looked at as well."""

from collections.abc import Sequence

LONGEST_CYCLE = 32  # tokens
LEAST_REPEATED = 24  # tokens: a number of twenty equal digits is no loop
LEAST_ROUNDS = 4
_CHARACTERS = 4  # of a token, roughly


def loops(tokens: Sequence[int], longest: int = LONGEST_CYCLE, least: int = LEAST_REPEATED) -> bool:
    """Whether a text ends in one short cycle that was said again and again."""
    for cycle in range(1, min(longest, len(tokens) // LEAST_ROUNDS) + 1):
        rounds = max(LEAST_ROUNDS, -(-least // cycle))
        tail = tokens[-cycle * rounds :]
        if len(tail) == cycle * rounds and all(tail[i] == tail[i % cycle] for i in range(cycle, len(tail))):
            return True
    return False


def text_loops(text: str) -> bool:
    """The same of a text whose tokens nobody told, by its characters."""
    tail = text[-LONGEST_CYCLE * _CHARACTERS * LEAST_ROUNDS :]
    return loops([ord(c) for c in tail], LONGEST_CYCLE * _CHARACTERS, LEAST_REPEATED * _CHARACTERS)
