"""Words that point back, `it`, `their`, `which of them`, `sie`, `davon`: found, and said in full."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from workers.followups.fields import article_of
from workers.followups.kinds import DOCUMENT, DOKUMENT, WORD, Kind, Language, find_kind, kind_named


@dataclass(frozen=True, slots=True)
class Pointed:
    """A question with its pointing words said in full; `said` is the first of them, `many` that it means several."""

    question: str
    said: str
    many: bool
    which: int | None = None  # `the second one`: from 0, -1 the last


@dataclass(frozen=True, slots=True)
class Aim:
    """What words may point to: documents of this kind, this many, and an answer."""

    kind: Kind
    many: bool
    answer: str | None  # only where it may be the name of somebody


Full: TypeAlias = Callable[[re.Match[str], Aim], str]


@dataclass(frozen=True, slots=True)
class _Form:
    pattern: re.Pattern[str]
    full: Full
    many: bool | None = None  # None: as many as there are


def aim_of(question: str, answer: str | None, *, many: bool, language: Language) -> Aim:
    """What the words of the next question may point to, by the question before and its answer."""
    found = find_kind(question)
    kind = found[0] if found else None
    if kind is None or kind.language is not language:
        kind = DOKUMENT if language is Language.GERMAN else DOCUMENT
    return Aim(kind, many, answer if answer and _is_like_a_name(answer) else None)


def said_in_full(question: str, aim: Aim, language: Language) -> Pointed | None:
    """The question with its pointing words said in full; None where it has none."""
    ordinal = _ordinal(question, aim, language)
    if ordinal is not None:
        return ordinal
    text, said, many = question, "", False
    for form in _GERMAN if language is Language.GERMAN else _ENGLISH:
        found = form.pattern.search(text)
        if found is None:
            continue
        said = said or (found[0].split()[0] if found.groupdict().get("thing") else found[0])
        many = many or (aim.many if form.many is None else form.many)
        text = form.pattern.sub(lambda match, form=form: form.full(match, aim), text)  # type: ignore[misc]
    if not said:
        return None
    return Pointed(text[:1].upper() + text[1:], said.strip(), many)


_PARTICLES = re.compile(
    "a[lmn]|and|bei|da|das|de|degli|del|della|de[nrs]|di|do|dos|du|ed?|el|en|et|für|i|in|la|las|les?|los?|o[fn]|op|per|"
    "pour|te[nr]|the|und|van|vo[mn]|y|z|zu|zu[mr]|[&+-]"
)


def _is_like_a_name(answer: str) -> bool:
    """What pages say goes into a question as a name alone: `Meyer und Söhne`, but no sentence and no order."""
    words = answer.split()
    return (
        0 < len(words) <= 6  # noqa: PLR2004 - a name has few words
        and answer[0].isupper()
        and sum(c.isdigit() for c in answer) <= 2  # noqa: PLR2004 - `Meyer 24 GmbH`, but no number and no date
        and all(not word[0].islower() or "." in word or _PARTICLES.fullmatch(word) for word in words)
    )


# -- English


def _one(aim: Aim) -> str:
    return f"the {aim.kind.many if aim.many else aim.kind.one}"


def _of_owner(found: re.Match[str], aim: Aim) -> str:
    if aim.answer is not None:
        return f"the {found['thing']} of {aim.answer}"
    return f"the {found['thing']} of the {aim.kind.many if aim.many else aim.kind.one}"


def _owned(found: re.Match[str], aim: Aim) -> str:  # noqa: ARG001 - one form for all
    return f"the {aim.kind.many}'" if aim.many else f"the {aim.kind.one}'s"


def _owned_by_name(found: re.Match[str], aim: Aim) -> str:
    return f"{aim.answer}'s" if aim.answer is not None else _owned(found, aim)


def _small_or_large(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LAST = r"(?P<thing>[\w-]+(?:\s+[\w-]+){0,2})(?=\s*[?.!]*$)"
_VERB_END = r"(?:signed|paid|due|dated|sent|issued|written|about|from|for|delivered|received|worth)"
_ENGLISH = (
    _Form(_small_or_large(r"\bof\s+(?:them|these|those)\b"), lambda _, aim: f"of the {aim.kind.many}", many=True),
    _Form(
        _small_or_large(rf"\b(?:these|those)\s+(?P<kind>{WORD})\b"), lambda found, _: f"the {found['kind']}", many=True
    ),
    _Form(
        _small_or_large(rf"\b(?:this|that|the same|the said)\s+(?P<kind>{WORD})\b"),
        lambda found, _: f"the {found['kind']}",
        many=False,
    ),
    _Form(_small_or_large(r"\b(?:this|that)\s+one\b"), lambda _, aim: f"the {aim.kind.one}", many=False),
    _Form(_small_or_large(rf"\bits\s+{_LAST}"), lambda found, aim: f"the {found['thing']} of {_one(aim)}"),
    _Form(_small_or_large(r"\bits\b(?=\s+\w)"), _owned),
    _Form(_small_or_large(rf"\b(?:their|his|her)\s+{_LAST}"), _of_owner),
    _Form(_small_or_large(r"\b(?:their|his|her)\b(?=\s+\w)"), _owned_by_name),
    _Form(_small_or_large(r"\b(?:he|she|him)\b"), lambda found, aim: aim.answer or found[0]),
    _Form(_small_or_large(r"\b(?:they|them|those|these)\b"), lambda _, aim: f"the {aim.kind.many}", many=True),
    _Form(_small_or_large(r"\bit\b(?!\s+(?:true|that)\b)"), lambda _, aim: _one(aim)),
    _Form(
        _small_or_large(rf"(?<=\s)(?:this|that)(?=\s*[?.!]*$|\s+{_VERB_END}\b)"), lambda _, aim: _one(aim)
    ),
    _Form(_small_or_large(r"(?<!is )(?<!are )(?<!was )(?<!were )\b(?:in there|there|therein)(?=\s*[?.!]*$)"),
          lambda _, aim: f"in {_one(aim)}"),
)  # fmt: skip

# -- German

_THE = {"m": ("der", "den", "dem", "des"), "f": ("die", "die", "der", "der"), "n": ("das", "das", "dem", "des")}


def _der(aim: Aim, case: int) -> str:
    """The kind with its article: 0 who, 1 whom, 2 to whom, 3 whose."""
    if aim.many:
        return (f"die {aim.kind.many}", f"die {aim.kind.many}", f"den {aim.kind.among}", f"der {aim.kind.many}")[case]
    noun = aim.kind.of_it if case == 3 else aim.kind.one  # noqa: PLR2004 - the genitive
    return f"{_THE[aim.kind.gender or 'n'][case]} {noun}"


def _pronoun(found: re.Match[str], aim: Aim) -> str:
    """`es`, `er`, `sie`, `ihn`, `ihm`: the kind where the genders agree, a person where the answer is one."""
    word = found[0].lower()
    gender, case = {"es": ("n", 1), "er": ("m", 0), "ihn": ("m", 1), "ihm": ("m", 2), "sie": ("f", 1)}[word]
    if gender != aim.kind.gender and aim.answer is not None and word != "es":
        return aim.answer
    return _der(aim, case)


def _german_this(found: re.Match[str], aim: Aim) -> str:  # noqa: ARG001 - one form for all
    word, noun = found["word"].lower(), found["kind"]
    kind = kind_named(noun)
    if word.endswith("es"):
        article = "des" if kind is not None and noun == kind.of_it and noun != kind.one else "das"
    else:
        article = {"e": "die", "r": "der", "m": "dem", "n": "den"}[word[-1]]
    return f"{article} {noun}"


def _german_owned(found: re.Match[str], aim: Aim) -> str:
    owner = f"von {aim.answer}" if aim.answer is not None else _der(aim, 3)
    ending = found["ending"].lower()
    cases = {"e": "die", "en": "den", "em": "dem", "er": "der", "es": "des"}
    article = cases.get(ending) or article_of(found["thing"])
    return f"{article} {found['thing']} {owner}"


_GERMAN = (
    _Form(
        _small_or_large(r"\b(?:davon|darunter|von\s+(?:ihnen|diesen|denen))\b"),
        lambda _, aim: f"von den {aim.kind.among}",
        many=True,
    ),
    _Form(_small_or_large(rf"\b(?P<word>diese[rsmn]?|jene[rsmn]?)\s+(?P<kind>{WORD})\b"), _german_this),
    _Form(
        re.compile(r"\b(?:sein|ihr)(?P<ending>e[nmrs]?|)\s+(?P<thing>[A-ZÄÖÜ][\w-]+)"),
        _german_owned,
    ),
    _Form(re.compile(r"\b(?P<ending>dessen|deren)\s+(?P<thing>[A-ZÄÖÜ][\w-]+)"), _german_owned),
    _Form(_small_or_large(r"\b(?:darin|darauf|dort|hierin|hierauf)\b"), lambda _, aim: f"in {_der(aim, 2)}"),
    _Form(
        re.compile(r"(?<!\bgibt )(?<!\bist )(?<!\bGibt )\b(?:es|er|ihn|ihm|sie)\b(?!\s+(?:gibt|sich)\b)"),
        _pronoun,
    ),
    _Form(re.compile(r"(?<=\s)(?:das|dies)(?=\s*[?.!]*$|\s+\w+(?:t|en)\s*[?.!]*$)"), lambda _, aim: _der(aim, 0)),
)  # fmt: skip

# -- the second one

_ORDINALS = {
    "first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1,
    "erste": 0, "zweite": 1, "dritte": 2, "vierte": 3, "fünfte": 4, "letzte": -1,
}  # fmt: skip
_WHICH = re.compile(
    rf"\b(?:the\s+(?P<en>first|second|third|fourth|fifth|last)(?:\s+(?:one|{WORD}))?|"
    rf"(?:der|die|das|dem|den|des)\s+(?P<de>erste|zweite|dritte|vierte|fünfte|letzte)[nrms]?(?:\s+(?:{WORD}))?)(?=\s*[?.!]*$)",
    re.IGNORECASE,
)


def _ordinal(question: str, aim: Aim, language: Language) -> Pointed | None:
    found = _WHICH.search(question) if aim.many else None
    if found is None:
        return None
    one = Aim(aim.kind, many=False, answer=None)
    full = _der(one, 1) if language is Language.GERMAN else _one(one)
    text = question[: found.start()] + full + question[found.end() :]
    return Pointed(
        text[:1].upper() + text[1:], found[0], many=False, which=_ORDINALS[(found["en"] or found["de"]).lower()]
    )
