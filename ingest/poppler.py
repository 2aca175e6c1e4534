"""Pages of a PDF drawn by poppler through pdf2image, the second engine. Runs inside the child, its programs below.

A password is an argument of poppler's programs, so who may list this machine's processes sees it while a page is drawn.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pdf2image
from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError

from core.errors import NoPages, PageTookTooLong, PasswordNeeded, UnreadableFile, UnreadablePage, WrongPassword
from ingest.engines import POINTS_PER_INCH, Drawing, fit_dpi
from ingest.limits import Limits
from ingest.sight import Canvas, Setting, SetWord, part_words

_PAGE_SIZE = re.compile(r"([\d.]+(?:e[+-]?\d+)?) x ([\d.]+(?:e[+-]?\d+)?) pts")
_WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', re.DOTALL)
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">')
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_MAX_TEXT = 20_000_000
_LINE = 1.2  # of the type's size: a word's height


class PopplerEngine:
    """pdftoppm, pdfinfo and pdftotext."""

    def __init__(self, limits: Limits) -> None:
        """Keep the limits; a program that outlives its page is ended a little before the child itself would be."""
        self._limits = limits

    def open(self, path: Path, password: str | None) -> "PopplerFile":
        """Ask pdfinfo whether the file can be opened, and how many pages it has."""
        try:
            facts = pdf2image.pdfinfo_from_path(str(path), userpw=password or "", timeout=self._seconds)
        except PDFPageCountError as error:
            raise _refusal(str(error), password) from error
        except PDFPopplerTimeoutError as error:
            raise UnreadableFile("Opening the file took longer than allowed.") from error
        encrypted = str(facts.get("Encrypted", "no")).startswith("yes") and password is not None
        return PopplerFile(path, password, facts["Pages"], self._limits, self._seconds, encrypted=encrypted)

    @property
    def _seconds(self) -> int:
        return max(1, int(self._limits.wall_seconds * 0.9))


class PopplerFile:
    """A PDF that poppler can read; each call runs a program on it."""

    def __init__(
        self, path: Path, password: str | None, page_count: int, limits: Limits, seconds: int, *, encrypted: bool
    ) -> None:
        """Remember how to call the programs."""
        self._path = path
        self._password = password or ""
        self._limits = limits
        self._seconds = seconds
        self.page_count = page_count
        self.encrypted = encrypted

    def draw(self, number: int, dpi: float) -> Drawing:
        """Draw one page by pdftoppm to the size that the dpi asks for, and read its words by pdftotext."""
        try:
            width, height, turned = self._size_of(number)
            dpi = fit_dpi(width, height, dpi, self._limits.max_page_pixels)
            pixels = (max(1, round(width * dpi / POINTS_PER_INCH)), max(1, round(height * dpi / POINTS_PER_INCH)))
            images = pdf2image.convert_from_path(
                self._path, first_page=number, last_page=number, userpw=self._password,
                size=pixels[::-1] if turned else pixels,  # the size before it is turned
                use_cropbox=True, timeout=self._seconds,
            )  # fmt: skip
            found = tuple(self._words_of(number))
        except (PDFPopplerTimeoutError, subprocess.TimeoutExpired) as error:
            raise PageTookTooLong from error
        except (PDFPageCountError, PDFSyntaxError, OSError, ValueError) as error:
            raise UnreadablePage(f"Poppler could not draw page {number}.") from error
        if len(images) != 1:
            raise UnreadablePage(f"Poppler could not draw page {number}.")
        image = images[0].convert("RGB")
        words, _ = part_words(found, Canvas(image, image.tobytes(), image.width / width), width, height)
        return Drawing(image, width, height, dpi, words)

    def _size_of(self, number: int) -> tuple[float, float, bool]:
        """Width and height of the upright page in points, and whether it lies on its side in the file."""
        facts = pdf2image.pdfinfo_from_path(
            str(self._path), userpw=self._password, first_page=number, last_page=number, timeout=self._seconds
        )
        size = next((_PAGE_SIZE.search(str(v)) for k, v in facts.items() if re.fullmatch(r"Page\s+\d+ size", k)), None)
        if size is None:
            raise UnreadablePage(f"Poppler could not find page {number}.")
        width, height = float(size[1]), float(size[2])
        if width <= 0 or height <= 0:
            raise UnreadablePage(f"Page {number} has no area.")
        turned = any(re.fullmatch(r"Page\s+\d+ rot", k) and int(v) % 180 for k, v in facts.items())
        return (height, width, True) if turned else (width, height, False)

    def _words_of(self, number: int) -> Iterator[SetWord]:
        """The words, in sizes told by their boxes. Poppler does not say whether they are drawn, and in which colour."""
        command = ["pdftotext", "-bbox", "-cropbox", "-f", str(number), "-l", str(number)]
        if self._password:
            command += ["-upw", self._password]
        done = subprocess.run([*command, str(self._path), "-"], capture_output=True, timeout=self._seconds, check=False)  # noqa: S603 - no shell, our own arguments
        for match in _WORD.finditer(done.stdout[:_MAX_TEXT].decode("utf-8", "replace")):
            x0, y0, x1, y1 = (float(v) for v in match.group(1, 2, 3, 4))
            size = min(y1 - y0, 2 * (x1 - x0)) / _LINE
            yield (_plain(match[5]), x0, y0, x1, y1), Setting(size, (None,))

    def close(self) -> None:
        """Nothing stays open between calls."""


def _plain(escaped: str) -> str:
    for entity, letter in _ENTITIES:
        escaped = escaped.replace(entity, letter)
    return escaped


def _refusal(message: str, password: str | None) -> UnreadableFile | PasswordNeeded | WrongPassword | NoPages:
    if "Incorrect password" in message:
        return PasswordNeeded() if password is None else WrongPassword()
    return UnreadableFile()
