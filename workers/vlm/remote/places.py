"""Where a text stands, as a model behind an API tells it: its own words or form, checked, and brought to page space."""

import math
import re
from dataclasses import replace

from core.errors import InvalidOutput
from core.records import Box
from workers.vlm.interface import Generation, Line, Prompt
from workers.vlm.local.boxes import BoxFormat, Size

MISSING = "it holds no box that lies on the page"
WANTED = "the places as they were asked for"
_NOWHERE = re.compile(r"\s*(```\w*)?\s*\[\s*\]\s*(```)?\s*")  # an empty list, fenced or not


def is_placed(said: Generation, boxes: BoxFormat, size: Size) -> bool:
    """Whether a reply tells a place, or that there is none, or is a failure already."""
    return said.text is None or _NOWHERE.fullmatch(said.text) is not None or bool(boxes.read(said.text, size))


def located(prompt: Prompt, said: Generation, boxes: BoxFormat, size: Size) -> Generation:
    """What a reply in words or as a form says of places; one that says neither where nor nowhere is an error.

    `size` is that of the picture that was sent. The server tells nothing of single places, so that each is as sure as
    all of the reply.
    """
    if said.text is None:
        return said
    if not is_placed(said, boxes, size):
        return replace(said, text=None, error=InvalidOutput.code)
    sure = None if said.probabilities is None else math.prod(said.probabilities)
    found = [] if _NOWHERE.fullmatch(said.text) else boxes.read(said.text, size)
    lines = tuple(
        Line(place.text or prompt.text, place.box, sure) for place in found if _is_within(place.box, prompt.region)
    )
    if not lines:
        return replace(said, text=None, confidence=sure)
    return replace(said, text=lines[0].text, box=lines[0].box, confidence=sure, lines=lines)


def _is_within(box: Box, region: Box | None) -> bool:
    """Whether the middle of a box lies in the region that was asked about."""
    if region is None:
        return True
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return region.x0 <= x <= region.x1 and region.y0 <= y <= region.y1
