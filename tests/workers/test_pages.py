"""Pictures of pages that are held at the same time."""

import io

from PIL import Image

from storage.blobs import BlobStore
from tests.scripted_model import number_of, picture
from workers.pages import pictures_of

A4 = (1240, 1754)  # pixels at 150 dpi


def kept(blobs: BlobStore, width: int, height: int) -> str:
    file = io.BytesIO()
    Image.new("L", (width, height), 255).save(file, "PNG")
    return blobs.put(file.getvalue()).sha256


def test_pages_of_a_common_size_are_seen_as_they_are(blobs: BlobStore) -> None:
    page = kept(blobs, *A4)
    seen = pictures_of(blobs, [blobs.put(picture(7)).sha256, *[page] * 19])
    assert number_of(seen[0]) == 7
    assert {image.size for image in seen[1:]} == {A4}
    assert pictures_of(blobs, [kept(blobs, 6000, 4000)])[0].size == (6000, 4000)


def test_many_large_pictures_are_scaled_down_and_small_ones_stay(blobs: BlobStore) -> None:
    large = kept(blobs, 6000, 4000)
    seen = pictures_of(blobs, [*[large] * 19, blobs.put(picture(7)).sha256])
    assert sum(image.width * image.height for image in seen) < 100_000_000
    assert {image.size for image in seen[:-1]} == {(2738, 1825)}
    assert number_of(seen[-1]) == 7
