"""Names as questions have them, of companies and people, and numbers of documents: found, and exchanged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workers.followups.kinds import WORD, Language
from workers.followups.times import find_time

_LEGAL = (
    r"(?:GmbH|mbH|AG|KGaA|KG|OHG|UG|GbR|SE|e\.?\s?V\.?|eG|Ltd\.?|Limited|Inc\.?|LLC|LLP|Corp\.?|Corporation|Company|PLC|plc|"
    r"S\.?A\.?S?\.?|B\.?V\.?|N\.?V\.?|S\.?r\.?l\.?|SpA|AB|AS|A/S|Oy|Pty|Group|Holding|Bank|Söhne|Sons|Partners?|"
    r"Brothers|Bros\.?|Co\.?)"
)
_PIECE = r"(?:[A-ZÄÖÜ0-9][\w.'’/-]*|&|\+|und Söhne|and Sons)"
_COMPANY = re.compile(rf"(?P<name>{_PIECE}(?:\s+(?:{_PIECE}|von|van|de|der))*?(?:\s+(?:&\s+Co\.?\s+)?{_LEGAL})+)(?!\w)")
_QUOTED = re.compile(r"[\"“„«](?P<name>[^\"”“»]+)[\"”“»]")
_TITLE = r"(?:(?:the company|company|der firma|firma|mr\.?|mrs\.?|ms\.?|dr\.?|herrn?|frau)\s+)?"
WORDS_BEFORE = r"of|from|by|to|for|with|at|against|von|bei|an|für|mit|durch|gegen"
_BEHIND_WORD = re.compile(
    rf"\b(?P<word>(?i:{WORDS_BEFORE}))\s+(?P<title>(?i:{_TITLE}))(?P<name>[A-ZÄÖÜ][\w.'’&/-]*(?:\s+(?:{_PIECE}|von|van|de))*)"
)
_WHO = re.compile(
    rf"\b(?:did|does|has|have|had|owes?|paid|pay|hat|haben|schuldet|hatte)\s+(?P<name>[A-ZÄÖÜ][\w.'’&/-]*(?:\s+{_PIECE})*)"
)
_OWNER = re.compile(r"\b(?P<name>[A-Z][\w.&-]*(?:\s+[A-Z][\w.&-]*)*)['’]s\b")
_SMALL = re.compile(
    rf"\b(?P<word>{WORDS_BEFORE})\s+(?P<name>(?!(?:the|all|any|each|every|our|my|your|its|their|this|that|these|those|them|it|"
    rf"der|die|das|dem|den|des|alle[nrs]?|jede[rnms]?|{WORD}|{WORDS_BEFORE})\b)[\wäöüß][\w.&-]*(?:\s+(?!(?:{WORDS_BEFORE}|in|"
    rf"im|since|before|after|between|during|is|are|was|were|did|have|has|do|there|than|über|unter|seit|vor|nach|ist|sind|"
    rf"and|or|und|oder|gibt|hat|haben)\b)[\w.&-]+)?)",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r"^(?:I|It|Its|They|What|Which|Who|When|Where|How|The|A|An|IBAN|BIC|VAT|PDF|EUR|USD|GBP|CHF|Was|Wer|Wie|Wann|Wo|Welche[rsn]?|"
    rf"{WORD})$",
    re.IGNORECASE,
)
_GERMAN_NOUN = re.compile(
    r"(?:datum|nummer|betrag|beträge|summe|summen|name|adresse|anschrift|frist|preis|preise|steuer|konto|rabatt|menge|"
    r"zeitraum|laufzeit|miete|kaution|kosten|gebühr|gebühren|jahr|monat|quartal|tag|woche|ung|ungen|heit|keit|schaft|tum|"
    r"euro|dollar|mwst|ust|netto|brutto|gesamt|kunde|kunden|lieferant|lieferanten|mieter|vermieter|leistung|posten|höhe|"
    r"anzahl|zahl|fälligkeit|währung|empfänger|absender|aussteller|unterschrift|ende|beginn|ort)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"\b(?P<kind>{WORD})?\s*(?P<mark>(?:number|no\.?|nr\.?|nummer|mit der nummer)\s*|#\s*)?"
    r"(?P<number>(?<![\w.,])[A-Z]{0,5}[-/]?\d[\w/-]*\w|(?<![\w.,])\d)(?![\w%]|[.,]\d|\s*(?:€|EUR|Euro|USD|\$|%|pages|Seiten))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or a number of a document, in a text, and the small word before it, which may be empty."""

    text: str
    word: str
    start: int
    end: int


def find_name(text: str, language: Language, known: Sequence[str] = ()) -> Name | None:
    """The name of a text: known to be one, quoted, a company, or what looks like one behind a small word."""
    for name in known:
        place = text.lower().find(name.lower())
        if name and place >= 0:
            return Name(text[place : place + len(name)], "", place, place + len(name))
    for form in (_QUOTED, _COMPANY, _BEHIND_WORD, _OWNER, _WHO, _SMALL):
        for found in form.finditer(text):
            made = _name(found)
            if made is not None and not _is_a_noun(made.text, language, form):
                return made
    return None


def _name(found: re.Match[str]) -> Name | None:
    """The name of a match, without the time that may stand behind it; a quoted one with its marks."""
    if found.re is _QUOTED:
        return Name(found[0], "", found.start(), found.end())
    text, start = found["name"], found.start("name")
    time = find_time(text)
    text = (text if time is None else text[: time.start]).rstrip(" .,;:")
    return Name(text, found.groupdict().get("word") or "", start, start + len(text)) if text else None


def _is_a_noun(text: str, language: Language, form: re.Pattern[str]) -> bool:
    """Whether it is rather a word of the language than a name."""
    if form in {_QUOTED, _COMPANY}:
        return False
    first = text.split(maxsplit=1)[0]
    if _NOT_NAMES.match(text) or _NOT_NAMES.match(first) or not any(c.isalpha() for c in text):
        return True
    return language is Language.GERMAN and any(_GERMAN_NOUN.search(word) for word in text.split())


def is_german_noun(text: str) -> bool:
    """Whether a capitalised German word is one for a field of a document rather than a name."""
    return bool(_GERMAN_NOUN.search(text.rsplit(maxsplit=1)[-1])) if text.split() else False


def find_number(text: str) -> Name | None:
    """The number of a document in a text; amounts and times are none."""
    time = find_time(text)
    for found in _NUMBER.finditer(text):
        start = found.start("number")
        if time is not None and time.start <= start < time.end:
            continue
        if found["kind"] or found["mark"] or len(found["number"]) > 2:  # noqa: PLR2004 - a small count is none
            return Name(found["number"], "", start, found.end("number"))
    return None


def exchange_name(question: str, new: Name, old: Name | None, language: Language) -> str:
    """The question with the new name instead of its own, or behind all else where it has none."""
    if old is not None:
        return question[: old.start] + new.text + question[old.end :]
    word = new.word or ("von" if language is Language.GERMAN else "of")
    time = find_time(question)
    if time is not None and not question[time.end :].strip(" ?.!"):  # before the time that ends it
        return f"{question[: time.start].rstrip()} {word} {new.text} {question[time.start :]}"
    bare = question.rstrip(" ?.!")
    return f"{bare} {word} {new.text}{question[len(bare) :].strip() or '?'}"
