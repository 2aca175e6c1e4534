"""Pages as they travel: inside the request, never as a link for a server to fetch."""

import base64
import io

from PIL import Image

MOST_PIXELS = 2_500_000  # a page at 150 dpi stays whole
_QUALITY = 90
_MARGIN = 1.2  # a PNG may be so much larger than the JPEG and still be taken: it is exact


def fitted(image: Image.Image, most_pixels: int = MOST_PIXELS, patch: int = 1) -> Image.Image:
    """The picture with at most so many pixels, its sides multiples of `patch` and two of them at least."""
    shown = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    scale = min(1.0, (most_pixels / (shown.width * shown.height)) ** 0.5)
    width, height = (_whole(side * scale, patch) for side in shown.size)
    return shown if (width, height) == shown.size else shown.resize((width, height), Image.Resampling.LANCZOS)


def _whole(side: float, patch: int) -> int:
    return max(1, int(side)) if patch == 1 else max(2, int(side / patch)) * patch


def data_url(shown: Image.Image) -> str:
    """A picture of mode L or RGB as a data URL: PNG where that costs little more than JPEG."""
    jpeg, png = _encoded(shown, "JPEG", quality=_QUALITY), _encoded(shown, "PNG")
    kind, data = ("png", png) if len(png) <= _MARGIN * len(jpeg) else ("jpeg", jpeg)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
