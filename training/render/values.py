"""Values as business documents print them: names, addresses, dates, amounts, numbers with right checksums."""

import datetime as dt
from dataclasses import dataclass
from random import Random
from string import ascii_lowercase, ascii_uppercase

from training.render.checked import iban_of, pattern, vat_of
from training.render.dice import chance
from training.render.languages import habits
from training.render.page import ENGLISH, Split
from training.render.words import words

BIC_COUNTRIES = ("DE", "FR", "ES", "IT", "NL", "BE", "AT", "CH", "PT", "GB", "IE", "LU", "DK", "SE", "FI", "NO")
# On a page in another language than English these are its own words, as are names and places in a share of OWN_SHARE.
OWN = frozenset(("prose", "trades", "item_nouns", "item_adjectives", "streets", "street_kinds", "shop_words", "banks"))
OWN_SHARE = 0.85


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
    language: str = ENGLISH

    @classmethod
    def roll(cls, dice: Random, split: Split, language: str = ENGLISH) -> "Values":
        """A page's habits."""
        usual = habits(language)
        currency = dice.choice(usual["currencies"])
        word = len(currency) > 1
        first = chance(dice, usual["word_first"] if word else usual["symbol_first"])
        separators = dice.choice(usual["separators"])
        return cls(
            dice,
            split,
            dice.choice(usual["date_formats"]),
            currency,
            first,
            word or chance(dice, 0.15) or not first,
            (separators[:-1], separators[-1]),
            dt.date(2004, 1, 1) + dt.timedelta(dice.randrange(9000)),
            language,
        )

    def habit(self, name: str) -> str:
        """One of the forms that are usual in the page's language."""
        form: str = self.dice.choice(habits(self.language)[name])
        return form

    def word(self, name: str) -> str:
        """A word of one of the lists."""
        foreign = self.language != ENGLISH and (name in OWN or chance(self.dice, OWN_SHARE))
        return self.dice.choice(words(self.split, name, self.language if foreign else ENGLISH))

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
        first, last, second = self.first_name(), self.last_name(), self.last_name()
        return self.habit("persons").format(f=first, l=last, m=second, i=self.dice.choice(ascii_uppercase))

    def company(self) -> str:
        """A company with its legal form."""
        name = self.habit("companies").format(
            w=self.word("company_words"),
            v=self.word("company_words"),
            t=self.word("trades"),
            i=self.invented(),
            l=self.last_name(),
            m=self.last_name(),
            a=pattern(self.dice, "$$$"),
        )
        return f"{name} {self.word('company_forms')}".strip()

    def shop(self) -> str:
        """The name over a shop's door."""
        name = self.word("company_words") if chance(self.dice, 0.5) else self.invented(2, 3)
        form = self.habit("shops")
        return form.format(n=name, k=self.word("shop_words"), l=self.last_name(), c=self.company())

    def bank(self) -> str:
        """The name of a bank."""
        word = self.word("company_words") if chance(self.dice, 0.5) else self.invented(2, 3)
        return self.word("banks").format(x=word)

    def street(self) -> str:
        """Street and house number, in either order."""
        number = str(self.dice.randint(1, 299)) + self.dice.choice(("", "", "", "", "a", "B"))
        name = self.word("streets") if chance(self.dice, 0.6) else self.invented(2, 3)
        kind = self.word("street_kinds").format(x=name)
        return self.habit("streets").format(n=number, x=name, k=kind, c=self.word("continental_streets"))

    def city(self) -> str:
        """A town."""
        return self.word("cities") if chance(self.dice, 0.6) else self.invented(2, 4)

    def postal(self) -> str:
        """A postal code of some country."""
        return pattern(self.dice, self.habit("postal"))

    def address(self) -> list[str]:
        """Street line and town line, sometimes a third."""
        lines = [self.street(), self.habit("towns").format(c=self.city(), p=self.postal())]
        if chance(self.dice, 0.2):
            lines.insert(1, self.habit("rooms").format(n=self.dice.randint(1, 900)))
        return lines

    def phone(self) -> str:
        """A telephone number."""
        return pattern(self.dice, self.habit("phones"))

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
        usual = habits(self.language)
        month, short = usual["months"][day.month - 1], usual["short_months"][day.month - 1]
        th = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
        return self.date_format.format(d=day.day, m=day.month, y=day.year, yy=day.year % 100, M=month, b=short, th=th)

    def clock(self) -> str:
        """A time of day."""
        hour, minute, second = self.dice.randint(6, 22), self.dice.randint(0, 59), self.dice.randint(0, 59)
        form = self.habit("clocks")
        half = "AM" if hour < 12 else "PM"
        return form.format(h=hour, m=minute, s=second, h12=(hour - 1) % 12 + 1, half=half)

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
        """A VAT number, its check digits right where the country has such."""
        return vat_of(self.dice, self.habit("vat"))

    def iban(self) -> str:
        """An account number whose check digits are right, in groups of four or in one piece."""
        iban = iban_of(self.dice, self.habit("ibans"))
        return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4)) if chance(self.dice, 0.7) else iban

    def bic(self) -> str:
        """A bank's code."""
        return pattern(self.dice, f"$$$${self.dice.choice(BIC_COUNTRIES)}$$") + self.dice.choice(
            ("", "XXX", pattern(self.dice, "###"))
        )

    def item(self) -> str:
        """Something sold."""
        noun, kind = self.word("item_nouns"), self.word("item_adjectives")
        coded = f"{noun} {pattern(self.dice, '$##')}"
        both = f"{kind} {noun}" if self.language == ENGLISH else f"{noun} {kind}"
        branded = f"{self.invented(2, 3)} {noun}" if self.language == ENGLISH else f"{noun} {self.invented(2, 3)}"
        return self.dice.choice((both, noun, coded, branded, f"{noun} {kind} {self.dice.randint(2, 50)}"))

    def sentence(self, least: int = 6, most: int = 16) -> str:
        """Words of plain prose, with now and then an invented one or a number."""
        count = self.dice.randint(least, most)
        chosen = [self.word("prose") if chance(self.dice, 0.9) else self._odd_word() for _ in range(count)]
        chosen[0] = chosen[0].capitalize()
        return " ".join(chosen) + self.dice.choices((".", "?", "!", ":"), (20, 1, 1, 1))[0]

    def _odd_word(self) -> str:
        return self.dice.choice((self.invented(), str(self.dice.randint(1, 9999)), self.word("last_names")))
