"""An archive of documents with known truth: business papers of all families, drawn by the training renderer."""

import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image
from pydantic import TypeAdapter

from benchmarks.archive_cast import CURRENCIES, DAYS, FIRST_DAY, Casting, Given, Parties, Party, parties_of
from core.records import FieldKind
from storage.schemas import fields_of
from training.render import Fact, Grade, Page, Split, compose, compose_statement_of, degrade, draw, rasterize
from training.render.concepts import CONCEPTS
from training.render.dice import chance
from training.render.fonts import Fonts

KINDS = {"invoice": 0.43, "receipt": 0.14, "letter": 0.13, "form": 0.14, "statement": 0.16}  # and their shares
ENCLOSED = 0.2  # of invoices and letters have a dense page behind them
LENGTHS = (1, 1, 2, 2, 3, 4, 6)  # pages of statements
GRADES = (Grade.CLEAN, Grade.SCAN, Grade.SCAN)  # of documents without a text layer
DPI, QUALITY = 150, 85
FIRST_SEED = {Split.HELD_OUT: 20_000_000, Split.TRAIN: 30_000_000}  # no training and no other exam counts there
STRIDE = 1_000_000  # from one seed of an archive to the next
TRIES = 40
Turn = NDArray[np.float64]  # from a picture's pixels as drawn to those as shown
STRAIGHT: Turn = np.eye(2, 3)
SCHEMAS = Path(__file__).parents[1] / "storage" / "builtin_schemas"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a page states, and what it means: a date as 2021-03-04, an amount as 12.30."""

    field: str  # of the schema, a concept's name, or "label"
    prompt: str  # how it is asked
    text: str  # as printed
    page: int
    box: tuple[float, float, float, float]  # in parts of the page
    typed: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A document and the truth about it."""

    file: str
    schema: str
    language: str
    pages: int
    layer: bool  # whether it has its own text
    grade: str
    issuer: str  # the party's name, whether printed or not
    told: tuple[Told, ...]
    lacks: tuple[str, ...]  # fields and concepts that it certainly does not state, and may be asked for

    def value(self, field: str) -> Told | None:
        """What it states of a field."""
        return next((told for told in self.told if told.field == field), None)


@cache
def kinds_of(schema: str) -> dict[str, FieldKind]:
    """The fields of a built-in schema, tables left out, with their kinds."""
    body = json.loads((SCHEMAS / f"{schema}.json").read_text("utf-8"))
    return {field.path: field.kind for field in fields_of(body) if "[" not in field.path and "." not in field.path}


def kind_of(schema: str, field: str) -> FieldKind:
    """What a field, or a concept, means."""
    for name in (schema, *KINDS):
        if field in kinds_of(name):
            return kinds_of(name)[field]
    meant = CONCEPTS[field].kind if field in CONCEPTS else ""
    return {"date": FieldKind.DATE, "money": FieldKind.MONEY, "phone": FieldKind.PHONE}.get(meant, FieldKind.TEXT)


def build(
    folder: Path, documents: int, split: Split, born_digital: float, seed: int = 0, fonts: Fonts | None = None
) -> list[Known]:
    """Write the files and `truth.jsonl` into a folder, or take them where they are there; always the same ones."""
    truth, files = folder / "truth.jsonl", folder / "files"
    if truth.exists():
        return load(truth)
    files.mkdir(parents=True, exist_ok=True)
    parties = parties_of(documents, split, seed)
    archive = []
    for number in range(documents):
        known, content = make(Making(number, split, seed, fonts), parties, born_digital)
        (files / known.file).write_bytes(content)
        archive.append(known)
    part = truth.with_suffix(".part")
    part.write_text("".join(f"{json.dumps(asdict(known), ensure_ascii=False)}\n" for known in archive), "utf-8")
    part.rename(truth)
    return archive


def load(truth: Path) -> list[Known]:
    """The truth, as it was written."""
    adapter = TypeAdapter(Known)
    return [adapter.validate_json(line) for line in truth.read_text("utf-8").splitlines()]


@dataclass(frozen=True, slots=True)
class Making:
    """Which document of which archive is made, and in which fonts; None: those of this machine."""

    number: int
    split: Split
    seed: int = 0
    fonts: Fonts | None = None

    @property
    def first(self) -> int:
        """The first seed of its pages."""
        return FIRST_SEED[self.split] + self.seed * STRIDE + self.number

    def dice(self) -> Random:
        """What decides about it."""
        return Random(f"{self.split}:archive:{self.seed}:{self.number}")  # noqa: S311 - for made-up pages, no secret


@dataclass(frozen=True, slots=True)
class Composed:
    """A document before it is drawn, or is no more than text."""

    making: Making
    kind: str
    casting: Casting
    pages: tuple[Page, ...]

    def known(self, turns: Sequence[Turn], grade: Grade, *, layer: bool) -> Known:
        """What is known of it, where its pages are turned like this."""
        party = self.casting.party
        return Known(
            file=f"{self.making.number:05}.pdf",
            schema=self.kind,
            language=self.pages[0].language,
            pages=len(self.pages),
            layer=layer,
            grade=str(grade),
            issuer=party.name if party else "",
            told=tuple(_told(self.kind, self.pages, turns, self.casting.given, party)),
            lacks=tuple(dict.fromkeys(a.field for a in self.pages[0].absent if a.field != "label")),
        )


def composed(making: Making, parties: Parties, dice: Random) -> Composed:
    """One document of an archive."""
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    party = dice.choice(parties.of(kind)) if parties.of(kind) else None
    casting = Casting(party, kind, FIRST_DAY + dt.timedelta(dice.randrange(DAYS)))
    return Composed(making, kind, casting, tuple(_pages(kind, making, casting, dice)))


def described(
    documents: int, split: Split, seed: int = 0, fonts: Fonts | None = None
) -> Iterator[tuple[Known, tuple[Page, ...]]]:
    """An archive's documents with what is known of them, all as if they had a text layer; nothing is drawn."""
    parties = parties_of(documents, split, seed)
    for number in range(documents):
        making = Making(number, split, seed, fonts)
        one = composed(making, parties, making.dice())
        yield one.known([STRAIGHT] * len(one.pages), Grade.CLEAN, layer=True), one.pages


def make(making: Making, parties: Parties, born_digital: float) -> tuple[Known, bytes]:
    """One document of an archive: what is known of it, and its file."""
    dice = making.dice()
    one = composed(making, parties, dice)
    if chance(dice, born_digital):
        return one.known([STRAIGHT] * len(one.pages), Grade.CLEAN, layer=True), draw(one.pages, subset=True)
    grade = dice.choice(GRADES)
    content, turns = _pictures(one.pages, grade, np.random.default_rng(making.first))
    return one.known(turns, grade, layer=False), content


def _pages(kind: str, making: Making, casting: Casting, dice: Random) -> list[Page]:
    """Compose a document; an invoice is none without its number or date, as such papers are offers and the like."""
    length = dice.choice(LENGTHS) if kind == "statement" else 1
    if length > 1:
        return compose_statement_of(length, making.first, making.split, making.fonts, casting)
    language = casting.party.language if casting.party else None
    tried = (
        compose(making.first + n * 50_000, making.split, kind, making.fonts, language, casting) for n in range(TRIES)
    )
    page = next(one for one in tried if _fits(one, kind, casting.party))
    if kind in {"invoice", "letter"} and dice.random() < ENCLOSED:
        return [page, _enclosure(making, page, kind)]
    return [page]


def _fits(page: Page, kind: str, party: Party | None) -> bool:
    """Whether a page is of its kind, and nobody writes to himself."""
    said = {fact.field: fact.value for fact in page.facts}
    addressed = {said.get("customer_name"), said.get("recipient")}
    return (party is None or party.name not in addressed) and (
        kind != "invoice" or not said.keys().isdisjoint(("invoice_number", "invoice_date"))
    )


def _enclosure(making: Making, page: Page, kind: str) -> Page:
    """A dense page that states nothing of what the document is about."""
    taken = {fact.field for fact in page.facts} | set(kinds_of(kind))
    first = making.first + 500_000
    tried = (compose(first + n * 10_000, making.split, "dense", making.fonts, page.language) for n in range(TRIES))
    return next(one for one in tried if taken.isdisjoint(fact.field for fact in one.facts))


def _pictures(pages: Sequence[Page], grade: Grade, rng: np.random.Generator) -> tuple[bytes, list[Turn]]:
    """A PDF of the pages' pictures alone, and how each was turned."""
    turns = []
    with pymupdf.open() as document:
        for page in pages:
            gray, affine = degrade(rasterize(page, DPI), grade, rng)
            turns.append(affine)
            file = io.BytesIO()
            Image.fromarray(gray).save(file, "JPEG", quality=QUALITY)
            paper = document.new_page(width=page.width, height=page.height)
            paper.insert_image(paper.rect, stream=file.getvalue())
        return bytes(document.tobytes(no_new_id=True)), turns


def _told(
    kind: str, pages: Sequence[Page], turns: Iterable[Turn], given: Given | None, party: Party | None
) -> Iterator[Told]:
    """What the pages state; of a field that two of them state, the first."""
    said: set[str] = set()
    for number, (page, turn) in enumerate(zip(pages, turns, strict=True), start=1):
        for fact in page.facts:
            if fact.field in said or fact.field == "cell":
                continue
            said |= {fact.field} - {"label"}
            typed, currency = _meant(kind_of(kind, fact.field), fact.value, given)
            currency = CURRENCIES[party.currency] if party and currency else currency
            yield Told(fact.field, fact.prompts[0], fact.value, number, _box(page, fact, turn), typed, currency)


def _meant(kind: FieldKind, text: str, given: Given | None) -> tuple[str | None, str | None]:
    """A date or an amount as the composer meant it, and whether there is a currency."""
    if given and kind is FieldKind.DATE and text in given.days:
        return given.days[text].isoformat(), None
    if given and kind is FieldKind.MONEY and text in given.sums:
        return f"{Decimal(given.sums[text]) / 100:.2f}", CURRENCIES.get(given.currency)
    return None, None


def _box(page: Page, fact: Fact, turn: Turn) -> tuple[float, float, float, float]:
    """Where a value stands on the page as it is shown."""
    run, scale = page.runs[fact.span.run], DPI / 72
    left = run.x if fact.span.start == 0 else run.edges[fact.span.start - 1]
    ends = [(left, run.baseline - run.ascent), (run.edges[fact.span.stop - 1], run.baseline + run.descent)]
    (x0, y0), (x1, y1) = ((turn @ (x * scale, y * scale, 1.0)) / scale for x, y in ends)
    return (
        round(float(x0 / page.width), 4),
        round(float(y0 / page.height), 4),
        round(float(x1 / page.width), 4),
        round(float(y1 / page.height), 4),
    )
