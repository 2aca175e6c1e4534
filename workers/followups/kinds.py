"""What documents are called in English and German: one, many, and in German their genders."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that questions are understood in."""

    ENGLISH = "en"
    GERMAN = "de"


@dataclass(frozen=True, slots=True)
class Kind:
    """A word for documents. `of_it` is the German genitive, `among` the dative of many."""

    one: str
    many: str
    language: Language = Language.ENGLISH
    gender: str = ""  # m, f or n
    of_it: str = ""
    among: str = ""


def _german(one: str, many: str, gender: str) -> Kind:
    of_it = one if gender == "f" else one + ("s" if one[-1] not in "sz" else "es")
    return Kind(one, many, Language.GERMAN, gender, of_it, many if many[-1] in "ns" else many + "n")


_ENGLISH = (
    "document", "invoice", "receipt", "contract", "statement", "letter", "order", "purchase order", "delivery note",
    "credit note", "report", "form", "bill", "agreement", "lease", "offer", "quote", "reminder", "payslip", "file",
    "page", "certificate", "application", "ticket",
)  # fmt: skip
DOCUMENT = Kind("document", "documents")
DOKUMENT = _german("Dokument", "Dokumente", "n")
KINDS = (
    *(Kind(one, f"{one}s") for one in _ENGLISH),
    DOKUMENT,
    _german("Rechnung", "Rechnungen", "f"),
    _german("Quittung", "Quittungen", "f"),
    _german("Beleg", "Belege", "m"),
    _german("Kassenbon", "Kassenbons", "m"),
    _german("Vertrag", "Verträge", "m"),
    _german("Mietvertrag", "Mietverträge", "m"),
    _german("Kontoauszug", "Kontoauszüge", "m"),
    _german("Auszug", "Auszüge", "m"),
    _german("Brief", "Briefe", "m"),
    _german("Bestellung", "Bestellungen", "f"),
    _german("Lieferschein", "Lieferscheine", "m"),
    _german("Gutschrift", "Gutschriften", "f"),
    _german("Mahnung", "Mahnungen", "f"),
    _german("Angebot", "Angebote", "n"),
    _german("Bericht", "Berichte", "m"),
    _german("Formular", "Formulare", "n"),
    _german("Bescheid", "Bescheide", "m"),
    _german("Datei", "Dateien", "f"),
    _german("Seite", "Seiten", "f"),
)
_BY_WORD = {form.lower(): kind for kind in KINDS for form in (kind.one, kind.many, kind.of_it, kind.among) if form}
WORD = "|".join(sorted(map(re.escape, _BY_WORD), key=len, reverse=True))  # any of them, for a pattern
ONE = "|".join(re.escape(kind.one) for kind in KINDS)
_ANY = re.compile(rf"\b(?:{WORD})\b", re.IGNORECASE)


def kind_named(word: str) -> Kind | None:
    """The kind that a word in any of its forms names."""
    return _BY_WORD.get(word.lower())


def find_kind(text: str) -> tuple[Kind, re.Match[str]] | None:
    """The first word for documents in a text."""
    found = _ANY.search(text)
    return None if found is None else (_BY_WORD[found[0].lower()], found)


_GERMAN = re.compile(
    r"\b(?:und|oder|der|die|das|des|dem|den|von|vom|im|für|wer|was|wie|wann|wo|warum|welche[rsnm]?|ist|sind|war|waren|hat|"
    r"haben|gibt|wurde|wurden|es|er|sie|ihr|sein\w*|ihre\w*|diese[rsnm]?|davon|darin|mit|bei|aus|nicht|viele?|hoch|lautet|"
    r"nenne?|zeige?|welch|wem|wen|auch|ein|eine[rsnm]?|Jahr|Monat)\b|[äöüß]",
    re.IGNORECASE,
)
_ENGLISH_WORDS = re.compile(
    r"\b(?:and|or|the|of|from|for|what|who|when|where|which|how|is|are|does|did|has|have|it|its|they|them|this|that|these|"
    r"about|many|much|show|list|me|by|to|with|there|year|month|one)\b",
    re.IGNORECASE,
)


def language_of(text: str, before: Language = Language.ENGLISH) -> Language:
    """The language of a question by its small words; that of the question before where it does not say."""
    german, english = len(_GERMAN.findall(text)), len(_ENGLISH_WORDS.findall(text))
    if german == english:
        return before
    return Language.GERMAN if german > english else Language.ENGLISH
