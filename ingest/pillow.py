"""PNG, JPEG and TIFF files as documents of one or more pages. Runs inside the child."""

import math
import mmap
import struct
from pathlib import Path
from typing import BinaryIO

from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from core.errors import PageTookTooMuchMemory, TooManyPixels, TruncatedFile, UnreadableFile, UnreadablePage
from ingest.engines import POINTS_PER_INCH, Drawing, fit_dpi
from ingest.flatten import flatten_to
from ingest.limits import Limits

_FORMATS = (
    PngImagePlugin.PngImageFile.format,
    JpegImagePlugin.JpegImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
)
_ASSUMED_INCHES = 11.69  # the long side of A4, where the file does not say or says nonsense
_ASSUMED_DPI = (72.0, 1200.0)
_SENSIBLE_INCHES = (0.75, 48.0)  # of the long side: from a stamp to an A0 poster
_EXIF_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})
_MEMORY_SHARE = 0.7  # of the child's address space that a decoded image may fill
_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}  # all other modes take 4
_DAMAGES = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
)

Image.MAX_IMAGE_PIXELS = None  # the limits below are ours


class PillowEngine:
    """Images through Pillow."""

    def __init__(self, limits: Limits) -> None:
        """Keep the limits."""
        self._limits = limits

    def open(self, path: Path, password: str | None) -> "PillowFile":
        """Read the headers of all pages; nothing is decoded yet."""
        del password
        file = path.open("rb")  # by name Pillow would map a TIFF into memory, and turn it wrongly
        try:
            image = Image.open(file, formats=_FORMATS)
            pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1  # an animated PNG is one page
            if image.format != "TIFF" and _cut_off(path, str(image.format)):
                raise TruncatedFile
            self._check(image, min(pages, self._limits.max_pages), path)
        except _DAMAGES as error:
            raise UnreadableFile from error
        return PillowFile(file, pages, self._limits)

    def _check(self, image: Image.Image, pages: int, path: Path) -> None:
        """Every page must fit the limits, and have all its bytes in the file."""
        for index in range(pages):
            if pages > 1:
                image.seek(index)
            pixels = image.width * image.height
            needed = pixels * _BYTES_PER_PIXEL.get(image.mode, 4)
            jpeg = image.format in {"JPEG", "MPO"}  # is decoded at a smaller scale
            if pixels > self._limits.max_image_pixels or (
                needed > self._limits.memory_bytes * _MEMORY_SHARE and not jpeg
            ):
                size = f"{image.width} x {image.height}"
                raise TooManyPixels(
                    f"The image has {size} pixels, more than this service can draw; scale it down and send it again."
                )
            if image.format == "TIFF" and _strips_missing(image, path.stat().st_size):
                raise TruncatedFile


class PillowFile:
    """An open image file."""

    def __init__(self, file: BinaryIO, page_count: int, limits: Limits) -> None:
        """Take over a file that was opened and checked."""
        self._file = file
        self._limits = limits
        self._pages: Image.Image | None = None  # a TIFF of several pages stays open: finding a page means walking to it
        self._last = 0
        self.page_count = page_count
        self.encrypted = False

    def draw(self, number: int, dpi: float) -> Drawing:
        """Decode one page, upright, scaled down to `dpi`; never scaled up."""
        try:
            return _draw(self._page(number), dpi, self._limits)
        except MemoryError as error:
            raise PageTookTooMuchMemory from error
        except _DAMAGES as error:
            raise UnreadablePage(f"Page {number} of the image file is damaged.") from error

    def _page(self, number: int) -> Image.Image:
        """A page that was not decoded before: decoding changes what Pillow says about size and orientation."""
        if self.page_count == 1 and number == 1:
            return Image.open(self._file, formats=_FORMATS)
        if self._pages is None or self._last == number:
            self._pages = Image.open(self._file, formats=_FORMATS)
        self._pages.seek(number - 1)
        self._last = number
        return self._pages

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _draw(image: Image.Image, dpi: float, limits: Limits) -> Drawing:
    across, down = image.size
    across_dpi, down_dpi = _resolution_of(image)
    width, height = across * POINTS_PER_INCH / across_dpi, down * POINTS_PER_INCH / down_dpi
    dpi = fit_dpi(width, height, min(dpi, max(across_dpi, down_dpi)), limits.max_page_pixels)
    size = (max(1, round(width * dpi / POINTS_PER_INCH)), max(1, round(height * dpi / POINTS_PER_INCH)))
    orientation = _orientation_of(image)
    if image.format in {"JPEG", "MPO"}:
        image.draft(None, (min(across, size[0] * 2), min(down, size[1] * 2)))
    upright = _turn(flatten_to(image, size), orientation)
    if orientation in _TURNED:
        width, height = height, width
    return Drawing(upright, width, height, dpi, ())


def _resolution_of(image: Image.Image) -> tuple[float, float]:
    """Dots per inch across and down: what the file says if that makes a sensible page, else by an A4's long side."""
    said = image.info.get("dpi")
    if isinstance(said, tuple) and len(said) == 2:  # noqa: PLR2004 - across and down
        across, down = float(said[0]), float(said[1])
        if image.format == "TIFF" and image.height != image.width and _stored_orientation(image) in _TURNED:
            across, down = down, across  # Pillow turns the size of a TIFF, not its resolution
        if all(math.isfinite(v) and v > 0 for v in (across, down)):
            longest = max(image.width / across, image.height / down)
            if _SENSIBLE_INCHES[0] <= longest <= _SENSIBLE_INCHES[1]:
                return across, down
    assumed = min(max(max(image.size) / _ASSUMED_INCHES, _ASSUMED_DPI[0]), _ASSUMED_DPI[1])
    return assumed, assumed


def _orientation_of(image: Image.Image) -> int:
    """The EXIF orientation that is still to be applied; Pillow turns TIFFs by itself as they are decoded."""
    return 1 if image.format == "TIFF" else _stored_orientation(image)


def _stored_orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except _DAMAGES:
        return 1  # the picture does not depend on its EXIF block
    return value if isinstance(value, int) and 1 <= value <= max(_TURNED) else 1


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    """Make a picture upright that was stored in one of EXIF's eight orientations."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return image if turn is None else image.transpose(turn)


def _cut_off(path: Path, image_format: str) -> bool:
    """Whether the end mark of a PNG or JPEG is missing. It need not stand last: cameras append maps and thumbnails."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.rfind(b"IEND" if image_format == "PNG" else b"\xff\xd9") < 0


def _strips_missing(image: Image.Image, size: int) -> bool:
    """Whether a TIFF page names strips or tiles beyond the end of the file."""
    tags = getattr(image, "tag_v2", {})
    for offsets_tag, counts_tag in ((273, 279), (324, 325)):  # StripOffsets, TileOffsets and their byte counts
        offsets, counts = tags.get(offsets_tag, ()), tags.get(counts_tag, ())
        if any(offset + count > size for offset, count in zip(_as_tuple(offsets), _as_tuple(counts), strict=False)):
            return True
    return False


def _as_tuple(value: object) -> tuple[int, ...]:
    return (
        tuple(v for v in value if isinstance(v, int))
        if isinstance(value, tuple)
        else (value,)
        if isinstance(value, int)
        else ()
    )
