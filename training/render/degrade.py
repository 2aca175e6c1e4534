"""Pictures as they come from scanners, telephones and bad copiers, with the way back to the clean picture's pixels."""

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.render.page import Grade

Gray = NDArray[np.uint8]
Affine = NDArray[np.float64]
NOISE_SIDE = 2560
TURNED = 0.8  # the share of pictures that are turned
TWO_LEVEL = 0.12  # of scans: a fax, or a scan in black and white


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
    Grade.SCAN: _Treatment(1.0, (0.7, 1.0), (0.0, 0.5), (0.75, 1.0), (0.93, 1.0), 0.03, (1, 6), 60, (45, 90)),
    Grade.PHOTO: _Treatment(1.5, (0.65, 0.95), (0.1, 0.7), (0.6, 0.9), (0.7, 0.95), 0.25, (3, 10), 10, (35, 80)),
    Grade.FAINT: _Treatment(0.8, (0.7, 1.0), (0.0, 0.5), (0.3, 0.55), (0.9, 1.0), 0.05, (1, 6), 60, (50, 90)),
    Grade.LOW: _Treatment(0.6, (0.48, 0.68), (0.0, 0.4), (0.75, 1.0), (0.94, 1.0), 0.02, (0, 4), 10, (30, 75)),
}


def degrade(gray: Gray, grade: Grade, rng: np.random.Generator) -> tuple[Gray, Affine]:
    """The treated picture, of the same size, and the 2x3 matrix from the clean picture's pixels to its own."""
    if grade is Grade.CLEAN:
        return gray, np.eye(2, 3)
    treatment = TREATMENTS[grade]
    affine = _turn((gray.shape[1], gray.shape[0]), treatment, rng)
    picture = _move(Image.fromarray(gray), affine, treatment, rng)
    levels = _light(picture, treatment, rng)
    if rng.random() < TWO_LEVEL and grade is Grade.SCAN:
        levels = np.where(levels > two_level_threshold(levels, rng), np.float32(255), np.float32(0))
    return _press(np.clip(levels, 0, 255, out=levels).astype(np.uint8), treatment, rng), affine


def two_level_threshold(levels: NDArray[np.float32], rng: np.random.Generator) -> float:
    """Where black begins, below the paper's own level: gray print grows thin, but what vanished whole is no truth."""
    return float(np.median(levels)) * rng.uniform(0.8, 0.9)


def _turn(size: tuple[int, int], treatment: _Treatment, rng: np.random.Generator) -> Affine:
    """A little turn about the middle, a shift, a change of scale."""
    turn = np.deg2rad(rng.uniform(-treatment.skew, treatment.skew)) if rng.random() < TURNED else 0.0
    scale = rng.uniform(0.985, 1.005)
    middle = np.array(size) / 2
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shift = middle - linear @ middle + rng.uniform(-0.006, 0.006, 2) * size[0]
    return np.column_stack([linear, shift])


def _move(picture: Image.Image, affine: Affine, treatment: _Treatment, rng: np.random.Generator) -> Image.Image:
    """Move by `affine` and blur, both at a lower resolution, as a cheap scanner does; then enlarge to the old size."""
    zoom = rng.uniform(*treatment.zoom)
    small = (round(picture.width * zoom), round(picture.height * zoom))
    ratio = np.array(small) / picture.size
    linear = ratio[:, None] * affine[:, :2] / ratio[None, :]
    back = np.linalg.inv(linear)
    data = np.column_stack([back, -back @ (ratio * affine[:, 2])]).ravel()
    moved = picture.resize(small, Image.Resampling.BOX).transform(
        small, Image.Transform.AFFINE, tuple(data), Image.Resampling.BILINEAR, fillcolor=255
    )
    moved = moved.filter(ImageFilter.BoxBlur(rng.uniform(*treatment.blur)))
    return moved.resize(picture.size, Image.Resampling.BICUBIC if rng.random() < 0.6 else Image.Resampling.BILINEAR)


def _light(picture: Image.Image, treatment: _Treatment, rng: np.random.Generator) -> NDArray[np.float32]:
    """Ink and paper fade, light falls off to one side, the sensor is noisy, specks fall on the glass."""
    levels = np.array(picture, np.float32)
    height, width = levels.shape
    paper, ink = 255 * rng.uniform(*treatment.paper), rng.uniform(*treatment.ink)
    levels *= np.float32(paper * ink / 255)
    levels += np.float32(paper * (1 - ink))
    slope = rng.uniform(-treatment.gradient, treatment.gradient, 2)
    across = slope[0] * np.linspace(-0.5, 0.5, width)
    down = 1 - np.abs(slope).sum() / 2 + slope[1] * np.linspace(-0.5, 0.5, height)
    levels *= across.astype(np.float32)[None, :] + down.astype(np.float32)[:, None]
    levels += _grain(height, width, rng.uniform(*treatment.noise), rng)
    specks = rng.poisson(treatment.speckle * rng.random() * height * width / 1e6)
    y, x = rng.integers(0, height - 1, specks), rng.integers(0, width - 1, specks)
    dark = rng.uniform(0, 200, specks).astype(np.float32)
    for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
        levels[y + dy, x + dx] = np.minimum(levels[y + dy, x + dx], dark)
    return levels


@cache
def _noise() -> NDArray[np.float32]:
    """Noise drawn once, coarse over fine: pictures take windows of it, as drawing it anew takes half of the time."""
    rng = np.random.default_rng(0)
    half = NOISE_SIDE // 2
    fine = rng.standard_normal((half, NOISE_SIDE), np.float32)
    coarse = rng.standard_normal((half // 2, half), np.float32)
    return np.concatenate([coarse.repeat(2, 0).repeat(2, 1), fine])


def _grain(height: int, width: int, strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """A window of the noise at a random place, repeated where the picture is larger."""
    noise = _noise()
    if height > NOISE_SIDE or width > NOISE_SIDE:
        noise = np.tile(noise, (-(-height // NOISE_SIDE), -(-width // NOISE_SIDE)))
    y, x = rng.integers(0, noise.shape[0] - height + 1), rng.integers(0, noise.shape[1] - width + 1)
    return noise[y : y + height, x : x + width] * np.float32(strength)


def _press(gray: Gray, treatment: _Treatment, rng: np.random.Generator) -> Gray:
    """Through JPEG and back."""
    bytes_ = io.BytesIO()
    Image.fromarray(gray).save(bytes_, "JPEG", quality=int(rng.integers(*treatment.quality)))
    with Image.open(bytes_) as pressed:
        return np.array(pressed, np.uint8)
