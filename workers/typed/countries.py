"""Countries by their names in six languages, and by their codes."""

import re
from functools import cache

from core.records import TypedValue
from workers.typed.folding import bare
from workers.typed.months import LANGUAGES

_COUNTRY, _LONG_CODE = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{3}")
_PARTS = re.compile(r"[-/(),:;]")
_NO_COUNTRIES = {"EU", "EZ", "UN", "ZZ", "XA", "XB"}  # unions, and regions for tests
# What people write and no locale lists.
_ALSO = {
    "uk": "GB", "u k": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB",
    "wales": "GB", "northern ireland": "GB", "grossbritannien": "GB", "gran bretana": "GB",
    "gran bretagna": "GB", "inghilterra": "GB", "grande bretagne": "GB", "angleterre": "GB", "inglaterra": "GB",
    "groot brittannie": "GB", "engeland": "GB", "usa": "US", "u s a": "US", "us": "US",
    "united states of america": "US", "etats unis d amerique": "US", "eeuu": "US", "ee uu": "US",
    "estados unidos de america": "US", "stati uniti d america": "US", "vereinigte staaten von amerika": "US",
    "america": "US", "holland": "NL", "the netherlands": "NL", "les pays bas": "NL", "hollande": "NL",
    "holanda": "NL", "olanda": "NL", "czech republic": "CZ", "tschechische republik": "CZ",
    "republica checa": "CZ", "ceska republika": "CZ", "federal republic of germany": "DE",
    "bundesrepublik deutschland": "DE", "republic of ireland": "IE", "eire": "IE", "uae": "AE",
    "south korea": "KR", "korea": "KR", "turkey": "TR", "burma": "MM", "ivory coast": "CI", "swaziland": "SZ",
    "polska": "PL", "sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "osterreich": "AT",
    "hrvatska": "HR", "magyarorszag": "HU", "slovensko": "SK", "slovenija": "SI", "ellada": "GR",
    "turkiye": "TR", "brasil": "BR",
}  # fmt: skip


def read_country(text: str) -> TypedValue:
    """ISO 3166 alpha-2, of a name, or of a code of two or three letters."""
    country = _named(text)
    if not country:  # "Germany (DE)", "DE - Deutschland"
        parts = {_named(part) for part in _PARTS.split(text) if part.strip()}
        country = parts.pop() if len(parts) == 1 else None
    return TypedValue(country) if country else TypedValue(None, "not-a-country")


def _named(text: str) -> str | None:
    return _names().get(bare(text)) or _names().get(bare(text).replace(" ", ""))


@cache
def _names() -> dict[str, str]:
    from babel import Locale  # noqa: PLC0415 - costs a start 20 ms
    from babel.core import get_global  # noqa: PLC0415 - as above

    here = {str(code) for code in Locale("en").territories if _COUNTRY.fullmatch(str(code))} - _NO_COUNTRIES
    names = {code.lower(): code for code in here}
    for alias, codes in get_global("territory_aliases").items():
        if _LONG_CODE.fullmatch(str(alias)) and len(codes) == 1 and codes[0] in here:
            names[str(alias).lower()] = codes[0]
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in here:
                names.setdefault(bare(str(name)), str(code))
    return names | _ALSO
