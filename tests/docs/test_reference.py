"""The reference is true to the code: every setting, error code, route and command stands in it as it is."""

import re
from pathlib import Path

import pytest

from core.errors import FolioscopeError
from docs.tables import PAGES, REFERENCE, with_table


def kinds_of(root: type[FolioscopeError]) -> list[type[FolioscopeError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in kinds_of(child))]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_reference_page_says_what_the_code_says(page: str) -> None:
    text = (REFERENCE / page).read_text()
    assert text == with_table(text, PAGES[page]()), f"docs/reference/{page} lags behind the code: run `make docs`"


def test_every_error_stands_in_the_reference_with_its_status_and_title_and_what_to_do() -> None:
    rows = {
        row[0]: row[1:]
        for line in (REFERENCE / "errors.md").read_text().splitlines()
        if (row := re.findall(r"(?:^\| |(?<= \| ))(.+?)(?= \|)", line)) and row[0].startswith("`")
    }
    kinds = kinds_of(FolioscopeError)
    expected = {f"`{k.code}`": [str(k.status), "yes" if k.retryable else "no", k.title] for k in kinds}
    assert {code: row[:3] for code, row in rows.items()} == expected
    assert all(row[3] for row in rows.values())


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in kinds_of(FolioscopeError)]
    assert sorted(codes) == sorted(set(codes))


def test_every_exit_code_stands_in_the_reference() -> None:
    said = set(re.findall(r"^\| (\d) \|", (REFERENCE / "commands.md").read_text(), re.MULTILINE))
    assert said == {"0", *(str(kind.exit_code) for kind in kinds_of(FolioscopeError))}


def test_the_settings_reference_names_every_variable() -> None:
    from core.settings import Settings  # noqa: PLC0415

    text = (Path(REFERENCE) / "settings.md").read_text()
    assert [name for name in Settings.model_fields if f"`FOLIOSCOPE_{name.upper()}`" not in text] == []
