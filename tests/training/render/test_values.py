"""Values are well formed."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import training.render.fonts
from training.render import Split, TooFewFonts, installed_fonts
from training.render.checked import NIF_LETTERS, vat_of
from training.render.languages import LANGUAGES
from training.render.page import CHARSET
from training.render.values import Values


def rolled(seed: int) -> Values:
    """A page's habits."""
    return Values.roll(random.Random(seed), Split.TRAIN)


def test_ibans_have_right_check_digits() -> None:
    for seed in range(200):
        iban = rolled(seed).iban().replace(" ", "")
        turned = iban[4:] + iban[:4]
        assert int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def luhn(number: str) -> bool:
    doubled = [int(c) * (2 if i % 2 else 1) for i, c in enumerate(reversed(number))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def german(number: str) -> bool:
    product = 10
    for digit in number[:-1]:
        product = ((int(digit) + product - 1) % 10 + 1) * 2 % 11
    return (product + int(number[-1])) % 10 == 1


def french(number: str) -> bool:
    return luhn(number[2:]) and (12 + 3 * int(number[2:])) % 97 == int(number[:2])


def dutch(number: str) -> bool:
    return sum(int(c) * weight for c, weight in zip(number, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=False)) % 11 == 0


def belgian(number: str) -> bool:
    return (int(number[:8]) + int(number[8:])) % 97 == 0


def spanish(number: str) -> bool:
    return luhn(number[1:]) if number[0].isalpha() else number[-1] == NIF_LETTERS[int(number[:-1]) % 23]


# By country: the rule, and a number that is known to be right.
RULES: dict[str, tuple[Callable[[str], bool], str]] = {
    "DE": (german, "136695976"),
    "FR": (french, "40303265045"),
    "IT": (luhn, "00743110157"),
    "NL": (dutch, "004495445"),
    "BE": (belgian, "0411905847"),
    "ES": (spanish, "12345678Z"),
}
SIGNS = {"DE": 9, "FR": 11, "IT": 11, "NL": 9, "BE": 10, "ES": 9}


@pytest.mark.parametrize("country", sorted(RULES))
def test_vat_numbers_have_right_check_digits(country: str) -> None:
    right, known = RULES[country]
    assert right(known)
    for seed in range(200):
        number = vat_of(random.Random(seed), f"{country}:{'#' * SIGNS[country]}")
        assert right(number), number


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_place_of_a_number_is_left_open(language: str) -> None:
    for seed in range(40):
        values = Values.roll(random.Random(seed), Split.TRAIN, language)
        for text in (values.vat(), values.phone(), values.postal(), values.iban()):
            assert not set(text) & set("#*$:{}")


def test_amounts_keep_the_separators_of_their_page() -> None:
    values = rolled(1)
    values.separators = (".", ",")
    assert values.number(123456789) == "1.234.567,89"
    assert values.number(-5) == "-0,05"


def test_dates_keep_the_format_of_their_page() -> None:
    values = rolled(2)
    values.date_format = "{d:02}.{m:02}.{y}"
    assert all(re.fullmatch(r"\d\d\.\d\d\.\d{4}", values.date(days)) for days in range(50))


def test_names_hardly_ever_repeat_and_stay_in_the_character_set() -> None:
    names = [rolled(seed).person() for seed in range(500)] + [rolled(seed).company() for seed in range(500)]
    assert len(set(names)) > 950
    assert set("".join(names)) <= set(CHARSET)


def test_a_machine_without_fonts_is_told_which_packages_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.render.fonts, "FOLDER", tmp_path)
    with pytest.raises(TooFewFonts, match=r"apt-get install .*fonts-dejavu.*fonts-liberation"):
        installed_fonts.__wrapped__()
