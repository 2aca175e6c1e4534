"""Texts as words that a search compares: without case, accents and signs, alike on every database."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_WORD = 64  # characters; the rest of a longer one is not looked at
_ALONE = (  # scripts that part no words: each of their characters is one
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1780, 0x17FF),  # Khmer
    (0x1000, 0x109F),  # Burmese
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),  # ideographs
)
_UNSEEN = frozenset({"Mn", "Mc", "Me", "Cf"})  # marks over and under letters, soft hyphens, joiners
_WORD = re.compile(r"\S+")


class _Folds(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _folded(chr(code))
        return made


class Spot(NamedTuple):
    """A word of a text and where it stands there."""

    word: str
    start: int
    end: int


_FOLDS = _Folds()


def words_of(text: str) -> list[str]:
    """The words of a text in order, as they are indexed and searched for."""
    return [word[:LONGEST_WORD] for word in text.translate(_FOLDS).split()]


def spots_of(text: str) -> Iterator[Spot]:
    """The same words, each with its place in the text."""
    folded = text.translate(_FOLDS)
    places = None if _is_in_place(text) else _places_of(text)
    for found in _WORD.finditer(folded):
        start, end = found.span()
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        yield Spot(found.group()[:LONGEST_WORD], start, end)


def is_alone(word: str) -> bool:
    """Whether a word is one character of a script that parts no words."""
    return len(word) == 1 and _stands_alone(word)


def _is_in_place(text: str) -> bool:
    """Whether each character of a text becomes one: then words stand where they stood."""
    return all(len(_FOLDS[ord(character)]) == 1 for character in set(text))


def _places_of(text: str) -> list[int]:
    """Of each character of the folded text, which one of the text it comes from."""
    return [at for at, character in enumerate(text) for _ in _FOLDS[ord(character)]]


def _folded(character: str) -> str:
    """Nothing, a letter or several, or a blank where a word ends."""
    if unicodedata.category(character) in _UNSEEN:
        return ""
    apart = unicodedata.normalize("NFKD", character.casefold()).casefold()
    kept = (c for c in apart if unicodedata.category(c) not in _UNSEEN)
    return "".join(f" {c} " if _stands_alone(c) else c if c.isalnum() else " " for c in kept)


def _stands_alone(character: str) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in _ALONE)
