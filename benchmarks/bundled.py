"""The bundled model against Tesseract on the same pictures: `python -m benchmarks.bundled`.

Both read pages of samples/ at 150 dpi in one run, taking turns, with one thread and with two. Tesseract's plain pass
is its whole process; what its start costs is measured on a nearly empty page and told beside. Ours is in memory when
the clock starts, as in a worker: the page from its picture, and ten fields. Then what further questions cost.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import pymupdf
import torch
from PIL import Image

from workers.vlm.bundled.backend import BundledModel
from workers.vlm.interface import PageRequest, Prompt, PromptKind

SAMPLES = Path(__file__).parents[1] / "samples"
FIELDS = (
    "invoice number",
    "date",
    "due date",
    "total",
    "subtotal",
    "tax",
    "vendor name",
    "customer name",
    "iban",
    "bic",
)
DPI = 150


def picture_of(path: Path) -> Image.Image:
    """The first page of a file, drawn gray."""
    with pymupdf.open(path) as document:
        drawn = document[0].get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY, alpha=False)
        return Image.frombytes("L", (drawn.width, drawn.height), drawn.samples)


def seconds_of(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of processor time in this process and its children."""
    clock, before = time.perf_counter(), os.times()
    work()
    used = [b - a for a, b in zip(before[:4], os.times()[:4], strict=True)]
    return time.perf_counter() - clock, sum(used)


def tesseract(program: str, picture: Path, threads: int) -> None:
    """One plain pass over a page."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": str(threads)}
    command = [program, str(picture), str(picture.with_suffix(""))]
    subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603 - the rival, by its path


def ask(model: BundledModel, picture: Image.Image, fields: Sequence[str]) -> None:
    """Ask one page for fields."""
    model.generate([PageRequest(picture, tuple(Prompt(f, PromptKind.FIELD, f) for f in fields))])


def afresh(model: BundledModel, picture: Image.Image) -> None:
    """Read a page as if it was never seen, and ask it for ten fields."""
    model.forget()
    ask(model, picture, FIELDS)


def rivals(model: BundledModel, program: str, pages: dict[Path, Image.Image], threads: int, rounds: int) -> None:
    """Print seconds a page of both, taking turns, and their ratio page by page."""
    torch.set_num_threads(threads)
    folder = next(iter(pages)).parent
    empty = folder / "empty.png"
    Image.new("L", (1240, 1754), 255).save(empty)
    starts = [seconds_of(lambda: tesseract(program, empty, threads)) for _ in range(3)]
    theirs: list[tuple[float, float]] = []
    ours: list[tuple[float, float]] = []
    for path, picture in pages.items():
        turns = [
            (seconds_of(lambda p=path: tesseract(program, p, threads)), seconds_of(lambda q=picture: afresh(model, q)))  # type: ignore[misc]
            for _ in range(rounds)
        ]
        theirs.append((median(t[0] for t, _ in turns), median(t[1] for t, _ in turns)))
        ours.append((median(o[0] for _, o in turns), median(o[1] for _, o in turns)))
    for number, what in enumerate(("clock", "processor")):
        start, slow, quick = (
            median(s[number] for s in starts),
            *(sum(s[number] for s in side) for side in (theirs, ours)),
        )
        worst = max(o[number] / t[number] for o, t in zip(ours, theirs, strict=True))
        print(
            f"{threads} thread{'s' * (threads > 1)}, {what:9}: tesseract {slow / len(pages):.2f} s a page "
            f"(an empty page {start:.2f}), page and ten fields {quick / len(pages):.2f} s: "
            f"ratio {quick / slow:.2f} (worst page {worst:.2f}); to reach: at most 1 on one thread"
        )


def further(model: BundledModel, pages: dict[Path, Image.Image], rounds: int) -> None:
    """Print what the second to tenth question cost, each asked by itself, against the first with its page."""
    torch.set_num_threads(1)
    shares = []
    for picture in pages.values():
        for _ in range(rounds):
            model.forget()
            first, *rest = [seconds_of(lambda p=picture, f=field: ask(model, p, [f]))[0] for field in FIELDS]  # type: ignore[misc]
            shares.append(median(rest) / first)
    print(f"second to tenth question against the first: {median(shares):.3f} (median); to reach: at most 0.1")


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("files", nargs="*", type=Path, default=sorted(SAMPLES.glob("*-0[1-9].pdf")))
    given = parser.parse_args()
    model = BundledModel.load(threads=1)
    with tempfile.TemporaryDirectory() as folder:
        pages = {Path(folder) / f"{path.stem}.png": picture_of(path) for path in given.files}
        for path, picture in pages.items():
            picture.save(path)
        afresh(model, next(iter(pages.values())))
        program = shutil.which("tesseract")
        if program is None:
            print("no tesseract on this machine (Debian: tesseract-ocr, tesseract-ocr-eng)", file=sys.stderr)
        for threads in given.threads if program else ():
            rivals(model, str(program), pages, threads, given.rounds)
        further(model, pages, given.rounds)


if __name__ == "__main__":
    main()
