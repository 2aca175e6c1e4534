"""The fonts that pages are set in: found by name under /usr/share/fonts, or the fourteen that PyMuPDF carries."""

import io
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Literal

import pymupdf
from PIL import ImageFont

from training.render.page import CHARSET, Split

FOLDER = Path("/usr/share/fonts")
FEWEST_FAMILIES = 10
HELD_OUT_EVERY = 5

TABLE = Path(__file__).with_name("fonts.toml")
CAPITAL, MEASURED = "H", 500  # measured at this size, in pixels
LINE = (1.26, 0.36)  # of a capital's height: a line box above the baseline, accents included, and below it

Kind = Literal["sans", "serif", "mono"]


@cache
def known_families() -> dict[str, dict[str, tuple[Kind, str]]]:
    """fonts.toml: by Debian package, each family (as its files' names begin) with its kind and its design."""
    tables: dict[str, dict[str, tuple[Kind, str]]] = tomllib.loads(TABLE.read_text("utf-8"))
    return tables


def packages() -> tuple[str, ...]:
    """The Debian packages that carry the fonts."""
    return tuple(sorted(known_families()))


BUILTIN: tuple[tuple[str, str, Kind, bool, bool], ...] = (
    ("helv", "Helvetica", "sans", False, False),
    ("hebo", "Helvetica", "sans", True, False),
    ("heit", "Helvetica", "sans", False, True),
    ("tiro", "Times", "serif", False, False),
    ("tibo", "Times", "serif", True, False),
    ("tiit", "Times", "serif", False, True),
    ("cour", "Courier", "mono", False, False),
    ("cobo", "Courier", "mono", True, False),
    ("coit", "Courier", "mono", False, True),
)
STYLE = re.compile(r"^[-_ ]?(?P<style>(Std|No[23]|[-_ ]|[A-Z]?[a-z]*)*)$")
TOO_THIN_OR_ODD = re.compile(
    r"Math|Thin|Hairline|ExtraLight|UltraLight|Caps|caps|Outline|Titling|Ext(It|$)|Extended|EE?M$|Expanded|Retina|_K$|_DR$|_M$|Z|Medium.*Cond|Cond.*Medium"
)


class TooFewFonts(Exception):
    """The machine has too few of the fonts that training pages are set in."""

    def __init__(self, families: int) -> None:
        super().__init__(
            f"Only {families} of the training fonts' families are installed, and {FEWEST_FAMILIES} are the least. "
            f"Install them with: apt-get install {' '.join(packages())}"
        )


@dataclass(slots=True)
class Face:
    """One font file and how wide its characters are, in parts of the size."""

    key: str
    family: str
    kind: Kind
    design: str
    bold: bool = False
    italic: bool = False
    light: bool = False
    condensed: bool = False
    _font: pymupdf.Font | None = None
    _advances: dict[str, float] = field(default_factory=dict)
    _capital: float | None = None

    @property
    def font(self) -> pymupdf.Font:
        """The font as PyMuPDF draws with it, opened once."""
        if self._font is None:
            name = self.key.removeprefix("builtin:")
            self._font = pymupdf.Font(name) if name != self.key else pymupdf.Font(fontfile=str(FOLDER / self.key))
        return self._font

    def advance(self, character: str) -> float:
        """How far a character moves the pen; negative where the face has no glyph for it."""
        known = self._advances.get(character)
        if known is None:
            known = self.font.glyph_advance(ord(character)) if self.font.has_glyph(ord(character)) else -1.0
            self._advances[character] = known
        return known

    def has(self, text: str) -> bool:
        """Whether every character has a glyph."""
        return all(self.advance(character) >= 0 for character in text)

    def width(self, text: str, size: float) -> float:
        """The width of a text in points."""
        return sum(map(self.advance, text)) * size

    def heights(self, size: float) -> tuple[float, float]:
        """Ascent and descent of a line box, positive: fixed parts of the height of the face's capitals.

        What a font file says of its ascent is its maker's choice; the ink on the page is what a finder can see.
        """
        if self._capital is None:
            self._capital = _capital_height(self.font)
        return LINE[0] * self._capital * size, LINE[1] * self._capital * size


@dataclass(frozen=True, slots=True)
class Fonts:
    """The faces a page may choose from."""

    faces: tuple[Face, ...]

    def of(self, split: Split) -> "Fonts":
        """Only the faces of training, or only those held out; all of them where the split would be empty."""
        faces = tuple(face for face in self.faces if held_out(face.design) == (split is Split.HELD_OUT))
        return Fonts(faces) if faces else self

    def families(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the families of these kinds, sorted."""
        return tuple(sorted({face.family for face in self.faces if not kinds or face.kind in kinds}))

    def pick(self, dice: Random, family: str, *, bold: bool = False, italic: bool = False, light: bool = False) -> Face:
        """A face of the family, nearest to what is wanted; dice choose between regular and medium, bold and black."""
        faces = [face for face in self.faces if face.family == family]
        off = [4 * (f.bold != bold) + 2 * (f.italic != italic) + (f.light != light) for f in faces]
        return dice.choice([face for face, far in zip(faces, off, strict=True) if far == min(off)])


def held_out(name: str) -> bool:
    """The rule that keeps a name from training: one in five, by a hash that never changes."""
    return sha256(f"folioscope-1:{name}".encode()).digest()[0] % HELD_OUT_EVERY == 0


def _capital_height(font: pymupdf.Font) -> float:
    """How tall a capital is, in parts of the size: measured on its outline, large."""
    drawn = ImageFont.truetype(io.BytesIO(font.buffer), MEASURED)
    return -float(drawn.getbbox(CAPITAL, anchor="ls")[1]) / MEASURED


@cache
def installed_fonts() -> Fonts:
    """Every known face under /usr/share/fonts, in a fixed order."""
    table = {family: meant for package in known_families().values() for family, meant in package.items()}
    found = (_face_of(path, table) for path in sorted(FOLDER.rglob("*.[ot]tf")))
    faces = tuple(_unique(face for face in found if face is not None))
    families = {face.family for face in faces}
    if len(families) < FEWEST_FAMILIES:
        raise TooFewFonts(len(families))
    return Fonts(faces)


@cache
def builtin_fonts() -> Fonts:
    """The fonts inside PyMuPDF: for tests on machines without font packages."""
    return Fonts(
        tuple(
            Face(f"builtin:{code}", family, kind, family, bold, italic) for code, family, kind, bold, italic in BUILTIN
        )
    )


@cache
def face_of(key: str) -> Face:
    """The face behind the key of a run."""
    for fonts in (builtin_fonts,) if key.startswith("builtin:") else (installed_fonts,):
        for face in fonts().faces:
            if face.key == key:
                return face
    raise KeyError(key)


def _face_of(path: Path, table: dict[str, tuple[Kind, str]]) -> Face | None:
    """What a file's name says about its face; None for fonts that are not in the table."""
    stem = path.stem
    family = max((name for name in table if stem.startswith(name)), key=len, default="")
    match = STYLE.match(stem[len(family) :]) if family else None
    if match is None or TOO_THIN_OR_ODD.search(stem[len(family) :]):
        return None
    style = match["style"]
    if style[:1].islower():
        return None
    kind, design = table[family]
    bold = bool(re.search(r"Bold|Demi|Black|Heavy|RB|^BI?$|Bd|Semib", style))
    italic = bool(re.search(r"Ital|Obl|It$|Ita$|I$|RI", style))
    condensed = bool(re.search(r"Cond|Narrow", stem))
    name = f"{family} Condensed" if condensed and not re.search(r"Cond|Narrow", family) else family
    return Face(path.relative_to(FOLDER).as_posix(), name, kind, design, bold, italic, "Light" in style, condensed)


def _unique(faces: Iterable[Face]) -> Iterable[Face]:
    """Faces by name of file: the same font installed twice counts once."""
    seen: set[str] = set()
    for face in faces:
        name = face.key.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        if name not in seen and all(face.has(c) for c in CHARSET[:95]):
            seen.add(name)
            yield face
