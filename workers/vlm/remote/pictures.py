"""Pages as they travel: inside the request, never as a link for a server to fetch."""

import base64
import io

from PIL import Image

MOST_PIXELS = 2_500_000  # a page at 150 dpi stays whole
_QUALITY = 90
_MARGIN = 1.2  # a PNG may be so much larger than the JPEG and still be taken: it is exact


def data_url(image: Image.Image, most_pixels: int = MOST_PIXELS) -> str:
    """The picture as a data URL, scaled down to at most so many pixels: PNG where that costs little more than JPEG."""
    shown = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    scale = (most_pixels / (shown.width * shown.height)) ** 0.5
    if scale < 1:
        size = (max(1, int(shown.width * scale)), max(1, int(shown.height * scale)))
        shown = shown.resize(size, Image.Resampling.LANCZOS)
    jpeg, png = _encoded(shown, "JPEG", quality=_QUALITY), _encoded(shown, "PNG")
    kind, data = ("png", png) if len(png) <= _MARGIN * len(jpeg) else ("jpeg", jpeg)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
