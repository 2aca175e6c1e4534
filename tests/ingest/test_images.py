"""PNG, JPEG and TIFF files as documents."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from core.errors import TooManyPixels, TruncatedFile, UnreadableFile
from ingest.answers import PageFailure, PageImage
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from tests.ingest.files import grainy, image_file


def _draw(sandbox: Sandbox, path: Path, first: int = 1, last: int = 1) -> list[PageImage]:
    pages = list(sandbox.draw(path, None, first, last))
    assert all(isinstance(page, PageImage) for page in pages), pages
    return [page for page in pages if isinstance(page, PageImage)]


def _picture(page: PageImage) -> Image.Image:
    return Image.open(io.BytesIO(page.image)).convert("L")


def _corner_mark(size: tuple[int, int] = (400, 600)) -> Image.Image:
    """White with a black square in the upper left corner."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((0, 0, 80, 80), fill=0)
    return image


def _dark_corner(page: PageImage) -> str:
    picture = _picture(page)
    right, bottom = picture.width - 11, picture.height - 11
    corners = {
        "upper left": (10, 10),
        "upper right": (right, 10),
        "lower left": (10, bottom),
        "lower right": (right, bottom),
    }
    (dark,) = [name for name, at in corners.items() if picture.getpixel(at) < 128]  # type: ignore[operator]
    return dark


def test_the_resolution_in_the_file_gives_the_size_of_the_page(sandbox: Sandbox, tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.png", grainy((2550, 3300)), dpi=(300, 300))
    (page,) = _draw(sandbox, path)
    assert (round(page.width), round(page.height)) == (612, 792)
    assert (page.image_width, page.image_height, page.dpi) == (1275, 1650, 150)


def test_a_photo_without_a_resolution_gets_the_size_of_a_sheet(sandbox: Sandbox, tmp_path: Path) -> None:
    (page,) = _draw(sandbox, image_file(tmp_path / "a.jpg", grainy((3000, 4000))))
    assert 560 < page.width < 700
    assert round(page.height) == 842


def test_a_camera_that_claims_72_dpi_is_not_believed(sandbox: Sandbox, tmp_path: Path) -> None:
    (page,) = _draw(sandbox, image_file(tmp_path / "a.jpg", grainy((3000, 4000)), dpi=(72, 72)))
    assert round(page.height) == 842


def test_a_small_picture_is_not_blown_up(sandbox: Sandbox, tmp_path: Path) -> None:
    (page,) = _draw(sandbox, image_file(tmp_path / "a.png", _corner_mark((300, 400))))
    assert (page.image_width, page.image_height) == (300, 400)
    assert (page.width, page.height) == (300, 400)


def test_a_fax_with_two_resolutions_is_not_squashed(sandbox: Sandbox, tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.tif", Image.new("1", (1728, 1078), 1), dpi=(204, 98))
    (page,) = _draw(sandbox, path)
    assert abs(page.image_width / page.image_height - page.width / page.height) < 0.01
    assert (round(page.width), round(page.height)) == (610, 792)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_an_image_is_turned_upright(sandbox: Sandbox, tmp_path: Path, suffix: str, orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that a camera in this position applies
    image = _corner_mark()
    stored = image if orientation == 1 else image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    (page,) = _draw(sandbox, image_file(tmp_path / f"a.{suffix}", stored, exif=exif))
    assert page.height > page.width
    assert _dark_corner(page) == "upper left"


def test_every_page_of_a_tiff_is_a_page(sandbox: Sandbox, tmp_path: Path) -> None:
    pages = [Image.new("L", (200 + 10 * n, 300), 255) for n in range(5)]
    path = image_file(tmp_path / "a.tiff", pages[0], save_all=True, append_images=pages[1:])
    assert sandbox.probe(path).page_count == 5
    assert [page.image_width for page in _draw(sandbox, path, 2, 5)] == [210, 220, 230, 240]


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "tiff"])
def test_a_page_drawn_twice_is_the_same_page(sandbox: Sandbox, tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"save_all": True, "append_images": [grainy((500, 400))]} if suffix == "tiff" else {}
    path = image_file(tmp_path / f"a.{suffix}", grainy((1800, 1200)), exif=exif, dpi=(300, 200), **more)
    assert _draw(sandbox, path) == _draw(sandbox, path)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "F", "I"])
def test_every_mode_of_pixels_is_drawn_dark_on_light(sandbox: Sandbox, tmp_path: Path, mode: str) -> None:
    gray = _corner_mark((2400, 3600))
    if mode == "I;16":
        image = gray.convert("I").point(lambda v: v * 257).convert("I;16")
    elif mode in {"I", "F"}:
        image = gray.convert(mode).point(lambda v: v * 100 + 7)
    else:
        image = gray.convert("RGB").convert(mode) if mode in {"P", "CMYK"} else gray.convert(mode)
    path = image_file(tmp_path / ("a.tif" if mode in {"CMYK", "F", "I"} else "a.png"), image)
    (page,) = _draw(sandbox, path)
    assert _dark_corner(page) == "upper left"


def test_what_is_transparent_is_paper(sandbox: Sandbox, tmp_path: Path) -> None:
    image = Image.new("RGBA", (400, 600), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 80, 80), fill=(0, 0, 0, 255))
    (page,) = _draw(sandbox, image_file(tmp_path / "a.png", image))
    assert _dark_corner(page) == "upper left"


def test_an_animated_png_is_one_page(sandbox: Sandbox, tmp_path: Path) -> None:
    frames = [Image.new("L", (50, 50), v) for v in (0, 100, 200)]
    path = image_file(tmp_path / "a.png", frames[0], save_all=True, append_images=frames[1:])
    assert sandbox.probe(path).page_count == 1


def test_an_image_30000_pixels_wide_is_drawn_within_the_childs_memory(sandbox: Sandbox, tmp_path: Path) -> None:
    image = Image.new("L", (30_000, 12_000), 255)
    ImageDraw.Draw(image).rectangle((0, 0, 3_000, 3_000), fill=0)
    path = image_file(tmp_path / "a.png", image, compress_level=1)
    del image
    (page,) = _draw(sandbox, path)
    assert (page.dpi, page.image_width) == (150, 3_750)
    assert _dark_corner(page) == "upper left"


def test_an_image_of_30000_by_30000_pixels_is_refused_before_it_is_decoded(sandbox: Sandbox, tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.png", Image.new("1", (30_000, 30_000)), compress_level=1)
    with pytest.raises(TooManyPixels, match="30000 x 30000"):
        sandbox.probe(path)


def test_an_image_that_would_not_fit_into_memory_is_refused(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.png", Image.new("RGB", (8_000, 8_000)), compress_level=1)
    with Sandbox(Limits(memory_bytes=300_000_000)) as small, pytest.raises(TooManyPixels):
        small.probe(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_an_image_that_was_cut_off_is_refused(sandbox: Sandbox, tmp_path: Path, suffix: str) -> None:
    path = image_file(tmp_path / f"a.{suffix}", grainy())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises((TruncatedFile, UnreadableFile)):
        sandbox.probe(path)


@pytest.mark.parametrize("magic", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0"])
def test_garbage_behind_a_good_magic_is_refused(sandbox: Sandbox, tmp_path: Path, magic: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(magic + b"\x07garbage" * 200)
    with pytest.raises(UnreadableFile):
        sandbox.probe(path)


def test_a_damaged_page_of_a_tiff_costs_only_itself(sandbox: Sandbox, tmp_path: Path) -> None:
    pages = [grainy((400, 500)) for _ in range(3)]
    path = image_file(tmp_path / "a.tiff", pages[0], save_all=True, append_images=pages[1:], compression="tiff_deflate")
    data = bytearray(path.read_bytes())
    with Image.open(path) as image:
        image.seek(1)
        start = image.tag_v2[273][0]  # type: ignore[attr-defined]
    data[start : start + 200] = bytes(200)
    path.write_bytes(data)
    drawn = list(sandbox.draw(path, None, 1, 3))
    assert [isinstance(page, PageFailure) for page in drawn] == [False, True, False]
