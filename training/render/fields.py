"""The fields that pages are asked for: how documents print their labels, and how people ask."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from training.render.languages import data, kept
from training.render.page import ENGLISH, Split


@dataclass(frozen=True, slots=True)
class Field:
    """A field, the labels that documents print beside it, and the wordings in which it is asked."""

    name: str
    labels: tuple[str, ...]
    prompts: tuple[str, ...]


def _load() -> dict[str, Field]:
    tables = tomllib.loads(Path(__file__).with_name("fields.toml").read_text("utf-8"))
    return {
        name: Field(name, tuple(t["labels"]), (name.replace("_", " "), *t["prompts"])) for name, t in tables.items()
    }


FIELDS = _load()

# A field that stands on a page answers these as well, so they are never asked there as absent.
SAME = (
    {"date", "invoice_date"},
    {"merchant", "vendor_name", "sender"},
    {"customer_name", "recipient", "account_holder"},
    {"account_holder", "first_name", "last_name"},
    {"sender", "bank_name"},
    {"signed_by", "sender"},
    {"reference", "purchase_order"},
    {"reference", "invoice_number", "form_number", "receipt_number"},
    {"total", "closing_balance"},
    {"vendor_name", "bank_name"},
)
BY_FAMILY: dict[str, tuple[str, ...]] = {
    "invoice": (
        "invoice_number",
        "invoice_date",
        "due_date",
        "vendor_name",
        "customer_name",
        "vat_number",
        "iban",
        "subtotal",
        "tax",
        "total",
        "purchase_order",
    ),
    "receipt": ("merchant", "date", "time", "total", "tax", "payment_method", "receipt_number", "cashier"),
    "letter": ("sender", "recipient", "date", "subject", "reference", "signed_by"),
    "form": ("first_name", "last_name", "date_of_birth", "phone", "email", "city", "postal_code", "form_number"),
    "statement": (
        "bank_name",
        "account_holder",
        "iban",
        "bic",
        "statement_number",
        "period_start",
        "period_end",
        "opening_balance",
        "closing_balance",
    ),
    "dense": (),
}
# Asked on a page of another family only where nothing printed there could be meant.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "invoice": (
        "bic",
        "statement_number",
        "receipt_number",
        "cashier",
        "time",
        "date_of_birth",
        "form_number",
        "opening_balance",
        "closing_balance",
        "period_start",
        "period_end",
        "subject",
        "merchant",
    ),
    "receipt": (
        "invoice_number",
        "due_date",
        "iban",
        "bic",
        "purchase_order",
        "customer_name",
        "date_of_birth",
        "form_number",
        "subject",
        "statement_number",
        "opening_balance",
        "vat_number",
        "subtotal",
    ),
    "letter": (
        "due_date",
        "iban",
        "bic",
        "vat_number",
        "purchase_order",
        "total",
        "tax",
        "subtotal",
        "cashier",
        "time",
        "receipt_number",
        "date_of_birth",
        "payment_method",
        "opening_balance",
    ),
    "form": (
        "iban",
        "bic",
        "total",
        "subtotal",
        "tax",
        "cashier",
        "receipt_number",
        "invoice_number",
        "due_date",
        "opening_balance",
        "closing_balance",
        "vat_number",
        "purchase_order",
    ),
    "statement": (
        "invoice_number",
        "due_date",
        "vat_number",
        "subtotal",
        "tax",
        "cashier",
        "time",
        "date_of_birth",
        "purchase_order",
        "receipt_number",
        "payment_method",
        "form_number",
        "signed_by",
    ),
    "dense": (
        "cashier",
        "signed_by",
        "subject",
        "due_date",
        "purchase_order",
        "opening_balance",
        "closing_balance",
        "account_holder",
        "payment_method",
        "tax",
        "statement_number",
    ),
}


@cache
def wordings(field: Field, split: Split, language: str = ENGLISH) -> tuple[str, ...]:
    """The prompts of a field in a split and a language: training never sees the held-out ones."""
    return kept(field.prompts if language == ENGLISH else data(language)["fields"][field.name]["prompts"], split)


@cache
def labels(field: Field, split: Split, language: str = ENGLISH) -> tuple[str, ...]:
    """The printed labels of a field in a split and a language, by the same rule."""
    return kept(field.labels if language == ENGLISH else data(language)["fields"][field.name]["labels"], split)


def prompts_for(field: Field, split: Split, dice: Random, language: str = ENGLISH) -> tuple[str, ...]:
    """All English wordings for a field, in random order, then one in the page's language."""
    choices = wordings(field, split)
    own = (dice.choice(wordings(field, split, language)),) if language != ENGLISH else ()
    return (*dice.sample(choices, len(choices)), *own)


@cache
def texts(field: Field, language: str) -> frozenset[str]:
    """Everything that may mean a field on a page of this language, in lower case."""
    own = (*wordings(field, Split.HELD_OUT, language), *labels(field, Split.HELD_OUT, language))
    return frozenset(text.lower() for text in (*own, *field.labels, *field.prompts))


def missing(family: str, present: set[str]) -> list[Field]:
    """Fields that may be asked of a page and are not on it."""
    shut = set(present).union(*(group for group in SAME if group & present)) if present else set()
    names = [*BY_FAMILY[family], *ELSEWHERE[family]]
    return [FIELDS[name] for name in dict.fromkeys(names) if name not in shut]
