"""Values as business documents print them: names, addresses, dates, amounts, numbers with right checksums."""

import datetime as dt
from dataclasses import dataclass
from random import Random
from string import ascii_lowercase, ascii_uppercase, digits

from training.render.dice import chance
from training.render.page import Split
from training.render.words import MONTHS, words

DATE_FORMATS = (
    "{d:02}/{m:02}/{y}", "{m:02}/{d:02}/{y}", "{d:02}.{m:02}.{y}", "{y}-{m:02}-{d:02}", "{d:02}-{m:02}-{y}",
    "{d} {M} {y}", "{M} {d}, {y}",
    "{d} {b} {y}", "{b} {d}, {y}", "{d:02}-{b}-{y}", "{d:02}/{m:02}/{yy:02}", "{d}.{m}.{y}",
    "{d:02} {b} {yy:02}", "{y}/{m:02}/{d:02}",
    "{b} {d} {y}", "{d}/{m}/{y}", "{d:02}.{m:02}.{yy:02}", "{d:02} {m:02} {y}", "{d}{th} {M} {y}",
)  # fmt: skip
CURRENCIES = ("$", "€", "£", "USD", "EUR", "GBP", "CHF", "¥", "kr", "CAD", "")
BIC_COUNTRIES = ("DE", "FR", "ES", "IT", "NL", "BE", "AT", "CH", "PT", "GB", "IE", "LU", "DK", "SE", "FI", "NO")
# Country, length of the account part, and whether it starts with a bank code of letters.
IBANS = (
    ("DE", 18, 0), ("FR", 23, 0), ("ES", 20, 0), ("NL", 14, 4), ("BE", 12, 0), ("AT", 16, 0), ("CH", 17, 0),
    ("PT", 21, 0), ("GB", 18, 4),
    ("IE", 18, 4), ("LU", 16, 0), ("DK", 14, 0), ("SE", 20, 0), ("FI", 14, 0), ("NO", 11, 0), ("PL", 24, 0),
    ("CZ", 20, 0),
)  # fmt: skip
VAT_FORMS = (
    "DE#########", "FR##*********", "ES$########", "IT###########", "NL#########B##", "BE0#########",
    "ATU########", "GB#########",
    "GB ### #### ##", "IE#######$", "CHE-###.###.###", "PT#########", "DK########", "SE##########01",
    "PL##########", "##-#######", "FI########",
)  # fmt: skip
PHONE_FORMS = (
    "+44 #### ######", "+44 20 #### ####", "(###) ###-####", "###-###-####", "+1 ### ### ####",
    "+49 ## #######", "0## / #######",
    "+33 # ## ## ## ##", "0# ## ## ## ##", "+34 ### ## ## ##", "+39 0# #######", "+31 ## ### ####",
    "0### ### ###", "###.###.####",
    "+1-###-###-####", "+351 ## ### ## ##",
)  # fmt: skip
POSTAL_FORMS = (
    "#####",
    "#####-####",
    "####",
    "$$# #$$",
    "$# #$$",
    "$$## #$$",
    "#### $$",
    "$#$ #$#",
    "### ##",
    "####-###",
)


def pattern(dice: Random, form: str) -> str:
    """`form` with # as digits, $ as capitals, * as either."""
    pools = {"#": digits, "$": ascii_uppercase, "*": digits + ascii_uppercase}
    return "".join(dice.choice(pools[c]) if c in pools else c for c in form)


@dataclass(slots=True)
class Values:
    """A source of values for one page: its habits (date format, currency, separators) stay the same over the page."""

    dice: Random
    split: Split
    date_format: str
    currency: str
    symbol_first: bool
    symbol_gap: bool
    separators: tuple[str, str]  # thousands, decimals
    today: dt.date

    @classmethod
    def roll(cls, dice: Random, split: Split) -> "Values":
        """A page's habits."""
        currency = dice.choice(CURRENCIES)
        word = len(currency) > 1
        first = chance(dice, (0.5 if word else 0.75))
        separators = dice.choices(
            ((",", "."), (".", ","), (" ", ","), ("", "."), ("’", "."), ("", ",")), (10, 5, 2, 4, 1, 2)
        )[0]
        day = dt.date(2004, 1, 1) + dt.timedelta(dice.randrange(9000))
        return cls(
            dice,
            split,
            dice.choice(DATE_FORMATS),
            currency,
            first,
            word or chance(dice, 0.15) or not first,
            separators,
            day,
        )

    def word(self, name: str) -> str:
        """A word of one of the lists."""
        return self.dice.choice(words(self.split, name))

    def invented(self, least: int = 2, most: int = 4) -> str:
        """A pronounceable word that no list holds."""
        return "".join(self.word("syllables") for _ in range(self.dice.randint(least, most))).capitalize()

    def first_name(self) -> str:
        """A given name."""
        return self.word("first_names") if chance(self.dice, 0.7) else self.invented(2, 3)

    def last_name(self) -> str:
        """A family name, sometimes double."""
        name = self.word("last_names") if chance(self.dice, 0.55) else self.invented(2, 4)
        return f"{name}-{self.word('last_names')}" if chance(self.dice, 0.05) else name

    def person(self) -> str:
        """A whole name."""
        first, last = self.first_name(), self.last_name()
        form = self.dice.choices(
            ("{f} {l}", "{f} {i}. {l}", "{l}, {f}", "{i}. {l}", "Dr. {f} {l}", "Ms {f} {l}", "Mr {f} {l}"),
            (12, 2, 1, 1, 1, 1, 1),
        )[0]
        return form.format(f=first, l=last, i=self.dice.choice(ascii_uppercase))

    def company(self) -> str:
        """A company with its legal form."""
        word, trade = self.word("company_words"), self.word("trades")
        names = (
            f"{word} {trade}",
            f"{self.invented()} {trade}",
            self.invented(2, 4),
            f"{self.last_name()} & {self.last_name()}",
            f"{self.last_name()} {trade}",
            f"{word} {self.word('company_words')}",
            f"{pattern(self.dice, '$$$')} {trade}",
        )
        return f"{self.dice.choice(names)} {self.word('company_forms')}".strip()

    def shop(self) -> str:
        """The name over a shop's door."""
        name = self.word("company_words") if chance(self.dice, 0.5) else self.invented(2, 3)
        kind = self.word("shop_words")
        return self.dice.choice(
            (f"{name} {kind}", f"{self.last_name()}'s {kind}", f"The {name} {kind}", self.company())
        )

    def bank(self) -> str:
        """The name of a bank."""
        word = self.word("company_words") if chance(self.dice, 0.5) else self.invented(2, 3)
        return f"{word} {self.word('banks')}"

    def street(self) -> str:
        """Street and house number, in either order."""
        number = str(self.dice.randint(1, 299)) + self.dice.choice(("", "", "", "", "a", "B"))
        if chance(self.dice, 0.4):
            return f"{self.word('continental_streets')} {number}"
        name = self.word("streets") if chance(self.dice, 0.6) else self.invented(2, 3)
        return f"{number} {name} {self.word('street_kinds')}"

    def city(self) -> str:
        """A town."""
        return self.word("cities") if chance(self.dice, 0.6) else self.invented(2, 4)

    def postal(self) -> str:
        """A postal code of some country."""
        return pattern(self.dice, self.dice.choice(POSTAL_FORMS))

    def address(self) -> list[str]:
        """Street line and town line, sometimes a third."""
        city, code = self.city(), self.postal()
        lines = [self.street(), self.dice.choice((f"{code} {city}", f"{city}, {code}", f"{city} {code}"))]
        if chance(self.dice, 0.2):
            lines.insert(
                1,
                self.dice.choice(("Suite ", "Unit ", "Floor ", "PO Box ", "Building "))
                + str(self.dice.randint(1, 900)),
            )
        return lines

    def phone(self) -> str:
        """A telephone number."""
        return pattern(self.dice, self.dice.choice(PHONE_FORMS))

    def email(self, name: str = "") -> str:
        """An address of somebody, of plain letters."""
        dice = self.dice
        plain = "".join(c for c in (name or self.invented()).lower() if c in ascii_lowercase) or "office"
        own = f"{self.invented().lower()}.{dice.choice(('com', 'org', 'net', 'de', 'co.uk', 'eu', 'fr', 'io'))}"
        initial = f"{plain[0]}.{self.invented(2, 3).lower()}"
        user = dice.choice(
            (plain, f"{plain}{dice.randint(1, 99)}", initial, "info", f"{plain}_{dice.choice('abcdefg')}")
        )
        return f"{user}@{dice.choice((*words(self.split, 'email_hosts'), own))}"

    def website(self) -> str:
        """An address on the web."""
        return f"www.{self.invented().lower()}.{self.dice.choice(('com', 'de', 'co.uk', 'net', 'eu'))}"

    def date(self, after: int = 0) -> str:
        """A date about `after` days from the page's own, in the page's format."""
        return self.format_date(self.today + dt.timedelta(after))

    def birthday(self) -> str:
        """A date long before."""
        return self.date(-self.dice.randint(5000, 30000))

    def format_date(self, day: dt.date) -> str:
        """In the page's format."""
        month = MONTHS[day.month - 1]
        th = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
        return self.date_format.format(
            d=day.day, m=day.month, y=day.year, yy=day.year % 100, M=month, b=month[:3], th=th
        )

    def clock(self) -> str:
        """A time of day."""
        hour, minute, second = self.dice.randint(6, 22), self.dice.randint(0, 59), self.dice.randint(0, 59)
        twelve = f"{(hour - 1) % 12 + 1}:{minute:02} {'AM' if hour < 12 else 'PM'}"
        return self.dice.choice((f"{hour:02}:{minute:02}", f"{hour:02}:{minute:02}:{second:02}", twelve))

    def number(self, cents: int) -> str:
        """An amount without currency, in the page's separators."""
        whole, fraction = divmod(abs(cents), 100)
        return (
            f"{'-' if cents < 0 else ''}{whole:,}".replace(",", self.separators[0])
            + f"{self.separators[1]}{fraction:02}"
        )

    def money(self, cents: int) -> str:
        """An amount with the page's currency."""
        if not self.currency:
            return self.number(cents)
        gap = " " if self.symbol_gap else ""
        return (
            f"{self.currency}{gap}{self.number(cents)}"
            if self.symbol_first
            else f"{self.number(cents)}{gap}{self.currency}"
        )

    def cents(self, most: int = 7) -> int:
        """A random amount: its magnitude is even, up to 10 to the `most` cents."""
        return int(10 ** self.dice.uniform(2, most))

    def identifier(self, prefixes: tuple[str, ...] = ("INV", "NO", "R", "A")) -> str:
        """A number of some document."""
        prefix, year = self.dice.choice(prefixes), self.today.year
        own = (f"{prefix}-#####", f"{prefix}#######", f"{prefix}-{year}-####", f"{prefix}/####", f"{prefix} ####")
        dated = (f"{year}/####", f"{year}-###")
        plain = (
            "#####",
            "######",
            "########",
            "$$-####",
            "$##-####",
            "##-####-##",
            "$$$####",
            "####-####",
            "*****-***",
        )
        return pattern(self.dice, self.dice.choice((*own, *dated, *plain)))

    def vat(self) -> str:
        """A VAT number of some country."""
        return pattern(self.dice, self.dice.choice(VAT_FORMS))

    def iban(self) -> str:
        """An account number whose check digits are right, in groups of four or in one piece."""
        country, length, letters = self.dice.choice(IBANS)
        account = pattern(self.dice, "$" * letters + "#" * (length - letters))
        rearranged = "".join(str(int(c, 36)) for c in f"{account}{country}00")
        iban = f"{country}{98 - int(rearranged) % 97:02}{account}"
        return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4)) if chance(self.dice, 0.7) else iban

    def bic(self) -> str:
        """A bank's code."""
        return pattern(self.dice, f"$$$${self.dice.choice(BIC_COUNTRIES)}$$") + self.dice.choice(
            ("", "XXX", pattern(self.dice, "###"))
        )

    def item(self) -> str:
        """Something sold."""
        noun, adjective = self.word("item_nouns"), self.word("item_adjectives")
        coded = f"{noun} {pattern(self.dice, '$##')}"
        return self.dice.choice(
            (
                f"{adjective} {noun}",
                noun,
                coded,
                f"{self.invented(2, 3)} {noun}",
                f"{noun} {adjective} {self.dice.randint(2, 50)}",
            )
        )

    def sentence(self, least: int = 6, most: int = 16) -> str:
        """Words of plain prose, with now and then an invented one or a number."""
        count = self.dice.randint(least, most)
        chosen = [self.word("prose") if chance(self.dice, 0.9) else self._odd_word() for _ in range(count)]
        chosen[0] = chosen[0].capitalize()
        return " ".join(chosen) + self.dice.choices((".", "?", "!", ":"), (20, 1, 1, 1))[0]

    def _odd_word(self) -> str:
        return self.dice.choice((self.invented(), str(self.dice.randint(1, 9999)), self.word("last_names")))
