"""Labels as they are printed: parted from their values, made to names, and what kind of value follows them."""

import re
import unicodedata

from core.records import FieldKind
from workers.typed import currency_of, folded, read_value

_COLON = re.compile(r"(?P<label>[^:]{2,60}?)\s*:\s*(?P<value>\S.*)?")
_FIGURE = re.compile(r"(?P<label>\D{2,60}?)\s+(?P<value>[^\w\s]?\s?\d.*)")
_CENTS = re.compile(r"[.,]\d{2}\b(?!.*\d{3}\b)")
_NOT_NAME = re.compile(r"[^a-z0-9]+")
_PHONE = re.compile(r"\b(tel|telefon|telephone|telefono|telefoon|phone|mobile|mobil|fax)\b")
_COUNTRY = re.compile(r"\b(country|land|pays|pais|paese)\b")
_SAID = {
    FieldKind.IBAN: re.compile(r"\biban\b"),
    FieldKind.VAT: re.compile(r"\b(vat|ust|ust-id\S*|mwst|tva|iva|btw)\b"),
}
_CURRENCY = re.compile(r"(^|[a-z.\s])(EUR|USD|GBP|CHF|CAD|AUD|JPY|SEK|NOK|DKK|PLN)$")  # a label does not end with one
_LEADERS = " .…·_-–|"
_LEADING = " .…·_|"  # the same before a value, which may begin with a minus
_LONGEST_LABEL = 40  # characters
_MOST_WORDS = 5
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d"})  # what no accent is taken off
_LONGEST_NAME = 60
_LEAST_PHONE = 6  # digits


def parted(text: str) -> tuple[str, str]:
    """A line as label and value. The value is empty where the line is a label alone, or has none."""
    text = " ".join(text.split())
    colon = _COLON.fullmatch(text)
    if colon is not None:
        return _bare(colon["label"]), (colon["value"] or "").strip()
    figure = _FIGURE.fullmatch(text)
    if figure is not None and kind_of(figure["label"], figure["value"]) is not FieldKind.TEXT:
        return _bare(figure["label"]), figure["value"].lstrip(_LEADING)
    return _bare(text), ""


def is_label(text: str) -> bool:
    """Whether a text can be what is printed beside a value: a few words without figures."""
    return (
        sum(c.isalpha() for c in text) > 1
        and len(text) <= _LONGEST_LABEL
        and len(text.split()) <= _MOST_WORDS
        and not any(c.isdigit() for c in text)
        and not _CURRENCY.search(text)
        and name_of(text)[:1].isalpha()
    )


def name_of(label: str) -> str:
    """A label as the name of a field: `Rechnungs-Nr.` as `rechnungs_nr`. Empty where no letter has one of a to z."""
    plain = unicodedata.normalize("NFKD", label.casefold().translate(_LETTERS))
    return _NOT_NAME.sub("_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")[:_LONGEST_NAME]


def kind_of(label: str, value: str) -> FieldKind:
    """What kind of value a printed text is, beside its label. A bare number is a text: most of them name something."""
    said = folded(label)
    for kind in (FieldKind.IBAN, FieldKind.EMAIL, FieldKind.VAT):
        typed = read_value(value, kind)
        said_so = kind in _SAID and _SAID[kind].search(said) and typed.problem == "bad-checksum"
        if typed.value is not None and (typed.problem is None or said_so):
            return kind
    if _is(value, FieldKind.DATE):
        return FieldKind.DATE
    money = read_value(value, FieldKind.MONEY)
    if money.value is not None and (currency_of(money) or _CENTS.search(value)):
        return FieldKind.MONEY
    if _PHONE.search(said) and sum(c.isdigit() for c in value) >= _LEAST_PHONE:
        return FieldKind.PHONE
    return FieldKind.COUNTRY if _COUNTRY.search(said) and _is(value, FieldKind.COUNTRY) else FieldKind.TEXT


def _bare(label: str) -> str:
    """A label without the dots that lead to its value."""
    return label.strip(_LEADERS) or label


def _is(value: str, kind: FieldKind) -> bool:
    typed = read_value(value, kind)
    return typed.value is not None or (typed.problem or "").startswith("ambiguous")
