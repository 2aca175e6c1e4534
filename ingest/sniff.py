"""What a file really is, told by its first bytes and never by its name."""

from enum import StrEnum
from pathlib import Path

from core.errors import UnsupportedFile

HEAD_BYTES = 2_048  # a PDF may carry up to 1,024 bytes before its header

_PDF_WITHIN = 1_024
_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # classic and BigTIFF, both byte orders
_ARCHIVE_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHER_ARCHIVES = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\0": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
}
_OFFICE_MARKS = (b"[Content_Types].xml", b"_rels/.rels", b"mimetypeapplication/")
_KNOWN_OTHERS = {
    b"GIF8": "a GIF image",
    b"BM": "a BMP image",
    b"RIFF": "a RIFF file such as WebP",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Microsoft Office file",
    b"{\\rtf": "an RTF file",
    b"%!PS": "a PostScript file",
    b"<!DOCTYPE html": "an HTML page",
    b"<html": "an HTML page",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}


class MediaKind(StrEnum):
    """What the bytes are; the value is the media type under which the document is stored."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    ZIP = "application/zip"
    OTHER = "application/octet-stream"


DOCUMENT_KINDS = frozenset({MediaKind.PDF, MediaKind.PNG, MediaKind.JPEG, MediaKind.TIFF})
IMAGE_KINDS = frozenset({MediaKind.PNG, MediaKind.JPEG, MediaKind.TIFF})


def sniff(head: bytes) -> MediaKind:
    """Tell the kind from a file's first `HEAD_BYTES`. What stands at offset 0 outweighs a PDF header further in."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return MediaKind.JPEG
    if head.startswith(_TIFF_MAGICS):
        return MediaKind.TIFF
    if head.startswith(_ARCHIVE_MAGICS):
        return MediaKind.OTHER if _is_office(head) else MediaKind.ZIP
    if b"%PDF-" in head[: _PDF_WITHIN + 5]:
        return MediaKind.PDF
    return MediaKind.OTHER


def kind_of(path: Path) -> MediaKind:
    """What a file is, by its first bytes. Raises UnsupportedFile where it is no document."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = sniff(head)
    if kind not in DOCUMENT_KINDS:
        raise UnsupportedFile(f"This is {describe(head)}; send a PDF, PNG, JPEG or TIFF file.")
    return kind


def is_archive(head: bytes) -> bool:
    """Whether these are the first bytes of an archive of any kind, also of those that nobody here unpacks."""
    return sniff(head) is MediaKind.ZIP or head.startswith(tuple(_OTHER_ARCHIVES)) or head[257:262] == b"ustar"


def describe(head: bytes) -> str:
    """What a refused file seems to be, in words for its owner: `an HTML page`, or `a file of an unknown kind`."""
    if head.startswith(_ARCHIVE_MAGICS):
        return "an office document or e-book" if _is_office(head) else "a zip archive"
    for magic, words in (_OTHER_ARCHIVES | _KNOWN_OTHERS).items():
        if head.lstrip()[: len(magic)].lower() == magic.lower():
            return words
    if head[257:262] == b"ustar":
        return "a tar archive"
    if head and all(byte in b"\t\n\r\f" or byte >= 0x20 for byte in head) and _is_text(head):  # noqa: PLR2004 - the first printable
        return "a text file"
    return "a file of an unknown kind"


def _is_office(head: bytes) -> bool:
    """Office documents and e-books are zips by form: their first entries give them away."""
    return any(mark in head for mark in _OFFICE_MARKS)


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # a character cut by the end of the head
    return True
