"""What a question is about: the names, numbers, dates and quoted words in it.

`What is the IBAN of Schulze AG?` asks for an IBAN, and is about Schulze. Every invoice has an IBAN, and a model that is
shown one reads it with confidence; so words for what is asked may rank pages, and never choose an answer. What the
question is about has to stand on the page, or in its document, else the answer is not one to this question. This is
what keeps a question unanswered that these documents do not answer.

A name is what has a capital letter inside a sentence; in German, where all nouns have one, what stands beside another
such word, a legal form or a title, or behind a word like `von`; in a question without any capital, what stands before a
legal form or behind `of` and its kin. Numbers are names, too, from three digits on. All other words that are no field's
and not of every text (`the deposit for the flat`) are soft: together they are to be there for the greater part.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from storage.search_words import words_of
from workers.field_words import (
    BEFORE_NAMES,
    GERMAN,
    LEGAL_FORMS,
    PARTICLES,
    STOP_WORDS,
    TITLES,
    is_field_word,
)
from workers.typed.months import month_of

_QUOTED = re.compile(r'"([^"]{2,})"|“([^”]{2,})”|„([^“”]{2,})[“”]|«([^»]{2,})»')
_TOKEN = re.compile(r"(?:[^\s,;:!?()\[\]{}\"“”„«»]|(?<=\d)[,:](?=\d))+")
_GENITIVE = re.compile(r"['’`]s?$")
_BREAKS = re.compile(r"[^\s&+–-]")  # between two words of a name nothing stands but a blank or such a sign
_ISO = re.compile(r"((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})$")
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d\d)$")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_ACCOUNT = re.compile(r"[A-Z]{2}\d\d$")  # how one begins, in groups
_DAY_ALONE = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.|er|º)?$")
_ENGLISH = frozenset(words_of("the of is what which who how when where does did to from by"))
_WHEN = frozenset(words_of("when wann quand cuándo quando wanneer"))  # also `since when`, `seit wann`
_OR = frozenset({"or", "oder", "ou"})
_LEAST_DIGITS = 3  # of a number that names something
_MOST_LETTERS = 4  # before a number
_CENTURY, _TURN = 100, 70
_MOST_SUBJECTS = 8
_MOST_MONTHS, _MOST_DAYS = 12, 31


class Kind(StrEnum):
    """What sort of thing a question is about."""

    NAME = "name"
    NUMBER = "number"
    QUOTE = "quote"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Day:
    """A day, a month or a year; a day that may be read in two ways has both."""

    year: int | None
    month: int | None = None
    day: int | None = None
    swapped: bool = False  # day and month may be the other way round


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that has to stand where the answer stands."""

    kind: Kind
    words: tuple[str, ...]  # folded; all of them have to be there
    beside: tuple[str, ...] = ()  # legal forms, letters before a number: they may be left out
    day: Day | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A question, taken apart."""

    subjects: tuple[Subject, ...] = ()
    words: tuple[str, ...] = ()  # soft: neither names nor a field's
    fields: tuple[str, ...] = ()  # of what is asked
    either: bool = False  # one of the subjects is enough: `Meyer or Schulze`
    every: frozenset[str] = field(default_factory=frozenset)  # all words of the question
    is_of_time: bool = False  # it asks when, before all

    @property
    def names_something(self) -> bool:
        """Whether there is a subject that has to be found."""
        return bool(self.subjects)


@dataclass(slots=True)
class _Token:
    """A word of the question as it was typed."""

    raw: str
    words: tuple[str, ...]
    joined: bool  # with the one before: nothing but a blank between them
    role: str = "soft"  # stop, field, name, number, digits, form, title, particle, soft
    cited: bool = False

    @property
    def is_capital(self) -> bool:
        return self.raw[:1].isupper()

    @property
    def has_digit(self) -> bool:
        return any(c.isdigit() for c in self.raw)


def about(question: str, field_words: Collection[str] = ()) -> About:
    """What a question is about. `field_words` are the folded words of the workspace's own fields."""
    quotes = [next(filter(None, found.groups())) for found in _QUOTED.finditer(question)]
    plain = _QUOTED.sub(" , ", question)
    tokens = list(_tokens(plain))
    _give_roles(tokens, plain, frozenset(field_words))
    dates = list(_take_dates(tokens))
    named = [Subject(Kind.QUOTE, words) for text in quotes if (words := tuple(words_of(text)))]
    named += [*_numbers(tokens), *_names(tokens), *dates]
    subjects = tuple(dict.fromkeys(named))[:_MOST_SUBJECTS]
    soft = [word for token in tokens if token.role == "soft" for word in token.words if word not in STOP_WORDS]
    fields = [word for token in tokens if token.role == "field" for word in token.words]
    either = len(subjects) > 1 and any(token.words and token.words[0] in _OR for token in tokens)
    return About(
        subjects,
        tuple(dict.fromkeys(soft)),
        tuple(dict.fromkeys(fields)),
        either=either,
        every=frozenset(words_of(question)),
        is_of_time=not _WHEN.isdisjoint(words_of(question)[:2]),
    )


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    for found in _TOKEN.finditer(text):
        raw = _GENITIVE.sub("", found.group().rstrip(".…"))
        words = tuple(words_of(raw))
        if words:
            yield _Token(raw, words, joined=end > 0 and not _BREAKS.search(text[end : found.start()]))
            end = found.end()


def _give_roles(tokens: Sequence[_Token], text: str, field_words: Collection[str]) -> None:
    """First by each word itself, then by its neighbours."""
    has_capitals = any(c.isupper() for c in text) and not text.isupper()
    folded = {word for token in tokens for word in token.words}
    german = bool(folded & GERMAN) and not folded & _ENGLISH
    for token in tokens:
        token.role = _own_role(token, field_words)
    for at, token in enumerate(tokens):
        if token.role == "soft" and _is_name(tokens, at, has_capitals=has_capitals, german=german):
            token.role = "name"


def _own_role(token: _Token, field_words: Collection[str]) -> str:
    if token.has_digit or "@" in token.raw:
        return "number" if _tells_apart(token.raw) else "digits"
    is_form = all(word in LEGAL_FORMS for word in token.words) or "".join(token.words) in LEGAL_FORMS
    if is_form and (token.is_capital or token.words[0] not in STOP_WORDS):
        return "form"
    if all(word in TITLES for word in token.words):
        return "title"
    if all(word in STOP_WORDS for word in token.words):
        return "particle" if token.words[0] in PARTICLES else "stop"
    if all(is_field_word(word, field_words) or word in STOP_WORDS for word in token.words):
        return "field"
    return "soft"


def _tells_apart(raw: str) -> bool:
    """Whether a number is long enough to name something: `4711` and `A-17`, not `2 pages` or `the 3rd`."""
    if sum(c.isdigit() for c in raw) >= _LEAST_DIGITS or "@" in raw:
        return True
    return any(c.isalpha() for c in raw) and sum(map(str.isalnum, raw)) >= _LEAST_DIGITS and not _DAY_ALONE.match(raw)


def _is_name(tokens: Sequence[_Token], at: int, *, has_capitals: bool, german: bool) -> bool:
    token = tokens[at]
    before = tokens[at - 1] if at else None
    after = tokens[at + 1] if at + 1 < len(tokens) and tokens[at + 1].joined else None
    if after is not None and after.role == "form":
        return True
    if before is not None and token.joined:
        if before.role == "title" or (before.role == "name" and (token.is_capital or not has_capitals)):
            return True
        if not has_capitals or (german and token.is_capital):
            return before.words[-1] in BEFORE_NAMES or (german and _is_proper(before, after))
    if not has_capitals or not token.is_capital:
        return False
    if german:
        return after is not None and after.role == "soft" and after.is_capital
    return before is not None or (after is not None and after.is_capital)


def _is_proper(before: _Token, after: _Token | None) -> bool:
    """Whether one of two capital words in a row is no common noun that we know: German sets two nouns apart."""
    return any(one is not None and one.role in {"soft", "name"} and one.is_capital for one in (before, after))


def _take_dates(tokens: Sequence[_Token]) -> Iterator[Subject]:
    """Dates, whose words are taken from the others."""
    for at, token in enumerate(tokens):
        day = _written_day(token) or _spoken_day(tokens, at) or _year(tokens, at)
        if day is not None:
            token.role = "stop"
            yield Subject(Kind.DATE, (), day=day)


def _written_day(token: _Token) -> Day | None:
    if found := _ISO.match(token.raw):
        year, month, day = map(int, found.groups())
    elif found := _DAY.match(token.raw):
        day, month, year = map(int, found.groups())
        year += 0 if year >= _CENTURY else (2000 if year < _TURN else 1900)
        if month > _MOST_MONTHS:
            day, month = month, day
    else:
        return None
    if not (1 <= month <= _MOST_MONTHS and 1 <= day <= _MOST_DAYS):
        return None
    return Day(year, month, day, swapped=found.re is _DAY and day <= _MOST_MONTHS)


def _spoken_day(tokens: Sequence[_Token], at: int) -> Day | None:
    """A month by its name, with the day or the year beside it."""
    token = tokens[at]
    if token.has_digit or len(token.words) != 1 or token.role in {"form", "title"}:
        return None
    near = [other for other in tokens[max(0, at - 1) : at + 3] if other is not token and other.has_digit]
    month = month_of(token.words[0]) if near else None
    if month is None:
        return None
    year = next((other for other in near if _YEAR.match(other.raw)), None)
    day = next((found for other in near if (found := _DAY_ALONE.match(other.raw))), None)
    if year is None and day is None:
        return None
    for other in near:
        if other is year or (day is not None and other.raw == day.string):
            other.role = "stop"
            other.cited = True
    return Day(int(year.raw) if year else None, month.number, int(day.group(1)) if day else None)


def _year(tokens: Sequence[_Token], at: int) -> Day | None:
    """A year behind a word like `in`; elsewhere four digits are a number like others."""
    token = tokens[at]
    if token.cited or token.role != "number" or not _YEAR.match(token.raw):
        return None
    before = tokens[at - 1] if at else None
    return Day(int(token.raw)) if before is not None and before.role in {"stop", "particle"} else None


def _numbers(tokens: Sequence[_Token]) -> Iterator[Subject]:
    """Numbers: groups of digits that stand in a row are one, as an account's are; capitals before them belong to it."""
    run: list[str] = []
    before: tuple[str, ...] = ()
    for at, token in enumerate(tokens):
        goes_on = bool(run) and token.joined and (token.role in {"number", "digits"} or _is_bank(tokens, at))
        if run and not goes_on:
            yield Subject(Kind.NUMBER, tuple(run), before)
            run = []
        if goes_on:
            token.role = "number"
            run += token.words
        elif token.role == "number":
            run += token.words
            before = _letters_before(tokens, at)
    if run:
        yield Subject(Kind.NUMBER, tuple(run), before)


def _is_bank(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a token is the letters of a bank inside an account: `NWBK` of `GB29 NWBK 6016 1331 9268 19`."""
    token, before = tokens[at], tokens[at - 1]
    after = tokens[at + 1] if at + 1 < len(tokens) and tokens[at + 1].joined else None
    starts = bool(_ACCOUNT.match(before.raw))
    return starts and token.raw.isalpha() and token.raw.isupper() and after is not None and after.has_digit


def _letters_before(tokens: Sequence[_Token], at: int) -> tuple[str, ...]:
    """`INV` of `invoice INV 4711`, which then names nothing by itself; not the words of a question all in capitals."""
    token = tokens[at - 1] if at and tokens[at].joined and not _YEAR.match(tokens[at].raw) else None
    if token is None or token.role == "field" or not (token.raw.isalpha() and token.raw.isupper()):
        return ()
    if len(token.raw) > _MOST_LETTERS or all(other.raw.isupper() for other in tokens if other.raw.isalpha()):
        return ()
    token.role = "stop"
    return token.words


def _names(tokens: Sequence[_Token]) -> Iterator[Subject]:
    """Runs of words that name somebody or something."""
    at = 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and (end == at or tokens[end].joined) and _goes_on(tokens, end):
            end += 1
        run = tokens[at:end]
        while run and run[-1].role == "particle":
            run = run[:-1]
        words = tuple(word for token in run if token.role == "name" for word in token.words)
        if words:
            beside = tuple(word for token in run if token.role != "name" for word in token.words)
            yield Subject(Kind.NAME, words, beside)
        at = max(end, at + 1)


def _goes_on(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a token may be part of a name, by itself or because one follows."""
    token = tokens[at]
    if token.role in {"name", "form", "title"}:
        return True
    beside = [tokens[i] for i in (at - 1, at + 1) if 0 <= i < len(tokens)]
    if token.role == "field":
        return token.is_capital and not token.raw.isupper() and any(other.role == "name" for other in beside)
    return token.role == "particle" and at > 0 and tokens[at - 1].role in {"name", "particle"}
