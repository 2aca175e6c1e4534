"""Letters: facts in prose, from a landlord's agent, a club, an insurer."""

from datetime import date, timedelta

from training.foreign.draft import Draft
from training.foreign.world import World, money


def long_day(day: date) -> str:
    """As a British letter writes a day."""
    return f"{day.day} {day:%B %Y}"


def notice(world: World) -> Draft:
    """A letting agent's notice of a new rent: LaTeX's plain letter."""
    dice, day = world.dice, world.day()
    rent = dice.randrange(78000, 189000, 500)
    start = date(day.year + (day.month > 9), (day.month + 2) % 12 + 1, 1)
    fields = {
        "sender": f"{world.pick('last')} & {world.pick('last')} Lettings",
        "recipient": world.person(),
        "date": long_day(day),
        "reference": world.number("@@/9999/99"),
        "property_address": f"Flat {dice.randint(2, 19)}, {world.street()}",
        "tenancy_start": long_day(world.day(2010, 2015)),
        "current_rent": money(rent, before="£"),
        "new_rent": money(rent * 106 // 10000 * 100, before="£"),
        "effective_date": long_day(start),
        "deposit": money(rent * 5 // 4, before="£"),
        "reply_date": long_day(day + timedelta(days=21)),
        "signed_by": world.person(),
    }
    values = fields | {
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "post": dice.choice(("Property Manager", "Partner", "Tenancy Services")),
        "face": dice.choice(("cmr", "mathptmx", "mathpazo", "cmr")),
    }
    asked = {"tenancy_start": "start of the tenancy", "reply_date": "reply by"}
    absent = ("iban", "invoice_number", "vat_number", "email", "bic", "date_of_birth")
    return Draft("notice.tex", "en", values, fields, absent, asked=asked, places={"recipient": 0})


def farewell(world: World) -> Draft:
    """A German club confirms that a membership ends: KOMA-Script's letter, with its line of references."""
    dice, day = world.dice, world.day()
    woman = dice.random() < 0.5
    first = "Friederike" if woman else "Hannes"
    last = world.pick("last")
    until = date(day.year + 1, dice.choice((3, 6, 9)), 30)
    fields = {
        "sender": dice.choice(("Sportpark Auental", "Ruderclub Hansa", "Kletterhalle Nordwand")) + " e. V.",
        "recipient": f"{first} {last}",
        "date": f"{day:%d.%m.%Y}",
        "subject": "Bestätigung Ihrer Kündigung",
        "customer_number": world.number("999999"),
        "contract_number": world.number("@@-99999"),
        "end_date": f"{until:%d.%m.%Y}",
        "monthly_fee": money(dice.randrange(1990, 7990, 50), marks=".,", after=" €"),
        "refund": money(dice.randrange(1200, 19900), marks=".,", after=" €"),
        "iban": world.iban(),
        "card_number": world.number("9999 9999"),
        "signed_by": world.person(),
    }
    values = fields | {
        "salutation": "Frau" if woman else "Herrn",
        "greeting": f"Sehr geehrte{'' if woman else 'r'} {'Frau' if woman else 'Herr'} {last},",
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "face": dice.choice(("lmss", "charter", "lmodern")),
    }
    absent = ("invoice_number", "due_date", "vat_number", "email", "phone", "date_of_birth")
    return Draft("bestaetigung.tex", "de", values, fields, absent, places={"sender": 0})


def insurance(world: World) -> Draft:
    """An insurer's letter of renewal, written in Writer: all facts in justified prose."""
    dice, day = world.dice, world.day()
    premium = dice.randrange(21000, 88000)
    start = day + timedelta(days=28)
    fields = {
        "sender": dice.choice(("Harbour Mutual", "Wold & Fell Insurance", "Ploughshare Assurance")),
        "policyholder": world.person(),
        "date": long_day(day),
        "policy_number": world.number("@@ 999 999 9"),
        "start_date": long_day(start),
        "premium": money(premium, before="£"),
        "last_premium": money(round(premium * 0.91), before="£"),
        "monthly_instalment": money(round(premium * 1.05 / 10), before="£"),
        "first_payment_date": long_day(start + timedelta(days=4)),
        "sum_insured": money(dice.randrange(18, 90) * 1_000_000, before="£").removesuffix(".00"),
        "excess": dice.choice(("£100", "£250", "£350", "£500")),
        "claims_phone": world.phone(),
        "signed_by": world.person(),
    }
    values = fields | {
        "subject": dice.choice(("Your home insurance is due for renewal", "Renewal of your home insurance")),
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "face": dice.choice(("Carlito", "Liberation Serif", "Gentium Book Basic", "Lato")),
        "accent": dice.choice(("#1f3d5c", "#6b1f2a", "#2d5a3d", "#44355b")),
    }
    asked = {"last_premium": "premium of last year", "claims_phone": "phone number for claims"}
    absent = ("iban", "invoice_number", "vat_number", "date_of_birth", "email", "order_number")
    return Draft("insurance.fodt", "en", values, fields, absent, asked=asked, places={"policyholder": 0, "sender": 0})
