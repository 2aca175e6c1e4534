"""From the values of a document to its habits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from core.records import FieldKind
from workers.typed.amounts import find_figure
from workers.typed.codes import country_of
from workers.typed.dates import Printed, find_date
from workers.typed.folding import LONGEST, plain
from workers.typed.hints import NO_HINTS, Hints
from workers.typed.money import find_amount
from workers.typed.reading import read_value

SURE = 0.95  # share of the witnesses that must agree: one misread row of a long table decides nothing
_Habit = TypeVar("_Habit", bool, str)
_CODES = (FieldKind.IBAN, FieldKind.VAT, FieldKind.PHONE, FieldKind.COUNTRY)


def hints_of(readings: Iterable[tuple[str, FieldKind]]) -> Hints:
    """The habits that a document's (raw text, kind) pairs tell; where they contradict each other, none.

    Dates tell day or month first by figures above 12, or by months in a language other than English; amounts tell the
    decimal mark and the currencies; account, VAT and telephone numbers with a country in front tell the country.
    """
    texts: dict[FieldKind, list[str]] = {}
    for raw, kind in readings:
        if len(raw) <= LONGEST:
            texts.setdefault(kind, []).append(plain(raw))
    dates = [find_date(text, NO_HINTS) for text in texts.get(FieldKind.DATE, ())]
    amounts = texts.get(FieldKind.MONEY, [])
    language = _language(dates)
    countries = _countries(texts)
    return Hints(
        day_first=_order(dates),
        decimal=_decimal([*amounts, *texts.get(FieldKind.NUMBER, ())]),
        currencies=_currencies(amounts, countries),
        language=language,
        countries=countries,
        year=max((printed.year for printed in dates if printed.days and printed.year), default=None),
    )


def _order(dates: Sequence[Printed]) -> bool | None:
    proven = [printed.day_first for printed in dates if printed.day_first is not None]
    if proven:
        return _agreed(proven)
    named = [printed.languages for printed in dates if printed.languages]
    return True if named and not any("en" in languages for languages in named) else None


def _language(dates: Sequence[Printed]) -> str | None:
    """The one language that has all the names of months."""
    named = [printed.languages for printed in dates if printed.languages]
    shared = frozenset.intersection(*named) if named else frozenset()
    return next(iter(shared)) if len(shared) == 1 else None


def _decimal(texts: Iterable[str]) -> str | None:
    figures = [figure for text in texts if (figure := find_figure(text))]
    sure = [figure.readings[0].decimal for figure in figures if len(figure.readings) == 1]
    return _agreed([mark for mark in sure if mark])


def _currencies(texts: Sequence[str], countries: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are named, first by names that are theirs alone, then by signs in the light of those."""
    hints = Hints(countries=countries)
    amounts = [amount for text in texts if (amount := find_amount(text, hints)) and amount.currency]
    named = {amount.currency for amount in amounts if amount.named and amount.currency}
    hints = Hints(countries=countries, currencies=tuple(sorted(named)))
    signs = [amount for text in texts if (amount := find_amount(text, hints)) and amount.currency]
    return tuple(sorted(named | {amount.currency for amount in signs if amount.currency}))


def _countries(texts: dict[FieldKind, list[str]]) -> tuple[str, ...]:
    countries = set()
    for kind in _CODES:
        for text in texts.get(kind, ()):
            typed = read_value(text, kind)
            if isinstance(typed.value, str) and not typed.problem:
                countries.add(_of_code(typed.value, kind))
    return tuple(sorted(country for country in countries if country))


def _of_code(code: str, kind: FieldKind) -> str | None:
    if kind is FieldKind.COUNTRY:
        return code
    if kind is not FieldKind.PHONE:
        return country_of(code)
    import phonenumbers  # noqa: PLC0415 - costs a start 30 ms

    return phonenumbers.region_code_for_number(phonenumbers.parse(code))


def _agreed(witnesses: Sequence[_Habit]) -> _Habit | None:
    """What nearly all say; None where too many say otherwise, or nobody says anything."""
    if not witnesses:
        return None
    habit, count = Counter(witnesses).most_common(1)[0]
    return habit if count >= SURE * len(witnesses) else None
