"""Questions in French, Spanish, Italian and Dutch, told word by word in the English that the grammar knows.

A language is a table of phrases. A word that no phrase has stays as it is: a name, a number, a month, or the end of it,
as the grammar knows no such word. A question of which the language is not certain is told in each that it may be.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from workers.plans import lexicon
from workers.plans.reading import Token, tokens_of, words_of
from workers.plans.tongues import dutch, french, italian, spanish
from workers.plans.vocabulary import Vocabulary
from workers.typed.folding import bare
from workers.typed.months import month_of

_TABLES = {"fr": french.TABLE, "es": spanish.TABLE, "it": italian.TABLE, "nl": dutch.TABLE}
_ELIDED = re.compile(
    r"(?<!\w)((?:[ldnmtscj]|qu|jusqu|dell|all|nell|dall|sull|un|quest|quell|com|cos|dov|aujourd))['\u2019](?=\w)",
    re.IGNORECASE,
)
_HUNG = re.compile(r"(?<=\w)-(?=(?:nous|vous|je|il|elle|on|t|ils|moi|ce|tu)(?!\w))", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_OF_DATES = frozenset({"de", "del"})
_ACRONYM = 4  # letters of a word in capitals that is no name

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Translations:
    """A question as the grammar may know it. `foreign`: it is in none of the languages that the grammar has itself."""

    foreign: bool
    tokens: tuple[tuple[Token, ...], ...] = ()


def translations(question: str, known: Sequence[Vocabulary]) -> Translations:
    """The question in English, from each of the languages that it is most likely in."""
    tokens = tokens_of(_HUNG.sub(" ", _ELIDED.sub(r"\1 ", question)))
    words = [token.word for token in tokens if not token.quoted]
    own = frozenset(phrase for vocabulary in known for phrase in vocabulary.own_words)
    base = lexicon.all_words() | {word for phrase in own for word in phrase}
    scores = {name: _score(words, _words_of_table(name), base) for name in _TABLES}
    best = max(scores.values())
    if best <= 0:
        return Translations(foreign=False)
    told = (_told(tokens, _table(name), own) for name, score in scores.items() if score == best)
    return Translations(foreign=True, tokens=tuple(one for one in told if one is not None))


def _score(words: Sequence[str], foreign: frozenset[str], base: frozenset[str]) -> int:
    """How many more words are the language's alone than are the grammar's alone."""
    return sum((word in foreign) - (word in base) for word in words if (word in foreign) is not (word in base))


def _told(tokens: Sequence[Token], table: Mapping[Phrase, Phrase], own: frozenset[Phrase]) -> tuple[Token, ...] | None:
    told: list[Token] = []
    at = 0
    while at < len(tokens):
        if _is_between_dates(tokens, at):
            at += 1
            continue
        length = 0 if tokens[at].quoted else _longest(tokens, at, table, own)
        if not length:
            if _is_misleading(tokens[at], at):
                return None
            told.append(tokens[at])
            at += 1
            continue
        some = tokens[at : at + length]
        told += _english(some, table[tuple(token.word for token in some)])
        at += length
    return tuple(told)


def _english(some: Sequence[Token], words: Phrase) -> list[Token]:
    """A phrase in English. Word for word, each keeps how it was written, as it may be part of a name."""
    if len(words) == len(some):
        return [replace(token, word=word) for token, word in zip(some, words, strict=True)]
    return [Token(word, word, some[0].start, some[-1].end) for word in words]


def _longest(tokens: Sequence[Token], at: int, table: Mapping[Phrase, Phrase], own: frozenset[Phrase]) -> int:
    for length in range(min(_longest_phrase(), len(tokens) - at), 0, -1):
        some = tokens[at : at + length]
        phrase = tuple(token.word for token in some)
        if any(token.quoted for token in some) or phrase not in table:
            continue
        if words_of(" ".join(phrase)) in own and length == 1:
            return 0
        named = any(_looks_like_a_name(token, at + n) for n, token in enumerate(some))
        if not named or len(table[phrase]) == length:
            return length
    return 0


def _looks_like_a_name(token: Token, at: int) -> bool:
    acronym = token.text.isupper() and len(token.text) <= _ACRONYM
    return at > 0 and token.text[:1].isupper() and not acronym


def _is_misleading(token: Token, at: int) -> bool:
    """Whether a word that the language's table lacks would be one of the grammar's."""
    if token.quoted or not token.word.isalpha() or _looks_like_a_name(token, at):
        return False
    return token.word in lexicon.function_words() and month_of(token.word) is None


def _is_between_dates(tokens: Sequence[Token], at: int) -> bool:
    """The de of `1 de marzo de 2024`."""
    if not 0 < at < len(tokens) - 1 or tokens[at].word not in _OF_DATES:
        return False
    before, after = tokens[at - 1].word, tokens[at + 1].word
    month = month_of(before) is not None and _YEAR.fullmatch(after) is not None
    return month or (before.isdecimal() and month_of(after) is not None)


@cache
def _table(name: str) -> Mapping[Phrase, Phrase]:
    found: dict[Phrase, Phrase] = {}
    for line in _TABLES[name].strip().splitlines():
        said, _, english = line.partition(" = ")
        for phrase in lexicon.phrases(said):
            found.setdefault(phrase, tuple(bare(english).split()))
    return found


@cache
def _words_of_table(name: str) -> frozenset[str]:
    return frozenset(word for phrase in _table(name) for word in phrase)


@cache
def _longest_phrase() -> int:
    return max(len(phrase) for name in _TABLES for phrase in _table(name))
