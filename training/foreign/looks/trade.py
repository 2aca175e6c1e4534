"""What shops and small firms print: orders, invoices, receipts, mails of confirmation."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random

from training.foreign.draft import Draft
from training.foreign.looks.stock import stock
from training.foreign.world import World, money

Line = tuple[str, int, int]  # what, how many, cents for one


def basket(dice: Random, goods: Sequence[tuple[str, int]], least: int, most: int, *, times: int = 3) -> list[Line]:
    """Some of the goods, none twice, and how many of each."""
    return [(what, dice.randint(1, times), cents) for what, cents in dice.sample(goods, dice.randint(least, most))]


def sum_of(lines: Sequence[Line]) -> int:
    """All lines together, in cents."""
    return sum(many * cents for _, many, cents in lines)


def rows(lines: Sequence[Line], show: Callable[[int], str]) -> list[tuple[str, str, str, str]]:
    """The lines as a table prints them: what, how many, one, all."""
    return [(what, str(many), show(cents), show(many * cents)) for what, many, cents in lines]


def shop(world: World) -> Draft:
    """An online shop's invoice: coloured band, two addresses, zebra table."""
    dice, american = world.dice, world.country == "us"
    lines = basket(dice, stock("goods"), 3, 6)
    day = world.day()
    subtotal = sum_of(lines)
    shipping = dice.choice((395, 499, 650))
    tax = round((subtotal + shipping) * (0.0725 if american else 0.2))

    def show(cents: int) -> str:
        return money(cents, before="$" if american else "£")

    fields = {
        "invoice_number": world.number("@@-999999"),
        "invoice_date": f"{day:%B} {day.day}, {day:%Y}" if american else f"{day.day} {day:%B %Y}",
        "order_number": world.number("999-9999999"),
        "customer_name": world.person(),
        "payment_method": dice.choice(("Visa ending 4417", "PayPal", "Mastercard ending 0932", "Apple Pay")),
        "shipping_method": dice.choice(("Tracked 48", "Standard courier", "Next-day parcel")),
        "subtotal": show(subtotal),
        "shipping_cost": show(shipping),
        "tax": show(tax),
        "total": show(subtotal + shipping + tax),
    }
    vendor = world.firm()
    absent = ("iban", "purchase_order", "due_date", "bic", "cashier")
    if not american:
        fields["vat_number"] = world.vat()
    values = fields | {
        "american": american,
        "shop": vendor.rpartition(" ")[0],
        "firm": vendor,
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "gift": [world.person(), world.street(), world.town()],
        "rows": rows(lines, show),
        "accent": dice.choice(("#0f5c6e", "#8c2f39", "#37563b", "#4a3a78")),
        "face": dice.choice(("Lato", "Open Sans", "Roboto", "Cabin")),
    }
    return Draft("shop.html", "en", values, {**fields, "vendor_name": vendor}, absent)


def freelance(world: World) -> Draft:
    """A freelancer's invoice: much white, small type, no rules but two."""
    dice = world.dice
    lines = [
        (what, dice.choice((2, 4, 6, 12, 18)), cents) for what, cents in dice.sample(stock("work"), dice.randint(1, 3))
    ]
    day = world.day()
    total = sum_of(lines)

    name, marks = world.person(), dice.choice((",.", " ."))

    def show(cents: int) -> str:
        return money(cents, marks=marks, before="€")

    fields = {
        "invoice_number": f"{day:%Y}/0{world.number('99')}",
        "invoice_date": f"{day:%d.%m.%Y}",
        "due_date": f"{day + timedelta(days=14):%d.%m.%Y}",
        "vendor_name": name,
        "customer_name": world.firm(),
        "iban": world.iban(),
        "bic": world.bic(),
        "bank_name": world.pick("bank"),
        "email": f"studio@{name.rpartition(' ')[2].lower()}.example",
        "phone": world.phone(),
        "total": show(total),
    }
    values = fields | {
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "rows": rows(lines, show),
        "face": dice.choice(("EB Garamond", "Cantarell", "Gillius ADF", "Vollkorn")),
    }
    absent = ("vat_number", "purchase_order", "subtotal", "tax", "order_number", "delivery_date")
    return Draft("freelance.html", "en", values, fields, absent, places={"total": -1})


def receipt(world: World) -> Draft:
    """A supermarket's till receipt, 80 mm wide."""
    dice = world.dice
    lines = basket(dice, stock("groceries"), 5, 10, times=2)
    day = world.day()
    total = sum_of(lines)
    card = dice.random() < 0.6
    paid = total if card else -(-total // 500) * 500
    fields = {
        "merchant": dice.choice(("HARVEST LANE FOODHALL", "MILLERS GROCERS", "CORNERSTONE MARKET", "BRAMBLE & SON")),
        "date": f"{day:%d/%m/%y}",
        "time": f"{dice.randint(7, 21):02d}:{dice.randint(0, 59):02d}:{dice.randint(0, 59):02d}",
        "receipt_number": world.number("999 9999 9999"),
        "cashier": world.pick("first"),
        "vat_number": world.vat(),
        "total": money(total, before="£"),
        "payment_method": dice.choice(("VISA DEBIT", "MASTERCARD", "AMEX")) if card else "CASH",
        "till": world.number("9") + dice.choice(("1", "2", "4")),
        "number_of_items": str(sum(many for _, many, _ in lines)),
    }
    if not card:
        fields["change"] = money(paid - total, before="£")
    else:
        fields["authorisation_code"] = world.number("999999")
    values = fields | {
        "card": card,
        "home": [world.street(), world.town()],
        "phone": world.phone(),
        "rows": rows(lines, money),
        "bars": [dice.choice((0.3, 0.3, 0.6, 0.9)) for _ in range(44)],
        "tendered": money(paid, before="£"),
        "face": dice.choice(("Liberation Mono", "Courier Prime", "DejaVu Sans Mono", "Inconsolata")),
    }
    absent = ("invoice_number", "customer_name", "iban", "due_date", "order_number")
    return Draft("receipt.html", "en", values, fields, absent, same=frozenset({"total"}) if card else frozenset())


def mail(world: World) -> Draft:
    """A confirmation of a journey, printed from a browser's mail page, with the browser's own head and foot."""
    dice = world.dice
    day = world.day(2021)
    trip = day + timedelta(days=dice.randint(5, 60))
    start, end = dice.sample(("Carlisle", "York", "Hereford", "Penzance", "Inverness", "Norwich", "Cardiff Central"), 2)
    fare, fee = dice.randrange(1850, 14900, 5), 150
    out = dice.randint(6 * 60, 19 * 60)
    fields = {
        "booking_reference": world.number("@@@@@@"),
        "passenger": world.person(),
        "departure_date": f"{trip:%a} {trip.day} {trip:%b %Y}",
        "departure_time": f"{out // 60:02d}:{out % 60:02d}",
        "departure_station": start,
        "arrival_station": end,
        "coach": dice.choice("ABCDEFGH"),
        "seat": world.number("99") + dice.choice(("A", "F", "")),
        "fare": money(fare, before="£"),
        "booking_fee": money(fee, before="£"),
        "total": money(fare + fee, before="£"),
        "payment_method": f"Visa •••• {world.number('9999')}",
    }
    in_ = out + dice.randint(95, 320)
    values = fields | {
        "printed": f"{day:%d/%m/%Y}, {dice.randint(8, 22):02d}:{dice.randint(0, 59):02d}",
        "sent": f"{day:%a}, {day.day} {day:%b %Y} at {dice.randint(8, 19):02d}:{dice.randint(0, 59):02d}",
        "arrives": f"{in_ // 60:02d}:{in_ % 60:02d}",
        "address": fields["passenger"].lower().replace(" ", ".") + "@post.example",
        "ticket": dice.choice(("Advance Single", "Off-Peak Single", "Anytime Single")),
        "accent": dice.choice(("#b5121b", "#00573f", "#1d3c78")),
    }
    absent = ("iban", "invoice_number", "vat_number", "due_date", "cashier", "date_of_birth")
    return Draft("mail.html", "en", values, fields, absent, places={"total": -1, "coach": -1, "seat": -1})


def mediterranean(world: World) -> Draft:
    """A Spanish or Italian firm's invoice: boxed cells of labels, a wide table, a box of totals."""
    dice, spanish = world.dice, world.country == "es"
    lines = basket(dice, stock(f"merchandise_{world.country}"), 3, 4, times=24)
    day = world.day()
    base = sum_of(lines)
    tax = round(base * (0.21 if spanish else 0.22))

    def show(cents: int) -> str:
        return money(cents, marks=".,", after=" €")

    fields = {
        "invoice_number": world.number("@/999") if spanish else f"{world.number('9999')}/{day:%Y}",
        "invoice_date": f"{day:%d/%m/%Y}",
        "due_date": f"{day + timedelta(days=30):%d/%m/%Y}",
        "vendor_name": world.firm(),
        "customer_name": world.person() if dice.random() < 0.5 else world.firm(),
        "customer_number": world.number("99999"),
        "vat_number": world.vat(),
        "iban": world.iban(),
        "bank_name": world.pick("bank"),
        "subtotal": show(base),
        "tax": show(tax),
        "total": show(base + tax),
    }
    values = fields | {
        "t": stock(f"invoice_{world.country}"),
        "home": [world.street(), world.town()],
        "phone": world.phone(),
        "to": [world.street(), world.town()],
        "rows": rows(lines, lambda cents: money(cents, marks=".,")),
        "face": dice.choice(("Carlito", "Nimbus Sans", "Universalis ADF Std", "Linux Biolinum O")),
    }
    absent = ("bic", "purchase_order", "cashier", "delivery_date", "email")
    return Draft("mediterranean.html", world.country, values, fields, absent)
