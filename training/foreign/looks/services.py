"""What providers and offices print: a utility's bill, a hotel's folio, a laboratory's report, a numbered form."""

from datetime import timedelta

from training.foreign.draft import Draft
from training.foreign.looks.stock import stock
from training.foreign.world import World, money

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def energy(world: World) -> Draft:
    """A French electricity bill: amount in a coloured box, the point of delivery, a paying slip at the foot."""
    dice, day = world.dice, world.day()
    used, price = dice.randint(310, 2400), dice.choice((1740, 2062, 2276))
    old = dice.randint(11000, 68000)
    standing = dice.randint(1450, 3980)
    energy_cost = round(used * price / 100)
    untaxed = standing + energy_cost
    tax = round(untaxed * 0.2)
    due = day + timedelta(days=dice.randint(14, 21))

    def show(cents: int) -> str:
        return money(cents, marks=" ,", after=" €")

    fields = {
        "invoice_number": world.number("99 999 999 999"),
        "invoice_date": f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        "due_date": f"{due:%d/%m/%Y}",
        "customer_number": world.number("9 999 999 999"),
        "customer_name": f"{dice.choice(('M.', 'Mme'))} {world.person()}",
        "delivery_point": world.number("99 999 999 999 999"),
        "meter_reading": f"{old + used}",
        "consumption": f"{used} kWh",
        "subtotal": show(untaxed),
        "tax": show(tax),
        "total": show(untaxed + tax),
        "vat_number": world.vat(),
    }
    values = fields | {
        "firm": world.firm(),
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "old": str(old),
        "price": f"0,{price} €",
        "standing": show(standing),
        "energy_cost": show(energy_cost),
        "bars": [dice.randint(8, 30) for _ in range(12)],
        "letters": [name[0].upper() for name in MONTHS],
        "phone": world.phone(),
        "accent": dice.choice(("#e8731a", "#00748a", "#5a8a00", "#b0175e")),
    }
    asked = {"delivery_point": "delivery point number", "meter_reading": "new meter reading"}
    absent = ("purchase_order", "cashier", "bic", "receipt_number")
    same = frozenset({"total", "due_date", "customer_number"})
    return Draft("energy.html", "fr", values, fields, absent, same=same, asked=asked)


def hotel(world: World) -> Draft:
    """A hotel's folio: an old-fashioned head, charges by day, a balance."""
    dice, arrival = world.dice, world.day()
    nights = dice.randint(2, 4)
    rate, city = dice.randrange(11800, 29500, 100), 350
    lines = []
    for night in range(nights):
        on = arrival + timedelta(days=night)
        lines += [(on, "Room charge", rate), (on, "City levy", city)]
        lines += [(on, *dice.choice(stock("extras")))] if dice.random() < 0.8 else []
    total = sum(cents for _, _, cents in lines)
    departure = arrival + timedelta(days=nights)
    fields = {
        "guest_name": world.person(),
        "folio_number": world.number("999999"),
        "room_number": world.number("999"),
        "arrival_date": f"{arrival:%d-%b-%y}",
        "departure_date": f"{departure:%d-%b-%y}",
        "room_rate": money(rate),
        "confirmation_number": world.number("99999@@9"),
        "total": money(total),
        "balance_due": "0.00",
        "payment_method": dice.choice(("Visa", "American Express", "Mastercard")),
    }
    values = fields | {
        "hotel": "The " + dice.choice(("Ambassador", "Grand Meridian", "Old Exchange", "Fitzalan")) + " Hotel",
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "phone": world.phone(),
        "lines": [(f"{on:%d-%b-%y}", what, money(cents)) for on, what, cents in lines],
        "clerk": world.pick("first").upper()[:4],
        "face": dice.choice(("Caladea", "Linux Libertine O", "C059", "Charis SIL")),
    }
    absent = ("iban", "invoice_number", "due_date", "vat_number", "purchase_order", "date_of_birth")
    places = {"arrival_date": 0, "room_rate": 0, "departure_date": 0, "total": 0}
    return Draft("hotel.html", "en", values, fields, absent, places=places)


def lab(world: World) -> Draft:
    """A laboratory's report: patient's box, results with their ranges, a mark at what is out of range."""
    dice, taken = world.dice, world.day()
    born = world.day(1940, 2003)
    rows = []
    for name, unit, low, high, decimals in dice.sample(stock("tests"), 8):
        value = round(dice.uniform(low - (high - low) * 0.15, high + (high - low) * 0.15), decimals)
        flag = "L" if value < low else "H" if value > high else ""
        rows.append((name, f"{value:.{decimals}f}", flag, unit, f"{low:g} - {high:g}"))
    fields = {
        "patient": f"{world.pick('last').upper()}, {world.pick('first')}",
        "date_of_birth": f"{born:%d-%b-%Y}",
        "patient_number": world.number("999 999 9999"),
        "laboratory_number": world.number("@99.9999999"),
        "requesting_doctor": f"Dr {world.pick('first')[0]} {world.pick('last')}",
        "collection_date": f"{taken:%d-%b-%Y} {dice.randint(7, 11):02d}:{dice.randint(0, 59):02d}",
        "report_date": f"{taken + timedelta(days=1):%d-%b-%Y} {dice.randint(12, 18)}:{dice.randint(0, 59):02d}",
        "sample_type": dice.choice(("Venous blood", "EDTA blood", "Serum")),
    }
    for name, value, *_ in rows[:3]:
        fields[name.lower().replace(" ", "_")] = value
    values = fields | {
        "rows": rows,
        "ward": dice.choice(("A4 East", "Outpatients", "B2", "Day unit")),
        "site": world.pick("town"),
        "home": [world.street(), world.town()],
        "phone": world.phone(),
        "approver": f"{world.person()}, FRCPath",
    }
    asked = {"hba1c": "HbA1c", "tsh": "TSH", "laboratory_number": "lab number"}
    here = {name: text for name, text in asked.items() if name in fields}
    places = {name.lower().replace(" ", "_"): 0 for name, *_ in rows[:3]}
    absent = ("invoice_number", "total", "iban", "due_date", "email", "policy_number")
    return Draft("lab.html", "en", values, fields, absent, asked=here, places=places)


def office_form(world: World) -> Draft:
    """A government's form: black bars, numbered cells with tiny labels, typed answers, boxes ticked by a cross."""
    dice, signed = world.dice, world.day()
    born, first = world.day(1950, 2002), world.pick("first")
    fields = {
        "last_name": world.pick("last").upper(),
        "first_name": first.upper(),
        "date_of_birth": f"{born:%m/%d/%Y}",
        "place_of_birth": world.pick("town").upper(),
        "street": world.street().upper(),
        "postal_code": world.number("99999"),
        "phone": world.phone(),
        "email": f"{first.lower()}@mailbox.example",
        "vehicle_identification_number": world.number("9@@@@99@9@@999999"),
        "license_plate": world.number("@@@-9999"),
        "odometer_reading": f"{dice.randint(12000, 188000):,}",
        "date_signed": f"{signed:%m/%d/%Y}",
        "form_number": f"VR-{dice.choice(('130', '41-B', '207', '9T'))}",
    }
    values = fields | {
        "town": world.pick("town").split(",")[0].upper(),
        "state": world.pick("town")[-2:],
        "model": dice.choice(("2014 / SEDAN", "2019 / PICKUP", "2008 / WAGON", "2021 / VAN")),
        "seller": world.person().upper(),
        "color": dice.choice(("BLUE", "SILVER", "DK GREEN", "WHITE")),
        "sold": f"{signed - timedelta(days=dice.randint(2, 20)):%m/%d/%Y}",
        "ticked": dice.randint(0, 2),
        "face": dice.choice(("Courier Prime", "Liberation Mono", "Nimbus Mono PS")),
    }
    absent = ("iban", "total", "invoice_number", "employer", "policy_number", "tax")
    return Draft("form.html", "en", values, fields, absent)
