"""Letters: letterhead, address, date, references, subject, running text, signature."""

from training.render.area import Area
from training.render.blocks.extras import extra_items
from training.render.blocks.feet import set_foot
from training.render.blocks.heads import set_sender_line
from training.render.blocks.items import Item, item, note
from training.render.blocks.marks import sign
from training.render.blocks.pairs import set_pairs, set_strip
from training.render.blocks.prose import GLUE, set_lines, set_woven
from training.render.canvas import Canvas
from training.render.concepts import THEMES, meaning
from training.render.dice import chance
from training.render.fields import missing
from training.render.form_values import value_for
from training.render.labels import form_labels
from training.render.languages import data
from training.render.page import Page, Rule
from training.render.values import Values

PARTICULARS = {"id", "date", "number", "choice", "measure"}  # kinds of labels that stand between paragraphs


def compose_letter(canvas: Canvas) -> Page:
    """Compose a letter over one page."""
    date, size = canvas.values.date(), canvas.style.size
    order = canvas.variant("letter", ("business", "window", "private", "memo", "block*"))
    y = _letterhead(canvas, order)
    y = _memo_head(canvas, date, y) if order == "memo" else _address(canvas, date, y, order)
    y = _subject(canvas, y, done=order == "memo")
    y = _body(canvas, y + size)
    _signature(canvas, y + size)
    set_foot(canvas)
    return canvas.finish(missing("letter", canvas.present))


def _letterhead(canvas: Canvas, order: str) -> float:
    """Set who writes, on top; a memo says it elsewhere."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    area = canvas.across(style.margin)
    if order == "memo":
        size = min(style.heading_size, 22)
        canvas.text(
            canvas.say("memo_titles"),
            area.x,
            area.y + size,
            style.heading,
            size,
        )
        return area.y + size * 2
    company, align, y = order != "private", dice.choice(("left", "right", "middle")), area.y
    size = min(style.heading_size, 20) if company else style.size
    if chance(dice, 0.88):
        sender = values.company() if company else values.person()
        canvas.house = sender
        face = style.heading if company else style.body
        canvas.fact(
            "sender", canvas.text(sender, area.edge(align), y + size, face, size, align=align, within=area.width)
        )
        y += size * 1.5
    lines = values.address()
    canvas.present.update(("city", "postal_code"))
    if chance(dice, 0.4):
        canvas.present.add("phone")
        lines.append(f"{canvas.say('tel')} {values.phone()}")
    y, _ = set_lines(canvas, lines, area.at(y), size=style.label_size, align=align)
    if company and chance(dice, 0.4):
        canvas.shapes.append(Rule(area.x, y + 4, area.right, y + 4, style.rule_width, style.accent))
    return y + style.size * 2


def _address(canvas: Canvas, date: str, y: float, order: str) -> float:
    """Set the addressee, with date and references beside or below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    wide = canvas.across(y)
    left, right = Area(wide.x, y, wide.width * 0.46), Area(wide.right - wide.width * 0.46, y, wide.width * 0.46)
    if chance(dice, 0.25):
        y = set_sender_line(canvas, left)
    if chance(dice, 0.88):
        name = values.person() if chance(dice, 0.6) else values.company()
        canvas.fact(
            "recipient", canvas.text(name, left.x, y + style.size * 0.95, style.body, style.size, within=left.width)
        )
        y += style.size * style.leading
    y, _ = set_lines(canvas, values.address(), left.at(y))
    refs = _references(canvas)
    dated = chance(dice, 0.82)
    if order == "window":
        refs += [item(canvas, "date", date)] if dated else []
        dice.shuffle(refs)
        return (set_strip(canvas, refs[:4], wide.at(y + style.size * 2)) if refs else y) + style.size
    beside = order == "business" and chance(dice, 0.6)
    area = right if beside else left.at(y + style.size)
    at = area.y
    if dated:
        at = _date_line(canvas, date, (left if order == "block" and not beside else right).at(at))
    if refs:
        at = set_pairs(
            canvas, refs, area.at(at), canvas.variant("references", ("inline", "gap", "right", "far_labels*"))
        )
    return max(at, y) + style.size


def _date_line(canvas: Canvas, date: str, area: Area) -> float:
    """Set the date, at times after a place."""
    style, dice = canvas.style, canvas.dice
    align = "left" if area.x == canvas.left else "right"
    place = f"{canvas.values.city()}, " if chance(dice, 0.35) else canvas.say("date_prefix")
    run = canvas.text(
        place + date,
        area.edge(align),
        area.y + style.size * 0.95,
        style.body,
        style.size,
        align=align,
        within=area.width,
    )
    canvas.fact("date", run, date)
    return area.y + style.size * style.leading * 1.5


def _references(canvas: Canvas) -> list[Item]:
    """Choose the reference, where kept, and what else stands with it."""
    values, dice = canvas.values, canvas.dice
    refs = [item(canvas, "reference", values.identifier(("REF", "K", "AZ", "JD/", "S")))] if chance(dice, 0.62) else []
    if chance(dice, 0.25):
        refs.append(Item("label", canvas.say("extensions"), str(dice.randint(10, 9999))))
    if chance(dice, 0.3):
        refs += extra_items(canvas, dice.sample(THEMES, 2), dice.choice((1, 1, 2)), refs)
    return refs


def _memo_head(canvas: Canvas, date: str, y: float) -> float:
    """Set to, from, date and subject as pairs, over a rule."""
    values, style = canvas.values, canvas.style
    offers = (
        ("recipient", values.person(), 0.85),
        ("sender", values.person(), 0.85),
        ("date", date, 0.8),
        ("subject", _subject_text(canvas), 0.8),
        ("reference", values.identifier(("REF", "M")), 0.5),
    )
    items = [item(canvas, name, value) for name, value, share in offers if chance(canvas.dice, share)]
    layout = canvas.variant("memo", ("gap", "inline", "table", "underlined", "far_labels*"))
    wide = canvas.across(y)
    y = set_pairs(canvas, items, Area(wide.x, y, wide.width * canvas.dice.uniform(0.75, 1)), layout) + style.size * 0.5
    canvas.shapes.append(Rule(wide.x, y, wide.right, y, 1.0, style.rule_ink))
    return y + style.size


def _subject_text(canvas: Canvas) -> str:
    values = canvas.values
    return canvas.say("subjects").format(
        date=values.date(-20), id=values.identifier(), item=values.item(), person=values.person()
    )


def _subject(canvas: Canvas, y: float, *, done: bool) -> float:
    """Set the subject line, in bold or behind a label."""
    dice, style = canvas.dice, canvas.style
    if done or not chance(dice, 0.75):
        return y
    subject = item(canvas, "subject", _subject_text(canvas))
    bare = chance(dice, 0.5)
    text = subject.value if bare else f"{subject.label}: {subject.value}"
    size = style.size * dice.choice((1.0, 1.0, 1.15))
    face = style.bold if bare or chance(dice, 0.5) else style.body
    run = canvas.text(text, canvas.left, y + size, face, size, within=canvas.right - canvas.left)
    if bare:
        canvas.fact("subject", run)
    else:
        note(canvas, subject, run)
    return y + size * 2


def _body(canvas: Canvas, y: float) -> float:
    """Set greeting and paragraphs, with a few values woven in."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    greeting = canvas.say("greetings").format(
        person=values.person(), first=values.first_name(), last=values.last_name()
    )
    y, _ = set_lines(canvas, [greeting], canvas.across(y))
    passages = _passages(canvas)
    for number in range(dice.randint(2, 5)):
        sentences = [values.sentence() for _ in range(dice.randint(1, 5))]
        facts: dict[str, str] = {}
        if number < len(passages):
            told, facts = passages[number]
            sentences.insert(dice.randrange(len(sentences) + 1), told)
        y += style.size * style.leading * 0.6
        if y > canvas.bottom - style.size * 14:
            break
        y = set_woven(canvas, " ".join(sentences), facts, canvas.across(y))
        if number == 0 and chance(dice, 0.25):
            y = _particulars(canvas, y + style.size)
    return y


def _passages(canvas: Canvas) -> list[tuple[str, dict[str, str]]]:
    """Choose sentences with values in them: one of an invoice's number, date and total, and others of one value."""
    dice, values, texts = canvas.dice, canvas.values, data(canvas.language)
    told: set[str] = set(canvas.present)
    passages: list[tuple[str, dict[str, str]]] = []
    if chance(dice, 0.16):
        names = ("invoice_number", "invoice_date", "total")
        facts = dict(zip(names, (values.identifier(), values.date(-40), values.money(values.cents(6))), strict=True))
        told.update(names)
        passages.append((_woven(dice.choice(texts["reminders"]), *facts.values()), facts))
    for name, kind, form in dice.sample(texts["woven"], dice.choice((0, 1, 2, 3))):
        if name not in told:
            told.add(name)
            value = _woven_value(values, kind)
            passages.append((_woven(form, value), {name: value}))
    return passages


def _woven(form: str, *values: str) -> str:
    """A sentence with values that may not be broken; what follows the last one is never its own full stop."""
    text = form.format(*(value.replace(" ", GLUE) for value in values))
    return f"{text}{'' if form.endswith('{}') else '.'}"


def _particulars(canvas: Canvas, y: float) -> float:
    """Set a few labels with values between the paragraphs, as insurers and offices do; give the y below."""
    dice, style = canvas.dice, canvas.style
    canvas.present.update(("reference", "purchase_order", "vat_number", "date_of_birth", "total", "time"))
    count = dice.randint(2, 5)
    items = extra_items(canvas, dice.sample(THEMES, 2), count) if chance(dice, 0.8) else _odd_labels(canvas, count)
    layout = canvas.variant("particulars", ("gap", "table", "dots", "right", "banded*", "underlined*"))
    wide = canvas.across(y)
    inset = dice.choice((0.0, style.size * 2))
    area = Area(wide.x + inset, y, wide.width * dice.uniform(0.55, 0.8))
    return set_pairs(canvas, items, area, layout) + style.size * 0.5


def _odd_labels(canvas: Canvas, count: int) -> list[Item]:
    """Labels of forms that no concept explains, with their values."""
    known = [
        (label, kind)
        for label, kind in form_labels(canvas.split, canvas.language)
        if kind in PARTICULARS and not meaning(label, canvas.language)
    ]
    chosen = canvas.dice.sample(known, min(count, len(known)))
    return [Item("label", label, value_for(canvas.values, label, kind)) for label, kind in chosen]


def _woven_value(values: Values, kind: str) -> str:
    match kind:
        case "date":
            return values.date(values.dice.randint(5, 60))
        case "money":
            return values.money(values.cents(6))
        case "id":
            return values.identifier()
    makers = {
        "iban": values.iban,
        "phone": values.phone,
        "email": values.email,
        "person": values.person,
        "birthday": values.birthday,
    }
    return makers[kind]()


def _signature(canvas: Canvas, y: float) -> None:
    """Set closing, scribble, name and role."""
    dice, style = canvas.dice, canvas.style
    wide = canvas.across(y)
    area = wide if chance(dice, 0.75) else Area(wide.x + wide.width * 0.55, y, wide.width * 0.45)
    if y > canvas.bottom - style.size * 8:
        return
    y, _ = set_lines(canvas, [canvas.say("closings")], area)
    y = sign(canvas, area.at(y)) if chance(dice, 0.6) else y + style.size * 0.6
    if chance(dice, 0.75):
        run = canvas.text(
            canvas.values.person(), area.x, y + style.size * 0.95, style.body, style.size, within=area.width
        )
        canvas.fact("signed_by", run)
        if chance(dice, 0.5):
            set_lines(canvas, [canvas.say("roles")], area.at(y + style.size * style.leading))
