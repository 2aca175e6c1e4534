"""Files for the tests, made on the spot: honest ones by PyMuPDF and Pillow, hostile ones byte by byte."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw

WORDS = ("invoice", "number", "date", "vendor", "customer", "total", "amount", "due", "subtotal", "tax", "payment")


def born_digital(path: Path, pages: int, lines: int = 40, *, rotation: int = 0) -> Path:
    """A PDF of text pages, each beginning with `Page N`."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page(width=612, height=792)
        page.insert_text((60, 60), f"Page {number}", fontsize=14)
        for line in range(lines):
            words = " ".join(WORDS[(number + line + i) % len(WORDS)] for i in range(12))
            page.insert_text((60, 90 + 16 * line), words, fontsize=10)
        page.set_rotation(rotation)
    document.save(path)
    document.close()
    return path


def encrypted(path: Path, password: str, pages: int = 2) -> Path:
    """A PDF that opens with `password` only."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        document.new_page().insert_text((60, 60), f"Secret {number}")
    document.save(path, encryption=pymupdf.mupdf.PDF_ENCRYPT_AES_256, user_pw=password, owner_pw=password + "!")
    document.close()
    return path


def scanned(path: Path, pages: int = 1) -> Path:
    """A PDF whose pages are pictures with paper grain."""
    document = pymupdf.open()
    for number in range(pages):
        buffer = io.BytesIO()
        grainy(seed=number).save(buffer, "JPEG", quality=90)
        page = document.new_page(width=612, height=792)
        page.insert_image(page.rect, stream=buffer.getvalue())
    document.save(path)
    document.close()
    return path


def grainy(size: tuple[int, int] = (1275, 1650), sigma: float = 12, text: bool = True, seed: int = 0) -> Image.Image:  # noqa: FBT001, FBT002
    """A gray picture of paper with grain, and some text on it if asked for."""
    del seed
    image = Image.effect_noise(size, sigma).point(lambda v: v + 90)
    if text:
        draw = ImageDraw.Draw(image)
        for line in range(20):
            draw.text((120, 120 + 60 * line), "Total amount due 1,204.00 " * 3, fill=40, font_size=28)
    return image


def raw_pdf(objects: dict[int, bytes]) -> bytes:
    """A PDF of these objects with a correct cross-reference table; object 1 is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)


def stream(entries: bytes, data: bytes = b"") -> bytes:
    """A stream object."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def pages_pdf(
    contents: list[bytes], page: bytes = b"", box: bytes = b"0 0 612 792", more: dict[int, bytes] | None = None
) -> bytes:
    """A PDF with a page for each content stream; `page` is put into every page, `more` are objects from 100 on."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * i) for i in range(len(contents)))
    objects = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(contents))}
    for i, content in enumerate(contents):
        objects[10 + 2 * i] = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R%s>>" % (box, 11 + 2 * i, page)
        objects[11 + 2 * i] = stream(b"", content)
    return raw_pdf(objects | (more or {}))


INK = b"0 0 0 rg 100 300 400 200 re f"


def nested_forms(bad_page: int = 1, pages: int = 1) -> bytes:
    """A few kB that take for ever: twenty forms, each drawing the next ten times. The other pages are fine."""
    forms = {}
    for depth in range(20):
        inner = b"/A Do " * 10 if depth < 19 else b"0 0 10 10 re f "
        resources = b"/Resources<</XObject<</A %d 0 R>>>>" % (101 + depth)
        forms[100 + depth] = stream(
            b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]" + (resources if depth < 19 else b""), inner
        )
    contents = [b"/A Do" if number == bad_page else INK for number in range(1, pages + 1)]
    return pages_pdf(contents, b"/Resources<</XObject<</A 100 0 R>>>>", more=forms)


def self_recursive_form() -> bytes:
    """A form that draws itself, on a page that also has ink."""
    form = stream(b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</A 100 0 R>>>>", b"/A Do /A Do")
    return pages_pdf([INK + b" /A Do"], b"/Resources<</XObject<</A 100 0 R>>>>", more={100: form})


def big_image_pdf(side: int) -> bytes:
    """A page that shows a gray, all black picture of `side` x `side` pixels."""
    press = zlib.compressobj(9)
    data = b"".join(press.compress(bytes(side * 100)) for _ in range(side // 100)) + press.flush()
    picture = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"
    )
    return pages_pdf(
        [b"600 0 0 700 0 0 cm /A Do"],
        b"/Resources<</XObject<</A 100 0 R>>>>",
        more={100: stream(picture % (side, side), data)},
    )


def greedy_picture(path: Path) -> Path:
    """A page with a progressive JPEG, which can only be decoded whole: 160 MB on top of the engine's own needs."""
    buffer = io.BytesIO()
    Image.effect_noise((1500, 1500), 50).resize((9000, 9000)).save(buffer, "JPEG", progressive=True, quality=60)
    document = pymupdf.open()
    page = document.new_page()
    page.insert_image(page.rect, stream=buffer.getvalue())
    document.save(path)
    document.close()
    return path


def million_pages() -> bytes:
    """One page, but the page tree claims a million."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[10 0 R]/Count 1000000>>",
        10: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
    }
    return raw_pdf(objects)


def zero_pages() -> bytes:
    """A well-formed PDF without pages."""
    return raw_pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[]/Count 0>>"})


def image_file(path: Path, image: Image.Image, **options: object) -> Path:
    """An image saved in the format that the path's suffix names."""
    save: Callable[..., None] = image.save
    save(path, **options)
    return path
