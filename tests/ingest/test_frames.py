"""The pipe to the child: nothing that comes out of it is believed."""

import contextlib
import json
import os
import struct
import time
from collections.abc import Iterator

import pytest

from core.errors import UnreadablePage
from ingest.answers import page_from
from ingest.frames import BrokenFrame, Header, PipeClosed, PipeSilent, read_frame, write_frame
from ingest.limits import Limits

PNG = b"\x89PNG\r\n\x1a\n..."
GOOD: Header = {
    "page": 1, "width": 612, "height": 792.0, "dpi": 150, "size": [1275, 1650], "blank": False,
    "words": [["a", 0, 0.1, 0.5, 1]], "under": [["b", 0, 0.1, 0.5, 1]],
}  # fmt: skip


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for fd in (read, write):
        with contextlib.suppress(OSError):
            os.close(fd)


def _soon() -> float:
    return time.monotonic() + 0.05


def test_a_frame_arrives_as_it_was_sent(pipe: tuple[int, int]) -> None:
    with os.fdopen(os.dup(pipe[1]), "wb") as stream:
        write_frame(stream, {"page": 1, "text": "Grüße"}, b"\0\xff" * 10_000)
    assert read_frame(pipe[0], _soon()) == ({"page": 1, "text": "Grüße"}, b"\0\xff" * 10_000)


def test_a_frame_that_does_not_end_in_time_is_silence(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], struct.pack(">II", 10, 10) + b"{}")
    with pytest.raises(PipeSilent):
        read_frame(pipe[0], _soon())


def test_a_frame_that_breaks_off_is_an_end(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], struct.pack(">II", 10, 10) + b"{}")
    os.close(pipe[1])
    with pytest.raises(PipeClosed):
        read_frame(pipe[0], _soon())


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">II", 0xFFFFFFFF, 0),
        struct.pack(">II", 2, 0xFFFFFFFF) + b"{}",
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 3, 0) + b"hi!",
        struct.pack(">II", 20_000, 0) + b"[" * 20_000,
    ],
)
def test_what_is_no_frame_is_broken(pipe: tuple[int, int], data: bytes) -> None:
    os.write(pipe[1], data)
    with pytest.raises(BrokenFrame):
        read_frame(pipe[0], _soon())


def test_a_good_page_is_taken() -> None:
    page = page_from(GOOD, PNG, 1, "mupdf", Limits())
    assert (page.number, page.image_width, page.words[0][4]) == (1, 1275, 1)


@pytest.mark.parametrize(
    "lie",
    [
        {"page": 2},
        {"page": "1"},
        {"width": -1},
        {"width": "612"},
        {"height": float("nan")},
        {"dpi": float("inf")},
        {"dpi": None},
        {"size": [1275]},
        {"size": [0, 1650]},
        {"size": [30_000, 30_000]},
        {"size": "1x1"},
        {"words": {}},
        {"under": None},
        {"words": [["a", 0, 0, 2, 1]]},
        {"words": [["a", 0.5, 0, 0.1, 1]]},
        {"words": [[1, 0, 0, 1, 1]]},
        {"words": [["a", float("nan"), 0, 1, 1]]},
        {"words": [["a", 0, 0, 1, 1]] * 30_000},
    ],
)
def test_a_page_with_a_lie_in_it_is_no_page(lie: Header) -> None:
    header = json.loads(json.dumps({**GOOD, **lie}))
    with pytest.raises(UnreadablePage):
        page_from(header, PNG, 1, "mupdf", Limits())


@pytest.mark.parametrize("image", [b"", b"<svg>", b"GIF89a"])
def test_a_picture_that_is_no_png_or_jpeg_is_no_page(image: bytes) -> None:
    with pytest.raises(UnreadablePage):
        page_from(GOOD, image, 1, "mupdf", Limits())
