"""What draws a page: one interface, and which engines there are for which kind of file."""

import importlib.util
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from core.errors import ConfigurationError
from ingest.limits import Limits
from ingest.sniff import IMAGE_KINDS, MediaKind
from ingest.words import PlacedWord

POINTS_PER_INCH = 72
MAX_SIDE = 30_000  # pixels; JPEG ends at 65,500

PDF_ENGINES = ("mupdf", "poppler")
IMAGE_ENGINE = "pillow"


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawn page, upright."""

    image: Image.Image  # mode L or RGB
    width: float  # points
    height: float
    dpi: float
    words: tuple[PlacedWord, ...]  # of the page's own text layer, those that are seen
    under: tuple[PlacedWord, ...] = ()  # words that a scan has under its picture, where these are most of the page's


class OpenFile(Protocol):
    """A file that an engine has opened."""

    @property
    def page_count(self) -> int:
        """How many pages the file says it has."""
        ...

    @property
    def encrypted(self) -> bool:
        """Whether a password was needed."""
        ...

    def draw(self, number: int, dpi: float) -> Drawing:
        """Draw page `number` (1-based), at a lower resolution where the pixel budget asks for it."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Engine(Protocol):
    """A library or program that draws pages. It runs inside the child only."""

    def open(self, path: Path, password: str | None) -> OpenFile:
        """Open a file. Raises PasswordNeeded, WrongPassword, TruncatedFile, UnreadableFile or TooManyPixels."""
        ...


def engines_for(kind: MediaKind, limits: Limits) -> tuple[str, ...]:
    """The engines that can draw this kind here, in the order to try them."""
    if kind in IMAGE_KINDS:
        return (IMAGE_ENGINE,)
    return tuple(name for name in limits.engines if why_unavailable(name) is None)


def why_unavailable(name: str) -> str | None:
    """What is missing for an engine to work on this machine, as a sentence; None where nothing is."""
    match name:
        case "mupdf":
            missing = importlib.util.find_spec("pymupdf") is None
            return "The engine mupdf needs the Python package pymupdf-lite." if missing else None
        case "poppler":
            return _why_no_poppler()
        case "pillow":
            return None
        case _:
            return f"There is no engine named {name!r}; there are {', '.join(PDF_ENGINES)}."


def check_engines(names: Sequence[str]) -> None:
    """Raise ConfigurationError where a name is unknown, or where none of the engines can work on this machine."""
    unknown = [name for name in names if name not in PDF_ENGINES]
    if unknown or not names:
        wrong = ", ".join(unknown) or "none"
        raise ConfigurationError(f"FOLIOSCOPE_RASTER_ENGINES must name some of {', '.join(PDF_ENGINES)}, not {wrong}.")
    reasons = [why_unavailable(name) for name in names]
    if all(reasons):
        raise ConfigurationError(
            "No engine can draw PDF pages here. " + " ".join(reason for reason in reasons if reason)
        )


def fit_dpi(width: float, height: float, dpi: float, max_pixels: int) -> float:
    """The resolution, at most `dpi`, at which a page of so many points keeps the pixel budget and the longest side."""
    pixels = (width * dpi / POINTS_PER_INCH) * (height * dpi / POINTS_PER_INCH)
    if pixels > max_pixels:
        dpi *= math.sqrt(max_pixels / pixels) * 0.999  # rounding up a row must not break the budget
    longest = max(width, height) * dpi / POINTS_PER_INCH
    return dpi * min(1.0, MAX_SIDE / longest)


def _why_no_poppler() -> str | None:
    if importlib.util.find_spec("pdf2image") is None:
        return "The engine poppler needs the Python package pdf2image."
    programs = [name for name in ("pdftoppm", "pdfinfo", "pdftotext") if shutil.which(name) is None]
    if programs:
        return f"The engine poppler needs the programs of poppler-utils on PATH; missing: {', '.join(programs)}."
    return None
