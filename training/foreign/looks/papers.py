"""What accounts and stores print: a bank's statement in LaTeX, a payslip and a delivery note from spreadsheets."""

from datetime import date, timedelta

from training.foreign.draft import Draft
from training.foreign.looks.stock import stock
from training.foreign.world import World, money

Entry = tuple[str, str, str, str, str]  # day, words, out, in, what is left


def entries(world: World, first: date, opening: int, many: int) -> tuple[list[Entry], int, int]:
    """A month's movements, and what came in and went out."""
    dice, words = world.dice, stock("bank")
    rows, paid_in, paid_out = [], 0, 0
    for offset in sorted(dice.randrange(28) for _ in range(many)):
        income = dice.random() < 0.22
        cents = dice.randrange(4000, 240000) if income else dice.randrange(250, 38000)
        paid_in, paid_out = paid_in + income * cents, paid_out + (not income) * cents
        day = first + timedelta(days=offset)
        left = money(opening + paid_in - paid_out)
        shown = money(cents)
        what = dice.choice(words["in" if income else "out"])
        rows.append((f"{day.day} {day:%b}", what, "" if income else shown, shown if income else "", left))
    return rows, paid_in, paid_out


def statement(world: World) -> Draft:
    """A bank's statement: references on the right, a summary, movements that may run over to a second page."""
    dice = world.dice
    first = world.day().replace(day=1)
    opening = dice.randrange(30000, 900000)
    rows, paid_in, paid_out = entries(world, first, opening, dice.choice((14, 19, 46)))
    iban = world.iban()
    plain = iban.replace(" ", "")
    fields = {
        "bank_name": world.pick("bank"),
        "account_holder": world.person(),
        "statement_number": world.number("99"),
        "period_start": f"{first.day} {first:%B %Y}",
        "period_end": f"{first + timedelta(days=27):%d %B %Y}",
        "sort_code": "-".join((plain[8:10], plain[10:12], plain[12:14])),
        "account_number": plain[14:],
        "iban": iban,
        "bic": world.bic(),
        "opening_balance": money(opening, before="£"),
        "total_paid_in": money(paid_in, before="£"),
        "total_paid_out": money(paid_out, before="£"),
        "closing_balance": money(opening + paid_in - paid_out, before="£"),
    }
    values = fields | {
        "brought": money(opening),
        "rows": rows,
        "to": [world.street(), world.town()],
        "product": dice.choice(("Everyday Account", "Classic Account", "Joint Account")),
        "sans": dice.random() < 0.4,
        "house": dice.choice(("12395B", "5B1230", "0B5345")),
    }
    absent = ("invoice_number", "due_date", "overdraft_limit", "vat_number", "email", "date_of_birth")
    places = {"bank_name": 0, "statement_number": 0}
    return Draft("statement.tex", "en", values, fields, absent, places=places)


def payslip(world: World) -> Draft:
    """A payslip from a spreadsheet: gray labels, payments beside deductions, the year so far, net pay in a box."""
    dice = world.dice
    day = world.day().replace(day=28)
    hours, rate, overtime = 150, dice.randrange(1180, 3150), dice.choice((0, 6, 11))
    basic, extra = hours * rate, overtime * rate * 3 // 2
    gross = basic + extra
    tax, insurance, pension = round(gross * 0.14), round(gross * 0.07), round(gross * 0.05)
    month = (day.month - 4) % 12 + 1
    fields = {
        "employer": world.firm(),
        "employee": world.person(),
        "employee_number": world.number("99999"),
        "department": dice.choice(("Warehouse", "Customer Care", "Finance", "Facilities")),
        "national_insurance_number": world.number("@@ 99 99 99 ") + dice.choice("ABCD"),
        "pay_date": f"{day:%d/%m/%Y}",
        "tax_code": world.number("9999") + dice.choice("LMN"),
        "pay_period": f"{day:%B %Y}",
        "gross_pay": money(gross),
        "income_tax": money(tax),
        "national_insurance": money(insurance),
        "pension": money(pension),
        "total_deductions": money(tax + insurance + pension),
        "net_pay": money(gross - tax - insurance - pension, before="£"),
    }
    rows = [
        ("Basic pay", f"{hours}.00", money(basic), "PAYE tax", fields["income_tax"]),
        ("Overtime at 1.5", f"{overtime}.00", money(extra), "National Insurance", fields["national_insurance"]),
        ("", "", "", "Workplace pension", fields["pension"]),
    ]
    values = fields | {
        "home": [world.street(), world.town()],
        "rows": rows,
        "tax_month": str(month),
        "ytd": [money(month * part) for part in (gross, tax, insurance, pension)],
        "face": dice.choice(("Carlito", "Liberation Sans", "DejaVu Sans", "Liberation Sans Narrow")),
        "accent": dice.choice(("#1f3864", "#375623", "#7f2a00", "#3a3a3a")),
    }
    asked = {"pension": "pension contribution", "national_insurance": "national insurance deduction"}
    names = ("gross_pay", "income_tax", "national_insurance", "pension")  # the year's first month prints them twice
    places = dict.fromkeys(names, 0) | {"gross_pay": 0 if extra else 1}
    absent = ("iban", "invoice_number", "due_date", "email", "bonus", "phone")
    return Draft("payslip.fods", "en", values, fields, absent, asked=asked, places=places)


def delivery(world: World) -> Draft:
    """A delivery note from a spreadsheet: a grid with empty rows to spare, no prices."""
    dice, day = world.dice, world.day()
    parts = stock("parts")
    rows = []
    for what in dice.sample(parts["lines"], dice.randint(5, 10)):
        many = str(dice.choice((2, 4, 5, 10, 12, 25)))
        rows.append((world.number("@@-9999"), what, many, many, world.number("@9-99")))
    fields = {
        "vendor_name": world.firm(),
        "customer_name": world.firm(),
        "delivery_note_number": world.number("DN999999"),
        "dispatch_date": f"{day:%d %b %Y}",
        "purchase_order": world.number(dice.choice(("999999", "PO-9999", "@99/999"))),
        "customer_number": world.number("@@@999"),
        "contact_person": world.person(),
        "carrier": dice.choice(parts["carriers"]),
        "number_of_packages": str(dice.randint(13, 24)),
        "gross_weight": f"{dice.randint(35, 480)}.{dice.randint(0, 9)} kg",
    }
    values = fields | {
        "home": [world.street(), world.town()],
        "to": [world.street(), world.town()],
        "rows": rows,
        "face": dice.choice(("Liberation Sans", "Carlito", "Cantarell", "DejaVu Sans Condensed")),
        "accent": dice.choice(("#000000", "#1f4e79", "#7b2d26")),
    }
    absent = ("total", "iban", "due_date", "vat_number", "tax", "invoice_number")
    return Draft("delivery.fods", "en", values, fields, absent)
