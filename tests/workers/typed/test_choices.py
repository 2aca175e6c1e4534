"""Truth values, choices and countries."""

import pytest
from babel import Locale

from core.records import FieldKind
from workers.typed import read_value
from workers.typed.months import LANGUAGES


@pytest.mark.parametrize("text", ["x", "X", "yes", "JA", "Oui.", "sí", "sì", "true", "☒", "✓", "[x]", "☒ Insured", "1"])
def test_what_says_yes_is_true(text: str) -> None:
    assert read_value(text, FieldKind.BOOLEAN).value is True


@pytest.mark.parametrize("text", ["no", "Nein", "non", "nee", "false", "☐", "[ ]", "( )", "☐ Insured", "0"])
def test_what_says_no_is_false(text: str) -> None:
    assert read_value(text, FieldKind.BOOLEAN).value is False


def test_of_several_boxes_the_ticked_one_counts() -> None:
    assert read_value("☐ ja ☒ nein", FieldKind.BOOLEAN).value is False
    assert read_value("[x] yes [ ] no", FieldKind.BOOLEAN).value is True
    assert read_value("☒ yes ☒ no", FieldKind.BOOLEAN).problem == "not-a-truth-value"
    assert read_value("☐ yes ☐ no", FieldKind.BOOLEAN).problem == "not-a-truth-value"


@pytest.mark.parametrize("text", ["", "maybe", "2", "n/a"])
def test_what_says_neither_is_none(text: str) -> None:
    assert read_value(text, FieldKind.BOOLEAN).value is None


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Net 30", "net_30"),
        ("MÜNCHEN", "München"),
        ("Munchen", "München"),
        ("marired", "married"),
        ("unmarried", None),  # no way to spell `married`
        ("net 60", None),
        ("", None),
    ],
)
def test_a_choice_is_found_but_for_case_marks_and_a_slip(text: str, choice: str | None) -> None:
    typed = read_value(text, FieldKind.CHOICE, choices=("single", "married", "net_30", "München"))
    assert typed.value == choice
    assert typed.problem == (None if choice else "not-a-choice")


def test_a_text_as_near_to_two_choices_is_neither() -> None:
    assert read_value("widowet", FieldKind.CHOICE, choices=("widower", "widowed")).value is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_is_known_by_its_name_in_six_languages(language: str) -> None:
    names = Locale(language).territories
    countries = ["DE", "FR", "ES", "IT", "NL", "GB", "US", "CH", "CI", "CZ", "KR", "ZA", "AE", "MM", "RE", "XK"]
    read = {code: read_value(names[code].upper(), FieldKind.COUNTRY).value for code in countries}
    assert read == {code: code for code in countries}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("deu", "DE"),
        ("U.S.A.", "US"),
        ("Holland", "NL"),
        ("Germany (DE)", "DE"),
        ("Great Britain", "GB"),
        ("Cote d'Ivoire", "CI"),
    ],
)
def test_a_country_is_known_by_its_codes_and_other_names(text: str, code: str) -> None:
    assert read_value(text, FieldKind.COUNTRY).value == code


@pytest.mark.parametrize("text", ["", "Atlantis", "European Union", "Germany and France", "276"])
def test_what_is_no_country_is_none(text: str) -> None:
    assert read_value(text, FieldKind.COUNTRY).problem == "not-a-country"
