"""How much of everything a file, an archive, a page and the drawing child may take."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What a zip may unpack to."""

    max_file_bytes: int = 500_000_000
    max_files: int = 20_000
    max_bytes: int = 20_000_000_000
    max_ratio: int = 200

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that the settings name."""
        return cls(
            max_file_bytes=settings.max_file_bytes,
            max_files=settings.max_archive_files,
            max_bytes=settings.max_archive_bytes,
            max_ratio=settings.max_archive_ratio,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file and one page may take; the drawing child is held to it by the kernel and by the clock."""

    max_file_bytes: int = 500_000_000
    max_pages: int = 5_000
    max_page_pixels: int = 40_000_000
    max_image_pixels: int = 400_000_000
    dpi: int = 150
    window: int = 8  # pages under one lease
    memory_bytes: int = 1_500_000_000  # address space of the child
    cpu_seconds: int = 10  # of one page, or of opening the file
    wall_seconds: float = 20  # the same on the clock
    engines: tuple[str, ...] = ("mupdf", "poppler")
    recycle_pages: int = 1_000  # a child is replaced after so many pages

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that the settings name."""
        return cls(
            max_file_bytes=settings.max_file_bytes,
            max_pages=settings.max_pages,
            max_page_pixels=settings.max_page_pixels,
            max_image_pixels=settings.max_image_pixels,
            dpi=settings.raster_dpi,
            window=settings.raster_window,
            memory_bytes=settings.raster_memory_bytes,
            cpu_seconds=settings.raster_cpu_seconds,
            wall_seconds=settings.raster_wall_seconds,
            engines=tuple(name.strip() for name in settings.raster_engines.split(",") if name.strip()),
        )

    def to_json(self) -> str:
        """The limits as one argument for the child."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The limits as the parent wrote them."""
        facts = json.loads(text)
        return cls(**{**facts, "engines": tuple(facts["engines"])})
