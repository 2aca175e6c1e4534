"""Labels and values of concepts that stand beside what a family always prints."""

from collections.abc import Sequence

from training.render.blocks.items import Item
from training.render.canvas import Canvas
from training.render.concepts import Concept, concept_labels, meaning, near
from training.render.form_values import value_for


def extra_items(
    canvas: Canvas, walks: Sequence[str], count: int, beside: Sequence[Item] = (), but: Sequence[str] = ()
) -> list[Item]:
    """So many concepts, by names or themes, without some kinds; none means what stands there or `beside` already."""
    known = [
        (label, c)
        for label, c in concept_labels(canvas.split, canvas.language)
        if (c.theme in walks or c.name in walks) and c.kind not in but
    ]
    out: list[Item] = []
    taken = {entry.label.lower() for entry in beside} | canvas.labels
    canvas.meant.update(_stated(canvas, entry) for entry in beside)
    for label, concept in canvas.dice.sample(known, len(known)):
        if len(out) >= count:
            break
        if label.lower() not in taken and _free(canvas, concept):
            taken.add(label.lower())
            canvas.meant.add(concept.name)
            out.append(Item("label", label, value_for(canvas.values, label, concept.kind)))
    return out


def _stated(canvas: Canvas, entry: Item) -> str:
    """The field or the concept that an item states."""
    concept = meaning(entry.label, canvas.language) if entry.field == "label" else None
    return concept.name if concept else entry.field


def _free(canvas: Canvas, concept: Concept) -> bool:
    """Whether nothing chosen for the page means the same."""
    return concept.name not in near(canvas.present | canvas.meant)
