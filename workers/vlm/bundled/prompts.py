"""Prompts as the answerer takes them: words of character ids."""

from collections.abc import Sequence

import torch
from torch import Tensor

from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.words import split_marks

LONGEST = 24  # words of a prompt that are looked at
_IDS = {character: number for number, character in enumerate(ALPHABET, start=1)}


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
            known = [_IDS[c] for c in word if c in _IDS][:length]
            ids[row, column, : len(known)] = torch.tensor(known)
            there[row, column] = True
    return ids, there
