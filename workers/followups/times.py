"""Times as questions name them, in English and German: found with their small words, and put in the place of others."""

import re
from dataclasses import dataclass
from enum import StrEnum

from workers.followups.kinds import ONE, Language

_MONTH = (
    r"(?:jan(?:uary|uar)?|jänner|feb(?:ruary|ruar)?|march|mar|märz|april|apr|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    r"sept(?:ember)?|sep|oct(?:ober)?|oktober|okt|nov(?:ember)?|dec(?:ember)?|dezember|dez)"
)
_YEAR = r"(?:19|20)\d\d"
_FREE = r"(?<![\w.,/#-])"  # nothing of a number or a code stands before it
_END = r"(?![\w/-]|[.,]\d)"
_BEFORE = (
    r"(?P<word>(?:in the year|im jahre?|in the|in|im|during|during the|of|for|from|since|before|after|until|till|by|on|"
    r"seit|vor|nach|bis|für|aus|von|vom|am|ab)\s+)?"
)
_DAY = (
    rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}\.\s?\d{{1,2}}\.\s?{_YEAR}|\d{{1,2}}/\d{{1,2}}/{_YEAR}|"
    rf"\d{{1,2}}(?:\.|st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?,?\s+{_YEAR}|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_YEAR}"
)
_QUARTER = (
    rf"(?:Q[1-4]|(?:the\s+)?(?:first|second|third|fourth|last|1st|2nd|3rd|4th)\s+quarter|"
    rf"(?:erste[nsm]?|zweite[nsm]?|dritte[nsm]?|vierte[nsm]?|[1-4]\.)\s+quartal)(?:\s+(?:of\s+)?(?:{_YEAR}))?"
)
_RELATIVE = (
    r"(?:last|this|next|the previous|the current|previous)\s+(?:year|month|quarter|week)|"
    r"(?:letzte|diese|vorige|vergangene|nächste)[nsrm]?\s+(?:jahr|monat|quartal|woche)(?:e?s)?|"
    r"vorjahr|vormonat|today|yesterday|heute|gestern"
)
_POINT = rf"{_DAY}|{_QUARTER}|{_MONTH}\.?\s+{_YEAR}|{_RELATIVE}|{_YEAR}"


class Span(StrEnum):
    """What a time names."""

    RANGE = "range"
    DAY = "day"
    QUARTER = "quarter"
    MONTH = "month"
    YEAR = "year"
    RELATIVE = "relative"


_FORMS: tuple[tuple[Span, re.Pattern[str]], ...] = (
    (
        Span.RANGE,
        re.compile(
            rf"(?P<word>)(?P<time>\b(?:between|from|zwischen|von|vom)\s+(?:{_POINT}|{_MONTH})\s+(?:and|to|until|und|bis)\s+"
            rf"(?:zum\s+)?(?:{_POINT}))",
            re.IGNORECASE,
        ),
    ),
    (Span.DAY, re.compile(rf"{_FREE}{_BEFORE}(?P<time>{_DAY}){_END}", re.IGNORECASE)),
    (Span.QUARTER, re.compile(rf"{_FREE}{_BEFORE}(?P<time>{_QUARTER}){_END}", re.IGNORECASE)),
    (Span.MONTH, re.compile(rf"{_FREE}{_BEFORE}(?P<time>{_MONTH}\.?\s+{_YEAR}){_END}", re.IGNORECASE)),
    (Span.RELATIVE, re.compile(rf"{_FREE}{_BEFORE}(?P<time>{_RELATIVE}){_END}", re.IGNORECASE)),
    (Span.YEAR, re.compile(rf"{_FREE}{_BEFORE}(?P<time>{_YEAR}){_END}", re.IGNORECASE)),
    (Span.MONTH, re.compile(rf"{_FREE}{_BEFORE}(?P<time>{_MONTH}){_END}", re.IGNORECASE)),
)
_BOUNDS = {"since", "before", "after", "until", "till", "by", "seit", "vor", "nach", "bis", "ab"}
_STEP = re.compile(
    r"\b(?:in\s+|im\s+)?(?:(?:the|das|dem)\s+)?(?:(?P<back>year\s+before(?:\s+that)?|previous\s+year|jahr\s+davor|vorjahr)|"
    r"(?P<on>year\s+after(?:\s+that)?|next\s+year|following\s+year|jahr\s+danach|folgejahr|nächsten?\s+jahr))\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(rf"(?:\b(?:number|no\.?|nr\.?|nummer|{ONE})|#)\s*$", re.IGNORECASE)  # then it numbers a document
_PRINTED_YEAR = re.compile(rf"{_FREE}{_YEAR}{_END}")


@dataclass(frozen=True, slots=True)
class Time:
    """A time in a text: from `start` to `end` with the small word before it, which may be empty."""

    span: Span
    word: str
    time: str
    start: int
    end: int

    @property
    def year(self) -> str | None:
        """The only year that it names."""
        years = re.findall(_YEAR, self.time)
        return years[0] if len(years) == 1 else None


def find_time(text: str) -> Time | None:
    """The first time of a text; the most telling form where several fit. A number of a document is none."""
    for span, form in _FORMS:
        for found in form.finditer(text):
            if _is_another_word(found["time"]) or _NUMBERED.search(text[: found.start()]):
                continue
            word = (found["word"] or "").strip()
            return Time(span, word, found["time"], found.start(), found.end())
    return None


def _is_another_word(name: str) -> bool:
    return name in {"may", "mar", "dec", "sep", "march"}  # in small letters these are rather other words


def step_of(fragment: str, before: str) -> str | None:
    """`the year before` as the year that it is, seen from the only year of the question before."""
    found = _STEP.fullmatch(fragment.strip())
    years = _PRINTED_YEAR.findall(before)
    if found is None or len(years) != 1:
        return None
    return str(int(years[0]) + (-1 if found["back"] else 1))


def exchange_time(question: str, new: Time, language: Language) -> str:
    """The question with the new time instead of its own, or behind all else where it has none."""
    old = find_time(question)
    if old is None:
        return _behind(question, _with_word(new, language))
    if new.span is Span.YEAR and old.span in {Span.DAY, Span.MONTH, Span.QUARTER} and old.year and not _is_bound(new):
        return question[: old.start] + question[old.start : old.end].replace(old.year, new.time) + question[old.end :]
    told = _with_year(new, old)
    same = new.span is old.span and not _is_bound(new) and not (_is_bound(old) and new.word)
    if same and new.span is not Span.RANGE:
        word = f"{old.word} " if old.word else ""
        return f"{question[: old.start]}{word}{told.time}{question[old.end :]}"
    return f"{question[: old.start]}{_with_word(told, language)}{question[old.end :]}"


def _is_bound(time: Time) -> bool:
    return time.word.lower() in _BOUNDS


def _with_year(new: Time, old: Time) -> Time:
    """A month or a quarter without a year is one of the year before."""
    if new.year is None and old.year is not None and new.span in {Span.MONTH, Span.QUARTER}:
        return Time(new.span, new.word, f"{new.time} {old.year}", new.start, new.end)
    return new


def _with_word(time: Time, language: Language) -> str:
    if time.word or time.span in {Span.RANGE, Span.RELATIVE}:
        return f"{time.word} {time.time}".strip()
    german = {Span.YEAR: "im Jahr", Span.DAY: "am"}.get(time.span, "im")
    english = {Span.DAY: "on"}.get(time.span, "in")
    return f"{german if language is Language.GERMAN else english} {time.time}"


def _behind(question: str, words: str) -> str:
    bare = question.rstrip(" ?.!")
    return f"{bare} {words}{question[len(bare) :].strip() or '?'}"
