"""Values checked by reading their boxes again, each cut out and alone: does the value come back?

The page's own reading is not asked: a model that keeps it would only repeat itself. The crop is read from its pixels,
in another size, without its surroundings. A value that comes back can still be that of another field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from PIL import Image

from core.records import Box, FieldKind, FieldValue, ValueState
from storage.blobs import BlobStore
from storage.database import Sessions
from workers.crops import Crop, crop_of, sheets_of
from workers.infer import recall, run
from workers.inference import Inference, failure_of
from workers.pages import picture_of
from workers.typed import folded, same
from workers.vlm.interface import Capability, Generation, Model, PageRequest, Prompt, PromptKind, capabilities_of

ALONE = "alone-1"  # in the keys of such inferences; changes when crops are made in another way
HEIGHT = 24  # pixels of a value's box on a sheet: see docs/log.md for what other sizes tell

Said: TypeAlias = Mapping[Box, Generation]  # by box in page space, what it says alone


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a check looks things up, and whom it asks."""

    sessions: Sessions
    blobs: BlobStore
    model: Model
    workspace_id: str
    image_sha256: str  # of the page
    cancelled: Callable[[], bool]


def is_verified(model: Model, wanted: bool | None) -> bool:  # noqa: FBT001 - a wish that may be left open
    """Whether values of this model are checked: as the schema wants; if it says nothing, where the model is cheap."""
    can = Capability.READ in capabilities_of(model)
    return can and (reads_sheets(model) if wanted is None else wanted)


def reads_sheets(model: Model) -> bool:
    """Whether a model reads many regions of one picture at the cost of one."""
    return bool(getattr(model, "sheets", False))


def read_again(asked: Asked, values: Sequence[FieldValue]) -> tuple[Said, list[Inference]]:
    """What the boxes of values say alone, and the inferences for that; nothing of those not found or without a box.

    Raises Interrupted, and BlobMissing.
    """
    boxes = list(dict.fromkeys(box for value in values if (box := _box_of(value)) is not None))
    made = recall_alone(asked, boxes) if boxes else []
    return {box: inference.generation for box, inference in zip(boxes, made, strict=True)}, made


def marked(values: Sequence[FieldValue], said: Said, kinds: Mapping[str, FieldKind]) -> list[FieldValue]:
    """Every value, in order, with whether it came back; as it is where its box was not read to the end."""
    return [_marked(value, said, kinds.get(value.field, FieldKind.TEXT)) for value in values]


def recall_alone(asked: Asked, boxes: Sequence[Box]) -> list[Inference]:
    """What each box says without its surroundings, in order, from the cache where it is known.

    Raises Interrupted, and BlobMissing.
    """
    prompts = [Prompt("", PromptKind.READ, ALONE, region=box) for box in boxes]

    def ask(missing: Sequence[Prompt]) -> list[Generation]:
        unread = [prompt.region for prompt in missing if prompt.region is not None]
        return read_alone(asked.model, picture_of(asked.blobs, asked.image_sha256), unread, asked.cancelled)

    key = (asked.workspace_id, asked.image_sha256, asked.model.identity)
    return recall(asked.sessions, *key, prompts, ask, asked.cancelled)


def read_alone(
    model: Model,
    page: Image.Image,
    boxes: Sequence[Box],
    cancelled: Callable[[], bool] = lambda: False,
    height: int = HEIGHT,
) -> list[Generation]:
    """What each box of a page says, cut out and alone, in order, with its places in page space. Raises Interrupted.

    On sheets each box is made `height` pixels high; a model that reads no sheets is shown it as it is.
    """
    if reads_sheets(model):
        requests, places = _on_sheets([crop_of(page, box, height) for box in boxes])
    else:
        requests, places = _one_by_one([crop_of(page, box) for box in boxes])
    made = run(model, requests, cancelled)
    said = [generation for generations in made for generation in generations]
    return [_in_page(*one) for one in zip(said, places, boxes, strict=True)]


def came_back(raw: str, again: str | None, kind: FieldKind) -> bool:
    """Whether a second reading says the same as the first, blanks aside."""
    return again is not None and (_tight(raw) == _tight(again) or same(raw, again, kind))


def _box_of(value: FieldValue) -> Box | None:
    """Where a value is to be read again, as it is stored, so that it is found again; None where it is not checked."""
    if value.state is not ValueState.FOUND or value.raw is None or value.box is None:
        return None
    return Box(*value.box.as_list())


def _marked(value: FieldValue, said: Said, kind: FieldKind) -> FieldValue:
    box = _box_of(value)
    again = None if box is None else said.get(box)
    if value.raw is None or again is None or failure_of(again) is not None:
        return value
    return replace(value, verified=came_back(value.raw, again.text, kind))


def _tight(text: str) -> str:
    return "".join(folded(text).split())


def _on_sheets(crops: Sequence[Crop]) -> tuple[list[PageRequest], list[Box]]:
    """Crops side by side, each asked for by its region."""
    sheets = list(sheets_of(crops))
    places = [place for sheet in sheets for place in sheet.places]
    prompts = [tuple(Prompt("", PromptKind.READ, "", region=place) for place in sheet.places) for sheet in sheets]
    return [PageRequest(sheet.image, some) for sheet, some in zip(sheets, prompts, strict=True)], places


def _one_by_one(crops: Sequence[Crop]) -> tuple[list[PageRequest], list[Box]]:
    """Each crop as a picture of its own."""
    prompt = Prompt("", PromptKind.READ, "")
    return [PageRequest(crop.image, (prompt,)) for crop in crops], [crop.place for crop in crops]


def _in_page(generation: Generation, place: Box, box: Box) -> Generation:
    """What was read in a picture where `place` shows what `box` shows on the page, with boxes in page space."""

    def moved(inner: Box) -> Box:
        x0, x1 = (_along(x, (place.x0, place.x1), (box.x0, box.x1)) for x in (inner.x0, inner.x1))
        y0, y1 = (_along(y, (place.y0, place.y1), (box.y0, box.y1)) for y in (inner.y0, inner.y1))
        return Box(x0, y0, x1, y1)

    lines = tuple(replace(line, box=moved(line.box)) for line in generation.lines)
    return replace(generation, box=generation.box and moved(generation.box), lines=lines)


def _along(at: float, here: tuple[float, float], there: tuple[float, float]) -> float:
    """A place between two ends as the same place between two others, within the page."""
    share = (at - here[0]) / max(here[1] - here[0], 1e-9)
    return min(1.0, max(0.0, there[0] + share * (there[1] - there[0])))
