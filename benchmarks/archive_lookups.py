"""Questions that one page answers."""

from collections.abc import Iterable
from typing import TypeVar

from benchmarks.archive_documents import Known, Told
from benchmarks.archive_wordings import ASKED, WANTED, asked_of
from benchmarks.archive_world import Question, World
from training.render.dice import chance
from workers.typed.folding import bare

T = TypeVar("T")
LEAST_CHARACTERS = 4  # of what names a document


def lookup(world: World) -> Question | None:
    """A field of a document that is named by its number, or an issuer's number."""
    if chance(world.dice, 0.15):
        return _number_of_issuer(world)
    known = world.dice.choice(world.archive)
    subject = subject_of(world, known)
    offers = [told for told in known.told if told.field in ASKED or _is_plain(told)]
    if subject is None or not offers:
        return None
    told = world.dice.choice(offers)
    if told is subject[0] or (told.field, known.schema) == ("first_name", "form"):
        return None
    right = [other for other in known.told if other.field == told.field]
    text = asked_of(world.dice, known.schema, told.field, told.prompt, subject[1])
    answers, places = _unique(o.text for o in right), _unique((known.file, o.page) for o in right)
    return Question("lookup", text, answers, places, known.schema, told.field, about=subject[0].text)


def _number_of_issuer(world: World) -> Question | None:
    """The IBAN or VAT number of a vendor: any document that names both is right."""
    if not world.issuers["invoice"]:
        return None
    vendor, field = world.dice.choice(world.issuers["invoice"]), world.dice.choice(("iban", "iban", "vat_number"))
    found = [
        (told, known.file)
        for known in world.archive
        if known.schema == "invoice" and (named := known.value("vendor_name")) and named.text == vendor
        for told in known.told
        if told.field == field
    ]
    if not found:
        return None
    text = asked_of(world.dice, "invoice", field, field, vendor)
    answers, places = _unique(t.text for t, _ in found), _unique((file, t.page) for t, file in found)
    return Question("lookup", text, answers, places, "invoice", field, about=vendor)


def subject_of(world: World, known: Known) -> tuple[Told, str] | None:
    """What names a document alone: its number or reference, or the person of a form."""
    for field, form in WANTED[known.schema]:
        told = known.value(field)
        if told and len(bare(told.text)) >= LEAST_CHARACTERS and world.texts[bare(told.text)] == 1:
            return told, form.format(told.text)
    return None


def _is_plain(told: Told) -> bool:
    """Whether a thing is asked by a noun, so that `the <noun> of` can be said."""
    return told.field != "label" and not told.prompt.endswith("?") and told.prompt.isascii()


def _unique(entries: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(entries))
