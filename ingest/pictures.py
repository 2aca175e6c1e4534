"""A drawn page as bytes: whether it has colour, whether anything is on it, and the cheapest encoding that keeps it.

Measured at 150 dpi on a page of text (ms, kB): PNG as Pillow writes it 17.5, 220; PNG without row filters 8, 224;
JPEG quality 85 3.9, 410; in colour PNG 39, 381 and JPEG 5 to 8, 420 to 440. So flat gray pages become unfiltered PNG,
which is lossless, half the size of JPEG and half the price of a filtered PNG; pages with paper grain, photos or colour
become JPEG, which is several times smaller there.
"""

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageChops

_JPEG_QUALITY = 85
_COLOUR_SPREAD = 24  # how far apart a pixel's channels must be, of 255; below it is the tint of old paper or a lamp
_COLOUR_PIXELS = 6  # blocks of 4x4 pixels: a coloured word or stamp has more, a speck fewer
_FLAT_SHARE = 0.8  # of neighbouring pixels that are exactly equal; a page of text has over 0.9, a scan under 0.5
_SAMPLE_ROWS = 6  # every sixth row is enough to tell

_BLANK_MARGIN = 0.02  # of each side: shadows of the scanner's lid
_BLANK_CONTRAST = 28  # of 255, against the paper around, after averaging 2x2 pixels
_MARK_BLOCKS = (
    7  # connected blocks of 2x2 pixels: more than a speck of dust, no more than the digit 1 in 10 point at 150 dpi
)
_DUST_BLOCKS = 10_000  # a page with so many dark blocks is not called blank, whatever they are


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A page's picture, ready to be stored."""

    data: bytes
    width: int
    height: int
    blank: bool


def encode_picture(image: Image.Image) -> EncodedPicture:
    """Encode an upright page of mode L or RGB; colour is dropped where there is none. Same pixels, same bytes."""
    in_colour = image.mode == "RGB" and has_colour(image)
    gray = image if image.mode == "L" else image.convert("L")
    data = _jpeg(image) if in_colour else _gray_bytes(gray)
    return EncodedPicture(data, image.width, image.height, blank=is_blank(gray))


def has_colour(image: Image.Image) -> bool:
    """Whether more than a few specks of an RGB picture are not gray."""
    red, green, blue = image.reduce(_fitting(image, 4)).split()
    spread = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return sum(spread.histogram()[_COLOUR_SPREAD:]) >= _COLOUR_PIXELS


def is_blank(gray: Image.Image) -> bool:
    """Whether nothing larger than a speck stands out from the paper around it, as grain, dust and shading do not."""
    dx, dy = round(gray.width * _BLANK_MARGIN), round(gray.height * _BLANK_MARGIN)
    inner = gray.crop((dx, dy, gray.width - dx, gray.height - dy)).reduce(_fitting(gray, 2))
    paper = inner.reduce(_fitting(inner, 32)).resize(inner.size, Image.Resampling.BILINEAR)
    marks = ImageChops.difference(inner, paper).point([0] * _BLANK_CONTRAST + [255] * (256 - _BLANK_CONTRAST))
    dark = marks.histogram()[255]
    return dark < _MARK_BLOCKS or (dark <= _DUST_BLOCKS and _largest_mark(marks) < _MARK_BLOCKS)


def marked(picture: bytes, mark: str) -> bytes:
    """The same PNG or JPEG with a comment: equal pictures under different marks are different bytes."""
    comment = mark.encode("ascii")
    if picture.startswith(b"\xff\xd8"):
        return picture[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + picture[2:]
    end = len(picture) - len(_chunk(b"IEND", b""))
    return picture[:end] + _chunk(b"tEXt", b"Comment\0" + comment) + picture[end:]


def _largest_mark(marks: Image.Image) -> int:
    """The size of the largest group of touching blocks; for pages with few of them."""
    data, width = marks.tobytes(), marks.width
    left: set[int] = set()
    at = data.find(b"\xff")
    while at >= 0:
        left.add(at)
        at = data.find(b"\xff", at + 1)
    around = (-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1)
    largest = 0
    while left:
        group, size = [left.pop()], 0
        while group:
            block = group.pop()
            size += 1
            touching = left.intersection(block + step for step in around)
            left -= touching
            group.extend(touching)
        largest = max(largest, size)
    return largest


def _fitting(image: Image.Image, factor: int) -> int:
    """A reduction that leaves at least one pixel of a sliver."""
    return max(1, min(factor, image.width, image.height))


def _gray_bytes(gray: Image.Image) -> bytes:
    return _png(gray) if _is_flat(gray) else _jpeg(gray)


def _is_flat(gray: Image.Image) -> bool:
    """Whether most neighbours are equal to the last bit, as only a drawn page has it."""
    rows = gray.resize((gray.width, max(1, gray.height // _SAMPLE_ROWS)), Image.Resampling.NEAREST)
    steps = ImageChops.difference(rows, ImageChops.offset(rows, 1, 0))
    return steps.histogram()[0] >= _FLAT_SHARE * rows.width * rows.height


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(
        buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0
    )  # full colour resolution: coloured text stays sharp
    return buffer.getvalue()


def _png(gray: Image.Image) -> bytes:
    """An 8-bit gray PNG with filter 0 in all rows: choosing filters is what makes PNG slow, and text gains nothing."""
    rows = Image.new("L", (gray.width + 1, gray.height))  # the first column is each row's filter byte
    rows.paste(gray, (1, 0))
    header = struct.pack(">IIBBBBB", gray.width, gray.height, 8, 0, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
