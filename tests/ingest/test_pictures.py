"""What a page's picture keeps, and when it counts as blank."""

import io
import random

import pytest
from PIL import Image, ImageChops, ImageDraw

from ingest.pictures import encode_picture, has_colour, is_blank, marked
from tests.ingest.files import grainy

SIZE = (1275, 1650)


def _paper(tint: int = 255) -> Image.Image:
    return Image.new("L", SIZE, tint)


def _decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_flat_gray_page_is_kept_to_the_last_bit() -> None:
    page = _paper()
    ImageDraw.Draw(page).text((100, 100), "Invoice 42", font_size=30)
    encoded = encode_picture(page)
    picture = _decoded(encoded.data)
    assert (picture.format, picture.mode, picture.size) == ("PNG", "L", SIZE)
    assert picture.tobytes() == page.tobytes()


def test_a_gray_page_drawn_in_rgb_loses_its_empty_colours() -> None:
    page = _paper().convert("RGB")
    assert _decoded(encode_picture(page).data).mode == "L"


def test_a_page_with_a_red_stamp_keeps_its_colour() -> None:
    page = _paper().convert("RGB")
    ImageDraw.Draw(page).text((100, 100), "PAID", fill=(200, 0, 0), font_size=24)
    picture = _decoded(encode_picture(page).data)
    assert picture.mode == "RGB"
    red, _, blue = (channel.getextrema() for channel in picture.crop((90, 90, 200, 140)).split())
    assert int(str(red[0])) - int(str(blue[0])) > 100


def test_the_yellow_of_old_paper_is_not_colour() -> None:
    assert not has_colour(Image.new("RGB", SIZE, (245, 240, 228)))


def test_a_scan_is_stored_as_jpeg_and_much_smaller_than_lossless() -> None:
    encoded = encode_picture(grainy())
    assert _decoded(encoded.data).format == "JPEG"
    assert len(encoded.data) < SIZE[0] * SIZE[1] / 2


def test_the_same_page_gives_the_same_bytes() -> None:
    page = grainy()
    assert encode_picture(page).data == encode_picture(page.copy()).data


@pytest.mark.parametrize("tint", [255, 230, 128, 0])
def test_an_empty_page_of_any_tint_is_blank(tint: int) -> None:
    assert is_blank(_paper(tint))


def test_paper_grain_is_blank() -> None:
    assert is_blank(grainy(text=False))


def test_the_shadow_of_a_lamp_and_of_the_lid_is_blank() -> None:
    page = ImageChops.multiply(_paper(250), Image.linear_gradient("L").resize(SIZE).point(lambda v: 180 + v // 4))
    ImageDraw.Draw(page).rectangle((0, 0, 15, SIZE[1]), fill=20)
    assert is_blank(page)


def test_dust_is_blank() -> None:
    page, chance = _paper(), random.Random(1)
    for _ in range(60):
        x, y = chance.randrange(SIZE[0]), chance.randrange(SIZE[1])
        ImageDraw.Draw(page).rectangle((x, y, x + 1, y + 1), fill=0)
    assert is_blank(page)


@pytest.mark.parametrize("mark", ["1", "i", "x", "Page 1"])
def test_a_single_printed_mark_is_not_blank(mark: str) -> None:
    page = _paper()
    ImageDraw.Draw(page).text((600, 800), mark, font_size=21)  # 10 point at 150 dpi
    assert not is_blank(page)


def test_faint_writing_on_gray_paper_is_not_blank() -> None:
    page = _paper(200)
    ImageDraw.Draw(page).text((300, 300), "faint pencil", fill=150, font_size=24)
    assert not is_blank(page)


def test_white_letters_on_black_are_not_blank() -> None:
    page = _paper(0)
    ImageDraw.Draw(page).text((300, 300), "inverse", fill=255, font_size=24)
    assert not is_blank(page)


def test_text_on_grainy_paper_is_not_blank() -> None:
    assert not is_blank(grainy())


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2, 2), (5, 700)])
def test_slivers_are_encoded_too(size: tuple[int, int]) -> None:
    for mode in ("L", "RGB"):
        assert _decoded(encode_picture(Image.new(mode, size, "white")).data).size == size


@pytest.mark.parametrize("page", [_paper(), grainy()], ids=["png", "jpeg"])
def test_a_marked_picture_looks_the_same_and_has_bytes_of_its_own(page: Image.Image) -> None:
    plain = encode_picture(page).data
    first, second = marked(plain, "1" * 32), marked(plain, "2" * 32)
    assert len({plain, first, second}) == 3
    for data in (first, second):
        picture = _decoded(data)
        picture.load()
        assert picture.tobytes() == _decoded(plain).tobytes()
