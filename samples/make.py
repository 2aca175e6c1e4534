"""Render the sample documents and their truth: `python -m samples.make`."""

import argparse
import io
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image

from training.render import Grade, Page, Split, compose, compose_statement_of, degrade, draw, rasterize
from training.render.fields import BY_FAMILY

FOLDER = Path(__file__).parent
PASSWORD = "folioscope"  # noqa: S105 - the README tells it
SCAN_DPI = 150
FIRST_SEED = 1_000_000  # far from the seeds that training and scoring count through
COUNTS = {"invoice": 8, "receipt": 5, "form": 5, "letter": 4, "statement": 3}
SCANNED = {"invoice-07", "invoice-08", "receipt-04", "receipt-05", "form-05", "letter-04"}
ASKED = {"invoice-01", "invoice-04", "receipt-01", "form-01", "form-03", "letter-01", "statement-01"}
FEWEST_FIELDS = 3  # a form of unnamed labels alone would show little
LONG = 40  # pages of the long statement


@dataclass(frozen=True, slots=True)
class Sample:
    """A document: its file name without ending, its pages, and which question and answer pairs go with it."""

    name: str
    pages: Sequence[Page]

    @property
    def family(self) -> str:
        """The kind of document, which is also the schema to read it with."""
        return self.pages[0].family


def plain_samples() -> list[Sample]:
    """The numbered ones: held-out fonts, layouts and names, so that the model has seen none of them."""
    samples = []
    for family, count in COUNTS.items():
        pages = (compose(seed, Split.HELD_OUT, family) for seed in itertools.count(FIRST_SEED))
        told = (page for page in pages if len(_fields(page)) >= FEWEST_FIELDS)
        samples += [
            Sample(f"{family}-{number:02}", [page])
            for number, page in enumerate(itertools.islice(told, count), start=1)
        ]
    return samples


def special_samples() -> dict[str, Sample]:
    """Those that are drawn like the others and then treated."""
    seed = FIRST_SEED + 1000
    return {
        "long": Sample("statement-40-pages", compose_statement_of(LONG, seed, Split.HELD_OUT)),
        "rotated": Sample("invoice-rotated", [compose(seed + 1, Split.HELD_OUT, "invoice")]),
        "locked": Sample("letter-locked", [compose(seed + 2, Split.HELD_OUT, "letter")]),
        "truncated": Sample("invoice-truncated", [compose(seed + 3, Split.HELD_OUT, "invoice")]),
    }


def scan(page: Page, seed: int) -> bytes:
    """A PDF that holds nothing but the page's picture, as a scanner makes it."""
    gray, _ = degrade(rasterize(page, SCAN_DPI), Grade.SCAN, np.random.default_rng(seed))
    picture = io.BytesIO()
    Image.fromarray(gray).save(picture, "JPEG", quality=55)
    with pymupdf.open() as document:
        paper = document.new_page(width=page.width, height=page.height)
        paper.insert_image(paper.rect, stream=picture.getvalue())
        return bytes(document.tobytes(no_new_id=True))


def rotate(pdf: bytes) -> bytes:
    """The same look, from a page that lies on its side and is turned by its /Rotate entry."""
    with pymupdf.open(stream=pdf, filetype="pdf") as upright, pymupdf.open() as document:
        rect = upright[0].rect
        paper = document.new_page(width=rect.height, height=rect.width)
        paper.show_pdf_page(paper.rect, upright, 0, rotate=90)
        paper.set_rotation(90)
        return bytes(document.tobytes(garbage=4, deflate=True, no_new_id=True))


def lock(pdf: bytes) -> bytes:
    """Encrypted: opens with PASSWORD only. The bytes differ every time, as its salt does."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return bytes(
            document.tobytes(encryption=pymupdf.mupdf.PDF_ENCRYPT_AES_256, user_pw=PASSWORD, owner_pw=PASSWORD)
        )


def blank() -> bytes:
    """One empty page."""
    with pymupdf.open() as document:
        document.new_page(width=595, height=842)
        return bytes(document.tobytes(no_new_id=True))


def truth_of(sample: Sample, **more: str) -> dict[str, object]:
    """What stands in a document of the fields of its schema, what does not, and some questions."""
    wanted = BY_FAMILY[sample.family]
    fields = {name: value for page in sample.pages for name, value in _fields(page).items()}
    missing = {absent.field for page in sample.pages for absent in page.absent}
    line: dict[str, object] = {
        "file": f"{sample.name}.pdf",
        "schema": sample.family,
        "fields": {name: fields[name] for name in wanted if name in fields},
        "absent": [name for name in wanted if name in missing and name not in fields],
        **more,
    }
    if sample.name in ASKED:
        line["qa"] = [[question, value] for question, value in _questions(sample.pages[0])][:3]
    return line


def _fields(page: Page) -> dict[str, str]:
    """The page's fields that its family's schema asks for."""
    return {fact.field: fact.value for fact in page.facts if fact.field in BY_FAMILY[page.family]}


def _questions(page: Page) -> Iterable[tuple[str, str]]:
    """One whole question for each of the page's facts, fields first."""
    for fact in sorted(page.facts, key=lambda fact: fact.field in {"label", "cell"}):
        question = next((prompt for prompt in fact.prompts if prompt.endswith("?")), None)
        if question:
            yield question, fact.value


def make(folder: Path) -> None:
    """Write every sample and the truth into a folder; what is there already with the same content stays as it is."""
    special = special_samples()
    plain = plain_samples()
    for number, sample in enumerate(plain):
        pdf = scan(sample.pages[0], number) if sample.name in SCANNED else draw(sample.pages, subset=True)
        (folder / f"{sample.name}.pdf").write_bytes(pdf)
    drawn = {how: draw(sample.pages, subset=True) for how, sample in special.items()}
    (folder / "statement-40-pages.pdf").write_bytes(drawn["long"])
    (folder / "invoice-rotated.pdf").write_bytes(rotate(drawn["rotated"]))
    (folder / "invoice-truncated.pdf").write_bytes(drawn["truncated"][: len(drawn["truncated"]) // 3])
    (folder / "blank.pdf").write_bytes(blank())
    if not _opens_to(folder / "letter-locked.pdf", drawn["locked"]):
        (folder / "letter-locked.pdf").write_bytes(lock(drawn["locked"]))
    lines = [truth_of(sample) for sample in plain]
    lines += [truth_of(special["long"]), truth_of(special["rotated"]), truth_of(special["locked"], password=PASSWORD)]
    lines.append({"file": "blank.pdf", "schema": "invoice", "fields": {}, "absent": list(BY_FAMILY["invoice"])})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "truth.jsonl").write_text(text, "utf-8")


def _opens_to(path: Path, pdf: bytes) -> bool:
    """Whether a locked file is there and looks like this one."""
    if not path.exists():
        return False
    with pymupdf.open(path) as locked, pymupdf.open(stream=pdf, filetype="pdf") as document:
        return (
            bool(locked.authenticate(PASSWORD)) and locked[0].get_pixmap().samples == document[0].get_pixmap().samples
        )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.make", description=__doc__, epilog="example: python -m samples.make --to /tmp/samples"
    )
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder to write to (default: samples/)")
    folder = parser.parse_args().to
    pymupdf.TOOLS.mupdf_display_errors(False)  # noqa: FBT003 - it speaks of fonts that it cannot subset: these are embedded whole
    folder.mkdir(parents=True, exist_ok=True)
    make(folder)


if __name__ == "__main__":
    main()
