"""Any Pillow mode to gray or RGB on white, scaled down without ever holding a second copy of a huge image."""

import math

from PIL import Image

_BAND_PIXELS = 4_000_000
_WHITE = 255


def flatten_to(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image as mode L or RGB at `size`, which is no larger than it is. Transparency becomes white paper."""
    image.load()
    scale = _scale_of(image)
    factor = max(1, min(image.width // size[0], image.height // size[1]))
    flat = _flatten(image, scale) if factor == 1 else _reduce_in_bands(image, factor, scale)
    return flat if flat.size == size else flat.resize(size, Image.Resampling.LANCZOS)


def _reduce_in_bands(image: Image.Image, factor: int, scale: tuple[float, float]) -> Image.Image:
    """Average blocks of `factor` x `factor`, a band of rows at a time."""
    rows = max(1, _BAND_PIXELS // (image.width * factor)) * factor
    reduced: Image.Image | None = None
    for top in range(0, image.height, rows):
        band = _flatten(image.crop((0, top, image.width, min(top + rows, image.height))), scale).reduce(factor)
        if reduced is None:
            reduced = Image.new(band.mode, (band.width, math.ceil(image.height / factor)))
        reduced.paste(band, (0, top // factor))
    if reduced is None:
        raise ValueError("an image without rows")
    return reduced


def _flatten(image: Image.Image, scale: tuple[float, float]) -> Image.Image:
    if "transparency" in image.info or image.mode in {"LA", "PA", "RGBA", "La", "RGBa"}:
        return _on_white(image.convert("RGBA"))
    match image.mode:
        case "L" | "RGB":
            return image
        case "1":
            return image.convert("L")
        case "I;16" | "I;16B" | "I;16L" | "I;16N" | "I" | "F":
            low, high = scale
            gain = _WHITE / (high - low)
            return image.convert("F").point(lambda v: v * gain - low * gain).convert("L")
        case _:
            return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGB", image.size, (_WHITE, _WHITE, _WHITE))
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _scale_of(image: Image.Image) -> tuple[float, float]:
    """Which values are black and white: the full range of 16 bits, or the range in use where a mode has no range."""
    if image.mode not in {"I", "F"}:
        return 0.0, 65_535.0
    lowest, highest = image.getextrema()
    if (
        not isinstance(lowest, int | float)
        or not isinstance(highest, int | float)
        or not math.isfinite(highest - lowest)
    ):
        raise ValueError("the image has no range of brightness")
    return (float(lowest), float(highest)) if highest > lowest else (0.0, max(1.0, float(highest)))
