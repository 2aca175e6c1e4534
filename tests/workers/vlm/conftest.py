from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
import torch
from PIL import Image

from workers.vlm.bundled.backend import BundledModel

SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def model() -> BundledModel:
    return BundledModel.load()


@pytest.fixture(scope="package")
def invoice() -> Image.Image:
    return picture_of("invoice-01.pdf")


def picture_of(name: str, dpi: int = 150) -> Image.Image:
    with pymupdf.open(SAMPLES / name) as document:
        pixmap = document[0].get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, alpha=False)
        return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
