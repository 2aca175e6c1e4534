"""Numbers that carry check digits: account numbers and VAT numbers."""

from collections.abc import Callable
from random import Random
from string import ascii_uppercase, digits

# By country, the length of the account part, and whether it starts with a bank code of letters.
IBANS = {
    "DE": (18, 0), "FR": (23, 0), "ES": (20, 0), "IT": (23, 1), "NL": (14, 4), "BE": (12, 0), "AT": (16, 0),
    "CH": (17, 0), "PT": (21, 0), "GB": (18, 4), "IE": (18, 4), "LU": (16, 0), "DK": (14, 0), "SE": (20, 0),
    "FI": (14, 0), "NO": (11, 0), "PL": (24, 0), "CZ": (20, 0),
}  # fmt: skip
NIF_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def pattern(dice: Random, form: str) -> str:
    """`form` with # as digits, $ as capitals, * as either."""
    pools = {"#": digits, "$": ascii_uppercase, "*": digits + ascii_uppercase}
    return "".join(dice.choice(pools[c]) if c in pools else c for c in form)


def iban_of(dice: Random, country: str) -> str:
    """An account number of a country, in one piece (ISO 13616: what is left of 97 is 1)."""
    length, letters = IBANS[country]
    account = pattern(dice, "$" * letters + "#" * (length - letters))
    rearranged = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{country}{98 - int(rearranged) % 97:02}{account}"


def vat_of(dice: Random, form: str) -> str:
    """A VAT number: `form` is "country:how it is written"; without a rule for the country, any signs will do."""
    country, _, written = form.rpartition(":")
    if country not in BODIES:
        return pattern(dice, written)
    body = iter(BODIES[country](dice))
    return "".join(next(body) if c == "#" else c for c in written)


def luhn(number: str) -> int:
    """The digit that makes a number right by Luhn's rule."""
    doubled = [int(c) * (2 if i % 2 == 0 else 1) for i, c in enumerate(reversed(number))]
    return -sum(d // 10 + d % 10 for d in doubled) % 10


def _number(dice: Random, length: int) -> str:
    return str(dice.randrange(10 ** (length - 1), 10**length))


def _german(dice: Random) -> str:
    """Eight digits and one by ISO 7064, modulo 11 and 10."""
    number, product = _number(dice, 8), 10
    for digit in number:
        product = ((int(digit) + product - 1) % 10 + 1) * 2 % 11
    return f"{number}{(11 - product) % 10}"


def _french(dice: Random) -> str:
    """Two digits over a SIREN, which is right by Luhn's rule."""
    number = _number(dice, 8)
    siren = f"{number}{luhn(number)}"
    return f"{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"


def _spanish(dice: Random) -> str:
    """A company's number with a digit at its end, or a person's with a letter."""
    if dice.random() < 0.8:
        number = _number(dice, 7)
        return f"{dice.choice('ABEH')}{number}{luhn(number)}"
    number = _number(dice, 8)
    return f"{number}{NIF_LETTERS[int(number) % 23]}"


def _italian(dice: Random) -> str:
    """Ten digits and one by Luhn's rule."""
    number = _number(dice, 10)
    return f"{number}{luhn(number)}"


def _dutch(dice: Random) -> str:
    """Nine digits that pass the test of eleven, and two more."""
    while True:
        number = _number(dice, 8)
        check = sum(int(c) * (9 - i) for i, c in enumerate(number)) % 11
        if check < 10:
            return f"{number}{check}{dice.randrange(1, 20):02}"


def _belgian(dice: Random) -> str:
    """Eight digits, the first a nought, and what they lack to a multiple of 97."""
    number = f"0{_number(dice, 7)}"
    return f"{number}{97 - int(number) % 97:02}"


def _austrian(dice: Random) -> str:
    """Seven digits and one by Luhn's rule, shifted by four."""
    number = _number(dice, 7)
    doubled = [int(c) * (2 if i % 2 else 1) for i, c in enumerate(number)]
    return f"{number}{-(sum(d // 10 + d % 10 for d in doubled) + 4) % 10}"


BODIES: dict[str, Callable[[Random], str]] = {
    "DE": _german,
    "FR": _french,
    "ES": _spanish,
    "IT": _italian,
    "NL": _dutch,
    "BE": _belgian,
    "AT": _austrian,
}
