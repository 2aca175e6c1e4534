"""Words of questions that are misspelt so that they can be but one: letters swapped, doubled, or one left out.

A letter in another's place is put right in no word: `venders` may be what somebody means.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workers.plans import lexicon
from workers.plans.reading import Token
from workers.plans.vocabulary import Vocabulary

_SHORTEST = 6  # letters of a word that is put right
_SWAPPED = 5  # of one in which two are swapped


@dataclass(frozen=True, slots=True)
class Righted:
    """A question with its words put right, and what is to be told of it."""

    tokens: tuple[Token, ...]
    note: str


def put_right(tokens: Sequence[Token], known: Iterable[Vocabulary]) -> Righted | None:
    """The question without its misspelt words; None where none is."""
    words = lexicon.all_words() | {w for vocabulary in known for w in vocabulary.words}
    found = {at: right for at, token in enumerate(tokens) if (right := _right(token, words)) is not None}
    if not found:
        return None
    said = (f"{tokens[at].text!r} is taken for {right!r}." for at, right in found.items())
    righted = (replace(t, text=found[at], word=found[at]) if at in found else t for at, t in enumerate(tokens))
    return Righted(tuple(righted), " ".join(said))


def _right(token: Token, words: frozenset[str] | set[str]) -> str | None:
    word = token.word
    if token.quoted or token.own or not word.isalpha() or word in words or token.stem in words:
        return None
    found = {right for right in _shaped(words) if _is_misspelt(word, right)}
    return found.pop() if len(found) == 1 else None


def _shaped(words: frozenset[str] | set[str]) -> Iterable[str]:
    return (word for base in words if len(base) >= _SWAPPED for word in (base, base + "s"))


def _is_misspelt(word: str, right: str) -> bool:
    if len(right) < _SHORTEST and len(word) != len(right):
        return False
    match len(word) - len(right):
        case 0:
            swapped = (right[:n] + right[n + 1] + right[n] + right[n + 2 :] for n in range(len(right) - 1))
            return word != right and word in swapped
        case -1:
            return any(right[:n] + right[n + 1 :] == word for n in range(1, len(right) - 1))
        case 1:
            return any(word[:n] + word[n + 1 :] == right and word[n] == word[n - 1] for n in range(1, len(word)))
        case _:
            return False
