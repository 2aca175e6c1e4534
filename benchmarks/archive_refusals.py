"""Questions that no page of an archive answers: of what is nowhere, of somebody else, or of another world."""

from collections.abc import Callable
from random import Random

from benchmarks.archive_lookups import subject_of
from benchmarks.archive_wordings import ASKED, FOREIGN, ISSUERS, asked_of
from benchmarks.archive_world import Question, World
from training.render.dice import chance
from workers.typed.folding import bare

NEAR = 0.2  # of the questions about a number that is nowhere ask for one that differs from a real one in a digit
YEARS = range(1980, 2041)
_OF_PERSONS = (
    "What is the date of birth of {}?",
    "What is the phone number of {}?",
    "What is the email address of {}?",
    "Which city does {} live in?",
    "Who received the letter that {} signed?",
    "What is the account number of {}?",
)
_OF_YEARS = (
    "What is the total of the invoice from {name} of {year}?",
    "What is the total of all invoices from {name} in {year}?",
    "When was the invoice from {name} of {year} issued?",
    "What is the largest invoice from {name} in {year}?",
    "What is the number of the invoice that {name} sent in {year}?",
    "How much tax is on the invoice from {name} of {year}?",
)


def unanswerable(world: World) -> Question | None:
    """One of any kind."""
    return world.dice.choice(_MAKERS)(world)


def _no_such_company(world: World) -> Question | None:
    name, field = world.values.company(), world.dice.choice(("iban", "vat_number"))
    text = asked_of(world.dice, "invoice", field, field, name)
    return None if world.texts[bare(name)] else Question("unanswerable", text, about="no such company")


def _of_another_company(world: World) -> Question | None:
    """An account of somebody who is named, and of whom no document tells one."""
    who = world.dice.choice(("customer_name", "recipient", "sender", "merchant"))
    known = [one for one in world.archive if (told := one.value(who)) and len(bare(told.text).split()) > 1]
    if not known:
        return None
    told = world.dice.choice(known).value(who)
    owners = {bare(row[field][0]) for table in world.tables.values() for row in table.values() for field in row}
    if told is None or _has_account(world, told.text) or bare(told.text) not in owners:
        return None
    field = world.dice.choice(("iban", "vat_number"))
    return Question(
        "unanswerable", asked_of(world.dice, "invoice", field, field, told.text), about="another company's account"
    )


def _has_account(world: World, name: str) -> bool:
    """Whether any document with an account or VAT number says this name as its issuer's, or its holder's."""
    issuers = (*ISSUERS.values(), "account_holder")
    rows = (row for table in world.tables.values() for row in table.values() if "iban" in row or "vat_number" in row)
    return any(bare(name) in bare(row[issuer][0]) for row in rows for issuer in issuers if issuer in row)


def _no_such_person(world: World) -> Question | None:
    name = world.values.person()
    known = {word for text in world.texts for word in text.split()}
    if set(bare(name).split()) <= known:
        return None
    return Question("unanswerable", world.dice.choice(_OF_PERSONS).format(name), about="no such person")


def _wrong_year(world: World) -> Question | None:
    """A vendor who is there, in a year in which it sent nothing."""
    if not world.issuers["invoice"]:
        return None
    name = world.dice.choice(world.issuers["invoice"])
    rows = world.tables["invoice"].values()
    mine = [row for row in rows if "vendor_name" in row and bare(name) in bare(row["vendor_name"][0])]
    years = {row["invoice_date"][0][:4] for row in mine if "invoice_date" in row}
    year = str(world.dice.choice(YEARS))
    if year in years or not all("invoice_date" in row for row in mine):
        return None
    return Question("unanswerable", world.dice.choice(_OF_YEARS).format(name=name, year=year), about="wrong year")


def _of_another_world(world: World) -> Question | None:
    return Question("unanswerable", world.dice.choice(FOREIGN), about="another world")


def _no_such_number(world: World) -> Question | None:
    known = world.dice.choice([one for one in world.archive if one.schema in {"invoice", "receipt"}] or world.archive)
    named = subject_of(world, known)
    offers = [told for told in known.told if told.field in ASKED and named and told is not named[0]]
    if named is None or not offers:
        return None
    told = world.dice.choice(offers)
    near = chance(world.dice, NEAR)
    number = _changed(world.dice, named[0].text) if near else world.values.identifier()
    if world.texts[bare(number)]:
        return None
    subject = named[1].replace(named[0].text, number)
    text = asked_of(world.dice, known.schema, told.field, told.prompt, subject)
    return Question("unanswerable", text, about="one digit differs" if near else "no such number")


def _lacking(world: World) -> Question | None:
    known = world.dice.choice(world.archive)
    subject = subject_of(world, known)
    if subject is None or not known.lacks:
        return None
    field = world.dice.choice(known.lacks)
    prompt = field.replace("_", " ")
    text = asked_of(world.dice, known.schema, field, prompt, subject[1])
    return Question("unanswerable", text, schema=known.schema, field=field, about="not on it")


def _changed(dice: Random, number: str) -> str:
    """A number with one digit, or letter, of its own changed."""
    places = [i for i, c in enumerate(number) if c.isdigit()]
    if not places:
        return number + "1"
    place = dice.choice(places)
    digit = dice.choice([d for d in "0123456789" if d != number[place]])
    return number[:place] + digit + number[place + 1 :]


_MAKERS: tuple[Callable[[World], Question | None], ...] = (
    _no_such_number,
    _no_such_number,
    _no_such_company,
    _of_another_company,
    _no_such_person,
    _wrong_year,
    _lacking,
    _lacking,
    _of_another_world,
)
