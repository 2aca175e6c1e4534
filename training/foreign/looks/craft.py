"""Invoices of small firms as office programs and LaTeX set them: a German craftsman's, a Dutch one."""

from datetime import timedelta

from training.foreign.draft import Draft
from training.foreign.looks.stock import stock
from training.foreign.looks.trade import basket, rows, sum_of
from training.foreign.world import World, money


def craftsman(world: World) -> Draft:
    """A letter-invoice by the German standard: window, block of references on the right, foot in three columns."""
    dice, day, kinds = world.dice, world.day(), stock("craft")
    lines = basket(dice, kinds["lines"], 3, 6, times=14)
    base = sum_of(lines)
    tax = round(base * 0.19)
    owner, woman = world.pick("last"), dice.random() < 0.5
    customer = f"{'Gudrun' if woman else 'Malte'} {world.pick('last')}"

    def show(cents: int) -> str:
        return money(cents, marks=".,", after=" €")

    fields = {
        "vendor_name": f"{world.pick('trade')} {owner} {world.pick('legal')}",
        "customer_name": customer,
        "invoice_number": dice.choice((f"RE{day:%y}", f"{day:%Y}-0", "A-")) + world.number("9999"),
        "invoice_date": f"{day:%d.%m.%Y}",
        "due_date": f"{day + timedelta(days=14):%d.%m.%Y}",
        "customer_number": world.number("99999"),
        "contact_person": f"{world.pick('first')[0]}. {world.pick('last')}",
        "tax_number": world.number("99/999/99999"),
        "vat_number": world.vat(),
        "bank_name": world.pick("bank"),
        "iban": world.iban(),
        "bic": world.bic(),
        "subtotal": show(base),
        "tax": show(tax),
        "total": show(base + tax),
    }
    values = fields | {
        "vendor_short": f"{owner}",
        "owner": f"{world.pick('first')} {owner}",
        "salutation": "Frau" if woman else "Herrn",
        "greeting": f"Sehr geehrte{' Frau' if woman else 'r Herr'} {customer.rsplit(maxsplit=1)[-1]},",
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "phone": world.phone(),
        "chamber": dice.choice(("Oldenburg", "Leipzig", "Koblenz")),
        "ordered": f"{day - timedelta(days=dice.randint(15, 50)):%d.%m.%Y}",
        "job": dice.choice(kinds["jobs"]),
        "slogan": dice.choice(kinds["slogans"]),
        "place": world.pick("town").split(" ", 1)[1],
        "rows": rows(lines, show),
        "face": dice.choice(("Liberation Sans", "Carlito", "DejaVu Serif", "Caladea")),
        "accent": dice.choice(("#7a1f1f", "#1f4e79", "#3b5323", "#333333")),
    }
    absent = ("purchase_order", "receipt_number", "cashier", "email", "policy_number", "date_of_birth")
    same = frozenset({"vendor_name"})
    return Draft("handwerker.fodt", "de", values, fields, absent, same=same)


def dutch(world: World) -> Draft:
    """A Dutch firm's invoice in LaTeX: coloured beam, hairlines, the way to pay as a sentence at the foot."""
    dice, day = world.dice, world.day()
    lines = basket(dice, stock("dutch")["lines"], 3, 5, times=60)
    base = sum_of(lines)
    tax = round(base * 0.21)
    vendor = world.firm()

    def show(cents: int) -> str:
        return money(cents, marks=".,", before="€ ")

    fields = {
        "vendor_name": vendor,
        "customer_name": world.person(),
        "invoice_number": f"F{day:%Y}-{world.number('9999')}",
        "invoice_date": f"{day:%d-%m-%Y}",
        "due_date": f"{day + timedelta(days=30):%d-%m-%Y}",
        "customer_number": world.number("99999"),
        "chamber_of_commerce_number": world.number("99999999"),
        "vat_number": world.vat(),
        "iban": world.iban(),
        "bic": world.bic(),
        "subtotal": show(base),
        "tax": show(tax),
        "total": show(base + tax),
    }
    values = fields | {
        "vendor_short": vendor.rpartition(" ")[0],
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "rows": rows(lines, show),
        "face": dice.choice(("helvet", "charter", "bookman")),
        "house": dice.choice(("B8460E", "1B5E70", "5A2A6B")),
    }
    absent = ("purchase_order", "email", "cashier", "delivery_date", "phone")
    return Draft("factuur.tex", "nl", values, fields, absent)
