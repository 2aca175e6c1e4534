"""E-mail addresses and telephone numbers."""

import re

from core.records import TypedValue
from workers.typed.hints import Hints

_EMAIL = re.compile(
    r"(?<![^\s<>()\[\],;:\"])[^\s@<>()\[\],;:\"]{1,64}"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{1,62}(?![\w@])"
)
_NUMBER = re.compile(r"\+?[\d(][\d\s().,/-]{4,40}")
_ABROAD = re.compile(r"^\s*00(?=[1-9])")


def read_email(text: str) -> TypedValue:
    """An address in lower case, without a label or a name around it; blanks beside its marks are of the print."""
    found = _EMAIL.findall(text) or _EMAIL.findall(re.sub(r"\s*([@.])\s*", r"\1", text))
    addresses = {address.strip(".").lower() for address in found}
    right = [address for address in addresses if ".." not in address and not address.startswith(".")]
    return TypedValue(right[0]) if len(right) == 1 else TypedValue(None, "not-an-email-address")


def read_phone(text: str, hints: Hints) -> TypedValue:
    """A number as E.164. A number without its country is valid in one of the document's, or has none."""
    found = _NUMBER.search(text)
    written = _ABROAD.sub("+", found[0]) if found else ""
    if not written.startswith("+"):
        right = {value for country in hints.countries for value, valid in _parsed(written, country) if valid}
        figures = sum(map(str.isdecimal, written))
        problem = "no-country" if 5 <= figures <= 15 else "not-a-phone-number"  # noqa: PLR2004 - E.164
        return TypedValue(right.pop()) if len(right) == 1 else TypedValue(None, problem)
    for value, valid in _parsed(written, None):
        return TypedValue(value, None if valid else "unassigned-number")
    return TypedValue(None, "not-a-phone-number")


def _parsed(written: str, country: str | None) -> list[tuple[str, bool]]:
    """The number as E.164 and whether it is in use, in a list; none where it has too many figures, or too few."""
    import phonenumbers  # noqa: PLC0415 - costs a start 30 ms

    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return []
    if not phonenumbers.is_possible_number(number):
        return []
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return [(value, phonenumbers.is_valid_number(number))]


def same_phone(a: str, b: str) -> bool:
    """Whether two texts are one number, with or without its country."""
    import phonenumbers  # noqa: PLC0415 - costs a start 30 ms

    match = phonenumbers.is_number_match(_ABROAD.sub("+", a), _ABROAD.sub("+", b))
    return bool(match >= phonenumbers.MatchType.NSN_MATCH)
