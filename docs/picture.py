"""Draws the README's picture: a sample page with a box around every value that the model read. `make picture`."""

import argparse
import itertools
import json
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.settings import Settings
from storage.schemas import fields_of
from workers.vlm.interface import Generation, Model, PageRequest, Prompt, PromptKind
from workers.vlm.registry import load_model

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "page-with-boxes.png"
DPI = 150
WIDTH = 1000  # pixels of the finished picture
COLOURS = ("#1f6feb", "#bf3989", "#1a7f37", "#bc4c00", "#8250df", "#0a7ea4", "#a40e26", "#7d6b00")


def read(model: Model, page: Image.Image, schema: str) -> dict[str, Generation]:
    """What the model found on the page, by field title; what it did not find is left out."""
    body = json.loads((ROOT / "storage" / "builtin_schemas" / f"{schema}.json").read_text())
    fields = fields_of(body)
    prompts = tuple(Prompt(field.path, PromptKind.FIELD, field.title) for field in fields)
    (generations,) = model.generate([PageRequest(page, prompts)])
    read_well = zip(fields, generations, strict=True)
    return {field.title: said for field, said in read_well if said.text is not None and said.box is not None}


def draw(page: Image.Image, found: dict[str, Generation]) -> Image.Image:
    """The page, faint, with a coloured box around each value and its field and confidence in a tag on the box."""
    height = round(page.height * WIDTH / page.width)
    picture = page.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    wash = Image.new("RGBA", picture.size, (255, 255, 255, 0))
    pen = ImageDraw.Draw(wash)
    font = ImageFont.load_default(size=15)
    for colour, (title, said) in zip(itertools.cycle(COLOURS), found.items(), strict=False):
        assert said.box is not None  # noqa: S101 - read() leaves out what has none
        box = said.box
        corners = (box.x0 * WIDTH - 4, box.y0 * height - 4, box.x1 * WIDTH + 4, box.y1 * height + 4)
        pen.rectangle(corners, fill=f"{colour}26", outline=colour, width=2)
        tag = f"{title} {said.confidence:.2f}" if said.confidence is not None else title
        left, top, right, bottom = pen.textbbox((corners[0], corners[1] - 20), tag, font=font)
        pen.rectangle((left - 4, top - 2, right + 4, bottom + 3), fill=colour)
        pen.text((corners[0], corners[1] - 20), tag, font=font, fill="white")
    return Image.alpha_composite(picture.convert("RGBA"), wash).convert("RGB")


def trimmed(picture: Image.Image) -> Image.Image:
    """The picture without the empty foot of its page."""
    ink = ImageOps.invert(picture.convert("L")).getbbox()
    return picture.crop((0, 0, WIDTH, min(picture.height, ink[3] + 40))) if ink else picture


def main() -> None:
    """Read one sample page with the model of the settings and draw what was read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=ROOT / "samples" / "invoice-02.pdf")
    parser.add_argument("--schema", default="invoice")
    parser.add_argument("--to", type=Path, default=PICTURE)
    given = parser.parse_args()
    with pymupdf.open(given.file) as document:
        drawn = document[0].get_pixmap(dpi=DPI)
        page = Image.frombytes("RGB", (drawn.width, drawn.height), drawn.samples)
    found = read(load_model(Settings()), page.convert("L"), given.schema)
    trimmed(draw(page, found)).quantize(128).save(given.to, optimize=True)
    print(f"{given.to}: {len(found)} values, {given.to.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
