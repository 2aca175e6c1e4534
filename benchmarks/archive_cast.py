"""Who issues an archive's documents, again and again: vendors, shops, accounts; and values for pages of theirs."""

import datetime as dt
from dataclasses import dataclass, field, fields
from random import Random

from training.render.languages import roll_language
from training.render.page import Split
from training.render.values import Values
from workers.typed.folding import bare

FIRST_DAY, DAYS = dt.date(2021, 1, 1), 3 * 365  # an archive's documents are from these three years
SHORTEST_NAME, LONGEST_NAME = 5, 30  # characters: longer ones are set too small, or nowhere
# As printed, and what it means. Signs that several currencies share stand for what they usually mean.
CURRENCIES = {"€": "EUR", "EUR": "EUR", "$": "USD", "USD": "USD", "£": "GBP", "GBP": "GBP", "CHF": "CHF"}
AT_HOME = {"en": tuple(CURRENCIES), "de": ("€", "EUR", "CHF"), "fr": ("€", "EUR", "CHF"), "it": ("€", "EUR")}


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who issues documents, always under the same name and numbers."""

    name: str
    language: str
    currency: str  # as printed
    iban: str
    vat: str
    holder: str = ""  # of the account that a bank writes about


@dataclass(slots=True)
class Given(Values):
    """Values of a page of a party: its name, numbers and currency, a given day; dates and amounts told are kept."""

    names: dict[str, str] = field(default_factory=dict)  # by who is asked for first: company, person, shop, bank
    iban_told: str = ""
    vat_told: str = ""
    days: dict[str, dt.date] = field(default_factory=dict)  # as printed
    sums: dict[str, int] = field(default_factory=dict)  # as printed, in cents

    def _first(self, kind: str) -> str:
        """The name for the first who is asked for; empty for all others."""
        name = self.names.get(kind, "")
        self.names = {k: n for k, n in self.names.items() if n != name} if name else self.names
        return name

    def company(self) -> str:
        """A company; at first the party."""
        return self._first("company") or Values.company(self)

    def person(self) -> str:
        """A whole name; at first the party's."""
        return self._first("person") or Values.person(self)

    def shop(self) -> str:
        """The name over a shop's door; at first the party's."""
        return self._first("shop") or Values.shop(self)

    def bank(self) -> str:
        """The name of a bank; at first the party's."""
        return self._first("bank") or Values.bank(self)

    def iban(self) -> str:
        """The party's account."""
        return self.iban_told or Values.iban(self)

    def vat(self) -> str:
        """The party's VAT number."""
        return self.vat_told or Values.vat(self)

    def format_date(self, day: dt.date) -> str:
        """In the page's format; kept."""
        text = Values.format_date(self, day)
        self.days[text] = day
        return text

    def number(self, cents: int) -> str:
        """In the page's separators; kept."""
        text = Values.number(self, cents)
        self.sums[text] = cents
        return text

    def money(self, cents: int) -> str:
        """With the page's currency; kept."""
        text = Values.money(self, cents)
        self.sums[text] = cents
        return text


@dataclass(slots=True)
class Casting:
    """Makes a page's values be those of a party on a day; `given` are those of the last attempt, so of the page."""

    party: Party | None
    kind: str
    today: dt.date
    given: Given | None = None

    def __call__(self, values: Values) -> Values:
        """The same habits, another story."""
        habits = {f.name: getattr(values, f.name) for f in fields(values)} | {"today": self.today}
        self.given = Given(**habits)
        if self.party:
            self._tell(self.given, self.party)
        return self.given

    def _tell(self, given: Given, party: Party) -> None:
        match self.kind:
            case "receipt":
                given.names = {"shop": party.name}
            case "statement":
                given.names = {"bank": party.name, "person": party.holder, "company": party.holder}
                given.iban_told = party.iban
            case _:
                given.names = {"company": party.name}
                given.iban_told = party.iban
        given.vat_told = party.vat
        given.currency = party.currency
        given.symbol_gap = len(party.currency) > 1 or given.symbol_gap


@dataclass(frozen=True, slots=True)
class Parties:
    """All of an archive's, by the kind of their documents."""

    vendors: tuple[Party, ...]
    shops: tuple[Party, ...]
    accounts: tuple[Party, ...]

    def of(self, kind: str) -> tuple[Party, ...]:
        """Who issues documents of a kind; nobody in particular issues forms."""
        groups = {"invoice": self.vendors, "letter": self.vendors, "receipt": self.shops, "statement": self.accounts}
        return groups.get(kind, ())


def parties_of(documents: int, split: Split, seed: int) -> Parties:
    """So many that each has some documents: about seven of a vendor, four of a shop, six of an account."""
    dice = Random(f"{split}:archive:{seed}:parties")  # noqa: S311 - dice for made-up names, no secret
    taken: set[str] = set()
    vendors = tuple(_party(dice, split, "company", taken) for _ in range(max(3, documents // 17)))
    shops = tuple(_party(dice, split, "shop", taken) for _ in range(max(2, documents // 28)))
    accounts = tuple(_party(dice, split, "bank", taken) for _ in range(max(1, documents // 38)))
    return Parties(vendors, shops, accounts)


def _party(dice: Random, split: Split, maker: str, taken: set[str]) -> Party:
    """Somebody whose name is not a part of another's, nor the other way round."""
    language = "en" if maker == "bank" else roll_language(dice)
    values = Values.roll(dice, split, language)
    name, holder = _name(values, maker, taken), ""
    if maker == "bank":
        holder = _name(values, dice.choice(("person", "person", "company")), taken)
    currency = dice.choice(AT_HOME.get(language, ("€", "EUR")))
    return Party(name, language, currency, values.iban(), values.vat(), holder)


def _name(values: Values, maker: str, taken: set[str]) -> str:
    while True:
        name: str = getattr(values, maker)()
        key = bare(name)
        if SHORTEST_NAME <= len(name) <= LONGEST_NAME and not any(key in other or other in key for other in taken):
            taken.add(key)
            return name
