"""Pictures as they come from scanners, telephones and bad copiers, with the way back to the clean picture's pixels."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.render.page import Grade

Gray = NDArray[np.uint8]
Affine = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Treatment:
    """Ranges from which one picture's treatment is drawn: low and high."""

    skew: float  # degrees either way
    zoom: tuple[float, float]  # down and up again, parts of the resolution
    blur: tuple[float, float]  # pixels
    ink: tuple[float, float]  # how dark full ink stays, 0 white to 1 black
    paper: tuple[float, float]  # how light the paper is, 0..1
    gradient: float  # how much light falls off across the page
    noise: tuple[float, float]  # standard deviation in gray levels
    speckle: float  # specks a megapixel
    quality: tuple[int, int]  # of the JPEG


TREATMENTS = {
    Grade.SCAN: _Treatment(1.0, (0.75, 1.0), (0.2, 0.7), (0.75, 1.0), (0.93, 1.0), 0.03, (1, 6), 60, (45, 90)),
    Grade.PHOTO: _Treatment(1.5, (0.65, 1.0), (0.3, 0.9), (0.6, 0.9), (0.7, 0.95), 0.25, (3, 10), 10, (35, 80)),
    Grade.FAINT: _Treatment(0.8, (0.7, 1.0), (0.2, 0.7), (0.25, 0.5), (0.9, 1.0), 0.05, (1, 6), 60, (50, 90)),
    Grade.LOW: _Treatment(0.6, (0.42, 0.6), (0.2, 0.6), (0.75, 1.0), (0.94, 1.0), 0.02, (0, 4), 10, (30, 75)),
}


def degrade(gray: Gray, grade: Grade, rng: np.random.Generator) -> tuple[Gray, Affine]:
    """The treated picture, of the same size, and the 2x3 matrix from the clean picture's pixels to its own."""
    if grade is Grade.CLEAN:
        return gray, np.eye(2, 3)
    treatment = TREATMENTS[grade]
    picture, affine = _move(Image.fromarray(gray), treatment, rng)
    picture = _soften(picture, treatment, rng)
    levels = _light(np.asarray(picture, np.float32), treatment, rng)
    if rng.random() < 0.12 and grade is Grade.SCAN:  # noqa: PLR2004  # a fax or a two-level scan
        levels = np.where(levels > rng.uniform(120, 175), 255.0, 0.0).astype(np.float32)
    return _press(np.clip(levels, 0, 255).astype(np.uint8), treatment, rng), affine


def _move(picture: Image.Image, treatment: _Treatment, rng: np.random.Generator) -> tuple[Image.Image, Affine]:
    """Turn about the middle, shift and scale a little."""
    turn = np.deg2rad(rng.uniform(-treatment.skew, treatment.skew)) if rng.random() < 0.8 else 0.0  # noqa: PLR2004
    scale = rng.uniform(0.985, 1.005)
    middle = np.array([picture.width / 2, picture.height / 2])
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shift = middle - linear @ middle + rng.uniform(-0.006, 0.006, 2) * picture.width
    back = np.linalg.inv(linear)
    data = np.column_stack([back, -back @ shift]).ravel()
    moved = picture.transform(picture.size, Image.Transform.AFFINE, tuple(data), Image.Resampling.BILINEAR, fillcolor=255)
    return moved, np.column_stack([linear, shift])


def _soften(picture: Image.Image, treatment: _Treatment, rng: np.random.Generator) -> Image.Image:
    """Lose resolution: down and up again, then blur."""
    zoom = rng.uniform(*treatment.zoom)
    if zoom < 0.97:  # noqa: PLR2004
        small = picture.resize((round(picture.width * zoom), round(picture.height * zoom)), Image.Resampling.BOX)
        picture = small.resize(picture.size, Image.Resampling.BICUBIC if rng.random() < 0.7 else Image.Resampling.BILINEAR)  # noqa: PLR2004
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(*treatment.blur)))


def _light(levels: NDArray[np.float32], treatment: _Treatment, rng: np.random.Generator) -> NDArray[np.float32]:
    """Ink and paper fade, light falls off to one side, the sensor is noisy, specks fall on the glass."""
    height, width = levels.shape
    paper, ink = 255 * rng.uniform(*treatment.paper), rng.uniform(*treatment.ink)
    levels = paper * (1 - ink * (1 - levels / 255))
    slope = rng.uniform(-treatment.gradient, treatment.gradient, 2).astype(np.float32)
    across = slope[0] * np.linspace(-0.5, 0.5, width, dtype=np.float32)
    down = slope[1] * np.linspace(-0.5, 0.5, height, dtype=np.float32)
    levels = levels * (1 - np.abs(slope).sum() / 2 + across[None, :] + down[:, None])
    noise = rng.standard_normal((height // 2 + 1, width // 2 + 1), np.float32) if rng.random() < 0.5 else None  # noqa: PLR2004
    grain = noise.repeat(2, 0).repeat(2, 1)[:height, :width] if noise is not None else rng.standard_normal((height, width), np.float32)
    levels = levels + grain * np.float32(rng.uniform(*treatment.noise))
    specks = rng.poisson(treatment.speckle * rng.random() * height * width / 1e6)
    y, x = rng.integers(0, height - 1, specks), rng.integers(0, width - 1, specks)
    dark = rng.uniform(0, 200, specks).astype(np.float32)
    for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
        levels[y + dy, x + dx] = np.minimum(levels[y + dy, x + dx], dark)
    return levels.astype(np.float32)


def _press(gray: Gray, treatment: _Treatment, rng: np.random.Generator) -> Gray:
    """Through JPEG and back."""
    bytes_ = io.BytesIO()
    Image.fromarray(gray).save(bytes_, "JPEG", quality=int(rng.integers(*treatment.quality)))
    with Image.open(bytes_) as pressed:
        return np.array(pressed, np.uint8)
