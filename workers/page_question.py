"""What a page is asked where a question names the document: the question without that name.

`What is the due date of invoice 4711?` has done its work with 4711 when the page is found. A model that points at words
was taught questions to one page, `What is the due date?`: with the name in it, it points at the name, or at nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.search_words import words_of
from workers.field_words import STOP_WORDS
from workers.subject_words import Kind, about
from workers.vlm.interface import Prompt, PromptKind

_TOKEN = re.compile(r"\S+")
_MARKS = ".,;:!?()[]{}\"'“”„«»"
_OWNER = re.compile(r"['’]s?$")
# What stands before a name and belongs to it: articles, and what kind of thing it names.
_BEFORE = frozenset(
    words_of(
        "the a an this that which with number no nr num reference invoice bill receipt letter form statement document "
        "order contract account company firm customer client vendor supplier merchant shop bank person named called "
        "der die das den dem des ein eine einer rechnung beleg quittung brief formular auszug kontoauszug nummer firma "
        "le la les l facture recu lettre formulaire releve numero el los las factura recibo carta il lo i gli fattura "
        "ricevuta lettera de het een factuur bon brief"
    )
)
_JOINS = frozenset(
    words_of("of on for from in by at about von vom fur auf aus zu zur du des di della del dell van voor op per")
)
_GENITIVE = frozenset(words_of("of der des de du del della dell dello dei von van"))  # also where an article
_PAPERS = frozenset(
    words_of(
        "the a an invoice bill receipt letter form statement document die das rechnung beleg quittung brief formular "
        "la le l facture recu lettre formulaire el factura recibo carta il fattura ricevuta lettera het factuur bon"
    )
)
_CLAUSE = frozenset({"that", "which"})  # the rest of the question says what the name did
_CODE = 3  # letters before a number
# Tables are asked by the names of their rows: there the name is no document's.
_OF_ROWS = frozenset(words_of("cost costs price prices quantity quantities unit kostet kosten preis menge prix prezzo"))


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    raw: str
    words: tuple[str, ...]


def page_prompts(question: str, title: str | None = None) -> tuple[Prompt, ...]:
    """What a model that points is asked of a page: the question to this page alone, and the field that is meant.

    `title` is what a schema calls that field.
    """
    texts = [without_subject(question) or question]
    if _OF_ROWS.intersection(words_of(question)) and texts[0] != question:
        texts.append(question)
    asked = [Prompt(f"answer-{at}", PromptKind.QUESTION, text) for at, text in enumerate(texts)]
    return (*asked, Prompt("answer-field", PromptKind.FIELD, title)) if title else tuple(asked)


def without_subject(question: str) -> str | None:
    """The question without what it is about; None where it is about nothing, or no word of what is asked is left."""
    text = cut_subject(question)
    return text if text != question and any(word not in STOP_WORDS for word in words_of(text)) else None


def cut_subject(question: str) -> str:
    """The question without what it is about, whatever is left of it."""
    subjects = about(question).subjects
    named = {word for s in subjects if s.kind is not Kind.DATE for word in (*s.words, *s.beside)}
    tokens = [_token(found) for found in _TOKEN.finditer(question)]
    runs = list(_runs(tokens, named))
    if not runs:
        return question
    text = question
    for first, last in reversed(runs):
        text = _cut(text, tokens, first, last)
    return re.sub(r"[.\s]*\s*([?.!,;:])$", r"\1", " ".join(text.split()))


def _token(found: re.Match[str]) -> _Token:
    raw = found.group().strip(_MARKS)
    return _Token(found.start(), found.end(), raw, tuple(words_of(_OWNER.sub("", raw))))


def _runs(tokens: Sequence[_Token], named: Iterable[str]) -> Iterable[tuple[int, int]]:
    """First and last token of each name."""
    known, at = frozenset(named), 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and _is_of(tokens[end], known):
            end += 1
        if end > at:
            yield at, end - 1
        at = max(end, at + 1)


def _is_of(token: _Token, named: frozenset[str]) -> bool:
    """Whether a token is a part of a name; a sign between two parts is one, too."""
    return named.issuperset(token.words) if token.words else bool(named) and token.raw in {"&", "+", "-", "–"}


def _cut(text: str, tokens: Sequence[_Token], first: int, last: int) -> str:
    """The text without a name, without what belongs to it, and with what stands in its place."""
    owner = _OWNER.search(tokens[last].raw) is not None
    start, joined = _start(tokens, first)
    clause = any(_CLAUSE.intersection(token.words) for token in tokens[start:first])
    end = len(text.rstrip("?.! ")) if clause else tokens[last].end
    end = len(text[:end].rstrip(_MARKS))
    instead = "the" if owner else "" if joined or start == 0 else "it"
    return f"{text[: tokens[start].start]}{instead}{text[end:]}"


def _start(tokens: Sequence[_Token], first: int) -> tuple[int, bool]:
    """The first token that belongs to the name at `first`, and whether it is joined to what is asked by an `of`."""
    at = first
    while at > 0 and (_all_of(tokens[at - 1], _BEFORE) or _is_code(tokens[at - 1], tokens[at])):
        at -= 1
    joined = any(_all_of(token, _GENITIVE) for token in tokens[at:first])
    if at > 0 and not joined and _all_of(tokens[at - 1], _JOINS):
        at, joined = at - 1, True
    while joined and at > 0 and _all_of(tokens[at - 1], _PAPERS):  # on the form of Anna
        while at > 0 and _all_of(tokens[at - 1], _PAPERS):
            at -= 1
        joined = at > 0 and _all_of(tokens[at - 1], _JOINS)
        at -= joined
    return at, joined


def _all_of(token: _Token, words: frozenset[str]) -> bool:
    return bool(token.words) and words.issuperset(token.words)


def _is_code(token: _Token, number: _Token) -> bool:
    """Whether a token is the letters before a number: `T 1847`."""
    return token.raw.isupper() and len(token.raw) <= _CODE and any(map(str.isdigit, number.raw))
