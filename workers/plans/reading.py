"""A question as tokens: its words with their places, folded for looking up; what stands in quotes is one of them."""

import re
from dataclasses import dataclass
from functools import cache

from workers.typed.folding import bare, plain

LONGEST = 500  # characters of a question that is planned; longer ones tell stories
MOST_TOKENS = 60
_QUOTED = re.compile(r"\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)|„([^“”]+)[“”]")
_WORD = re.compile(r"\S+")
_EDGES = "?!.,;:()[]{}\"'`…"
_OWN = re.compile(r"(?P<name>.*[^\W_])'(?:s)?", re.DOTALL)
_IS_BEHIND = frozenset({"what", "who", "when", "where", "how", "that", "there", "which"})
_SHORT = 3  # letters that a plural keeps at the least


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a question."""

    text: str  # as written, without the marks around it
    word: str  # folded, without accents; of a quoted text as well
    start: int
    end: int
    quoted: bool = False
    own: bool = False  # it ends in a genitive 's, which `text` is without

    @property
    def stem(self) -> str:
        """Without the ending of an English plural."""
        return stem_of(self.word)


def tokens_of(question: str) -> list[Token]:
    """The words of a question in order; none where it is too long to be planned."""
    text = plain(question)
    if len(text) > LONGEST:
        return []
    tokens: list[Token] = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        tokens += _plain_tokens(text, at, quoted.start())
        inside = next(group for group in quoted.groups() if group is not None)
        tokens.append(Token(inside.strip(), bare(inside), quoted.start(), quoted.end(), quoted=True))
        at = quoted.end()
    tokens += _plain_tokens(text, at, len(text))
    return tokens if len(tokens) <= MOST_TOKENS else []


def _plain_tokens(text: str, start: int, end: int) -> list[Token]:
    found = []
    for match in _WORD.finditer(text, start, end):
        raw = match[0]
        left = len(raw) - len(raw.lstrip(_EDGES))
        core = raw.strip(_EDGES) if not raw.endswith("'") else raw.rstrip(_EDGES.replace("'", "")).lstrip(_EDGES)
        if not core:
            continue
        own = _OWN.fullmatch(core)
        named = own["name"] if own else core.strip("'")
        begin = match.start() + left
        word = bare(named)
        if own and word in _IS_BEHIND:  # what's the total
            word, own = f"{word} is", None
        found.append(Token(named, word, begin, begin + len(named), own=own is not None))
    return found


def words_of(text: str) -> tuple[str, ...]:
    """A phrase as the stems of its words: `Line items` and `line_item` are the same."""
    return tuple(stem_of(word) for word in bare(text.replace("_", " ")).split())


@cache
def stem_of(word: str) -> str:
    """A word without the ending of an English plural; only ever compared with other stems."""
    if word.endswith("ies") and len(word) > _SHORT + 1:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORT:
        return word[:-1]
    return word
