"""Which currency a sign or a word means; a sign that several use means the one that the document names."""

import re
from functools import cache

from workers.typed.folding import bare
from workers.typed.hints import Hints
from workers.typed.months import FURTHER, LANGUAGES

# Signs and words that several currencies share: what they mean where nothing else is said, and what they may mean.
_SHARED: dict[str, tuple[str | None, frozenset[str]]] = {
    "$": ("USD", frozenset(("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "CLP", "COP", "ARS", "TWD"))),
    "£": ("GBP", frozenset(("GBP", "EGP", "GIP", "FKP"))),
    "¥": ("JPY", frozenset(("JPY", "CNY"))),
    "kr": (None, frozenset(("SEK", "NOK", "DKK", "ISK"))),
    "fr": ("CHF", frozenset(("CHF", "XAF", "XOF", "XPF"))),
    "rs": (None, frozenset(("INR", "PKR", "LKR", "NPR", "MUR"))),
}
_WORDS = {
    "$": "dollar dollars dolar dolares dollaro dollari",
    "£": "pound pounds pfund livre livres libra libras sterlina sterline pond",
    "¥": "yen yens yuan",
    "kr": "krone kronen kroner krona kronor couronne couronnes corona coronas corone kroon",
    "fr": "franc francs franken franco francos franchi frank sfr",
    "EUR": "€ euro euros",
    "PLN": "zł zl zloty",
    "CZK": "kc",
    "HUF": "ft",
    "RON": "lei",
    "RUB": "₽",
    "TRY": "₺ tl",
    "UAH": "₴",
    "CAD": "c$ can$",
    "AUD": "au$",
    "SGD": "s$ sg$",
    "NOK": "nkr",
    "SEK": "skr",
    "DKK": "dkr",
}
# Words about taxes, which stand beside amounts that name no currency.
_BESIDE = frozenset(
    word
    for words in (
        "incl excl inc ex plus net gross vat tax inkl exkl zzgl netto brutto mwst ust ht ttc hors tva toutes taxes",
        "iva incluido incluida inclusa inclusive esclusa compresa excluido sin con btw bruto neto lordo",
    )
    for word in words.split()
)
_TOKEN = re.compile(r"[$£¥] ?[A-Z]{2}(?![^\W\d_])|[^\W\d_]*[^\w\s.,:;()\[\]/+*='\"|#%-]|[^\W\d_]+")
_CODE = 3  # letters of an ISO 4217 code


def currency_in(words: str, hints: Hints) -> tuple[str | None, bool, bool]:
    """The currency that words name, whether they name it alone, and whether they make sense beside an amount.

    Several that contradict each other are none, and make no sense.
    """
    meant = [(token, _meaning(token)) for token in _TOKEN.findall(words)]
    if len(meant) > 1 and (name := _names().get(bare(words))):  # "Schweizer Franken"
        meant = [(words, name)]
    known = [meaning for _, meaning in meant if meaning]
    codes = {code for meaning in known if (code := _settled(meaning, hints))}
    odd = any(not meaning and len(token) > 1 and bare(token) not in _BESIDE for token, meaning in meant)
    alone = any(meaning not in _SHARED for meaning in known)
    return (codes.pop() if len(codes) == 1 else None, alone, len(codes) == 1 or (not codes and not odd))


def places_of(currency: str | None) -> int:
    """How many decimals its amounts have at the least: 2, of the yen none."""
    from babel.numbers import get_currency_precision  # noqa: PLC0415 - costs a start 20 ms

    return min(2, get_currency_precision(currency)) if currency else 2


def _meaning(token: str) -> str | None:
    """A code, or a sign of `_SHARED`; None of any other word."""
    if (
        len(token) == _CODE
        and token.isascii()
        and token.isalpha()
        and (token.isupper() or token.lower() in {"eur", "usd", "chf", "gbp"})
    ):
        return token.upper() if token.upper() in _codes() else None
    return _names().get(token.casefold().replace(" ", "")) or _names().get(bare(token))


def _settled(meaning: str, hints: Hints) -> str | None:
    if meaning not in _SHARED:
        return meaning
    usual, possible = _SHARED[meaning]
    named = possible.intersection(hints.currencies)
    if not named and hints.country:
        named = possible & _of_country(hints.country)
    return next(iter(named)) if len(named) == 1 else usual


@cache
def _of_country(country: str) -> frozenset[str]:
    from babel.numbers import get_territory_currencies  # noqa: PLC0415 - costs a start 20 ms

    return frozenset(get_territory_currencies(country))


@cache
def _codes() -> frozenset[str]:
    """What is legal tender somewhere today."""
    from babel.core import get_global  # noqa: PLC0415 - costs a start 20 ms

    return frozenset().union(*map(_of_country, get_global("territory_currencies")))


@cache
def _names() -> dict[str, str]:
    """By sign and by folded name in the languages: a code, or a sign of `_SHARED`."""
    from babel import Locale  # noqa: PLC0415 - costs a start 20 ms
    from babel.numbers import get_currency_name  # noqa: PLC0415 - as above

    names: dict[str, str] = {}
    for code in sorted(_codes()):
        for tag in (*LANGUAGES, *FURTHER):
            names.setdefault(Locale.parse(tag).currency_symbols.get(code, code).casefold(), code)
        for language in LANGUAGES:
            for count in (None, 1, 2):
                names.setdefault(bare(get_currency_name(code, count, language)), code)
    names |= {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
    return names | {sign: sign for sign in _SHARED} | {"us$": "USD"}
