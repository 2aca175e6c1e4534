"""The fonts that pages are set in: found by name under /usr/share/fonts, or the fourteen that PyMuPDF carries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Literal

import pymupdf

from training.render.page import CHARSET, Split

FOLDER = Path("/usr/share/fonts")
FEWEST_FAMILIES = 10
HELD_OUT_EVERY = 5

Kind = Literal["sans", "serif", "mono"]

# Debian package, family as its files' names begin, kind, design. Families that look alike (metric twins, descendants)
# share a design, and a design is held out as a whole: a held-out face must be a face that training never saw.
FAMILIES: tuple[tuple[str, str, Kind, str], ...] = (
    ("fonts-dejavu", "DejaVuSans", "sans", "vera sans"),
    ("fonts-dejavu", "DejaVuSansCondensed", "sans", "vera sans"),
    ("fonts-dejavu", "DejaVuSerif", "serif", "vera serif"),
    ("fonts-dejavu", "DejaVuSerifCondensed", "serif", "vera serif"),
    ("fonts-dejavu", "DejaVuSansMono", "mono", "vera mono"),
    ("fonts-hack", "Hack", "mono", "vera mono"),
    ("fonts-liberation", "LiberationSans", "sans", "arial"),
    ("fonts-liberation", "LiberationSansNarrow", "sans", "arial narrow"),
    ("fonts-liberation", "LiberationSerif", "serif", "times"),
    ("fonts-liberation", "LiberationMono", "mono", "liberation mono"),
    ("fonts-freefont-ttf", "FreeSans", "sans", "arial"),
    ("fonts-freefont-ttf", "FreeSerif", "serif", "times"),
    ("fonts-freefont-ttf", "FreeMono", "mono", "courier"),
    ("fonts-noto-core", "NotoSans", "sans", "droid sans"),
    ("fonts-noto-core", "NotoSansDisplay", "sans", "droid sans"),
    ("fonts-open-sans", "OpenSans", "sans", "droid sans"),
    ("fonts-noto-core", "NotoSerif", "serif", "droid serif"),
    ("fonts-noto-core", "NotoSerifDisplay", "serif", "noto display"),
    ("fonts-roboto", "Roboto", "sans", "roboto"),
    ("fonts-roboto", "RobotoCondensed", "sans", "roboto condensed"),
    ("fonts-roboto-slab", "RobotoSlab", "serif", "roboto slab"),
    ("fonts-lato", "Lato", "sans", "lato"),
    ("fonts-crosextra-carlito", "Carlito", "sans", "lato"),
    ("fonts-crosextra-caladea", "Caladea", "serif", "cambo"),
    ("fonts-urw-base35", "NimbusSans", "sans", "arial"),
    ("fonts-urw-base35", "NimbusSansNarrow", "sans", "arial narrow"),
    ("fonts-urw-base35", "NimbusRoman", "serif", "times"),
    ("fonts-urw-base35", "NimbusMonoPS", "mono", "courier"),
    ("fonts-urw-base35", "URWGothic", "sans", "avant garde"),
    ("fonts-urw-base35", "URWBookman", "serif", "bookman"),
    ("fonts-urw-base35", "C059", "serif", "century schoolbook"),
    ("fonts-urw-base35", "P052", "serif", "palatino"),
    ("fonts-linuxlibertine", "LinLibertine", "serif", "libertine"),
    ("fonts-linuxlibertine", "LinBiolinum", "sans", "biolinum"),
    ("fonts-cantarell", "Cantarell", "sans", "cantarell"),
    ("fonts-inconsolata", "Inconsolata", "mono", "inconsolata"),
    ("fonts-firacode", "FiraCode", "mono", "fira mono"),
    ("fonts-jetbrains-mono", "JetBrainsMono", "mono", "jetbrains mono"),
    ("fonts-cascadia-code", "CascadiaCode", "mono", "cascadia"),
    ("fonts-courier-prime", "Courier Prime", "mono", "courier"),
    ("fonts-courier-prime", "Courier Prime Code", "mono", "courier"),
    ("fonts-courier-prime", "Courier Prime Sans", "mono", "courier sans"),
    ("fonts-ebgaramond", "EBGaramond08", "serif", "garamond"),
    ("fonts-ebgaramond", "EBGaramond12", "serif", "garamond"),
    ("fonts-sil-gentium-basic", "GenBas", "serif", "gentium"),
    ("fonts-sil-gentium-basic", "GenBkBas", "serif", "gentium"),
    ("fonts-sil-charis", "CharisSIL", "serif", "charter"),
    ("fonts-junicode", "JunicodeTwoBeta", "serif", "junicode"),
    ("fonts-vollkorn", "Vollkorn", "serif", "vollkorn"),
    ("fonts-comfortaa", "Comfortaa", "sans", "comfortaa"),
    ("fonts-quicksand", "Quicksand", "sans", "quicksand"),
    ("fonts-cabin", "Cabin", "sans", "cabin"),
    ("fonts-dosis", "Dosis", "sans", "dosis"),
    ("fonts-oswald", "Oswald", "sans", "oswald"),
    ("fonts-ubuntu", "Ubuntu", "sans", "ubuntu"),
    ("fonts-adf-accanthis", "AccanthisADFStd", "serif", "accanthis"),
    ("fonts-adf-gillius", "GilliusADF", "sans", "gill"),
    ("fonts-adf-gillius", "GilliusADFNo2", "sans", "gill"),
    ("fonts-adf-universalis", "UniversalisADFStd", "sans", "univers"),
)
PACKAGES = tuple(sorted({package for package, *_ in FAMILIES}))
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
TOO_THIN_OR_ODD = re.compile(r"Math|Thin|Hairline|ExtraLight|Expanded|Retina|_K$|_DR$|_M$|Z|Medium.*Cond|Cond.*Medium")


class TooFewFonts(Exception):
    """The machine has too few of the fonts that training pages are set in."""

    def __init__(self, families: int) -> None:
        super().__init__(
            f"Only {families} of the training fonts' families are installed, and {FEWEST_FAMILIES} are the least. "
            f"Install them with: apt-get install {' '.join(PACKAGES)}"
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
    _heights: tuple[float, float] | None = None

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
        """Ascent and descent of a line box, positive; held to sensible values where a font file lies."""
        if self._heights is None:
            ascender, descender = self.font.ascender, -self.font.descender
            self._heights = (min(max(ascender, 0.75), 0.95), min(max(descender, 0.2), 0.25))
        return self._heights[0] * size, self._heights[1] * size


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


@cache
def installed_fonts() -> Fonts:
    """Every known face under /usr/share/fonts, in a fixed order."""
    table = {family: (kind, design) for _, family, kind, design in FAMILIES}
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
