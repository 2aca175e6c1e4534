"""Whatever a model may say: no text raises, none takes long, and what comes out can be stored."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.records import FieldKind
from workers.typed import Hints, folded, hints_of, read_value, same

patient = settings(deadline=None, max_examples=60)  # the first value of a kind loads what is known of it

ROOT = Path(__file__).parents[3]
HINTS = Hints(True, ",", ("EUR",), "de", ("DE", "US"), 2024)  # noqa: FBT003 - day first
kinds = st.sampled_from(FieldKind)
likely = st.text("0123456789.,-/' ()€$+@:IBANDEx☒", max_size=40)
texts = st.one_of(likely, st.text(max_size=40), st.text(st.characters(), max_size=40))


@patient
@given(text=texts, kind=kinds, hints=st.sampled_from([Hints(), HINTS]))
@example("\ud800", FieldKind.TEXT, Hints())
@example("\x00", FieldKind.TEXT, Hints())
@example("+" + "9" * 299, FieldKind.PHONE, HINTS)
@example("\u0660/\u0660/\u0660\u0660\u0660\u0660", FieldKind.DATE, Hints())
def test_any_text_has_a_value_or_a_problem_and_both_can_be_stored(text: str, kind: FieldKind, hints: Hints) -> None:
    typed = read_value(text, kind, choices=("net_30", ""), hints=hints)
    assert typed.problem or typed.value is not None
    stored = json.dumps([typed.value, *typed.readings], allow_nan=False)
    assert "\\u0000" not in stored
    json.loads(stored)
    json.dumps(typed.value, ensure_ascii=False).encode()
    assert not typed.readings or (typed.value is None and typed.problem)


@patient
@given(text=texts, kind=kinds)
def test_a_text_means_what_it_means(text: str, kind: FieldKind) -> None:
    assert same(text, text, kind)


@patient
@given(text=texts)
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@patient
@given(readings=st.lists(st.tuples(texts, kinds), max_size=8))
def test_any_document_has_hints(readings: list[tuple[str, FieldKind]]) -> None:
    hints_of(readings)


@pytest.mark.parametrize("kind", [kind for kind in FieldKind if kind is not FieldKind.TEXT])
@pytest.mark.parametrize("piece", ["9", "a@", "12/", "\u200f"])
def test_a_megabyte_of_text_is_no_value(kind: FieldKind, piece: str) -> None:
    typed = read_value(piece * (1_000_000 // len(piece)), kind, choices=("a", "b"))
    assert typed.value is None
    assert typed.problem


def test_a_megabyte_of_text_is_a_text() -> None:
    assert len(read_value("word " * 200_000, FieldKind.TEXT).value) == 999_999


@pytest.mark.parametrize("number", ["9" * 400, str(10**400), "1" * 25, "0." + "0" * 200 + "1"])
def test_a_number_of_no_quantity_is_none(number: str) -> None:
    for kind in (FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.MONEY):
        assert read_value(number, kind).value is None


def test_marks_of_direction_are_no_part_of_a_value() -> None:
    assert read_value("\u202b1.204,00\u202c \u200f€", FieldKind.MONEY).value == {"amount": "1204.00", "currency": "EUR"}
    assert read_value("\u200e12\u200e/\u200e31\u200e/\u200e2024", FieldKind.DATE).value == "2024-12-31"


def test_blanks_around_a_value_do_not_make_it_long() -> None:
    assert read_value(" " * 5000 + "12.50", FieldKind.NUMBER).value == 12.5


def test_nothing_heavy_is_loaded_before_a_value_needs_it() -> None:
    heavy = {"babel", "phonenumbers", "stdnum", "sqlalchemy", "torch"}
    look = f"import sys, workers.typed; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"
