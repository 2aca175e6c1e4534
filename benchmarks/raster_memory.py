"""Resident memory of the drawing child and of its parent over a long file: `python -m benchmarks.raster_memory [FILE]`.

By default a file of 1,000 pages is made, each with its own picture and text, so that pages share nothing.
Memory swings with what the engine keeps of the last pages, so peaks are compared: flat means that no page
behind the first 250 takes a process more than a tenth above its peak between page 50 and page 250.
"""

import argparse
import io
import os
import tempfile
from pathlib import Path

import pymupdf
from PIL import Image
from rich.console import Console
from rich.table import Table

from ingest.answers import PageImage
from ingest.limits import Limits
from ingest.sandbox import Sandbox

WARM_PAGES = 50
EARLY_PAGES = 250
GROWTH = 1.10


def main() -> None:
    """Print the table; end with 1 where memory grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="a long PDF; by default one is made")
    parser.add_argument("--pages", type=int, default=1_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.file or make_file(Path(folder) / "long.pdf", arguments.pages)
        rows = measure(path)
    table = Table("page", "child MB", "parent MB", title=f"Resident memory over {rows[-1][0]} pages")
    step = max(1, len(rows) // 20)
    for page, child, parent in [*rows[::step], rows[-1]]:
        table.add_row(f"{page}", f"{child / 1e6:.0f}", f"{parent / 1e6:.0f}")
    Console().print(table)
    growth = max(_growth([(row[0], row[side]) for row in rows]) for side in (1, 2))
    pages = f"pages {WARM_PAGES} to {EARLY_PAGES}"
    print(f"later peak against the peak of {pages}: {growth:.2f} (flat: at most {GROWTH})")
    raise SystemExit(0 if growth <= GROWTH else 1)


def measure(path: Path) -> list[tuple[int, int, int]]:
    """Page, child's bytes, parent's bytes: at the end of every window."""
    rows = []
    limits = Limits(
        engines=("mupdf",), recycle_pages=1_000_000
    )  # one child for all pages: nothing may hide behind a replacement
    with Sandbox(limits) as sandbox:
        pages = sandbox.probe(path).page_count
        for first in range(1, pages + 1, limits.window):
            last = min(first + limits.window - 1, pages)
            for page in sandbox.draw(path, None, first, last):
                if not isinstance(page, PageImage):
                    raise page.error
            (child,) = sandbox.idle_pids()
            rows.append((last, resident(child), resident(os.getpid())))
    return rows


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def make_file(path: Path, pages: int) -> Path:
    """A PDF whose pages have a picture and text of their own."""
    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page(width=612, height=792)
        buffer = io.BytesIO()
        Image.effect_noise((300, 200), 30).save(buffer, "JPEG", quality=70)
        page.insert_image(pymupdf.Rect(60, 60, 360, 260), stream=buffer.getvalue())
        for line in range(30):
            page.insert_text(
                (60, 290 + 14 * line),
                f"Page {number + 1}, line {line + 1}, amount {number * 31 + line}.00",
                fontsize=10,
            )
    document.save(path, deflate=True)
    document.close()
    return path


def _growth(levels: list[tuple[int, int]]) -> float:
    """The peak behind the early pages as a multiple of the peak on them."""
    early = [level for page, level in levels if WARM_PAGES <= page <= EARLY_PAGES]
    late = [level for page, level in levels if page > EARLY_PAGES]
    return max(late) / max(early) if early and late else 1.0


if __name__ == "__main__":
    main()
