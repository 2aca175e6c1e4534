"""Forms: many labels from all walks of life, in one or two columns, ruled or open."""

from training.render.blocks.pairs import Item, choose_layout, item, note, set_pairs, set_strip
from training.render.blocks.prose import set_foot, set_paragraph
from training.render.canvas import Canvas
from training.render.fields import missing
from training.render.labels import form_labels
from training.render.page import Box, Page, Rule
from training.render.values import Values, pattern

TITLES = """Application Form|Registration Form|Patient Registration|Claim Form|Accident Report|Employee Record|Enrolment Form|Delivery Note|Shipping Order|Admission Form|Leave Request|
Expense Report|Change of Address|Membership Application|Insurance Application|Medical History|Referral Form|Incident Report|Vehicle Inspection|Work Order|Travel Request|Customer Record|Transfer Form|
Permit Application|Consent Form|Tenancy Application|Student Record|Personnel File|Visitor Record|Test Report|Packing Slip|Certificate of Origin|Service Report|Data Sheet|Questionnaire""".replace("\n", "").split("|")  # fmt: skip
CHOICES = """Female|Male|Single|Married|Divorced|Yes|No|N/A|None|Unknown|Full-time|Part-time|Permanent|Temporary|Active|Pending|Approved|High|Medium|Low|Urgent|Standard|Express|Cash|Card|Bank transfer|
A+|O-|AB+|B|Bachelor of Science|Mathematics|Passed|Failed|Good|Used|New|Red|Silver|XL|M|Diesel|Petrol|Electric|Air freight|Sea|Road|DAP|EXW|FOB Hamburg|30 days net|14 days|Class B|Comprehensive|Private|Public|
Penicillin|Nuts|Vegetarian|Parent|Spouse|Sibling|Annual leave|Sick leave|Theft|Water damage|Collision|Category 2|III|Mr|Mrs|Ms|Dr.""".replace("\n", "").split("|")  # fmt: skip
JOBS = """Nurse|Electrician|Accountant|Software Engineer|Warehouse Clerk|Bus Driver|Teacher|Chef|Sales Assistant|Project Manager|Mechanic|Carpenter|Pharmacist|Plumber|Analyst|Hypertension|Fractured wrist|
Type 2 diabetes|Asthma|Physiotherapy|Ibuprofen 400 mg|Amoxicillin|Forklift|Annual meeting|Spare parts|Ceramic tiles|Frozen fish|Medical devices|Office supplies|Machine parts|Back injury|Burn|Sprained ankle""".replace("\n", "").split("|")  # fmt: skip
COUNTRIES = "Germany|France|Spain|Italy|Netherlands|Portugal|Ireland|United Kingdom|USA|Canada|Austria|Switzerland|Belgium|Denmark|Sweden|Norway|Finland|Poland|British|French|German|Irish|English|Dutch|Spanish|Italian|Deutsch|Français|Español".split("|")  # fmt: skip
UNITS = ("kg", "cm", "m", "km", "mm", "°C", "mg", "ml", "kW", "V", "sqm", "bpm", "%", "mmHg", "lbs", "ft", "t", "l", "km/h")
NAMED = {"phone": "phone", "email": "email", "postal": "postal_code", "city": "city", "street": "city"}
ALONE = {"phone", "email", "postal", "country", "street"}


def value_for(values: Values, kind: str) -> str:
    """A plausible value of a kind of label."""
    dice = values.dice
    match kind:
        case "person":
            return values.person()
        case "company":
            return values.company()
        case "date":
            return values.date(dice.randint(-900, 900))
        case "id":
            return values.identifier(("A", "P", "C", "K", "NO", "REF", "EX"))
        case "money":
            return values.money(values.cents(7))
        case "number":
            return str(int(10 ** dice.uniform(0, 5)))
        case "measure":
            return f"{dice.choice((str(dice.randint(1, 900)), f'{dice.uniform(0.5, 99):.1f}', f'{dice.uniform(0.5, 9):.2f}'))} {dice.choice(UNITS)}"
        case "phone":
            return values.phone()
        case "email":
            return values.email()
        case "street":
            return values.street()
        case "city":
            return values.city()
        case "postal":
            return values.postal()
        case "country":
            return dice.choice(COUNTRIES)
        case "choice":
            return dice.choice(CHOICES) if dice.random() < 0.8 else values.invented()  # noqa: PLR2004
        case "job":
            return dice.choice(JOBS) if dice.random() < 0.6 else values.item()  # noqa: PLR2004
        case _:
            return values.clock()
    # fmt: skip


def compose_form(canvas: Canvas) -> Page:
    """A form with some of the named fields and many labels that only the page itself explains."""
    dice, style = canvas.dice, canvas.style
    entries = _entries(canvas)
    y = _title(canvas)
    columns = dice.choice((1, 2, 2)) if canvas.width > 440 else 1  # noqa: PLR2004
    layout = choose_layout(canvas)
    gap = style.size * 2
    width = (canvas.right - canvas.left - gap * (columns - 1)) / columns
    while entries and y < canvas.bottom - style.size * 8:
        y = _section_head(canvas, y)
        if dice.random() < 0.12 and len(entries) >= 3:  # noqa: PLR2004
            y = set_strip(canvas, [entries.pop() for _ in range(3)], canvas.left, y, canvas.right - canvas.left)
            continue
        layout = layout if dice.random() < 0.75 else choose_layout(canvas)  # noqa: PLR2004
        room = int((canvas.bottom - y) / (style.size * 3.1))
        take = min(len(entries), columns * min(room, dice.randint(2, 7)))
        parts = [[entries.pop() for _ in range(take // columns + (c < take % columns))] for c in range(columns)]
        y = max(set_pairs(canvas, part, canvas.left + c * (width + gap), y, width, layout) for c, part in enumerate(parts))
        y += style.size * dice.uniform(0.6, 1.6)
    if dice.random() < 0.4 and y < canvas.bottom - style.size * 4:  # noqa: PLR2004
        set_paragraph(
            canvas, " ".join(canvas.values.sentence() for _ in range(3)), canvas.left, y, canvas.right - canvas.left, max(7.0, style.size * 0.85)
        )
    set_foot(canvas)
    return canvas.finish(missing("form", canvas.present), strange_labels(canvas))


def _entries(canvas: Canvas) -> list[Item]:
    """Named fields that are kept, and labels, shuffled; marks what the labels make askable otherwise."""
    dice, values = canvas.dice, canvas.values
    first, last = values.first_name(), values.last_name()
    offers = {
        "first_name": first, "last_name": last, "date_of_birth": values.birthday(), "phone": values.phone(), "email": values.email(first),
        "city": values.city(), "postal_code": values.postal(), "form_number": pattern(dice, dice.choice(("F-####", "##-###", "A## / ####", "####"))),
    }  # fmt: skip
    named = dice.random() < 0.75  # noqa: PLR2004
    entries = [item(canvas, name, value) for name, value in offers.items() if named and canvas.keep(name, 0.62)]
    taken = {e.label.lower() for e in entries}
    there = {e.field for e in entries}
    kinds: set[str] = set()
    for label, kind in dice.sample(form_labels(canvas.split), 80):
        clash = kind in ALONE and (kind in kinds or NAMED.get(kind) in there)
        if (
            label.lower() in taken
            or clash
            or (kind == "city" and "city" in there)
            or (kind == "person" and "first_name" in there and dice.random() < 0.7)
        ):  # noqa: PLR2004
            continue
        kinds.add(kind)
        taken.add(label.lower())
        entries.append(Item("label", label, value_for(values, kind)))
        canvas.present.update({NAMED[kind]} if kind in NAMED else {"first_name", "last_name"} if kind == "person" else ())
        if len(entries) >= canvas.dice.randint(14, 40):
            break
    dice.shuffle(entries)
    return entries


def strange_labels(canvas: Canvas, count: int = 8) -> list[str]:
    """Labels that the page does not print, nor any that shares all its words with a printed one."""
    printed = [set(label.replace(".", "").split()) for label in canvas.labels]
    kinds = {kind for label, kind in form_labels(canvas.split) if label.lower() in canvas.labels and kind in ALONE}
    out = []
    for label, kind in canvas.dice.sample(form_labels(canvas.split), 40):
        words = set(label.lower().replace(".", "").split())
        if kind not in kinds and not any(words <= p or p <= words for p in printed) and NAMED.get(kind) not in canvas.present:
            out.append(label)
    return out[:count]


def _title(canvas: Canvas) -> float:
    """The form's name and who issues it; gives the y below."""
    dice, style = canvas.dice, canvas.style
    top = style.margin
    title = dice.choice(TITLES)
    title = title.upper() if dice.random() < 0.3 else title  # noqa: PLR2004
    size = min(style.heading_size, 24)
    variant = canvas.variant("title", ("left", "middle", "band", "right*"))
    if variant == "band":
        canvas.shapes.append(Box(canvas.left, top, canvas.right, top + size * 1.6, None, style.accent))
        canvas.text(
            title, canvas.left + size * 0.5, top + size * 1.15, style.heading, size, ink=(1.0, 1.0, 1.0), within=canvas.right - canvas.left - size
        )
    else:
        at = {"left": canvas.left, "middle": canvas.width / 2, "right": canvas.right}[variant]
        canvas.text(title, at, top + size, style.heading, size, align=variant, within=canvas.right - canvas.left)
    y = top + size * 1.9
    if dice.random() < 0.6:  # noqa: PLR2004
        canvas.text(canvas.values.company(), canvas.left, y + style.size, style.body, style.size, within=canvas.right - canvas.left)
        y += style.size * 2
    return y


def _section_head(canvas: Canvas, y: float) -> float:
    """A heading over a group of labels: none, bold, ruled or inverse."""
    dice, style = canvas.dice, canvas.style
    name = dice.choice(
        (
            "Personal Details",
            "Section A",
            "Section B",
            "Details",
            "1. General",
            "2. Particulars",
            "Contact",
            "Employment",
            "For office use only",
            "Information",
            "Part I",
            "Part II",
        )
    )
    size = style.size * 1.1
    match dice.choice(("none", "bold", "ruled", "inverse")):
        case "none":
            return y
        case "inverse":
            canvas.shapes.append(Box(canvas.left, y, canvas.right, y + size * 1.5, None, style.accent))
            canvas.text(name, canvas.left + 4, y + size * 1.08, style.bold, size, ink=(1.0, 1.0, 1.0))
        case "ruled":
            canvas.text(name, canvas.left, y + size, style.bold, size)
            canvas.shapes.append(Rule(canvas.left, y + size * 1.35, canvas.right, y + size * 1.35, style.rule_width, style.rule_ink))
        case _:
            canvas.text(name, canvas.left, y + size, style.bold, size)
    return y + size * 2.0


__all__ = ["compose_form", "note", "strange_labels", "value_for"]
