"""The bundled model reads a box again from its pixels: right values come back, another text does not."""

import numpy as np
from PIL import Image, ImageDraw

from core.records import FieldKind
from workers.verify import came_back, read_alone
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

FIELDS = ("invoice number", "invoice date", "due date", "total", "subtotal", "vendor name", "customer name")


def values_on(model: BundledModel, page: Image.Image) -> list[Generation]:
    asked = tuple(Prompt(field, PromptKind.FIELD, field) for field in FIELDS)
    return [said for said in model.generate([PageRequest(page, asked)])[0] if said.box is not None]


def test_most_of_what_is_read_on_a_clean_page_comes_back_from_its_box_alone(
    model: BundledModel, invoice: Image.Image
) -> None:
    values = values_on(model, invoice)
    boxes = [said.box for said in values if said.box is not None]
    again = read_alone(model, invoice, boxes)
    back = [came_back(one.text or "", two.text, FieldKind.TEXT) for one, two in zip(values, again, strict=True)]
    assert len(back) > len(FIELDS) / 2
    assert sum(back) >= 0.8 * len(back)
    for box, two in zip(boxes, again, strict=True):
        assert two.box is not None
        assert abs(two.box.x0 - box.x0) < 0.02
        assert abs(two.box.y0 - box.y0) < 0.01


def test_a_value_that_is_not_there_any_more_does_not_come_back(model: BundledModel, invoice: Image.Image) -> None:
    value = values_on(model, invoice)[0]
    assert value.box is not None
    x0, y0, x1, y1 = np.array(value.box.as_list()) * [*invoice.size, *invoice.size]
    spoiled = invoice.copy()
    ImageDraw.Draw(spoiled).rectangle((x0 - 4, y0 - 4, x1 + 4, y1 + 4), fill=255)
    (again,) = read_alone(model, spoiled, [value.box])
    assert not came_back(value.text or "", again.text, FieldKind.TEXT)
