"""A file is what its bytes say."""

import io
import zipfile

import pytest
from PIL import Image

from ingest.sniff import MediaKind, describe, is_archive, sniff


def _image(image_format: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, image_format)
    return buffer.getvalue()


def _zip(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"content")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", MediaKind.PDF),
        (b"\n" * 1_000 + b"%PDF-1.4\n", MediaKind.PDF),
        (b"\n" * 2_000 + b"%PDF-1.4\n", MediaKind.OTHER),
        (_image("PNG"), MediaKind.PNG),
        (_image("JPEG"), MediaKind.JPEG),
        (_image("TIFF"), MediaKind.TIFF),
        (b"MM\0*\0\0\0\x08", MediaKind.TIFF),
        (_zip("a.pdf"), MediaKind.ZIP),
        (_zip("crossword/a.pdf"), MediaKind.ZIP),
        (_zip("[Content_Types].xml"), MediaKind.OTHER),
        (b"", MediaKind.OTHER),
        (b"hello", MediaKind.OTHER),
        (_image("GIF"), MediaKind.OTHER),
    ],
)
def test_the_first_bytes_tell_the_kind(head: bytes, kind: MediaKind) -> None:
    assert sniff(head) is kind


def test_a_picture_that_mentions_a_pdf_header_is_a_picture() -> None:
    assert sniff(_image("PNG")[:50] + b"%PDF-1.7") is MediaKind.PNG


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"  <!doctype html><p>", "an HTML page"),
        (_zip("[Content_Types].xml"), "an office document or e-book"),
        (b"GIF89a", "a GIF image"),
        ("Grüße,\r\nBob".encode(), "a text file"),
        (b"\x00\x01\x02", "a file of an unknown kind"),
        (b"\x1f\x8b\x08", "a gzip file"),
    ],
)
def test_a_refused_file_is_described_in_words(head: bytes, words: str) -> None:
    assert describe(head) == words


@pytest.mark.parametrize("head", [_zip("a"), b"Rar!\x1a\x07\x01", b"\x1f\x8b\x08", b"\0" * 257 + b"ustar\0"])
def test_archives_of_every_kind_are_known(head: bytes) -> None:
    assert is_archive(head)
