"""Composed pages as a real PDF, and as pictures, by the engine that the product rasterizes with."""

from collections.abc import Sequence

import numpy as np
import pymupdf
from numpy.typing import NDArray

from training.render.fonts import face_of
from training.render.page import Box, Curve, Disc, Ink, Page, Rule, Shape


def draw(pages: Sequence[Page], *, subset: bool = False) -> bytes:
    """The pages as one PDF; `subset` keeps only the glyphs used, for files that are kept."""
    with pymupdf.open() as document:
        for page in pages:
            add_page(document, page)
        if subset:
            document.subset_fonts()
        document.set_metadata({"producer": "Folioscope page renderer"})
        return bytes(document.tobytes(garbage=4 if subset else 0, deflate=subset, use_objstms=int(subset), no_new_id=True))


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
