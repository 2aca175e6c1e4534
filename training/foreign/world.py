"""Made-up people, places and numbers in the formats of a country, drawn from one seeded source."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from string import ascii_uppercase, digits

# The national part of an account number: @ a letter, 9 a digit.
ACCOUNTS = {
    "gb": "@@@@" + 14 * "9",
    "de": 18 * "9",
    "fr": 23 * "9",
    "es": 20 * "9",
    "it": "@" + 22 * "9",
    "nl": "@@@@" + 10 * "9",
}
VAT = {
    "gb": "GB 999 9999 99",
    "de": "DE999999999",
    "fr": "FR99999999999",
    "es": "ESB99999999",
    "it": "IT99999999999",
    "nl": "NL999999999B01",
}
PHONES = {
    "gb": "01999 999999",
    "us": "(999) 555-0199",
    "de": "09999 99999-9",
    "fr": "09 99 99 99 99",
    "es": "999 99 99 99",
    "it": "0999 999999",
    "nl": "099 - 999 99 99",
}
POSTCODES = {"gb": "@@9 9@@"}


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("world.toml").read_text("utf-8"))


def check_digits(country: str, account: str) -> str:
    """The two digits that make an IBAN whole (ISO 13616, modulo 97)."""
    number = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{98 - int(number) % 97:02d}"


@dataclass(frozen=True, slots=True)
class World:
    """One country's made-up people and numbers."""

    dice: Random
    country: str
    used: set[str] = field(default_factory=set)  # so that nobody is met twice on a page

    def pick(self, name: str) -> str:
        """One of a list of the country's words, none twice while there are others."""
        words = _lists()[self.country][name]
        word = self.dice.choice([w for w in words if w not in self.used] or words)
        self.used.add(word)
        return word

    def number(self, pattern: str) -> str:
        """A number of a form: 9 stands for a digit (the first is no nought), @ for a capital letter."""
        out = []
        for i, sign in enumerate(pattern):
            first = not any(s == "9" for s in pattern[:i])
            pool = {"9": digits[1:] if first else digits, "@": ascii_uppercase}.get(sign)
            out.append(self.dice.choice(pool) if pool else sign)
        return "".join(out)

    def person(self) -> str:
        """A first and a last name."""
        return f"{self.pick('first')} {self.pick('last')}"

    def firm(self) -> str:
        """A company's name with its legal form."""
        return f"{self.pick('trade')} {self.pick('legal')}"

    def street(self) -> str:
        """A street and a house number, in the country's order."""
        house, street = self.dice.randint(1, 188), self.pick("street")
        before = self.country in {"gb", "us", "fr"}
        return f"{house} {street}" if before else f"{street} {house}"

    def town(self) -> str:
        """A town with its postal code."""
        town = self.pick("town")
        if self.country == "us":
            return f"{town} {self.number('99999')}"
        return f"{town} {self.number(POSTCODES['gb'])}" if self.country == "gb" else town

    def iban(self, *, grouped: bool = True) -> str:
        """An account number with right check digits."""
        code, account = self.country.upper(), self.number(ACCOUNTS[self.country])
        whole = code + check_digits(code, account) + account
        return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4)) if grouped else whole

    def bic(self) -> str:
        """A bank's code in the country."""
        return self.number(f"@@@@{self.country.upper()}@@")

    def vat(self) -> str:
        """A VAT number of the country's form."""
        return self.number(VAT[self.country])

    def phone(self) -> str:
        """A telephone number."""
        return self.number(PHONES[self.country])

    def day(self, first: int = 2016, last: int = 2025) -> date:
        """Any day of those years."""
        start = date(first, 1, 1)
        return start + timedelta(days=self.dice.randrange((date(last, 12, 31) - start).days))


def money(cents: int, *, marks: str = ",.", before: str = "", after: str = "") -> str:
    """An amount with its thousands and decimal marks (the first may be missing) and currency."""
    thousands, point = marks[:-1], marks[-1]
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{before}{whole:,}".replace(",", thousands) + f"{point}{rest:02d}{after}"
