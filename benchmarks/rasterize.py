"""The sandboxed rasterizer against bare PyMuPDF: `python -m benchmarks.rasterize [FILES...]`.

Both do the same work on the same files: draw every page at 150 dpi, read its words, tell blank and colour, encode it.
The bare side does it in this process in one loop over an open document; the other through `Sandbox.draw`, in windows as
the worker asks for them. Rounds alternate and each side's best and median are shown: a busy machine hurts both alike.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pymupdf
from rich.console import Console
from rich.table import Table

from ingest.answers import PageImage
from ingest.limits import Limits
from ingest.mupdf import MupdfEngine
from ingest.pictures import encode_picture
from ingest.sandbox import Sandbox

TARGET = 0.85
WORDS = ("invoice", "number", "date", "vendor", "customer", "subtotal", "total", "amount", "due", "payment", "terms")


def main() -> None:
    """Print the table; end with 1 where the sandbox stays under its share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="PDFs to draw; by default three are made")
    parser.add_argument("--pages", type=int, default=80, help="pages of each file that is made")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    table = Table(
        "file", "pages", "bare pages/s", "sandbox pages/s", "share (median)", "best", title="Rasterizing at 150 dpi"
    )
    worst = 1.0
    with tempfile.TemporaryDirectory() as folder, Sandbox(Limits(engines=("mupdf",))) as sandbox:
        for path in arguments.files or make_files(Path(folder), arguments.pages):
            pages = sandbox.probe(path).page_count
            sides = (partial(draw_bare, path), partial(draw_caged, sandbox, path, pages))
            bare, caged = alternate(*sides, arguments.rounds)
            share = statistics.median(b / c for b, c in zip(bare, caged, strict=True))
            worst = min(worst, share)
            best = f"{pages / min(bare):.1f} / {pages / min(caged):.1f}"
            row = (
                path.name,
                f"{pages}",
                f"{pages / statistics.median(bare):.1f}",
                f"{pages / statistics.median(caged):.1f}",
                f"{share:.0%}",
                best,
            )
            table.add_row(*row)
    Console().print(table)
    print(f"worst share {worst:.0%}, to reach: {TARGET:.0%}")
    raise SystemExit(0 if worst >= TARGET else 1)


def alternate(bare: Callable[[], None], caged: Callable[[], None], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each side in each round, after one round that is not counted."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for side, work in enumerate((bare, caged)):
            start = time.perf_counter()
            work()
            if number:
                seconds[side].append(time.perf_counter() - start)
    return seconds


def draw_bare(path: Path) -> None:
    """All pages of a file in this process."""
    file = MupdfEngine(Limits()).open(path, None)
    for number in range(1, file.page_count + 1):
        drawing = file.draw(number, 150)
        encode_picture(drawing.image)
    file.close()


def draw_caged(sandbox: Sandbox, path: Path, pages: int) -> None:
    """All pages of a file through the sandbox, window by window."""
    for first in range(1, pages + 1, sandbox.limits.window):
        for page in sandbox.draw(path, None, first, min(first + sandbox.limits.window - 1, pages)):
            if not isinstance(page, PageImage):
                raise page.error


def make_files(folder: Path, pages: int) -> list[Path]:
    """Born-digital files: dense text, invoices with rules and boxes, text with colour."""
    return [
        _make(folder / "book.pdf", pages, 52, colour=False),
        _make(folder / "invoices.pdf", pages, 14, colour=False),
        _make(folder / "colour.pdf", pages, 30, colour=True),
    ]


def _make(path: Path, pages: int, lines: int, *, colour: bool) -> Path:
    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page(width=612, height=792)
        page.insert_text(
            (60, 60), f"Document {number + 1}", fontsize=18, color=(0.7, 0.1, 0.1) if colour else (0, 0, 0)
        )
        for line in range(lines):
            text = " ".join(WORDS[(number * 7 + line * 3 + i) % len(WORDS)] for i in range(13))
            page.insert_text((60, 90 + 13 * line), text, fontsize=10, fontname="tiro")
            if lines < 20:  # noqa: PLR2004 - the invoices have a table
                page.draw_rect(pymupdf.Rect(55, 80 + 13 * line, 560, 93 + 13 * line), width=0.5)
    document.save(path, garbage=3, deflate=True)
    document.close()
    return path


if __name__ == "__main__":
    main()
