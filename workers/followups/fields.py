"""What a question asks for: `the total` in `What is the total of Acme?`; found, and exchanged."""

import re
from dataclasses import dataclass

from workers.followups.kinds import Language, kind_named
from workers.followups.names import is_german_noun

_COMPOUND = (
    r"(?:date|place|country) of (?:birth|issue|delivery)|(?:terms|method|proof) of (?:payment|delivery)|number of pages"
)
_ENGLISH = re.compile(
    r"^(?P<head>what(?:['’]s| is| are| was| were)|which (?:is|are|was)|who(?:['’]s| is| are| was)|when (?:is|was)|"
    r"where is|how (?:much|high|long|large|big) (?:is|was|are|were)|(?:tell|give|show) me)\s+"
    r"(?P<article>(?:the|its|their|his|her|my|our|a|an)\s+)?"
    rf"(?P<field>{_COMPOUND}|[\w'’ -]+?)"
    r"(?P<rest>\s+(?:of|for|from|in|on|at|by|to|with|during|since|before|after|between|until|against|due|paid|signed)\b.*?)?"
    r"\s*[?.!]*$",
    re.IGNORECASE,
)
_GERMAN = re.compile(
    r"^(?P<head>(?:was|wie|welche[rsnm]?|wer|wann|wo)(?:\s+(?:hoch|lang|groß|viel))?\s+"
    r"(?:ist|sind|war|waren|lautete?n?|lauten|beträgt|betragen|steht)|(?:nenne?|zeige?|sage?|gib)(?:\s+mir)?)\s+"
    r"(?P<article>(?:der|die|das|den|dem|seine?[rnms]?|ihre?[rnms]?|meine?[rnms]?|unsere?[rnms]?)\s+)?"
    r"(?P<field>[\w äöüÄÖÜß-]+?)"
    r"(?P<rest>\s+(?:von|vom|der|des|für|im|in|am|bei|beim|aus|an|seit|vor|nach|bis|zwischen|laut|auf|mit|fällig)\b.*?)?"
    r"\s*[?.!]*$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?P<article>the|its|their|his|her|der|die|das|den|dem|seine?[rnms]?|ihre?[rnms]?)\s+(?P<field>.+)$",
    re.IGNORECASE,
)
_NO_FIELD = re.compile(
    r"\d|^(?:why|when|where|who|what|how|which|warum|wieso|wann|wo|wer|was|wie|yes|no|ja|nein|thanks?|danke|not|nicht|"
    r"please|bitte|really|wirklich|hello|hi|hallo)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?:tax|vat|total|subtotal|amount|sum|price|rent|discount|fees?|costs?|balance|deposit|shipping|betrag|summe|steuer|"
    r"preis|miete|rabatt|gebühr(?:en)?|kosten|kaution|netto|brutto|mwst|saldo|skonto)$",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"^(?:what|which|wie laute|was|tell|give|show|nenne?|zeige?)", re.IGNORECASE
)  # heads that fit every field
_HOW = re.compile(r"^(?:how much|how high|wie hoch)", re.IGNORECASE)  # heads that fit every amount
_SUM = re.compile(r"^the (?:total|sum|total amount)$", re.IGNORECASE)
_OF_MANY = re.compile(r"\b(?:all|the|every|each)\s+\w+s\b", re.IGNORECASE)
_GENDERS = (
    (re.compile(r"(?:datum|konto|ende|netto|brutto|skonto|ziel)$", re.IGNORECASE), "das"),
    (re.compile(r"(?:betrag|name|preis|rabatt|zeitraum|tag|kunde|lieferant|mieter|vermieter|empfänger|absender|aussteller|"
                r"saldo|beginn|ort|bic)$", re.IGNORECASE), "der"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for, and what it asks it of."""

    head: str
    field: str  # with its article
    rest: str  # with the space before it, without the mark at its end


def find_field(question: str, language: Language) -> Asked | None:
    """The field of a question of one of the plain forms: `What is the total of Acme?`."""
    found = (_GERMAN if language is Language.GERMAN else _ENGLISH).match(question.strip())
    if found is None or kind_named(found["field"].split()[-1]):
        return None
    return Asked(found["head"], f"{found['article'] or ''}{found['field']}", found["rest"] or "")


def field_in(fragment: str, language: Language) -> str | None:
    """A fragment that names a field: with its article, in small letters, or by a German word for one; else None."""
    bare = fragment.strip()
    found = _ARTICLE.match(bare)
    if found is not None:
        return f"{_definite(found['article'], found['field'], language)} {found['field']}"
    if not bare or len(bare.split()) > 4 or _NO_FIELD.search(bare):  # noqa: PLR2004 - more are no name of a field
        return None
    if language is Language.GERMAN:
        return f"{article_of(bare)} {bare}" if is_german_noun(bare) or bare.isupper() else None
    return f"the {bare}" if bare == bare.lower() or bare.isupper() else None


def exchange_field(question: str, new: str, language: Language) -> str | None:
    """The question with another field in the place of its own; None where it has none in a plain form."""
    asked = find_field(question, language)
    if asked is None:
        return None
    fits = _PLAIN.match(asked.head) or (_HOW.match(asked.head) and _AMOUNT.search(new))
    head = asked.head if fits else plain_head(language)
    if _SUM.match(asked.field) and _OF_MANY.search(asked.rest) and _AMOUNT.search(new) and not _SUM.match(new):
        new = f"the total {re.sub('^the ', '', new)}"  # the taxes of many invoices are asked for as their sum was
    rest = re.sub(r"^\s+(?:due|paid|signed|fällig)$", "", asked.rest, flags=re.IGNORECASE)
    return f"{head} {new}{rest}?"


def plain_head(language: Language) -> str:
    """How a question for a field begins."""
    return "Was ist" if language is Language.GERMAN else "What is"


def nominative(phrase: str) -> str:
    """A German phrase that stood behind `mit` or `bei`, by itself: `der Steuer` as `die Steuer`."""
    found = re.match(r"^(?P<article>der|dem|den)\s+(?P<noun>\S+)", phrase, re.IGNORECASE)
    if found is None:
        return phrase
    guess = article_of(found["noun"])
    article = (guess if guess != "die" else "der") if found["article"].lower() == "dem" else "die"
    return f"{article}{phrase[found.end('article') :]}"


def _definite(article: str, field: str, language: Language) -> str:
    if language is Language.ENGLISH:
        return "the"
    return article.lower() if article.lower() in {"der", "die", "das"} else article_of(field)


def article_of(noun: str) -> str:
    """The German article of a word for a field, by its ending; `die` where nothing tells."""
    return next((article for ending, article in _GENDERS if ending.search(noun)), "die")
