"""A question as a line drawn above its page, for families that read it there."""

import textwrap

from PIL import Image, ImageDraw, ImageFont

_SIZE = 36  # points; with the width and the margin, what Pix2Struct was trained with
_WIDTH = 80  # characters of a line
_MARGIN = 5  # pixels


def with_header(page: Image.Image, text: str) -> Image.Image:
    """The page below its question, both as wide as the wider one, in black on white.

    The font comes with the picture library: none is fetched from a hub.
    """
    header = _line(text)
    width = max(header.width, page.width)
    parts = [part.resize((width, max(1, part.height * width // part.width))) for part in (header, page)]
    whole = Image.new("RGB", (width, sum(part.height for part in parts)), "white")
    whole.paste(parts[0], (0, 0))
    whole.paste(parts[1], (0, parts[0].height))
    return whole


def _line(text: str) -> Image.Image:
    """The text as a picture of its own."""
    font = ImageFont.load_default(_SIZE)
    wrapped = "\n".join(textwrap.wrap(text, _WIDTH)) or " "
    _, _, right, bottom = ImageDraw.Draw(Image.new("RGB", (1, 1))).textbbox((0, 0), wrapped, font=font)
    picture = Image.new("RGB", (int(right) + 2 * _MARGIN, int(bottom) + 2 * _MARGIN), "white")
    ImageDraw.Draw(picture).text((_MARGIN, _MARGIN), wrapped, fill="black", font=font)
    return picture
