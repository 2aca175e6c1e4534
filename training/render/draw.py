"""Composed pages as a real PDF, and as pictures, by the engine that the product rasterizes with."""

from collections.abc import Sequence

import numpy as np
import pymupdf
from numpy.typing import NDArray

from training.render.fonts import face_of
from training.render.page import Box, Curve, Disc, Ink, Page, Rule, Shape
from training.render.text_layer import correct_text_layer


def draw(pages: Sequence[Page], *, subset: bool = False) -> bytes:
    """The pages as one PDF; `subset` is for files that are kept: only the glyphs used, and a true text layer."""
    with pymupdf.open() as document:
        for page in pages:
            add_page(document, page)
        if subset:
            correct_text_layer(document)
        document.set_metadata({"producer": "Folioscope page renderer"})
        whole = bytes(document.tobytes(garbage=3 if subset else 0, deflate=subset, no_new_id=True))
        if not subset:
            return whole
        document.subset_fonts()
        small = bytes(document.tobytes(garbage=4, deflate=True, use_objstms=1, no_new_id=True))
    return (
        small if _look_alike(whole, small) else whole
    )  # MuPDF loses glyphs of some PostScript-flavoured fonts without a word


def _look_alike(first: bytes, second: bytes) -> bool:
    """Whether two files show the same pictures."""
    with pymupdf.open(stream=first, filetype="pdf") as one, pymupdf.open(stream=second, filetype="pdf") as other:
        return all(
            bytes(a.get_pixmap(dpi=72).samples) == bytes(b.get_pixmap(dpi=72).samples)
            for a, b in zip(one, other, strict=True)
        )


def rasterize(page: Page, dpi: int) -> NDArray[np.uint8]:
    """The page as a gray picture (height, width), 255 white."""
    with pymupdf.open() as document:
        paper = add_page(document, page)
        pixmap = paper.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, alpha=False, annots=False)
        rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
        return rows[:, : pixmap.width].copy()


def add_page(document: pymupdf.Document, page: Page) -> pymupdf.Page:
    """Draw a page at the end of an open document: shapes first, then text in its order."""
    paper = document.new_page(width=page.width, height=page.height)
    if page.shapes:
        canvas = paper.new_shape()
        for shape in page.shapes:
            _draw_shape(canvas, shape)
        canvas.commit()
    writers: dict[Ink, pymupdf.TextWriter] = {}  # one for each ink: writing is what takes time
    for run in page.runs:
        writer = writers.get(run.ink) or writers.setdefault(run.ink, pymupdf.TextWriter(paper.rect, color=run.ink))
        writer.append((run.x, run.baseline), run.text, font=face_of(run.font).font, fontsize=run.size)
    for writer in writers.values():
        writer.write_text(paper)
    return paper


def _draw_shape(canvas: pymupdf.Shape, shape: Shape) -> None:
    match shape:
        case Rule():
            canvas.draw_line((shape.x0, shape.y0), (shape.x1, shape.y1))
            canvas.finish(color=shape.ink, width=shape.width, dashes=shape.dash or None)
        case Box():
            canvas.draw_rect(pymupdf.Rect(shape.x0, shape.y0, shape.x1, shape.y1))
            canvas.finish(color=shape.stroke, fill=shape.fill, width=shape.width)
        case Disc():
            canvas.draw_oval(pymupdf.Rect(shape.x0, shape.y0, shape.x1, shape.y1))
            canvas.finish(color=shape.stroke, fill=shape.fill, width=shape.width)
        case Curve():
            canvas.draw_polyline(list(shape.points))
            canvas.finish(color=shape.ink, width=shape.width, closePath=False)
