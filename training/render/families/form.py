"""Forms: many labels from all walks of life, in one or two columns, ruled or open."""

from training.render.area import Area
from training.render.blocks.feet import set_foot
from training.render.blocks.items import Item, item
from training.render.blocks.marks import set_stamp, set_ticks
from training.render.blocks.pairs import choose_layout, set_pairs, set_strip
from training.render.blocks.prose import set_paragraph
from training.render.blocks.tables import Column, Table, set_table, tint
from training.render.canvas import Canvas
from training.render.checked import pattern
from training.render.concepts import THEMES, concept_labels, meaning, near
from training.render.dice import chance
from training.render.fields import missing
from training.render.form_values import value_for
from training.render.labels import ALONE, NAMED, form_labels, form_words
from training.render.page import Box, Ink, Page, Rule

NUMBERS = ("F-####", "##-###", "A## / ####", "$#", "####", "$$-##", "###/$")


def compose_form(canvas: Canvas) -> Page:
    """Compose a form of some named fields and many labels that only the page itself explains."""
    dice, style = canvas.dice, canvas.style
    entries = _entries(canvas)
    y = _title(canvas)
    columns = dice.choice((1, 2, 2)) if canvas.width > 440 else 1
    layout = choose_layout(canvas)
    while entries and y < canvas.bottom - style.size * 8:
        y = _section_head(canvas, y)
        if chance(dice, 0.12) and len(entries) >= 3:
            y = set_strip(canvas, [entries.pop() for _ in range(3)], canvas.across(y))
            continue
        layout = layout if chance(dice, 0.75) else choose_layout(canvas)
        y = _group(canvas, entries, y, columns, layout) + style.size * dice.uniform(0.6, 1.6)
    if chance(dice, 0.15) and y < canvas.bottom - style.size * 18:
        y = _pay(canvas, y)
    if chance(dice, 0.2) and y < canvas.bottom - style.size * 8:
        y = set_ticks(canvas, canvas.across(y))
    if chance(dice, 0.4) and y < canvas.bottom - style.size * 4:
        y = set_paragraph(
            canvas, " ".join(canvas.values.sentence() for _ in range(3)), canvas.across(y), max(7.0, style.size * 0.85)
        )
    if chance(dice, 0.15):
        set_stamp(canvas, canvas.across(y))
    set_foot(canvas)
    return canvas.finish(missing("form", canvas.present), strange_labels(canvas))


def _group(canvas: Canvas, entries: list[Item], y: float, columns: int, layout: str) -> float:
    """Set the next few entries in columns side by side; give the y below the longest."""
    style = canvas.style
    gap = style.size * 2
    width = (canvas.right - canvas.left - gap * (columns - 1)) / columns
    room = int((canvas.bottom - y) / (style.size * 3.1))
    take = min(len(entries), columns * min(room, canvas.dice.randint(2, 7)))
    parts = [[entries.pop() for _ in range(take // columns + (c < take % columns))] for c in range(columns)]
    return max(
        set_pairs(canvas, part, Area(canvas.left + c * (width + gap), y, width), layout) for c, part in enumerate(parts)
    )


def _entries(canvas: Canvas) -> list[Item]:
    """Choose named fields and labels, and shuffle them."""
    dice, values = canvas.dice, canvas.values
    first = values.first_name()
    offers = {
        "first_name": first,
        "last_name": values.last_name(),
        "date_of_birth": values.birthday(),
        "phone": values.phone(),
        "email": values.email(first),
        "city": values.city(),
        "postal_code": values.postal(),
        "form_number": pattern(dice, dice.choice(NUMBERS)),
    }
    named = chance(dice, 0.75)
    entries = [item(canvas, name, value) for name, value in offers.items() if named and chance(dice, 0.62)]
    wanted = dice.randint(8, 40)
    entries += labelled(canvas, entries, _offers(canvas), wanted)
    dice.shuffle(entries)
    return entries


def labelled(canvas: Canvas, named: list[Item], offers: list[tuple[str, str]], wanted: int) -> list[Item]:
    """Take so many of the labels offered that do not say the same as one another, or as a named field.

    The fields that they would answer are marked.
    """
    dice = canvas.dice
    taken, there = {e.label.lower() for e in named}, {e.field for e in named}
    kinds: set[str] = set()
    entries: list[Item] = []
    for label, kind in offers:
        clash = kind in ALONE and (kind in kinds or NAMED.get(kind) in there)
        people = kind == "person" and "first_name" in there and chance(dice, 0.7)
        concept = meaning(label, canvas.language)
        meant = concept is not None and concept.name in near(canvas.meant | there)
        if label.lower() in taken or clash or people or meant or (kind == "city" and "city" in there):
            continue
        if concept is not None:
            canvas.meant.add(concept.name)
        kinds.add(kind)
        taken.add(label.lower())
        entries.append(Item("label", label, value_for(canvas.values, label, kind)))
        canvas.present.update(
            {NAMED[kind]} if kind in NAMED else {"first_name", "last_name"} if kind == "person" else ()
        )
        if len(entries) == wanted:
            break
    return entries


def _offers(canvas: Canvas) -> list[tuple[str, str]]:
    """Labels with their kinds in random order, often first those of what goes together: of one walk of life or two."""
    dice, known = canvas.dice, form_labels(canvas.split, canvas.language)
    plain = [(label, kind) for label, kind in known if not meaning(label, canvas.language)]
    every = [*dice.sample(known, min(60, len(known))), *dice.sample(plain, min(dice.randint(0, 20), len(plain)))]
    dice.shuffle(every)
    if chance(dice, 0.35):
        return every
    themes = dice.sample(THEMES, dice.choice((1, 1, 2)))
    near_by = [(label, c.kind) for label, c in concept_labels(canvas.split, canvas.language) if c.theme in themes]
    return [*dice.sample(near_by, min(dice.randint(10, 50), len(near_by))), *every]


def strange_labels(canvas: Canvas, count: int = 8) -> list[str]:
    """Choose labels that the page does not print, nor any that shares all its words with a printed one."""
    printed = [set(label.replace(".", "").split()) for label in canvas.labels]
    known = form_labels(canvas.split, canvas.language)
    kinds = {kind for label, kind in known if label.lower() in canvas.labels and kind in ALONE}
    out = []
    for label, kind in canvas.dice.sample(known, min(120, len(known))):
        words = set(label.lower().replace(".", "").split())
        if (
            kind not in kinds
            and not meaning(label, canvas.language)
            and not any(words <= p or p <= words for p in printed)
            and NAMED.get(kind) not in canvas.present
        ):
            out.append(label)
    return out[:count]


def _title(canvas: Canvas) -> float:
    """Set the form's name and who issues it; give the y below."""
    dice, style = canvas.dice, canvas.style
    top = style.margin
    title = dice.choice(form_words("headings", canvas.language)["title"])
    title = title.upper() if chance(dice, 0.3) else title
    size = min(style.heading_size, 24)
    width = canvas.right - canvas.left
    variant = canvas.variant("title", ("left", "middle", "band", "right*"))
    if variant == "band":
        canvas.shapes.append(Box(canvas.left, top, canvas.right, top + size * 1.6, None, style.accent))
        canvas.text(
            title,
            canvas.left + size * 0.5,
            top + size * 1.15,
            style.heading,
            size,
            ink=(1.0, 1.0, 1.0),
            within=width - size,
        )
    else:
        canvas.text(title, canvas.across(0).edge(variant), top + size, style.heading, size, align=variant, within=width)
    y = top + size * 1.9
    if chance(dice, 0.6):
        canvas.text(canvas.values.company(), canvas.left, y + style.size, style.body, style.size, within=width)
        y += style.size * 2
    return y


def _section_head(canvas: Canvas, y: float) -> float:
    """Set a heading over a group of labels: none, bold, ruled or inverse."""
    dice, style = canvas.dice, canvas.style
    name, size = dice.choice(form_words("headings", canvas.language)["section"]), style.size * 1.1
    kind = canvas.variant("section", ("none", "bold", "ruled", "inverse", "shaded", "capitals", "bar*", "framed*"))
    if kind == "none":
        return y
    if kind == "inverse":
        canvas.shapes.append(Box(canvas.left, y, canvas.right, y + size * 1.5, None, style.accent))
        canvas.text(name, canvas.left + 4, y + size * 1.08, style.bold, size, ink=(1.0, 1.0, 1.0))
        return y + size * 2.0
    low = y + size * 1.5
    if kind == "shaded":
        canvas.shapes.append(Box(canvas.left, y, canvas.right, low, None, tint(style.accent)))
    elif kind == "framed":
        canvas.shapes.append(Box(canvas.left, y, canvas.right, low, style.rule_ink, None, style.rule_width))
    elif kind == "bar":
        canvas.shapes.append(Box(canvas.left, y, canvas.left + 3, low, None, style.accent))
    inset = 0 if kind in {"bold", "ruled", "capitals"} else size * 0.6
    name, size = (name.upper(), size * 0.85) if kind == "capitals" else (name, size)
    canvas.text(name, canvas.left + inset, y + style.size * 1.15, style.bold, size, ink=_head_ink(canvas, kind))
    if kind == "ruled":
        canvas.shapes.append(
            Rule(canvas.left, y + size * 1.35, canvas.right, y + size * 1.35, style.rule_width, style.rule_ink)
        )
    return y + size * 2.0


def _head_ink(canvas: Canvas, kind: str) -> Ink:
    """Headings that stand on no ground are at times in colour."""
    return canvas.style.accent if kind in {"bold", "bar"} and chance(canvas.dice, 0.4) else canvas.style.ink


def _pay(canvas: Canvas, y: float) -> float:
    """Set a table of amounts, as slips of wages and claims for costs have it; give the y below."""
    dice, values = canvas.dice, canvas.values
    canvas.present.update(("tax", "subtotal", "total"))  # rows may be taken for these
    names = canvas.phrases("pay")
    chosen = dice.sample(names, min(len(names), dice.randint(2, 6)))
    columns = [
        Column(canvas.say("descriptions"), wide=True, name="description"),
        Column(canvas.say("amounts"), "right", name="amount"),
    ]
    rows = [[name, values.number(values.cents(6))] for name in chosen]
    return set_table(canvas, Table(columns, rows, asked=3), canvas.across(y)) + canvas.style.size
