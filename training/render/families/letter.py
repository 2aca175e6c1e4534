"""Letters: letterhead, address, date, references, subject, running text, signature."""

from training.render.blocks.pairs import Item, item, note, set_pairs, set_strip
from training.render.blocks.prose import GLUE, set_foot, set_lines, set_woven
from training.render.canvas import Canvas
from training.render.fields import missing
from training.render.page import Curve, Page, Rule

SUBJECTS = """Your application of {date}|Change of our bank details|Termination of contract {id}|Invitation to the annual meeting|Offer for {item}|Your inquiry|Confirmation of your order|Payment reminder|
Renewal of membership|Notice of rent increase|Complaint about {item}|Delivery of {item}|Appointment on {date}|Your claim {id}|Change of address|Confirmation of employment|Price adjustment|Reference for {person}|
Second reminder|Cancellation of policy {id}|Meeting with {person}|Request for documents|Quotation {id}|Our visit on {date}|Insurance cover for {item}|New opening hours|Tax assessment {id}|Lease agreement""".replace("\n", "").split("|")  # fmt: skip
GREETINGS = (
    "Dear Sir or Madam,",
    "Dear {person},",
    "To whom it may concern,",
    "Dear customer,",
    "Hello {first},",
    "Sehr geehrte Damen und Herren,",
    "Madame, Monsieur,",
    "Dear Mr {last},",
    "Dear Ms {last},",
)
CLOSINGS = (
    "Yours sincerely,",
    "Yours faithfully,",
    "Kind regards,",
    "Best regards,",
    "Sincerely,",
    "Mit freundlichen Grüßen",
    "Cordialement,",
    "With best wishes,",
    "Respectfully yours,",
)
ROLES = (
    "Managing Director",
    "Customer Service",
    "Head of Sales",
    "Secretary",
    "Account Manager",
    "Accounts Department",
    "Human Resources",
    "Claims Department",
    "Director",
    "Office Manager",
)
# Sentences in which a value stands in running text; nothing but a space follows it.
WOVEN = (
    ("due_date", "date", "Please pay by {} at the latest"),
    ("due_date", "date", "The payment is due on {} and we thank you for it"),
    ("total", "money", "The open amount of {} has not reached us yet"),
    ("total", "money", "We ask you to transfer the total of {} to our account"),
    ("invoice_number", "id", "This concerns our invoice {} which you received"),
    ("invoice_number", "id", "According to invoice no. {} the goods were sent"),
    ("iban", "iban", "Our account has the IBAN {} as before"),
    ("phone", "phone", "You can reach us by telephone on {} during the week"),
    ("email", "email", "Please write to {} if anything is unclear"),
    ("purchase_order", "id", "We thank you for purchase order {} of last week"),
)


def compose_letter(canvas: Canvas) -> Page:
    """A letter over one page."""
    values, style = canvas.values, canvas.style
    date = values.date()
    order = canvas.variant("letter", ("business", "window", "private", "memo", "block*"))
    y = _letterhead(canvas, order)
    y = _memo_head(canvas, date, y) if order == "memo" else _address(canvas, date, y, order)
    y = _subject(canvas, y, done=order == "memo")
    y = _body(canvas, y + style.size)
    _signature(canvas, y + style.size)
    set_foot(canvas)
    return canvas.finish(missing("letter", canvas.present))


def _letterhead(canvas: Canvas, order: str) -> float:
    """Who writes, on top; a memo says it elsewhere."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    if order == "memo":
        size = min(style.heading_size, 22)
        canvas.text(dice.choice(("Memorandum", "MEMO", "Internal Note", "Fax", "Notice")), canvas.left, style.margin + size, style.heading, size)
        return style.margin + size * 2
    company = order != "private"
    sender = values.company() if company else values.person()
    align, at = dice.choice((("left", canvas.left), ("right", canvas.right), ("middle", canvas.width / 2)))
    size = min(style.heading_size, 20) if company else style.size
    y = style.margin
    if dice.random() < 0.9:  # noqa: PLR2004
        run = canvas.text(sender, at, y + size, style.heading if company else style.body, size, align=align, within=canvas.right - canvas.left)
        canvas.fact("sender", run)
        y += size * 1.5
    canvas.present.update(("city", "postal_code"))
    lines = values.address()
    if dice.random() < 0.4:  # noqa: PLR2004
        canvas.present.add("phone")
        lines.append(f"{dice.choice(('Tel.', 'Phone', 'Tel:'))} {values.phone()}")
    y, _ = set_lines(canvas, lines, at, y, size=style.label_size, align=align, within=canvas.right - canvas.left)
    if company and dice.random() < 0.4:  # noqa: PLR2004
        canvas.shapes.append(Rule(canvas.left, y + 4, canvas.right, y + 4, style.rule_width, style.accent))
    return y + style.size * 2


def _address(canvas: Canvas, date: str, y: float, order: str) -> float:
    """The addressee, with date and references beside or below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    half = (canvas.right - canvas.left) * 0.46
    top = y
    if dice.random() < 0.9:  # noqa: PLR2004
        name = values.person() if dice.random() < 0.6 else values.company()  # noqa: PLR2004
        canvas.fact("recipient", canvas.text(name, canvas.left, y + style.size * 0.95, style.body, style.size, within=half))
        y += style.size * style.leading
    y, _ = set_lines(canvas, values.address(), canvas.left, y, within=half)
    if order == "window":
        refs = _references(canvas)
        if dice.random() < 0.85:  # noqa: PLR2004
            refs.append(item(canvas, "date", date))
        dice.shuffle(refs)
        return (set_strip(canvas, refs[:4], canvas.left, y + style.size * 2, canvas.right - canvas.left) if refs else y) + style.size
    beside = order == "business" and dice.random() < 0.6  # noqa: PLR2004
    at = top if beside else y + style.size
    spot, align = (canvas.right, "right") if order != "block" or beside else (canvas.left, "left")
    if dice.random() < 0.85:  # noqa: PLR2004
        place = f"{values.city()}, " if dice.random() < 0.35 else dice.choice(("", "", "Date: "))  # noqa: PLR2004
        run = canvas.text(place + date, spot, at + style.size * 0.95, style.body, style.size, align=align, within=half)
        canvas.fact("date", run, date)
        at += style.size * style.leading * 1.5
    refs = _references(canvas)
    if refs:
        x = canvas.right - half if beside else canvas.left
        at = set_pairs(canvas, refs, x, at, half, canvas.variant("references", ("inline", "gap", "right", "far_labels*")))
    return max(at, y) + style.size


def _references(canvas: Canvas) -> list[Item]:
    """The reference, where kept, and what else stands with it."""
    values, dice = canvas.values, canvas.dice
    refs = [item(canvas, "reference", values.identifier(("REF", "K", "AZ", "JD/", "S")))] if canvas.keep("reference", 0.62) else []
    if dice.random() < 0.25:  # noqa: PLR2004
        refs.append(Item("label", dice.choice(("Extension", "Department", "Room", "Direct line")), str(dice.randint(10, 9999))))
    return refs


def _memo_head(canvas: Canvas, date: str, y: float) -> float:
    """To, from, date and subject as pairs, over a rule."""
    values, style = canvas.values, canvas.style
    offers = (
        ("recipient", values.person(), 0.88),
        ("sender", values.person(), 0.88),
        ("date", date, 0.8),
        ("subject", _subject_text(canvas), 0.8),
        ("reference", values.identifier(("REF", "M")), 0.5),
    )
    items = [item(canvas, name, value) for name, value, chance in offers if canvas.keep(name, chance)]
    layout = canvas.variant("memo", ("gap", "inline", "table", "underlined", "far_labels*"))
    y = set_pairs(canvas, items, canvas.left, y, (canvas.right - canvas.left) * canvas.dice.uniform(0.75, 1), layout) + style.size * 0.5
    canvas.shapes.append(Rule(canvas.left, y, canvas.right, y, 1.0, style.rule_ink))
    return y + style.size


def _subject_text(canvas: Canvas) -> str:
    values = canvas.values
    return canvas.dice.choice(SUBJECTS).format(date=values.date(-20), id=values.identifier(), item=values.item(), person=values.person())


def _subject(canvas: Canvas, y: float, *, done: bool) -> float:
    """The subject line, in bold or behind a mark."""
    dice, style = canvas.dice, canvas.style
    if done or not canvas.keep("subject", 0.78):
        return y
    subject = item(canvas, "subject", _subject_text(canvas))
    bare = dice.random() < 0.5  # noqa: PLR2004
    text = subject.value if bare else f"{subject.label}: {subject.value}"
    size = style.size * dice.choice((1.0, 1.0, 1.15))
    run = canvas.text(text, canvas.left, y + size, style.bold if bare or dice.random() < 0.5 else style.body, size, within=canvas.right - canvas.left)  # noqa: PLR2004
    if bare:
        canvas.fact("subject", run)
    else:
        note(canvas, subject, run)
    return y + size * 2


def _body(canvas: Canvas, y: float) -> float:
    """Greeting and paragraphs, with a few values woven in."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    greeting = dice.choice(GREETINGS).format(person=values.person(), first=values.first_name(), last=values.last_name())
    y, _ = set_lines(canvas, [greeting], canvas.left, y)
    woven = dice.sample(WOVEN, dice.choice((0, 1, 2, 3)))
    makers = {
        "date": lambda: values.date(dice.randint(5, 60)),
        "money": lambda: values.money(values.cents(6)),
        "id": values.identifier,
        "iban": values.iban,
        "phone": values.phone,
        "email": values.email,
    }
    for number in range(dice.randint(2, 4)):
        sentences, facts = [values.sentence() for _ in range(dice.randint(1, 5))], {}
        if number < len(woven) and woven[number][0] not in canvas.present:
            name, kind, form = woven[number]
            facts[name] = makers[kind]()
            sentences.insert(dice.randrange(len(sentences) + 1), form.format(facts[name].replace(" ", GLUE)) + ".")
        y += style.size * style.leading * 0.6
        if y > canvas.bottom - style.size * 12:
            break
        y = set_woven(canvas, " ".join(sentences), facts, canvas.left, y, canvas.right - canvas.left)
    return y


def _signature(canvas: Canvas, y: float) -> None:
    """Closing, a scribble, a name, a role."""
    dice, style = canvas.dice, canvas.style
    x = canvas.left if dice.random() < 0.75 else canvas.left + (canvas.right - canvas.left) * 0.55  # noqa: PLR2004
    if y > canvas.bottom - style.size * 8:
        return
    y, _ = set_lines(canvas, [dice.choice(CLOSINGS)], x, y)
    if dice.random() < 0.6:  # noqa: PLR2004
        points = [(x + i * 7, y + 14 + dice.uniform(-9, 9)) for i in range(dice.randint(6, 13))]
        canvas.shapes.append(Curve(tuple(points), dice.uniform(0.6, 1.4), (0.1, 0.1, 0.4)))
        y += 26
    else:
        y += style.size * 0.6
    if canvas.keep("signed_by", 0.75):
        run = canvas.text(canvas.values.person(), x, y + style.size * 0.95, style.body, style.size, within=canvas.right - x)
        canvas.fact("signed_by", run)
        y += style.size * style.leading
        if dice.random() < 0.5:  # noqa: PLR2004
            set_lines(canvas, [dice.choice(ROLES)], x, y)
