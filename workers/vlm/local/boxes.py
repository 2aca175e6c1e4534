"""How models write boxes in their text, to page space and back: one format each, as shares of the picture shown."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.records import Box

Size = tuple[int, int]  # width and height of the picture as the model saw it, in pixels
_STRAY = 0.05  # of a side: what lies further outside the picture is no box
_PATCHES = 32  # Kosmos-2's grid has as many cells a side
_KOSMOS_PAIR = r"<patch_index_(\d+)>\s*<patch_index_(\d+)>"


@dataclass(frozen=True, slots=True)
class Placed:
    """A text and where it stands. Without a text it is what was asked for."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class BoxFormat:
    """A way to write boxes. `bins` is how many steps a side has, None where they are pixels of the picture shown."""

    bins: int | None
    read: Callable[[str, Size], list[Placed]]
    write: Callable[[str, Box, Size], str]
    asks: str = ""  # how a model that talks is asked where a `{text}` stands
    schema: Mapping[str, Any] | None = None  # of a value that holds the places; None: they stand in its own words
    patch: int = 1  # sides that are multiples of it are shown as they are, so that pixels are those of the picture


def _places(text: str, x0: float, y0: float, x1: float, y1: float) -> list[Placed]:
    """A text with its box, inside the picture and its corners in order; nothing where the box lies outside of it."""
    if not all(-_STRAY <= side <= 1 + _STRAY for side in (x0, y0, x1, y1)):
        return []
    left, right = sorted((min(1.0, max(0.0, x0)), min(1.0, max(0.0, x1))))
    top, bottom = sorted((min(1.0, max(0.0, y0)), min(1.0, max(0.0, y1))))
    return [Placed(text.strip(), Box(left, top, right, bottom))]


def _bin(share: float, bins: int) -> int:
    return min(bins - 1, max(0, math.floor(share * bins)))


# PaliGemma: <loc0010><loc0020><loc0100><loc0200> label ; ... in the order y x y x, 1024 bins.


def _read_loc4(text: str, _size: Size) -> list[Placed]:
    found = re.finditer(r"<loc(\d{4})><loc(\d{4})><loc(\d{4})><loc(\d{4})>([^<;\n]*)", text)
    places = []
    for match in found:
        y0, x0, y1, x1 = ((int(match[i]) + 0.5) / 1024 for i in range(1, 5))
        places += _places(match[5], x0, y0, x1, y1)
    return places


def _write_loc4(text: str, box: Box, _size: Size) -> str:
    bins = [_bin(v, 1024) for v in (box.y0, box.x0, box.y1, box.x1)]
    return "".join(f"<loc{n:04}>" for n in bins) + f" {text}"


PALIGEMMA = BoxFormat(1024, _read_loc4, _write_loc4)


# Florence-2: label<loc_10><loc_20><loc_100><loc_200> in the order x y x y, 1000 bins; readings have four corners each.


def _read_florence(corners: int) -> Callable[[str, Size], list[Placed]]:
    each = corners * 2

    def read(text: str, _size: Size) -> list[Placed]:
        places = []
        for match in re.finditer(rf"([^<>]*)((?:<loc_\d+>){{{each},}})", text):
            bins = [(int(n) + 0.5) / 1000 for n in re.findall(r"\d+", match[2])]
            for start in range(0, len(bins) - each + 1, each):
                xs, ys = bins[start : start + each : 2], bins[start + 1 : start + each : 2]
                places += _places(match[1], min(xs), min(ys), max(xs), max(ys))
        return places

    return read


def _write_florence(text: str, box: Box, _size: Size) -> str:
    return text + "".join(f"<loc_{_bin(v, 1000)}>" for v in (box.x0, box.y0, box.x1, box.y1))


def _write_quad(text: str, box: Box, _size: Size) -> str:
    corners = (box.x0, box.y0, box.x1, box.y0, box.x1, box.y1, box.x0, box.y1)
    return text + "".join(f"<loc_{_bin(v, 1000)}>" for v in corners)


FLORENCE = BoxFormat(1000, _read_florence(2), _write_florence)
FLORENCE_QUADS = BoxFormat(1000, _read_florence(4), _write_quad)


# Kosmos-2: <phrase>label</phrase><object><patch_index_0044><patch_index_0863></object>, cells of a 32x32 grid.


def _read_kosmos(text: str, _size: Size) -> list[Placed]:
    places = []
    for match in re.finditer(r"(?:<phrase>([^<]*)</phrase>)?\s*<object>(.*?)</object>", text, re.DOTALL):
        for first, last in re.findall(_KOSMOS_PAIR, match[2]):
            row0, column0 = divmod(int(first), _PATCHES)
            row1, column1 = divmod(int(last), _PATCHES)
            inset = 0.0 if row0 == row1 or column0 == column1 else 0.5  # a flat box is told by its cells' outer edges
            edges = (column0 + inset, row0 + inset, column1 + 1 - inset, row1 + 1 - inset)
            places += _places(match[1] or "", *(v / _PATCHES for v in edges))
    return places


def _write_kosmos(text: str, box: Box, _size: Size) -> str:
    first = _bin(box.y0, _PATCHES) * _PATCHES + _bin(box.x0, _PATCHES)
    last_row, last_column = (min(_PATCHES - 1, max(0, math.ceil(v * _PATCHES) - 1)) for v in (box.y1, box.x1))
    last = last_row * _PATCHES + last_column
    return f"<phrase>{text}</phrase><object><patch_index_{first:04}><patch_index_{last:04}></object>"


KOSMOS = BoxFormat(_PATCHES, _read_kosmos, _write_kosmos)


# Qwen2-VL: <|object_ref_start|>label<|object_ref_end|><|box_start|>(10,20),(100,200)<|box_end|>, 0 to 1000.

_QWEN2 = re.compile(
    r"(?:<\|object_ref_start\|>([^<]*)<\|object_ref_end\|>)?\s*(?:<\|box_start\|>)?"
    r"\((\d+),\s*(\d+)\),\s*\((\d+),\s*(\d+)\)"
)


def _read_qwen2(text: str, _size: Size) -> list[Placed]:
    return [
        place
        for match in _QWEN2.finditer(text)
        for place in _places(match[1] or "", *(int(match[i]) / 1000 for i in range(2, 6)))
    ]


def _write_qwen2(text: str, box: Box, _size: Size) -> str:
    x0, y0, x1, y1 = (round(v * 1000) for v in (box.x0, box.y0, box.x1, box.y1))
    return f"<|object_ref_start|>{text}<|object_ref_end|><|box_start|>({x0},{y0}),({x1},{y1})<|box_end|>"


QWEN2 = BoxFormat(
    1000, _read_qwen2, _write_qwen2, asks='Detect the bounding box of "{text}". Reply none if it is not there.'
)


# Qwen2.5-VL and Qwen3-VL: [{"bbox_2d": [10, 20, 100, 200], "label": "..."}], in pixels shown or 0 to 1000.

_NUMBER = r"\s*(-?\d+(?:\.\d+)?)\s*"
_BBOX_2D = re.compile(
    r'"bbox_2d"\s*:\s*\['
    + ",".join([_NUMBER] * 4)
    + r'\](?:\s*,\s*"(?:label|text_content)"\s*:\s*"((?:[^"\\]|\\.)*)")?'
)


def _read_json(text: str, width: float, height: float) -> list[Placed]:
    places = []
    for match in _BBOX_2D.finditer(text):
        x0, y0, x1, y1 = (float(match[i]) for i in range(1, 5))
        label = (match[5] or "").replace('\\"', '"').replace("\\\\", "\\")
        places += _places(label, x0 / width, y0 / height, x1 / width, y1 / height)
    return places


def _write_json(text: str, box: Box, width: float, height: float) -> str:
    pixels = [round(box.x0 * width), round(box.y0 * height), round(box.x1 * width), round(box.y1 * height)]
    label = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"bbox_2d": {pixels}, "label": "{label}"}}'


_BBOX_2D_ASKS = (
    'Locate every place where "{text}" is printed on this page. Output the bbox coordinates in JSON format as '
    '[{{"bbox_2d": [x0, y0, x1, y1], "label": "{text}"}}], or [] if it is not there.'
)
QWEN25 = BoxFormat(
    None,
    lambda text, size: _read_json(text, *size),
    lambda text, box, size: _write_json(text, box, *size),
    asks=_BBOX_2D_ASKS,
    patch=28,
)
QWEN3 = BoxFormat(
    1000,
    lambda text, _size: _read_json(text, 1000, 1000),
    lambda text, box, _size: _write_json(text, box, 1000, 1000),
    asks=_BBOX_2D_ASKS,
)


# LLaVA: [0.01, 0.02, 0.1, 0.2] with shares of width and height, two places.

_UNIT = re.compile(r"([^\[\]\n]*)\[" + ",".join([r"\s*([01]?\.\d+|0|1)\s*"] * 4) + r"\]")


def _read_unit(text: str, _size: Size) -> list[Placed]:
    return [
        place
        for match in _UNIT.finditer(text)
        for place in _places(match[1].strip(" :"), *(float(match[i]) for i in range(2, 6)))
    ]


def _write_unit(text: str, box: Box, _size: Size) -> str:
    return f"{text}: [" + ", ".join(f"{v:.2f}" for v in (box.x0, box.y0, box.x1, box.y1)) + "]"


LLAVA = BoxFormat(
    100,
    _read_unit,
    _write_unit,
    asks=(
        'Provide the bounding box of the text "{text}" on this page as [x0, y0, x1, y1], in shares of its '
        "width and height. Reply none if it is not there."
    ),
)


# Whatever follows instructions: [{"text": "...", "box": [x0, y0, x1, y1]}], in shares of the sides or in thousandths.


def _form(scale: int, steps: int, told: str) -> BoxFormat:
    side: dict[str, Any] = {"type": "integer" if scale > 1 else "number", "minimum": 0, "maximum": scale}
    box = {"type": "array", "items": side, "minItems": 4, "maxItems": 4}
    place = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "box": box},
        "required": ["text", "box"],
        "additionalProperties": False,
    }

    def read(text: str, _size: Size) -> list[Placed]:
        """Of a text that the schema has taken."""
        return [p for item in json.loads(text) for p in _places(item["text"], *(v / scale for v in item["box"]))]

    def write(text: str, box: Box, _size: Size) -> str:
        sides = [round(v * steps) * scale / steps for v in (box.x0, box.y0, box.x1, box.y1)]
        return json.dumps([{"text": text, "box": [int(v) if scale > 1 else v for v in sides]}])

    return BoxFormat(
        steps,
        read,
        write,
        asks=(
            'every place where "{text}" is printed or, if that is no text, to be seen; [] if there is none: its text '
            "as it is printed, and its box as "
            f"[x0, y0, x1, y1] from the upper left corner, {told}"
        ),
        schema={"type": "array", "items": place},
    )


SHARES = _form(1, 10_000, "in shares of the page's width and height, 0 to 1")
THOUSANDTHS = _form(1000, 1000, "in thousandths of the page's width and height, 0 to 1000")

# By the words of the catalog: how a model behind an API writes boxes, which nobody can tell by its name.
STYLES: Mapping[str, BoxFormat] = {
    "shares": SHARES,
    "thousandths": THOUSANDTHS,
    "qwen2-vl": QWEN2,
    "qwen2.5-vl": QWEN25,
    "qwen3-vl": QWEN3,
    "llava": LLAVA,
}
