"""Values are well formed."""

import random
import re
from pathlib import Path

import pytest

import training.render.fonts
from training.render import Split, TooFewFonts, installed_fonts
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
